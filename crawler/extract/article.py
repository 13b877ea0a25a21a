"""Puts the readers together: bytes in, one Draft out. Never raises, whatever the bytes are."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crawler.extract import credits, disclosure, links, metas, published
from crawler.extract.body import Body, find_body
from crawler.extract.feeditem import FeedItem, is_person, read_feed_item
from crawler.extract.flat import read_flat, section_of
from crawler.extract.kinds import is_official, kind_of, language_of
from crawler.extract.page import Line, Page, paragraphs, parse, printable
from crawler.extract.selection import select_text
from crawler.extract.times import Stamp, read_stamp, url_day
from crawler.extract.title import cut_site, made_of, read_title
from crawler.extract.trim import Trimmed, same, trim
from crawler.quality import is_garbled, not_a_page, page_trouble
from crawler.records import ArticleKind, Attachment, Draft, Entry, Hints, Quality, Stock, Verdict
from crawler.text.charset import decode
from crawler.text.glosses import find_glosses

#: Stored with every revision. Change it (the day, then a letter) with every change of what extraction answers, so that
#: `reextracted` revisions can be told from edits of the page.
EXTRACTOR_VERSION = "2025-11-22"

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|meta|div|p|br|span|table|tbody|tr|td|article|section|ul|ol|li|a|img|font|h[1-6]|strong|b|title|center)\b[^<]*>",
    re.I,
)
_WHOLE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.I)
_GLOSS = re.compile(r"[(（][^()（）\s]{0,8}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_KEYWORDS = re.compile(r"[,，;；、|\s]+")
_GLOSSED = 3
#: What a byte lost from GBK leaves between Chinese characters until the next ASCII byte: frame corners, `?。?/`.
_SHIFTED = re.compile(r"(?<=[\u4e00-\u9fff])[\u250c-\u254b\u2550-\u256c](?=[\u4e00-\u9fff])|[?？]。[?？]/")
_NOTHING_LINKED = metas.LinkedData()
_SECTION_ROLE = frozenset({"columnname", "article:section", "og:article:section", "channel", "column"})


@dataclass(frozen=True, slots=True)
class _Material:
    """What one form of input gives to the common rest: text lines, the lines around them, and fields of its own."""

    lines: Sequence[Line]
    title: str | None
    url: str | None
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    table: Sequence[str] = ()
    published: Stamp | None = None
    page: Page | None = None
    linked: metas.LinkedData = _NOTHING_LINKED
    source_name: str | None = None
    origin: str | None = None
    author: str | None = None
    column: str | None = None
    keywords: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    official: bool = False


@dataclass(frozen=True, slots=True)
class _Input:
    """The characters to read, and what is known about them."""

    text: str
    url: str | None
    content_type: str | None
    hints: Hints
    repaired: bool
    replaced_share: float
    notes: tuple[str, ...] = field(default=())


def extract(
    body: bytes, *, url: str | None = None, content_type: str | None = None, hints: Hints | None = None
) -> Draft:
    """The article that these bytes are, or a draft without text whose verdict says what they are instead.

    HTML pages, fragments, feed items with front matter, and plain text of a page are told apart by their content.
    url: the address that answered. content_type: the HTTP header. Never raises; reads no clock, file or network.
    """
    hints = hints or Hints()
    if not body.strip() and hints.entry is not None and hints.entry.body:
        body, content_type = hints.entry.body.encode("utf-8", "replace"), None
    decoded = decode(body, content_type=content_type, charset=hints.charset)
    text, repaired = _without_glosses(printable(decoded.text))
    given = _Input(text, url, content_type, hints, repaired, decoded.replaced_share)
    if (trouble := not_a_page(decoded.text, content_type)) is not None:
        return _refused(given, None, trouble)
    if (item := read_feed_item(text)) is not None:
        return _finished(given, _from_item(given, item), imported=True)
    if not _MARKUP.search(text):
        return _from_text(given)
    if (hints.entry is not None and hints.entry.body) or not _WHOLE.search(text[:20_000]):
        return _from_fragment(given)
    return _from_page(given)


def _without_glosses(text: str) -> tuple[str, bool]:
    """The text without its pinyin glosses, where it has at least three: then a mirror put them there."""
    if not _GLOSS.search(text):
        return text, False
    spans = find_glosses(text)
    if len(spans) < _GLOSSED:
        return text, False
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True)), True


def _from_item(given: _Input, item: FeedItem) -> _Material:
    page = parse(item.content, url=given.url or item.url) if _MARKUP.search(item.content) else None
    if page is not None:
        lines: Sequence[Line] = find_body(page, selector=given.hints.selectors.body, fragment=True).lines
    else:
        rows = html.unescape(item.content).splitlines()
        lines = [Line(piece) for row in rows for piece in paragraphs(row)]
    return _Material(
        lines=lines,
        title=item.title,
        url=given.url or item.url,
        published=item.published,
        page=page,
        source_name=item.source_name,
        author=item.author,
        keywords=item.categories,
        stocks=links.stocks(page) if page else (),
        attachments=tuple(found for found, _ in links.attachments(page)) if page else (),
        table=[line.text for line in lines[:20]],
        notes=page.notes if page else (),
        official=is_official(item.url, {}),
    )


def _from_text(given: _Input) -> Draft:
    shown = given.text.strip()
    flat = read_flat(html.unescape(given.text))
    entry = given.hints.entry
    if entry is None and not (flat.title and flat.rest) and (trouble := page_trouble("", shown, None)) is not None:
        return _refused(given, None, trouble)
    title = flat.title or (entry.title if entry else None)
    body = [line.text for line in flat.rest]
    head = (*flat.head, *body[:12])
    material = _Material(
        lines=flat.rest,
        title=title,
        url=given.url,
        head=flat.head,
        table=head,
        published=published.shown_time(_leading(flat.head, body)),
        column=flat.column,
        source_name=None,
    )
    return _finished(given, material, imported=True)


def _leading(head: Sequence[str], body: Sequence[str]) -> list[str]:
    """The lines around a flattened headline that may show its time: those of the text only while they are credits."""
    trimmed = trim([Line(line) for line in body[:12]], None)
    return [*trimmed.head, *head]


def _from_fragment(given: _Input) -> Draft:
    page = parse(given.text, url=given.url)
    linked = metas.linked_data(page)
    lines = [line.text for line in page.lines]
    _, table_title = disclosure.read(lines[:120])
    entry = given.hints.entry
    title = (
        select_text(page.root, given.hints.selectors.title)
        or (entry.title if entry and entry.title else None)
        or read_title(page, linked, table_title=table_title, listed=None)
        or read_flat("\n".join(lines[:15])).title
    )
    files = links.attachments(page)
    shares = links.stocks(page)
    body = find_body(page, selector=given.hints.selectors.body, fragment=True)
    start = body.span[0] if body.span else 0
    trimmed = trim(body.lines, title)
    head = [*trimmed.head, *lines[max(0, start - 30) : start]]
    material = _Material(
        lines=body.lines,
        title=title,
        url=given.url or metas.canonical_url(page),
        head=lines[max(0, start - 30) : start],
        table=head,
        published=_page_time(given, page, linked, published.Shown(head, trimmed.tail)),
        page=page,
        linked=linked,
        stocks=shares,
        attachments=tuple(found for found, _ in files),
        notes=page.notes,
        official=is_official(given.url, page.metas),
    )
    return _finished(given, material, imported=True)


def _from_page(given: _Input) -> Draft:
    page = parse(given.text, url=given.url)
    lines = [line.text for line in page.lines]
    shown = "\n".join(lines)
    linked = metas.linked_data(page)
    _, table_title = disclosure.read(lines[:200])
    entry = given.hints.entry
    title = select_text(page.root, given.hints.selectors.title) or read_title(
        page, linked, table_title=table_title, listed=entry.title if entry else None
    )
    signed = bool(metas.first(page.metas, "articletitle", "pubdate", "article:published_time") or linked.published)
    if (trouble := page_trouble(given.text, shown, title, signed=signed)) is not None and not linked.text:
        return _refused(given, title, trouble)
    chosen_time = read_stamp(select_text(page.root, given.hints.selectors.published))
    chosen_origin = credits.outlet(select_text(page.root, given.hints.selectors.origin) or "")
    site_origin = _site_origin(page)
    files, shares = links.attachments(page), links.stocks(page)
    told_time = published.told_by_head(page, linked)
    body = _page_body(given, page, linked)
    around = _around(page, lines, body, title)
    trimmed = trim(body.lines, title)
    head = [*around.after_title, *trimmed.head]
    shown_lines = published.Shown([*head, *around.before_title], [*trimmed.tail, *around.tail[:6]])
    material = _Material(
        lines=body.lines,
        title=title,
        url=given.url or metas.canonical_url(page),
        head=[*around.after_title, *around.before_title],
        tail=around.tail,
        table=[*around.table, *trimmed.head],
        published=chosen_time or _page_time(given, page, linked, shown_lines, told=told_time),
        page=page,
        linked=linked,
        origin=chosen_origin or site_origin,
        stocks=shares,
        attachments=tuple(found for found, line in files if line < 0 or around.start <= line <= around.end + 25),
        notes=(*page.notes, *given.notes),
        official=is_official(given.url, page.metas),
    )
    return _finished(given, material, imported=False)


def _page_body(given: _Input, page: Page, linked: metas.LinkedData) -> Body:
    if page.too_deep:
        return Body(page.lines, (0, len(page.lines)), "raw")
    body = find_body(page, selector=given.hints.selectors.body, fragment=False)
    if not body.lines and linked.text:
        pieces = [Line(p) for row in html.unescape(linked.text).splitlines() for p in paragraphs(row)]
        return Body(pieces, None, "linked data")
    return body


@dataclass(frozen=True, slots=True)
class _Around:
    """The lines of a page around its text. start, end: from the headline to the end of the text."""

    before_title: Sequence[str]
    after_title: Sequence[str]
    table: Sequence[str]
    tail: Sequence[str]
    start: int
    end: int


def _around(page: Page, lines: Sequence[str], body: Body, title: str | None) -> _Around:
    begins, ends = body.span or (None, None)
    near = 2 * len(title or "") + 8  # as long as the headline, give or take its blanks and punctuation
    places = [i for i, line in enumerate(lines) if len(line) <= near and same(line, title)]
    above = [i for i in places if i <= begins] if begins is not None else places[:1]
    at = above[-1] if above else None  # one within the text is a document's printed title
    if begins is None:
        begins = min(len(lines), (at or 0) + 12)
        ends = len(lines)
    if at is None or begins - at > 60:
        at = max(0, begins - 15)
    after = lines[at : max(begins, at + 1)][:40]
    tail = lines[ends : ends + 15] if ends is not None else []
    return _Around(
        lines[max(0, at - 4) : at], after, lines[max(0, at - 40) : max(begins, at)], tail, at, ends or len(lines)
    )


def _site_origin(page: Page) -> str | None:
    """The outlet in the places where whole families of sites put it, or in the metas for it."""
    for selector in (
        ".date-source .source",
        "#ne_article_source",
        "#media_name",
        "#js_name",
        "#source_baidu",
        "#source",
        ".article-source",
        "[itemprop=publisher] [itemprop=name]",
    ):
        text = select_text(page.root, selector)
        if text and (name := credits.outlet(re.sub(r"^.{0,6}[来來]源\s*[:：]?", "", text))):
            return name
    value = metas.first(page.metas, "contentsource", "source", "mediaid", "article:source", "og:article:source")
    return credits.outlet(value or "")


def _page_time(
    given: _Input, page: Page, linked: metas.LinkedData, shown: published.Shown, told: Stamp | None = None
) -> Stamp | None:
    return published.read_published(page, linked, shown) or told


def _finished(given: _Input, material: _Material, *, imported: bool) -> Draft:
    """Everything that the forms have in common: trimming, credits, government keys, kind, verdict."""
    entry = given.hints.entry
    trimmed = trim(material.lines, material.title)
    if imported and not trimmed.text:  # an item that is all credits or links is still what was to be said
        trimmed = Trimmed((), tuple(line.text for line in material.lines), ())
    text = "\n".join(trimmed.text)
    title = material.title or (made_of(text) if imported else None)
    government, _ = disclosure.read([*material.table, *material.head, *trimmed.head], trimmed.text[-6:])
    if (number := _printed_number(trimmed.text, title)) is not None and (material.official or government):
        government.setdefault("doc_number", number)
    source_name, origin = _outlets(material, trimmed.head, trimmed.tail, entry)
    around = [*trimmed.head, *material.head, *trimmed.tail, *material.tail]
    editor = credits.editors(around)
    author = _author(material, [*trimmed.head, *material.head, *trimmed.tail], trimmed.text, editor, entry)
    stamp = material.published or _listed_time(entry) or url_day(material.url)
    if stamp is None and material.page is not None and not imported and text:
        stamp = published.guess(material.page)
    column = material.column or _column(material)
    verdict, notes = _verdict(given, material, text, imported=imported)
    if _SHIFTED.search(text) or any(_SHIFTED.search(line) for line in (*trimmed.head, *material.head)):
        notes = (*notes, "damaged: a lost byte shifted characters")
    return Draft(
        url=material.url or (entry.url if entry else None),
        title=title,
        text=text if verdict is Verdict.ARTICLE else "",
        quality=Quality(verdict=verdict, repaired=given.repaired, notes=notes),
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        source_name=source_name,
        column=column,
        origin=origin,
        author=author,
        editor=editor,
        language=language_of(text or title or ""),
        kind=kind_of(
            stated=given.hints.kind,
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
    )


def _outlets(
    material: _Material, head: Sequence[str], tail: Sequence[str], entry: Entry | None
) -> tuple[str | None, str | None]:
    """source_name and origin. Of two different credits the head's says where it stood, the end's where it is from."""
    in_head = credits.outlets([*head, *material.head])
    at_end = [name for name in credits.outlets(tail) if not in_head or not same(name, in_head[0])]
    named = material.source_name or _site_name(material)
    if in_head and at_end and named is None:
        return in_head[0], at_end[-1]
    origin = next(iter(in_head), None) or material.origin or next(iter(at_end), None)
    return named, origin or (entry.origin if entry else None)


def _site_name(material: _Material) -> str | None:
    page = material.page
    if page is None:
        return None
    named = metas.first(page.metas, "sitename", "og:site_name") or material.linked.publisher
    if named is not None:
        return named
    tag = metas.tidy(next((t.text_content() for t in page.root.iter("title")), None)) or ""
    last = re.split(r"[_|｜]|\s?-+\s?|——", tag)[-1].strip()
    is_site = (
        2 < len(last) <= 14
        and last != tag
        and re.search(r"(?:网|網|报|報|在线|日报|新闻|社|政府|频道|财经|电视台)$", last)
    )
    return last if is_site else None


def _author(
    material: _Material, around: Iterable[str], text: Sequence[str], editor: str | None, entry: Entry | None
) -> str | None:
    linked = "、".join(name for name in material.linked.authors if is_person(name)) or None
    meta = metas.first(material.page.metas, "author", "article:author") if material.page else None
    found = (
        credits.authors(around)
        or material.author
        or linked
        or (meta if meta and is_person(meta) else None)
        or credits.byline(text)
        or (entry.author if entry and entry.author and is_person(entry.author) else None)
    )
    return None if found == editor else found


def _printed_number(text: Sequence[str], title: str | None) -> str | None:
    """The 文号 printed above a document's text, or in its title."""
    return next(
        (n for n in (disclosure.doc_number(line) for line in (title or "", *text[:4]) if len(line) <= 120) if n), None
    )


