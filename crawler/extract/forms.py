"""The forms that articles come in: feed items, flattened text, fragments and whole pages; each becomes Material."""

import html
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from crawler.extract import credits, disclosure, links, metas, published
from crawler.extract.body import Body, find_body
from crawler.extract.feeditem import FeedItem, read_feed_item
from crawler.extract.flat import read_flat, without_marks
from crawler.extract.kinds import is_official
from crawler.extract.page import Line, Page, paragraphs, parse
from crawler.extract.pdf import Pdf
from crawler.extract.places import outlet_of
from crawler.extract.published import Shown
from crawler.extract.selection import select_text
from crawler.extract.times import Stamp, read_by, read_stamp
from crawler.extract.title import read_title
from crawler.extract.told import Told, told
from crawler.extract.trim import Trimmed, letters, trim
from crawler.quality import page_trouble
from crawler.records import Attachment, Entry, Hints, Reader, Stock, Verdict

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|meta|div|p|br|span|table|tbody|tr|td|article|section|ul|ol|li|a|img|font|h[1-6]|strong|b"
    r"|title|center)\b[^<]*>",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_NOTHING_LINKED = metas.LinkedData()
_NOTHING_SHOWN = Shown(())


@dataclass(frozen=True, slots=True)
class Material:
    """What one form gives to the common rest: text lines, the lines around them, and fields of its own.

    head, tail: lines before and behind the text. table: where a disclosure table may stand. imported: all of it is
    article, however short.
    """

    lines: Sequence[Line]
    title: str | None
    url: str | None
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    table: Sequence[str] = ()
    published: Stamp | None = None
    #: Where else a time may stand, if none is `published`.
    shown: Shown = _NOTHING_SHOWN
    page: Page | None = None
    linked: metas.LinkedData = _NOTHING_LINKED
    source_name: str | None = None
    origin: Told | None = None
    chosen_origin: str | None = None
    author: str | None = None
    column: str | None = None
    keywords: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    official: bool = False
    #: `lines` trimmed by `title`, where that was done already.
    trimmed: Trimmed | None = None
    imported: bool = True
    #: The following pages of the same article.
    more: tuple[str, ...] = ()
    #: Who read the title and the text.
    readers: Mapping[str, Reader] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """The characters to read, and what is known about them."""

    text: str
    url: str | None
    hints: Hints

    @property
    def fetched(self) -> bool:
        """A site answered with it: it may be anything. Else a person, or a feed, says that it is an article."""
        entry = self.hints.entry
        return bool(self.url) and not (entry is not None and entry.body)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No article: what it is instead, and why we think so."""

    verdict: Verdict
    note: str
    title: str | None = None


def read_form(given: Given) -> Material | Refusal:
    """Tell the form of some text by its content, and read it. Pure."""
    if given.hints.entry is not None and given.hints.entry.whole:
        return _from_flash(given, given.hints.entry)
    if (item := read_feed_item(given.text)) is not None:
        return _from_item(given, item)
    if not has_markup(given.text):
        return _from_text(given)
    entry = given.hints.entry
    if (entry is not None and entry.body) or not _WHOLE.search(given.text[:20_000]):
        return _from_fragment(given)
    return _from_page(given)


def has_markup(text: str) -> bool:
    """Whether a text is HTML, or a piece of it, be it one that breaks off in its first tag. Pure."""
    return _MARKUP.search(text) is not None or _WHOLE.match(text.lstrip()[:20]) is not None


def _from_flash(given: Given, entry: Entry) -> Material:
    """An item of a live feed: whatever it says is the article, a headline in 【】 too."""
    if has_markup(given.text):
        page = parse(given.text, url=given.url)
        lines: Sequence[Line] = page.lines
    else:
        page = None
        lines = [Line(piece) for row in html.unescape(given.text).splitlines() for piece in paragraphs(row)]
    return Material(
        lines=lines,
        title=entry.title,
        url=given.url or entry.url,
        stocks=links.stocks(page) if page else (),
        attachments=tuple(found for found, _ in links.attachments(page)) if page else (),
        trimmed=Trimmed((), tuple(line.text for line in lines), ()),
        readers={"title": Reader.LISTING, "text": Reader.WHOLE},
    )


def _from_item(given: Given, item: FeedItem) -> Material:
    page = parse(item.content, url=given.url or item.url) if has_markup(item.content) else None
    if page is not None:
        lines: Sequence[Line] = find_body(page, selector=given.hints.selectors.body, fragment=True, title=None).lines
    else:
        rows = without_marks(html.unescape(item.content)).splitlines()
        lines = [Line(piece) for row in rows for piece in paragraphs(row)]
    return Material(
        lines=lines,
        title=item.title,
        url=given.url or item.url,
        published=read_by(Reader.FRONT_MATTER, item.published),
        page=page,
        source_name=item.source_name,
        author=item.author,
        keywords=item.categories,
        stocks=links.stocks(page) if page else (),
        attachments=tuple(found for found, _ in links.attachments(page)) if page else (),
        table=[line.text for line in lines[:20]],
        notes=page.notes if page else (),
        official=is_official(item.url, {}),
        readers={"title": Reader.FRONT_MATTER, "text": Reader.WHOLE},
    )


def _from_text(given: Given) -> Material | Refusal:
    shown = given.text.strip()
    flat = read_flat(without_marks(html.unescape(given.text)))
    entry = given.hints.entry
    if (given.fetched or not (flat.title and flat.rest)) and (trouble := page_trouble(shown, shown, None)) is not None:
        return Refusal(*trouble)
    title = flat.title or (entry.title if entry else None)
    body = [line.text for line in flat.rest]
    head = (*flat.head, *body[:12])
    return Material(
        lines=flat.rest,
        title=title,
        url=given.url,
        head=flat.head,
        table=head,
        published=published.shown_time(_leading(flat.head, body)),
        column=flat.column,
        readers={"title": Reader.LINES if flat.title else Reader.LISTING, "text": Reader.WHOLE},
    )


def _leading(head: Sequence[str], body: Sequence[str]) -> list[str]:
    """The lines around a flattened headline that may show its time: those of the text only while they are credits."""
    trimmed = trim([Line(line) for line in body[:12]], None)
    return [*trimmed.head, *head]


def from_pdf(given: Given, found: Pdf) -> Material:
    """The Material of a file's text. Pure.

    Of a file that a site answered with, the listing tells the headline; where nobody told one (it is looked at again)
    there is none, rather than another than on the first day. Its text is all that it says, whatever it is called.
    """
    flat = read_flat("\n".join(found.paragraphs))
    entry = given.hints.entry
    own = None if given.fetched and entry is None else found.title or flat.title
    title = (entry.title if entry else None) or own
    head = (*flat.head, *(line.text for line in flat.rest[:12]))
    name = title or (given.url or "").rpartition("/")[2]
    return Material(
        lines=[Line(paragraph) for paragraph in found.paragraphs],
        title=title,
        url=given.url,
        table=head,
        published=published.shown_time(head, labels_only=True),
        attachments=(Attachment(name=name, url=given.url, type="pdf"),) if given.url else (),
        notes=found.notes,
        official=is_official(given.url, {}),
        trimmed=Trimmed((), found.paragraphs, ()),
        readers={"title": Reader.LISTING if entry and entry.title else Reader.PDF, "text": Reader.PDF},
    )


def _from_fragment(given: Given) -> Material | Refusal:
    page = parse(given.text, url=given.url)
    linked = metas.linked_data(page)
    lines = [line.text for line in page.lines]
    _, table_title = disclosure.read(lines[:120])
    entry = given.hints.entry
    headed = (
        told(select_text(page.root, given.hints.selectors.title), Reader.CONFIGURATION)
        or told(entry.title if entry else None, Reader.LISTING)
        or read_title(page, linked, table_title=table_title, listed=None)
        or told(read_flat("\n".join(lines[:15])).title, Reader.LINES)
    )
    title = headed.value if headed else None
    if given.fetched and (trouble := page_trouble(given.text, "\n".join(lines), title)) is not None:
        return Refusal(*trouble, title)
    files = links.attachments(page)
    shares = links.stocks(page)
    headline = None if entry is not None and entry.body else title  # a feed's content follows a headline of its own
    body = find_body(page, selector=given.hints.selectors.body, fragment=True, title=headline)
    start = body.span[0] if body.span else 0
    trimmed = trim(body.lines, title)
    around = _around(lines, body, title, frozenset(trimmed.text))
    head = [*trimmed.head, *around.named, *lines[max(0, start - 30) : start], *around.after_title]
    shown = Shown(head, [*trimmed.tail, *around.tail[:6]], lines)
    return Material(
        lines=body.lines,
        title=title,
        url=given.url or metas.canonical_url(page),
        head=lines[max(0, start - 30) : start],
        table=head,
        published=published.read_published(page, linked, shown),
        shown=shown,
        page=page,
        linked=linked,
        stocks=shares,
        attachments=tuple(found for found, _ in files),
        notes=page.notes,
        official=is_official(given.url, page.metas),
        trimmed=trimmed,
        readers={"text": body.reader} | ({"title": headed.reader} if headed else {}),
    )


def _from_page(given: Given) -> Material | Refusal:
    page = parse(given.text, url=given.url)
    lines = [line.text for line in page.lines]
    linked = metas.linked_data(page)
    _, table_title = disclosure.read(lines[:200])
    entry = given.hints.entry
    headed = told(select_text(page.root, given.hints.selectors.title), Reader.CONFIGURATION) or read_title(
        page, linked, table_title=table_title, listed=entry.title if entry else None
    )
    title = headed.value if headed else None
    signed = bool(metas.first(page.metas, "articletitle", "pubdate", "article:published_time") or linked.published)
    files, shares = links.attachments(page), links.stocks(page)
    shown_too = [file.name for file, line in files if line < 0]  # a frame with a file in it says something
    said = "\n".join([*lines, *shown_too])
    if (trouble := page_trouble(given.text, said, title, signed=signed)) is not None and not linked.text:
        return Refusal(*trouble, title)
    chosen_time = read_by(Reader.CONFIGURATION, read_stamp(select_text(page.root, given.hints.selectors.published)))
    chosen_origin = credits.chosen_outlet(select_text(page.root, given.hints.selectors.origin) or "")
    site_origin = outlet_of(page)
    body = _page_body(given, page, linked, title)
    trimmed = trim(body.lines, title)
    around = _around(lines, body, title, frozenset(trimmed.text))
    head = [*around.after_title, *trimmed.head]
    shown = Shown([*head, *around.named, *around.before_title], [*trimmed.tail, *around.tail[:6]], lines)
    return Material(
        lines=body.lines,
        title=title,
        url=given.url or metas.canonical_url(page),
        head=[*around.after_title, *around.before_title],
        tail=around.tail,
        table=[*around.table, *trimmed.head],
        published=chosen_time or published.read_published(page, linked, shown),
        shown=shown,
        page=page,
        linked=linked,
        origin=site_origin,
        chosen_origin=chosen_origin,
        imported=False,
        keywords=metas.sina_keywords(page),
        stocks=shares,
        attachments=tuple(found for found, line in files if line < 0 or around.start <= line <= around.end + 25),
        notes=page.notes,
        official=is_official(given.url, page.metas),
        trimmed=trimmed,
        readers={"text": body.reader} | ({"title": headed.reader} if headed else {}),
        more=page.pager.following,
    )


def _page_body(given: Given, page: Page, linked: metas.LinkedData, title: str | None) -> Body:
    if page.too_deep:
        return Body(page.lines, (0, len(page.lines)), Reader.WHOLE)
    body = find_body(page, selector=given.hints.selectors.body, fragment=False, title=title)
    if not body.lines and linked.text:
        pieces = [Line(p) for row in html.unescape(linked.text).splitlines() for p in paragraphs(row)]
        return Body(pieces, None, Reader.JSON_LD)
    return body


@dataclass(frozen=True, slots=True)
class _Around:
    """The lines of a page around its text. start, end: from the headline to the end of the text.

    named: lines that begin with the headline and say something more.
    """

    before_title: Sequence[str]
    after_title: Sequence[str]
    named: Sequence[str]
    table: Sequence[str]
    tail: Sequence[str]
    start: int
    end: int


def _around(lines: Sequence[str], body: Body, title: str | None, text: AbstractSet[str]) -> _Around:
    """text: the lines of the trimmed text; what else stands between its beginning and its first paragraph is around."""
    begins, ends = body.span or (None, None)
    near = 2 * len(title or "") + 8  # as long as the headline, give or take its blanks and punctuation
    wanted = letters(title or "")
    places = [i for i, line in enumerate(lines) if wanted and len(line) <= near and letters(line) == wanted]
    if begins is None:
        at = places[0] if places else None
        begins = first = min(len(lines), (at or 0) + 12)
        ends = len(lines)
    else:
        first = next((i for i in range(begins, ends or begins) if _opens(lines[i], text)), begins)
        above = [i for i in places if i <= begins]  # one within the text is a document's printed title
        at = above[-1] if above else next((i for i in places if i <= first), None)
    if at is None or begins - at > 60:
        at = max(0, begins - 15)
    inside = [line for line in lines[max(begins, at + 1) : min(first, at + 60)] if line not in text]
    named = [line for line in lines if title and line.startswith(title) and len(title) < len(line) <= len(title) + 60]
    return _Around(
        before_title=lines[max(0, at - 4) : at],
        after_title=[*lines[at : max(begins, at + 1)], *inside][:40],
        named=named[:3],
        table=lines[max(0, at - 40) : max(begins, at)],
        tail=lines[ends : ends + 15] if ends is not None else [],
        start=at,
        end=ends or len(lines),
    )


def _opens(line: str, text: AbstractSet[str]) -> bool:
    """Whether a line is a paragraph of the text, and not a headline that a part of a page repeats."""
    return line in text and (len(line) >= 30 or line.endswith(("。", "！", "？", "”")))
