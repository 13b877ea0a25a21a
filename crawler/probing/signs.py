"""The signs of each kind of site software in an HTML page, and of pages that are no list: what to do about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.engines.hanweb_unit import tags_in
from crawler.jump import jump_target
from crawler.lists.rows import absolute, one_line, parse
from crawler.probing.candidates import Candidate, Detection, Lead
from crawler.probing.naming import about_page
from crawler.quality import page_trouble
from crawler.records import Capture, Verdict
from crawler.text.charset import decode

_DATASTORE = re.compile(r"<datastore\b|&lt;datastore", re.IGNORECASE)
#: The interface of a column page of Hanweb.
PROXY = re.compile(r"/module/(?:web/)?jpage/\w*dataproxy\.jsp", re.IGNORECASE)
_CATALOGUE = re.compile(r"/module/xxgk/(?:xxgk_rulebase_)?(?:search|tree)\.jsp|\binfotypeId\b")
_TRS_ADDRESS = re.compile(r"/t(?:19|20)\d{6}_\d+(?:_\w+)?\.s?html?")
#: One issue of a newspaper; its own page is old tomorrow.
_ISSUE = re.compile(r"\d{4}-\d{2}/\d{2}/node_\w+\.html?|\d{8}/node_\w+\.html?")
_ISSUE_PARTS = ("//*[@id='pageLink']", "//*[contains(@class, 'main-ed-articlenav-list')]")
_SHELL = re.compile(
    r"<div[^>]{0,80}\bid=[\"']?(?:app|root|__next|__nuxt|q-app|main-app)[\"']?[^>]{0,200}>\s*(?:</div>|<!--|<noscript)",
    re.IGNORECASE,
)
_BUNDLE = re.compile(
    r"<script[^>]{1,200}src=[^>]{0,200}(?:chunk|bundle|/(?:app|main|index|runtime)[.-][0-9a-zA-Z_-]{6,}\.js)",
    re.IGNORECASE,
)
#: Frames that count visitors, share, or show the weather or a map.
_COUNTER = re.compile(r"visit|counter|tongji|share|weibo|weather|tianqi|player|/map\b", re.IGNORECASE)
#: Tags that public scrapers found on lists; the other units of a page are banners and navigation.
_LIST_TAG = re.compile(r"列表|list|右侧内容", re.IGNORECASE)
_UNSEEN = {"script", "style", "noscript", "template"}
#: A page of more text than this is no jump page or shell, whatever its scripts say.
_LITTLE_TEXT = 200
#: So many characters of a line tell it from the others.
_ENOUGH = 16


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in the forms that the signs are looked for in."""

    capture: Capture
    text: str
    root: html.HtmlElement
    shown: str

    @property
    def url(self) -> str:
        return self.capture.final_url


def detect_html(page: Capture, text: str) -> Detection:
    """What the signs of a decoded page say. Pure."""
    root = parse(text)
    if root is None:
        return Detection(trouble="answers with an empty page; check the url in a browser")
    here = _Page(page, text, root, _shown(root))
    about, jump = about_page(root), _jump(here)
    column = _column_of_article(here)
    if column is not None:
        return Detection(leads=column, about=about, trouble="is an article, not a list; give the address of its column")
    signs = (*_units(here), *_jpage(here), *_xxgk(here), *_epaper(here, jump))
    # A page that jumps on lists nothing itself.
    candidates = signs if jump is not None else (*signs, *_static(here), *_feeds(here))
    leads = (*_paper_lead(here), *([jump] if jump is not None else []), *_frames(here))
    return Detection(candidates=candidates, leads=leads, about=about, trouble=_trouble(here))


def belongs_to_rows(page: Capture, titles: tuple[str, ...], lines: tuple[str, ...]) -> bool:
    """Whether the text of a page is made of its rows: it holds their titles, or their leads, which stand between them.

    An article's text stands before the rows beside it. Pure.
    """
    if sum(any(title in line for line in lines) for title in titles) * 3 >= len(titles):
        return True
    root = parse(decode(page.body, content_type=page.content_type).text)
    text = "" if root is None else one_line(root.text_content())
    places = sorted(place for title in titles if (place := text.find(title[:_ENOUGH])) >= 0)
    if not places:
        return False
    # A title or two stands elsewhere, too: among the hottest, or as the next one.
    tenth = len(places) // 10
    first, last = places[tenth], places[-1 - tenth]
    found = [place for line in lines if (place := text.find(one_line(line)[:_ENOUGH])) >= 0]
    return sum(1 for place in found if first < place < last) * 2 > len(found)


def _shown(root: html.HtmlElement) -> str:
    """The words of a page that a reader sees, on one line, in no particular order."""
    words = [element.text for element in root.iter() if element.tag not in _UNSEEN and element.text]
    return one_line(" ".join([*words, *(element.tail for element in root.iter() if element.tail)]))


def _units(page: _Page) -> Iterator[Candidate]:
    tags = tags_in(page.root)
    for tag in sorted(dict.fromkeys(tags), key=lambda tag: not _LIST_TAG.search(tag)):
        keys = {"url": page.url, **({"tag": tag} if len(tags) > 1 and tag else {})}
        evidence = f"a build/unit script, tag {tag or 'none'}"
        yield Candidate(engine="hanweb_unit", keys=keys, evidence=evidence, sure=True)


