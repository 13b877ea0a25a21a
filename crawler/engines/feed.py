"""RSS 0.9x, 1.0, 2.0, Atom and JSON Feed. Our own reader: feedparser takes 1-2 s for a hostile document, and repairs
encodings by rules that Chinese feeds break (a GBK feed declared as UTF-8); what a monitor needs is nine elements."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from crawler.extract.times import Stamp, read_stamp
from crawler.lists.rows import absolute, one_line, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,30};)")
_BARE = re.compile(r"&(?!#\d{1,7};|#x[0-9A-Fa-f]{1,6};|(?:amp|lt|gt|quot|apos);)")
#: What XML 1.0 does not allow; one such character ends libxml2's reading of a feed.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG = re.compile(r"<[^>]*>")
_CLOSED = re.compile(r"</(?:[A-Za-z]+:)?(?:rss|RDF|feed)\s*>")
_ITEM_END = re.compile(r"</(?:[A-Za-z]+:)?(?:item|entry)\s*>")
_ITEM_START = re.compile(r"<(?:[A-Za-z]+:)?(?:item|entry)[\s>]")
#: A summary says that it is one.
_CUT_SHORT = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|阅读全文|查看全文|全文阅读|更多)\s*[>»]*\s*$")
_BLOCK = re.compile(r"<(?:p|br|div|table)[\s/>]", re.IGNORECASE)
#: Below this many characters a description is a teaser, whatever its markup.
_FULL_TEXT = 200


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The items of a feed; `partial` where it broke off. Raises ListingError for no feed, and for one without items."""
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        entries, broken = list(_json_entries(source, page, text)), False
    else:
        entries, broken = _xml_entries(source, page, text)
    if not entries:
        why = "breaks off before its first item" if broken else "has no items"
        raise unreadable(source, page, f"{why}; check the feed in a browser")
    return Listing(entries=tuple(entries), partial=broken)


