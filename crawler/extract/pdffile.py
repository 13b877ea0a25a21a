"""The text of a PDF, paragraph by paragraph; the only module that imports pypdf, and imported when one comes. Pure."""

import logging
import re
import struct
import zlib
from collections.abc import Iterable
from io import BytesIO

from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

from crawler.extract.pdf import Pdf, Unreadable

#: What is read of one file; a yearbook's rest is noted and left.
MOST_PAGES, MOST_CHARACTERS = 200, 500_000
#: The last ones: pypdf follows what a file says of itself, and trips where that is not true.
_BROKEN = (
    *(PyPdfError, zlib.error, struct.error, OSError, EOFError, ValueError, ArithmeticError, NotImplementedError),
    *(AttributeError, TypeError, LookupError, RecursionError, AssertionError),
)
_PAGE_NUMBER = re.compile(r"[-—–－\s]*(?:第\s*)?\d{1,4}(?:\s*[页頁])?(?:\s*[/／共]\s*\d{1,4}\s*[页頁]?)?[-—–－\s]*")
_END = re.compile(r"[。！？；：!?;:」』”）)]$")
#: A paragraph that begins so is one of its own, however full the line above is.
_BEGINS = re.compile(
    r"(?:\u3000|\s{4,}|[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|第[一二三四五六七八九十百]{1,4}[章节条])"
)
_HAN_AT_END, _HAN_AT_START = re.compile(r"[\u3000-\u9fff\uff00-\uffef]$"), re.compile(r"^[\u3000-\u9fff\uff00-\uffef]")
_FILE_NAME = re.compile(
    r"\.(?:docx?|wps|pdf|xlsx?|pptx?|cdr|indd|tif|dwg)\b|^(?:microsoft|untitled|无标题|幻灯片|scan)", re.I
)


def read(body: bytes) -> Pdf | Unreadable:
    """The text of a file. Never raises; the caller's time limit ends what takes too long. Pure."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells the journal of every comma that it misses
    try:
        reader = PdfReader(BytesIO(body), strict=False)
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return Unreadable("an encrypted PDF: it asks for a password")
        count = len(reader.pages)
        title = _title(reader.metadata.title if reader.metadata is not None else None)
    except _BROKEN as error:
        return Unreadable(f"a broken PDF: {' '.join(str(error).split())[:120] or type(error).__name__}")
    lines, notes, blank = _lines(reader, min(count, MOST_PAGES))
    if count > MOST_PAGES:
        notes.append(f"the first {MOST_PAGES} of {count} pages were read")
    if blank and not lines:
        notes.append(f"a scanned PDF: {count} pages without text")
    elif blank:
        notes.append(f"{blank} of {count} pages have no text")
    return Pdf(title, tuple(_paragraphs(lines)), tuple(notes))


def _lines(reader: PdfReader, count: int) -> tuple[list[str], list[str], int]:
    """The lines of so many pages, notes, and how many pages have none."""
    lines: list[str] = []
    notes: list[str] = []
    blank = read = 0
    for number in range(count):
        try:
            text = reader.pages[number].extract_text()
        except _BROKEN:
            notes.append(f"page {number + 1} cannot be read")
            continue
        found = [line.rstrip() for line in text.splitlines() if line.strip() and not _PAGE_NUMBER.fullmatch(line)]
        blank += not found
        lines += found
        read += len(text)
        if read > MOST_CHARACTERS:
            notes.append(
                f"the first {number + 1} pages were read: there is more text than {MOST_CHARACTERS} characters"
            )
            break
    return lines, notes, blank


def _paragraphs(lines: list[str]) -> Iterable[str]:
    """Lines that fill their page's width go on in the next one, unless a sentence ends with them."""
    if not lines:
        return
    lengths = sorted(len(line.strip()) for line in lines)
    full = 0.85 * lengths[int(0.9 * (len(lengths) - 1))]
    paragraph = ""
    for line in lines:
        said = " ".join(line.split())
        if paragraph and not _BEGINS.match(line):
            between = "" if _HAN_AT_END.search(paragraph) or _HAN_AT_START.match(said) else " "
            paragraph = f"{paragraph}{between}{said}"
        else:
            if paragraph:
                yield paragraph
            paragraph = said
        if len(said) < full or _END.search(said):
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph


def _title(named: str | None) -> str | None:
    """What the file calls itself, where that is no file name of the program that wrote it."""
    title = " ".join((named or "").split())
    return title if 4 <= len(title) <= 200 and not _FILE_NAME.search(title) else None
