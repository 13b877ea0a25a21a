"""PDF files: which bytes are one, and what was read of it; leaves the reading to `pdffile`. Pure."""

from dataclasses import dataclass

_MAGIC = b"%PDF-"
#: Bytes before the magic that readers put up with.
_SLACK = 1024


@dataclass(frozen=True, slots=True)
class Pdf:
    """A file that could be opened. paragraphs: () where its pages are pictures."""

    title: str | None
    paragraphs: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not, and why."""

    why: str


def is_pdf(body: bytes) -> bool:
    """Whether bytes are a PDF, whatever their name and header say. Pure.

    >>> is_pdf(b"%PDF-1.7 ..."), is_pdf(b"<html>%PDF-</html>")
    (True, False)
    """
    at = body.find(_MAGIC, 0, _SLACK)
    return at == 0 or (at > 0 and not body[:at].strip(b"\x00\xef\xbb\xbf \t\r\n"))


def read_pdf(body: bytes) -> Pdf | Unreadable:
    """The text of a file. Never raises; the caller's time limit ends what takes too long. Pure."""
    # pypdf takes 50-115 ms to import: every parse worker and every command would pay it, and most meet no PDF.
    from crawler.extract.pdffile import read  # noqa: PLC0415

    return read(body)