def _xml_entries(source: Source, page: Capture, text: str) -> tuple[list[Entry], bool]:
    if "<!ENTITY" in text:
        # No feed needs them, and they are how a small document becomes a large one.
        raise unreadable(source, page, "declares entities, and such a feed is not read; tell its owner")
    whole, broken = _cut(text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(_mended(whole).encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError:  # even a parser that recovers gives up on an empty document
        root = None
    if root is None or _name(root) not in ("rss", "RDF", "feed", "channel"):
        shape = "an HTML page" if "<html" in text[:2000].lower() else "no RSS, Atom or JSON Feed document"
        raise unreadable(source, page, f"answers with {shape} instead of a feed; check the url")
    site = _site(root)
    entries = [entry for item in _items(root) if (entry := _entry(item, page.final_url, site)) is not None]
    return entries, broken


def _cut(text: str) -> tuple[str, bool]:
    """The document, and False; or, where it broke off, its whole items, and True: half a link would be another link."""
    text = _DECLARATION.sub("", text.lstrip("\ufeff"))
    first = _ITEM_START.search(text)
    ends = [match.end() for match in _ITEM_END.finditer(text)]
    if first is None or _CLOSED.search(text, ends[-1] if ends else first.start()):
        return text, False
    return text[: ends[-1] if ends else first.start()], True


def _mended(text: str) -> str:
    """Outside CDATA: HTML's named entities as characters, bare ampersands escaped; control characters dropped."""
    parts = _CDATA.split(_CONTROL.sub("", text))
    for place in range(0, len(parts), 2):
        named = _NAMED.sub(lambda match: html.unescape(match[0]), parts[place])
        parts[place] = _BARE.sub("&amp;", named)
    return "".join(parts)


def _items(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter():
        if isinstance(element.tag, str) and _name(element) in ("item", "entry"):
            yield element


def _site(root: etree._Element) -> str | None:
    """The feed's own title: RSS has it in the channel, Atom at the top."""
    head = next((child for child in root if isinstance(child.tag, str) and _name(child) == "channel"), root)
    return _plain(_text(head, "title"))


def _entry(item: etree._Element, base: str, site: str | None) -> Entry | None:
    base = urljoin(base, item.get("{http://www.w3.org/XML/1998/namespace}base") or "")
    url = _link(item, base)
    if url is None:
        return None
    stamp = _first_stamp(item, ("pubDate", "published", "date", "issued", "updated", "modified"))
    return Entry(
        url=url,
        title=_plain(_text(item, "title")),
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        origin=_origin(item),
        author=_author(item),
        keywords=tuple(dict.fromkeys(_keywords(item))),
        site=site,
        body=_body(item),
    )


def _link(item: etree._Element, base: str) -> str | None:
    candidates: list[str] = [
        str(link.get("href") or _inner(link))
        for link in _children(item, "link")
        if link.get("rel", "alternate") == "alternate"
    ]
    candidates += [_inner(guid) for guid in _children(item, "guid") if guid.get("isPermaLink", "true") != "false"]
    candidates += [_inner(identifier) for identifier in _children(item, "id")]
    candidates += [str(value) for key, value in item.attrib.items() if str(key).endswith("}about")]
    for candidate in candidates:
        url = absolute(base, candidate)
        if url is not None:
            return url
    return None


def _body(item: etree._Element) -> str | None:
    """The item's HTML where it is the article itself: content always, a description when it is long and not cut."""
    for name in ("encoded", "content", "description", "summary"):
        for element in _children(item, name):
            markup = _markup(element)
            plain = _plain(markup) or ""
            if len(plain) < _FULL_TEXT or _CUT_SHORT.search(plain):
                continue
            if name in ("encoded", "content") or _BLOCK.search(markup):
                return markup
    return None


def _markup(element: etree._Element) -> str:
    """An element's content as HTML: escaped text, or markup that stands in the XML itself (Atom's type="xhtml")."""
    inner = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "") + inner


def _author(item: etree._Element) -> str | None:
    for name in ("creator", "author"):
        for element in _children(item, name):
            text = _text(element, "name") if len(element) else _inner(element)
            if text and "@" not in text:
                return one_line(text)
    return None


def _origin(item: etree._Element) -> str | None:
    for element in _children(item, "source"):
        return one_line(_text(element, "title") or "" if len(element) else _inner(element)) or None
    return None


def _keywords(item: etree._Element) -> Iterator[str]:
    for name in ("category", "subject"):
        for element in _children(item, name):
            word = one_line(element.get("term") or _inner(element))
            if word:
                yield word


def _first_stamp(item: etree._Element, names: tuple[str, ...]) -> Stamp | None:
    for name in names:
        if (stamp := read_stamp(_text(item, name))) is not None:
            return stamp
    return None


def _children(item: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in item:
        if isinstance(child.tag, str) and _name(child) == name and "search.yahoo.com" not in child.tag:
            yield child


def _text(item: etree._Element, name: str) -> str | None:
    for child in _children(item, name):
        return _inner(child)
    return None


def _inner(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext())


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _plain(markup: str | None) -> str | None:
    """Titles carry HTML, escaped once or twice (`&lt;em&gt;`); what is read is the text of it."""
    if markup is None:
        return None
    text = html.unescape(_TAG.sub("", html.unescape(markup)) if "<" in html.unescape(markup) else markup)
    return one_line(text) or None


def _json_entries(source: Source, page: Capture, text: str) -> Iterator[Entry]:
    try:
        document = json.loads(text, strict=False)
    except ValueError as error:
        raise unreadable(source, page, f"is a JSON feed that cannot be read: {error}; check the url") from None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or "jsonfeed" not in str(document.get("version", "")):
        raise unreadable(source, page, "is JSON, but no JSON Feed; check the url")
    site = _plain(str(document.get("title") or ""))
    for item in items:
        entry = _json_entry(item, page.final_url, site) if isinstance(item, dict) else None
        if entry is not None:
            yield entry


def _json_entry(item: dict[str, Any], base: str, site: str | None) -> Entry | None:
    url = absolute(base, str(item.get("url") or item.get("external_url") or item.get("id") or ""))
    if url is None:
        return None
    stamp = read_stamp(str(item.get("date_published") or item.get("date_modified") or ""))
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = [str(author["name"]) for author in authors or [] if isinstance(author, dict) and author.get("name")]
    markup = item.get("content_html")
    tags = item.get("tags")
    return Entry(
        url=url,
        title=_plain(str(item["title"])) if item.get("title") else None,
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        author="、".join(one_line(name) for name in names) or None,
        keywords=tuple(one_line(str(tag)) for tag in tags) if isinstance(tags, list) else (),
        site=site,
        body=markup if isinstance(markup, str) and len(_plain(markup) or "") >= _FULL_TEXT else None,
    )
