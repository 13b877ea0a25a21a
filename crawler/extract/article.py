"""Puts the readers together: bytes in, one Draft out. Never raises, whatever the bytes are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from crawler.extract import disclosure, metas, pages, published
from crawler.extract.attached import IN_PDF, file_of
from crawler.extract.attribution import Attribution, attribution
from crawler.extract.block import teasers
from crawler.extract.exported import read_exported
from crawler.extract.forms import Given, Material, Refusal, from_pdf, read_form
from crawler.extract.jsonarticle import read_json_article
from crawler.extract.kinds import kind_of, language_of
from crawler.extract.page import printable
from crawler.extract.pdf import Unreadable, is_pdf, read_pdf
from crawler.extract.times import Stamp, url_day
from crawler.extract.title import cut_site, made_of
from crawler.extract.trim import Trimmed, same, trim
from crawler.jump import jump_target
from crawler.quality import is_garbled, not_a_page, text_trouble
from crawler.records import GARBLED, ArticleKind, Draft, Entry, Hints, Quality, Reader, Verdict
from crawler.text import mojibake
from crawler.text.byteshift import find_shifts
from crawler.text.charset import Decoded, decode
from crawler.text.glosses import find_glosses

#: Stored with every revision. Change it (the day, then a letter) with every change of what extraction answers, so that
#: `reextracted` revisions can be told from edits of the page.
EXTRACTOR_VERSION = "2026-11-22q"

_GLOSS = re.compile(r"[(（][^()（）\s]{0,8}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_TONED = (b"\xc3", b"\xc4", b"\xc5", b"\xc7")
_GLOSSED = 3
#: What a byte lost from GBK leaves between Chinese characters until the next ASCII byte: frame corners, `?。?/`.
_SHIFTED = re.compile(r"(?<=[\u4e00-\u9fff])[\u250c-\u254b\u2550-\u256c](?=[\u4e00-\u9fff])|[?？]。[?？]/")
_KEYWORDS = re.compile(r"[,，;；、|\s]+")
#: What stands for the charset of a file that has none.
_FILE = "pdf"


def extract(
    body: bytes, *, url: str | None = None, content_type: str | None = None, hints: Hints | None = None
) -> Draft:
    """The article that these bytes are, or a draft without text whose verdict says what they are instead.

    HTML pages, fragments, feed items with front matter, plain text of a page, and articles as our own JSON are told
    apart by their content.
    url: the address that answered. content_type: the HTTP header; with `pages=0,18234` behind it, the capture holds
    several pages of one article. Never raises; reads no clock, file or network.
    """
    hints = hints or Hints()
    parts, content_type = pages.split(body, content_type)
    first = _one(parts[0], url, content_type, hints)
    if len(parts) == 1:
        return first
    addresses = [*first.more, *([url] * len(parts))]
    rest = [_one(part, there, content_type, hints) for part, there in zip(parts[1:], addresses, strict=False)]
    return pages.join(first, rest)


def _one(body: bytes, url: str | None, content_type: str | None, hints: Hints) -> Draft:
    if not body.strip() and hints.entry is not None and hints.entry.body:
        body, content_type = hints.entry.body.encode("utf-8", "replace"), None
    if is_pdf(body):
        return _of_pdf(body, url, hints)
    decoded = decode(body, content_type=content_type, charset=hints.charset)
    text, repaired = _without_glosses(printable(decoded.text))
    given = Given(text, url, hints)
    if not given.fetched and hints.entry is None:
        exported = read_exported(decoded.text, extractor=EXTRACTOR_VERSION)
        if exported is not None:
            return exported
    form = _form(given, decoded.text, content_type)
    match form:
        case Refusal():
            return _refused(given, form, repaired=repaired)
        case Material():
            return _with_file(given, _finished(given, form, decoded, repaired=repaired or decoded.read_again))


def _with_file(given: Given, draft: Draft) -> Draft:
    """A page whose text is in a PDF says so; where a site answered with it, the file is its following page."""
    file = file_of(draft)
    if file is None:
        return draft
    verdict = Verdict.ARTICLE if given.fetched else draft.quality.verdict
    notes = (*draft.quality.notes, f"{IN_PDF}: {file.name}")
    quality = Quality(verdict=verdict, repaired=draft.quality.repaired, notes=notes)
    return replace(draft, quality=quality, more=draft.more or ((file.url,) if given.fetched else ()))


def _of_pdf(body: bytes, url: str | None, hints: Hints) -> Draft:
    """A file's text. One whose pages are pictures is an article without text: its title, and the file itself."""
    found = read_pdf(body)
    given = Given("", url, hints)
    if isinstance(found, Unreadable):
        title = hints.entry.title if hints.entry else None
        return _refused(given, Refusal(Verdict.ERROR, found.why, title), repaired=False)
    draft = _finished(given, from_pdf(given, found), Decoded("", _FILE, 0.0), repaired=False)
    if draft.text or not (draft.title or url):
        return draft
    return replace(draft, quality=replace(draft.quality, verdict=Verdict.ARTICLE))


