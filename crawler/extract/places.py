"""The places in which whole families of sites name the outlet."""

import re
from collections.abc import Iterable

from crawler.extract import credits
from crawler.extract.metas import text_of
from crawler.extract.page import Page
from crawler.extract.selection import select, select_text
from crawler.extract.told import Told, told_by_meta
from crawler.records import Reader

#: A word that such a page holds, looked for first; the place; who is known to use it.
_OUTLET_PLACES = (
    ("date-source", ".date-source .source", Reader.SINA),
    ("ne_article_source", "#ne_article_source", Reader.PLACE),
    ("media_name", "#media_name", Reader.SINA),
    ("js_name", "#js_name", Reader.PLACE),
    ("source_baidu", "#source_baidu", Reader.PLACE),
    ("source", "#source", Reader.PLACE),
    ("article-source", ".article-source", Reader.PLACE),
    ("publisher", "[itemprop=publisher] [itemprop=name]", Reader.PLACE),
)


#: Where templates name the writer without a word for it: one walk through the tree.
_AUTHOR_PLACES = "//*[contains(@class, 'author') or @id = 'author_baidu' or @itemprop = 'author']"
_MOST_PARTS = 8
_AUTHOR_CLASSES = frozenset({"author", "article-author"})


def author_of(page: Page, shown: Iterable[str]) -> Told | None:
    """The people whom such a place names and nobody else, if it is one of these lines; None where none does. Pure."""
    if "author" not in page.html:
        return None
    lines = {line.strip() for line in shown}
    for element in select(page.root, _AUTHOR_PLACES):
        named = _AUTHOR_CLASSES.intersection((element.get("class") or "").split())
        if len(element) > _MOST_PARTS or not (named or element.get("itemprop") or element.get("id")):
            continue
        text = text_of(element)
        if text and text in lines and (who := credits.only_people(text)):
            return Told(who, Reader.PLACE)
    return None


def outlet_of(page: Page) -> Told | None:
    """The outlet in one of these places, or in the metas for it; None where the page has none. Pure."""
    for name, selector, reader in _OUTLET_PLACES:
        text = select_text(page.root, selector) if name in page.html else None
        if text and (found := credits.outlet(re.sub(r"^.{0,6}[来來]源\s*[:：]?", "", text))):
            return Told(found, reader)
    meta = told_by_meta(page.metas, "contentsource", "source", "mediaid", "article:source", "og:article:source")
    named = credits.outlet(meta.value) if meta else None
    return Told(named, meta.reader) if meta and named else None
