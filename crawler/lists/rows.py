"""What the rows of HTML lists have in common: a link, a title that is not cut, and a date somewhere beside it."""

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin

from lxml import etree, html

from crawler.extract.page import cut_oversized_tags, without_ends
from crawler.extract.times import Stamp, find_stamps, url_day
from crawler.lists.rowdates import edge_stamp
from crawler.quality import is_garbled, page_trouble, text_trouble
from crawler.records import Capture, Entry, ListingError, Source, Verdict
from crawler.text.charset import decode

_TITLE = re.compile(r"<title[^>]*>([^<]{0,300})", re.IGNORECASE)
_TAGS = re.compile(r"<script\b.*?</script\s*>|<style\b.*?</style\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
#: Half of a character in two, as JSON can hold it, is nothing that could be stored.
_BLANKS = re.compile(r"[\s\u200b\ufeff\ud800-\udfff]+")
#: Elements that hold one row of a list, so that the search for its date goes no further up.
_ROWS = {"li", "tr", "p", "dl", "dd", "article"}


def one_line(text: str) -> str:
    """Blanks of any kind, and what shows as none, collapsed. Pure.

    >>> one_line("  甬城\\u3000试点\\n ")
    '甬城 试点'
    """
    return _BLANKS.sub(" ", text).strip()


def absolute(base: str, link: str) -> str | None:
    """A link as an absolute http(s) URL without its fragment, or None where it is none. Pure.

    >>> absolute("https://www.example.gov.cn/col/", "//fzggw.example.gov.cn/art/1.html")
    'https://fzggw.example.gov.cn/art/1.html'
    """
    text = link.strip()
    if not text or text.startswith("#"):
        return None
    try:
        url = urldefrag(urljoin(base, text)).url
        url.encode()
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None


def unreadable(source: Source, page: Capture, what: str) -> ListingError:
    """The error for a page that is not the list it should be; names what came instead of it, a challenge first."""
    # A unit's query is longer than a line; the column's own address says as much.
    where = page.final_url if len(page.final_url) <= 120 else page.final_url.partition("?")[0]
    verdict, instead = instead_of_list(page, charset=source.charset)
    if verdict is Verdict.CHALLENGE:
        return ListingError(
            f"{source.slug}: {where} answers with a {instead} instead of its list; ask again in some hours",
            verdict=Verdict.CHALLENGE,
        )
    decoded = decode(page.body, content_type=page.content_type, charset=source.charset)
    garbled = not instead and is_garbled(decoded.text, decoded.replaced_share)
    if garbled:
        what = f"is no text, as {decoded.encoding}, and {what}"
    error = f"{source.slug}: {where} {what}" + (f" (what came: {instead})" if instead else "")
    return ListingError(error, garbled=garbled)


def instead_of_list(page: Capture, *, charset: str | None) -> tuple[Verdict, str]:
    """What stands where a list should: a challenge, a soft 404, a login or maintenance page, with its evidence; else
    LIST and nothing. Pure."""
    markup = decode(page.body[:200_000], content_type=page.content_type, charset=charset).text
    title = _TITLE.search(markup)
    called = one_line(title[1]) if title else None
    shown = one_line(_TAGS.sub(" ", markup))
    return page_trouble(markup, shown, called) or text_trouble("", called) or (Verdict.LIST, "")


def parse(text: str) -> html.HtmlElement | None:
    """An HTML page or a part of one as a tree; None for nothing. A declaration of encoding inside is no matter."""
    if not text.strip():
        return None
    # lxml refuses a str that names an encoding, so it gets bytes whose encoding is known.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        markup = without_ends(cut_oversized_tags(text)[0])
        return html.document_fromstring(markup.encode("utf-8", errors="replace"), parser=parser)
    except etree.ParserError:
        return None


def link_base(root: html.HtmlElement, url: str) -> str:
    """What the page's links are relative to: its address, unless a <base> says otherwise. Pure."""
    for element in root.iter("base"):
        if base := absolute(url, element.get("href") or ""):
            return base
    return url


def breaks_off(text: str) -> bool:
    """Whether a page lacks its end, so that it may have broken off where HTTP could not tell. Pure."""
    return "</html" not in text[-5000:].lower()


def read_rows(root: html.HtmlElement, base: str) -> Iterator[Entry]:
    """One entry for each link that stands in a row of its own, whatever the row is made of. Pure.

    Title: the link's `title` attribute, since the text is often cut with "…". Date: beside the link, else inside it,
    else the one that the URL carries.
    """
    seen: set[str] = set()
    for anchor in root.iter("a"):
        url = absolute(base, anchor.get("href") or "")
        title = title_of(anchor)
        if url is None or not title or url in seen or _in_pager(anchor):
            continue
        seen.add(url)
        stamp = stamp_of(anchor, _row(anchor, base), url)
        yield Entry(
            url=url,
            title=title,
            published_at=stamp.at if stamp else None,
            published_precision=stamp.precision if stamp else None,
        )


def title_of(anchor: html.HtmlElement) -> str:
    """What a link says its article is called."""
    return one_line(anchor.get("title") or "") or words_of(anchor)


def words_of(anchor: html.HtmlElement) -> str:
    """The words of a link without a date among them."""
    text = one_line(anchor.text_content())
    edge = edge_stamp(text)
    if edge is not None:
        text = (text[: edge[1]] + text[edge[2] :]).strip(" []()（）")
    return text


def stamp_of(anchor: html.HtmlElement, row: html.HtmlElement, url: str) -> Stamp | None:
    beside = " ".join(_texts_beside(row, anchor))
    for text in (beside, one_line(anchor.text_content())):
        for stamp, _, _ in find_stamps(text):
            return stamp
    return url_day(url)


def _row(anchor: html.HtmlElement, base: str) -> html.HtmlElement:
    """The largest element around a link that holds no other article's link."""
    own = absolute(base, anchor.get("href") or "")
    row = anchor
    for around in anchor.iterancestors():
        links = {absolute(base, other.get("href") or "") for other in around.iter("a")} - {None, own}
        if links:
            break
        row = around
        if around.tag in _ROWS:
            break
    return row


def _texts_beside(row: html.HtmlElement, anchor: html.HtmlElement) -> Iterator[str]:
    inside = set(anchor.iter())
    for element in row.iter():
        if element not in inside and element.text:
            yield element.text
        if element is not row and element.tail and (element is anchor or element not in inside):
            yield element.tail


def _in_pager(anchor: html.HtmlElement) -> bool:
    return any("pagination" in (around.get("class") or "") for around in anchor.iterancestors())
