"""What a page says about itself in its head: the national meta standard, Open Graph, JSON-LD."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from crawler.extract.page import Page

_TAG = re.compile(r"<[^<>]*>")
_BLANKS = re.compile(r"\s+")
_ARTICLES = frozenset(
    {"newsarticle", "article", "blogposting", "reportagenewsarticle", "webpage", "report", "socialmediaposting"}
)
#: The metas that name a site's section, best first.
COLUMNS = ("columnname", "article:section", "og:article:section", "channel", "column")


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The parts of a JSON-LD article that we use."""

    title: str | None = None
    published: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    column: str | None = None
    text: str | None = None
    url: str | None = None


def first(metas: Mapping[str, str], *names: str) -> str | None:
    """The first of these metas that the page fills. Pure."""
    return next((value for name in names if (value := tidy(metas.get(name))) is not None), None)


def tidy(value: str | None) -> str | None:
    """A one-line value without markup and entities; None where nothing is left. Pure."""
    if not value:
        return None
    value = _BLANKS.sub(" ", html.unescape(_TAG.sub("", html.unescape(value)))).strip()
    return value or None


def linked_data(page: Page) -> LinkedData:
    """What the page's JSON-LD says of its article; empty where it has none. Never raises."""
    for script in page.root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json" and script.text:
            for node in _nodes(_json(script.text)):
                if _types(node) & _ARTICLES and (
                    node.get("headline") or node.get("datePublished") or node.get("pubDate")
                ):
                    return _article(node)
    return LinkedData()


def sina_keywords(page: Page) -> tuple[str, ...]:
    """The keywords of Sina's finance pages, which stand below the text (`#keywords[data-wbkey]`) and in no meta."""
    if "data-wbkey" not in page.html:
        return ()
    found = "".join(map(str, page.root.xpath("//*[@id='keywords']/@data-wbkey")))
    return tuple(word for part in re.split(r"[,，]", found) if (word := tidy(part)) is not None)


def canonical_url(page: Page) -> str | None:
    """The page's own address: link rel=canonical, og:url, or the `Url` meta when it is no front page."""
    candidates = [link.get("href") for link in page.root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    candidates += [page.metas.get("og:url"), page.metas.get("url")]
    for candidate in candidates:
        found = (candidate or "").strip()
        if re.fullmatch(r"https?://[^/\s]+/[^\s]*[^/\s]", found) and not re.search(r"//[^/]+/index\.\w+$", found):
            return found
    return None


def text_of(element: HtmlElement | None) -> str | None:
    """The visible text of an element on one line."""
    if element is None:
        return None
    return tidy(" ".join(t for t in element.xpath(".//text()[not(ancestor::script or ancestor::style)]")))


def _json(text: str) -> Any:
    try:
        return json.loads(text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(data: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 4:
        return
    if isinstance(data, list):
        for item in data[:50]:
            yield from _nodes(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"), depth + 1)
        yield from _nodes(data.get("mainEntity"), depth + 1)


def _types(node: Mapping[str, Any]) -> set[str]:
    kind = node.get("@type")
    return {str(k).lower() for k in (kind if isinstance(kind, list) else [kind])}


def _article(node: Mapping[str, Any]) -> LinkedData:
    return LinkedData(
        title=tidy(_said(node.get("headline")) or _said(node.get("title"))),
        published=_said(node.get("datePublished")) or _said(node.get("pubDate")),
        authors=tuple(name for name in (tidy(n) for n in _names(node.get("author"))) if name),
        publisher=next((name for name in (tidy(n) for n in _names(node.get("publisher"))) if name), None),
        column=tidy(_said(node.get("articleSection"))),
        text=_said(node.get("articleBody")),
        url=_said(node.get("url")),
    )


def _said(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) and value.strip() else None


def _names(value: Any) -> Iterator[str | None]:
    for item in (value if isinstance(value, list) else [value])[:10]:
        yield _said(item.get("name")) if isinstance(item, dict) else _said(item)