def _form(given: Given, text: str, content_type: str | None) -> Material | Refusal:
    """text: as it was decoded, control characters and all."""
    entry, detail = given.hints.entry, given.hints.detail
    if entry is not None and entry.whole:
        return read_form(given)  # a flash may look like anything
    trouble = not_a_page(text, content_type)
    if detail is not None and (trouble is None or trouble[0] is Verdict.ERROR):
        return read_json_article(given, detail)
    return read_form(given) if trouble is None else Refusal(*trouble)


def _without_glosses(text: str) -> tuple[str, bool]:
    """The text without its pinyin glosses, where it has at least three: then a mirror put them there."""
    # The bytes that letters with tones begin with in UTF-8: looked for first, since hardly any page has one.
    written = text.encode("utf-8", "replace")
    if not any(first in written for first in _TONED) or not _GLOSS.search(text):
        return text, False
    spans = find_glosses(text)
    if len(spans) < _GLOSSED:
        return text, False
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True)), True


def _refused(given: Given, refusal: Refusal, *, repaired: bool) -> Draft:
    return Draft(
        url=given.url,
        title=refusal.title,
        text="",
        quality=Quality(verdict=refusal.verdict, repaired=repaired, notes=(refusal.note,)),
        kind=given.hints.kind or ArticleKind.NEWS,
        extractor=EXTRACTOR_VERSION,
        jump=jump_target(given.text, given.url) if refusal.verdict is Verdict.STUB else None,
    )


def _finished(given: Given, material: Material, decoded: Decoded, *, repaired: bool) -> Draft:
    """Everything that the forms have in common: trimming, credits, government keys, kind, verdict."""
    entry = given.hints.entry
    trimmed = material.trimmed or trim(material.lines, material.title)
    if material.imported and not trimmed.text:  # an item that is all credits or links is still what was to be said
        trimmed = Trimmed((), tuple(line.text for line in material.lines), ())
    text = "\n".join(trimmed.text)
    title = material.title or (made_of(text) if material.imported and decoded.encoding != _FILE else None)
    government, _ = disclosure.read([*material.table, *material.head, *trimmed.head], trimmed.text[-6:])
    if (number := _printed_number(trimmed.text, title)) is not None and (material.official or government):
        government.setdefault("doc_number", number)
    credited = attribution(material, trimmed, entry)
    stamp = material.published or _listed_time(entry)
    if stamp is None and material.page is not None:
        stamp = published.supposed(material.page, material.shown)
    stamp = stamp or url_day(material.url)
    if stamp is None and material.page is not None and not material.imported and text:
        stamp = published.guess(material.page, material.shown)
    column = credited.column.value if credited.column else None
    handed_in = material.imported and entry is None and bool(material.title) and not given.url
    verdict, notes = _verdict(material, text, decoded, handed_in=handed_in)
    shown = (text, *trimmed.head, *material.head)
    shifts = len(find_shifts(title or "")) + len(find_shifts(text))
    if decoded.shifted or shifts or any(_SHIFTED.search(part) for part in shown):
        notes = (*notes, "damaged: a lost byte shifted characters")
    if shifts:
        notes = (*notes, f"repaired for matching alone: {shifts} run(s) behind a lost byte")
    draft = Draft(
        url=material.url or (entry.url if entry else None),
        title=title,
        text=text if verdict is Verdict.ARTICLE else "",
        quality=Quality(verdict=verdict, repaired=repaired or shifts > 0, notes=notes),
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        source_name=credited.source_name.value if credited.source_name else None,
        column=column,
        origin=credited.origin.value if credited.origin else None,
        author=credited.author.value if credited.author else None,
        editor=credited.editor.value if credited.editor else None,
        language=language_of(text or title or ""),
        kind=kind_of(
            stated=given.hints.kind or (ArticleKind.FLASH if entry and entry.whole else None),
            title=title or "",
            column=column,
            url=material.url,
            government=government,
            official=material.official,
        ),
        keywords=_keywords(material, entry),
        stocks=material.stocks,
        attachments=material.attachments,
        government=government,
        extractor=EXTRACTOR_VERSION,
        more=material.more if verdict is Verdict.ARTICLE else (),
    )
    return replace(draft, readers=_readers(draft, material, stamp, credited))


