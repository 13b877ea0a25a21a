"""The selectors of a source's `article` key: CSS, or XPath where they begin with `/` or `./`."""

from functools import lru_cache

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.metas import text_of, tidy


def select(root: HtmlElement, selector: str) -> list[HtmlElement]:
    """The elements that a selector names; none where it is no selector (the configuration is checked elsewhere)."""
    return [found for found in _found(root, selector) if isinstance(found, HtmlElement)]


def select_text(root: HtmlElement, selector: str | None) -> str | None:
    """The text of the first thing that a selector names: an element, an attribute or a text (`::text`, `::attr(x)`)."""
    if not selector:
        return None
    for found in _found(root, selector):
        text = text_of(found) if isinstance(found, HtmlElement) else tidy(str(found))
        if text:
            return text
    return None


def _found(root: HtmlElement, selector: str) -> list[object]:
    try:
        found = _compiled(selector.strip())(root)
    except (SelectorError, etree.XPathError, ValueError):
        return []
    return list(found) if isinstance(found, list) else [found]


@lru_cache(maxsize=256)
def _compiled(selector: str) -> etree.XPath:
    path, _, rest = selector.partition("::")
    if not selector.startswith(("/", "./", "(")):
        selector = HTMLTranslator().css_to_xpath(path.strip() or "*")
        if rest == "text":
            selector += "/text()"
        elif rest.startswith("attr(") and rest.endswith(")"):
            selector += f"/@{rest[5:-1].strip()}"
    return etree.XPath(selector)