def _column(material: _Material) -> str | None:
    crumbs = next((c for line in (*material.table, *material.head) if (c := section_of(line))), None)
    if material.page is None:
        return crumbs
    return metas.first(material.page.metas, *sorted(_SECTION_ROLE)) or material.linked.column or crumbs


def _keywords(material: _Material, entry: Entry | None) -> tuple[str, ...]:
    listed = [*material.keywords, *(entry.keywords if entry else ())]
    if not listed and material.page is not None:
        words = metas.first(material.page.metas, "keywords", "news_keywords") or ""
        listed = [word for word in _KEYWORDS.split(words) if word]
    title = cut_site(material.title) or ""
    return tuple(word for word in dict.fromkeys(listed) if len(word) <= 30 and word != title)[:20]


def _listed_time(entry: Entry | None) -> Stamp | None:
    if entry is None or entry.published_at is None or entry.published_precision is None:
        return None
    return Stamp(entry.published_at, entry.published_precision)


def _verdict(given: _Input, material: _Material, text: str, *, imported: bool) -> tuple[Verdict, tuple[str, ...]]:
    notes = tuple(dict.fromkeys(material.notes))
    if is_garbled(text, given.replaced_share if not text else 0.0):
        return Verdict.ERROR, ("garbled", *notes)
    if not imported and _is_list(material):
        return Verdict.LIST, ("a list of links", *notes)
    if not text:
        return Verdict.STUB, ("no text found", *notes)
    return Verdict.ARTICLE, notes


def _is_list(material: _Material) -> bool:
    """A page whose text is what its links say, or that has links and no text: a column's index, a front page."""
    page = material.page
    if page is None or material.stocks or metas.first(page.metas, "articletitle", "pubdate"):
        return False
    rows = {line.text[:12] for line in page.lines if line.linked >= 8 and line.linked >= 0.5 * len(line.text)}
    said = sum(len(line.text) for line in material.lines)
    listed = sum(len(line.text) for line in material.lines if line.text.lstrip("-*· ")[:12] in rows)
    return len(rows) >= 12 and listed >= 0.5 * said


def _refused(given: _Input, title: str | None, trouble: tuple[Verdict, str]) -> Draft:
    verdict, note = trouble
    return Draft(
        url=given.url,
        title=title,
        text="",
        quality=Quality(verdict=verdict, repaired=given.repaired, notes=(note, *given.notes)),
        kind=given.hints.kind or ArticleKind.NEWS,
        extractor=EXTRACTOR_VERSION,
    )