def _readers(draft: Draft, material: Material, stamp: Stamp | None, credited: Attribution) -> Mapping[str, Reader]:
    """Who read each field that the draft has."""
    names = (field.name for field in fields(Attribution))
    who = {name: found.reader for name in names if (found := getattr(credited, name)) is not None}
    if draft.title:
        who["title"] = material.readers.get("title", Reader.TEXT) if material.title else Reader.TEXT
    if draft.text:
        who["text"] = material.readers.get("text", Reader.WHOLE)
    if stamp is not None:
        who["published_at"] = stamp.reader
    if draft.government:
        who["government"] = Reader.TEXT if set(draft.government) == {"doc_number"} else Reader.TABLE
    return dict(sorted(who.items()))


def _printed_number(text: Sequence[str], title: str | None) -> str | None:
    """The 文号 printed above a document's text, or in its title."""
    return next(
        (n for n in (disclosure.doc_number(line) for line in (title or "", *text[:4]) if len(line) <= 120) if n), None
    )


def _keywords(material: Material, entry: Entry | None) -> tuple[str, ...]:
    listed = [*material.keywords, *(entry.keywords if entry else ())]
    if not listed and material.page is not None:
        words = metas.first(material.page.metas, "keywords", "news_keywords") or ""
        listed = [word for word in _KEYWORDS.split(words) if word]
    title = cut_site(material.title) or ""
    return tuple(word for word in dict.fromkeys(listed) if len(word) <= 30 and word != title)[:20]


def _listed_time(entry: Entry | None) -> Stamp | None:
    if entry is None or entry.published_at is None or entry.published_precision is None:
        return None
    return Stamp(entry.published_at, entry.published_precision, Reader.LISTING)


def _verdict(material: Material, text: str, decoded: Decoded, *, handed_in: bool) -> tuple[Verdict, tuple[str, ...]]:
    """handed_in: a person gives us this document, with a title: what is wrong with it is noted, and it is kept."""
    notes = tuple(dict.fromkeys(material.notes))
    if is_garbled(text, decoded.replaced_share if not text else 0.0):
        verdict = Verdict.ARTICLE if handed_in and text else Verdict.ERROR
        read = text or decoded.text
        share = mojibake.lost(read) / max(1, len(read))
        return verdict, (GARBLED, f"{share:.1%} of the characters lost or misread, as {decoded.encoding}", *notes)
    if not material.imported and _is_list(material):
        return Verdict.LIST, ("a list of links", *notes)
    if not text:
        return Verdict.ARTICLE if handed_in else Verdict.STUB, ("no text found", *notes)
    page = material.page
    if page is not None and not material.imported:
        signed = bool(metas.first(page.metas, "articletitle", "pubdate", "article:published_time"))
        for title in dict.fromkeys((page.title_tag, material.title)):
            if (trouble := text_trouble(text, title, signed=signed)) is not None:
                return trouble[0], (trouble[1], *notes)
    return Verdict.ARTICLE, notes


def _is_list(material: Material) -> bool:
    """A page whose text is what its links say, or that has links and no text: a column's index, a front page."""
    page = material.page
    if page is None or material.stocks or metas.first(page.metas, "articletitle", "pubdate"):
        return False
    rows = {line.text[:12] for line in page.lines if line.linked >= 8 and line.linked >= 0.5 * len(line.text)}
    said = sum(len(line.text) for line in material.lines)
    if said and not any(same(line.text, material.title) for line in page.lines if line.linked < 0.5 * len(line.text)):
        # Headlines with a summary each, and no headline of its own: a digest of the day has one.
        about_others = {page.lines[i].text for i in teasers(page)}
        if sum(len(line.text) for line in material.lines if line.text in about_others) >= 0.6 * said:
            return True
    listed = sum(len(line.text) for line in material.lines if line.text.lstrip("-*· ")[:12] in rows)
    return len(rows) >= 12 and listed >= 0.5 * said