def _jpage(page: _Page) -> Iterator[Candidate]:
    if _DATASTORE.search(page.text):
        yield Candidate(
            engine="hanweb_jpage", keys={"url": page.url}, evidence="an embedded jpage datastore", sure=True
        )
    elif PROXY.search(page.text):
        yield Candidate(
            engine="hanweb_jpage", keys={"url": page.url}, evidence="a script that names the jpage dataproxy", sure=True
        )


def _xxgk(page: _Page) -> Iterator[Candidate]:
    if _CATALOGUE.search(page.text):
        yield Candidate(
            engine="hanweb_xxgk",
            keys={"url": page.url},
            evidence="a script that names a disclosure catalogue",
            sure=True,
        )
    for frame in page.root.iter("iframe"):
        if "xxgk" in f"{frame.get('id')} {frame.get('src')}":
            for engine in ("hanweb_xxgk", "hanweb_jpage"):
                yield Candidate(engine=engine, keys={"url": page.url}, evidence="a frame of Hanweb's", sure=True)


def _epaper(page: _Page, jump: Lead | None) -> Iterator[Candidate]:
    if jump is not None and _ISSUE.search(jump.url):
        yield Candidate(
            engine="epaper", keys={"url": page.url}, evidence=f"a refresh to the issue {jump.url}", sure=True
        )
    elif page.capture.url != page.url and _ISSUE.search(page.url) and not _ISSUE.search(page.capture.url):
        yield Candidate(
            engine="epaper", keys={"url": page.capture.url}, evidence=f"a redirect to the issue {page.url}", sure=True
        )


def _static(page: _Page) -> Iterator[Candidate]:
    addresses = {match[0] for match in _TRS_ADDRESS.finditer(page.text)}
    counted = "createPageHTML" in page.text
    if counted or len(addresses) >= 3:
        signs = [f"{len(addresses)} addresses like t20230706_1.html"] if addresses else []
        signs += ["createPageHTML"] if counted else []
        yield Candidate(engine="trs_static", keys={"url": page.url}, evidence=" and ".join(signs))
    yield Candidate(engine="html_list", keys={"url": page.url}, evidence="rows of links of one shape")


def _feeds(page: _Page) -> Iterator[Candidate]:
    for link in page.root.iter("link"):
        kind = (link.get("type") or "").lower()
        if "alternate" in (link.get("rel") or "").lower() and ("rss" in kind or "atom" in kind or "feed+json" in kind):
            url = absolute(page.url, link.get("href") or "")
            if url is not None:
                yield Candidate(engine="feed", keys={"url": url}, evidence="a feed that the page names")


# --- pages that lead on ---


def _jump(page: _Page) -> Lead | None:
    """Where a page that says nothing else sends its reader at once."""
    target = jump_target(page.text, page.url) if len(page.shown) < _LITTLE_TEXT else None
    if target is None:
        return None
    return Lead(url=target, why=f"the page jumps to {target}", lasting=_ISSUE.search(target) is None)


def _paper_lead(page: _Page) -> Iterator[Lead]:
    """An issue's own page is old tomorrow: the address to ask is the one that leads to today's."""
    if _ISSUE.search(page.url) and any(page.root.xpath(place) for place in _ISSUE_PARTS):
        yield Lead(url=urljoin(page.url, "/paperindex.htm"), why="the page is one issue of a newspaper")


def _frames(page: _Page) -> Iterator[Lead]:
    for frame in page.root.iter("iframe", "frame"):
        url = absolute(page.url, frame.get("src") or "")
        if url is not None and url != page.url and not _COUNTER.search(urlsplit(url).path):
            yield Lead(url=url, why="the page shows it in a frame")


def _column_of_article(page: _Page) -> tuple[Lead, ...] | None:
    """For an article's page the column that it names; None for other pages."""
    metas = {(meta.get("name") or "").lower(): one_line(meta.get("content") or "") for meta in page.root.iter("meta")}
    if not metas.get("articletitle") or not (metas.get("pubdate") or metas.get("contentsource")):
        return None
    column = metas.get("columnname")
    for anchor in page.root.iter("a"):
        url = absolute(page.url, anchor.get("href") or "")
        if url is not None and column and one_line(anchor.text_content()) == column:
            return (Lead(url=url, why=f"the column {column} of the article"),)
    return ()


def _trouble(page: _Page) -> str | None:
    found = page_trouble(page.text, page.shown, None)
    if found is not None and found[0] is Verdict.CHALLENGE:
        return (
            f"answers with a {found[1]}; the site refuses programs: ask again in some hours, or choose another source"
        )
    if found is not None and found[0] in (Verdict.SOFT404, Verdict.ERROR):
        return f"answers with a {found[1]}; check the url in a browser"
    if _SHELL.search(page.text) or (len(page.shown) < _LITTLE_TEXT and _BUNDLE.search(page.text)):
        return (
            "is a client-rendered shell: a script fills it in the browser; find the interface in the browser's network"
            " view (Fetch/XHR) and probe that address, or choose a site that republishes it"
        )
    return None
