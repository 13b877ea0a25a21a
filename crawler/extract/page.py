"""One HTML page, parsed once: its tree, and its text as lines. Refuses markup that is built to hurt the parser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from crawler.extract.pager import Pager, find_pager

#: A start tag longer than this is cut to its bare name: libxml2 needs time that grows with the square of the number of
#: attributes (10,000 of them hold it for 2 s, 100,000 for 33 s).
LONGEST_TAG = 65_536
MOST_ATTRIBUTES = 1_000
#: libxml2 drops what lies deeper than 255 elements, without a word.
DEEPEST = 250

# Attribute values may hold `>`; a quote opens a value only behind `=` (HTML 13.2.5.37). Possessive, so linear.
_TAG = re.compile(r"""<([a-zA-Z][^\s/>]*+)(?:[^>"'=]++|=\s*+"[^"]*+"?|=\s*+'[^']*+'?|["'=])*+>?""")
#: libxml2 hangs what follows `</html>` beside the tree, where nobody looks. A public scraper saw lxml cut gov.cn's
#: pages short where html.parser did not; this may be why.
_END = re.compile(r"</html\s{0,9}>", re.IGNORECASE)
_UNSAFE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\xad]+")
#: A line break of the source between two Chinese characters is no blank: the writer's editor wrapped the line.
_WRAPPED = re.compile(
    r"(?<=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])[ \t]*[\r\n]\s*(?=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])"
)
#: Two ideographic blanks after the end of a sentence begin a paragraph in text that lost its <p>.
_INDENT = re.compile(r"(?<=[。！？；：…”』」）)】!?])[ \xa0]*\u3000{2,}")

# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul"
})
# fmt: on
# fmt: off
_SILENT = frozenset({
    "applet", "audio", "base", "button", "canvas", "datalist", "embed", "frame", "frameset", "head", "iframe",
    "input", "link", "map", "math", "meta", "meter", "noframes", "noscript", "object", "optgroup", "option",
    "param", "progress", "script", "select", "source", "style", "svg", "template", "textarea", "title", "track",
    "video"
})
# fmt: on
#: Class and id words of blocks that are not the article although they stand inside its container.
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:related?\w*|relat(?:ion|ive)\w*|recommend\w*|share\w*|bd-?share\w*|bshare\w*|jiathis\w*|social\w*"
    r"|comments?|comment-?(?:list|box|area|form)|post-?comments?|rank\w*|hot(?:news|list|words?)?|side-?bar|sider?|aside"
    r"|footer|foot|copy-?right|breadcrumbs?|crumbs?|nav|navbar|navi\w*|menu|advert\w*|ads?|ad-?(?:box|wrap|list|left|right)"
    r"|sinaads|qr-?code|qr|appendqr\w*|app-?(?:kaihu|down\w*)\w*|tool-?bar|pagination|page-?nav|pages?-?bar|prev-?next"
    r"|login\w*|search\w*|subscribe\w*|disclaimer|statement|otherContent|tech-quotation|left_hzh_ad|xgwz|xgyd|xgxw"
    r"|tuijian|xiangguan|fenxiang|pinglun|ewm|erweima|sub-area|article-?tags?|keywords?-?(?:box|list)|gg_?\d*"
    r"|main-article-alltitle|post-?(?:nav|meta)|entry-?meta|to-?top|back-?top|print|jubao|report|reward|zan|dianzan|follow\w*)(?:$|[\s_-]|\d)",
    re.IGNORECASE,
)
#: Site software says where its content is. Hanweb: <!--ZJEG_RSS.content.begin-->, newer <!--<$[信息内容]>begin-->;
#: Founder's: <!--enpcontent-->, <!--/enpcontent-->.
_CONTENT_MARK = re.compile(
    r"(?:ZJEG_RSS\.content\.|<\$\[(?:信息内容|正文内容?)\]>)(?:(?P<begin>begin)|end)|\s*(?:(?P<enp>enpcontent)|/enpcontent)\s*\Z",
    re.IGNORECASE,
)
#: Founder's software, which many papers and ministries use, says in a comment what the page is.
_DECLARED = "enpproperty"
_LONGEST_DECLARED = 20_000
_DECLARED_VALUE = re.compile(r"<(?P<name>[a-z]{3,20})>(?P<value>.{1,2000}?)</(?P=name)>", re.IGNORECASE | re.DOTALL)
_DECLARED_NAMES = {
    "title": "articletitle",
    "date": "pubdate",
    "sourcename": "contentsource",
    "nodename": "columnname",
    "author": "author",
    "keyword": "keywords",
}
_ATTACHED = re.compile(r"附件|附表|\.(?:pdf|docx?|xlsx?|wps|zip|rar|ofd)\b", re.IGNORECASE)
_SURELY_NOISE = re.compile(
    r"comment|reply|pinglun|relat|recommend|tuijian|rank|side-?bar|foot|main-article-alltitle", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a reader sees it. linked: how many of its characters are link text."""

    text: str
    linked: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page. spans: block element -> [start, end) of its lines. noise: spans of related lists and the like,
    and whether they are surely that.

    marked: the span that the site itself marks as its content.
    """

    url: str | None
    html: str
    root: HtmlElement
    lines: tuple[Line, ...]
    spans: Mapping[HtmlElement, tuple[int, int]]
    noise: tuple[tuple[int, int, bool], ...]
    metas: Mapping[str, str]
    title_tag: str | None = None
    marked: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    too_deep: bool = False
    pager: Pager = field(default_factory=Pager)

    def within(self, span: tuple[int, int]) -> list[Line]:
        """The lines of a span, without the noise blocks that stand inside it."""
        start, end = span
        quiet = self.quiet(span)
        return [line for i, line in enumerate(self.lines[start:end], start) if i not in quiet]

    def quiet(self, span: tuple[int, int]) -> set[int]:
        """The numbers of the lines of a span that stand in noise blocks inside it.

        A block that holds most of what the span says is no noise, whatever its class is called (`report`, `print`),
        but for those that are surely none of the article (comments, related lists), which may be the longer part.
        """
        start, end = span
        plain = [0]
        for line in self.lines[start:end]:
            plain.append(plain[-1] + len(line.text) - line.linked)
        found: set[int] = set()
        for a, b, sure in self.noise:
            inside = start <= a and b <= end and (a, b) != (start, end)
            if inside and (sure or plain[b - start] - plain[a - start] <= 0.5 * plain[-1]):
                found.update(range(a, b))
        return found


def parse(html: str, *, url: str | None) -> Page:
    """Parse and render a page; never raises. Oversized start tags are cut to their name and noted."""
    guarded, notes = cut_oversized_tags(html)
    root = _tree(guarded)
    rendered = _Rendering()
    rendered.block(root)
    rendered.flush()
    too_deep = bool(_TOO_DEEP(root))
    if too_deep:
        notes = (*notes, f"nested deeper than {DEEPEST} elements; text read without its markup")
        rendered = _Rendering(lines=raw_text_lines(guarded))
    pager = find_pager(root, url)
    turning = [(*rendered.spans[place], True) for place in pager.places if place in rendered.spans]
    return Page(
        url=url,
        html=guarded,
        root=root,
        lines=tuple(rendered.lines),
        spans=rendered.spans,
        noise=(*rendered.noise, *turning),
        metas=_metas(root) | _declared(guarded),
        title_tag=next((paragraph for t in root.iter("title") for paragraph in paragraphs(t.text_content())), None),
        marked=rendered.marked(),
        notes=notes,
        too_deep=too_deep,
        pager=pager,
    )


def printable(text: str) -> str:
    """The text without control, bidirectional and surrogate characters, which only confuse what reads it. Pure."""
    return _UNSAFE.sub("", text)


def cut_oversized_tags(html: str) -> tuple[str, tuple[str, ...]]:
    """The same markup without start tags that would hold the parser, and a note for each kind of cut. Pure, linear."""
    if len(html) <= MOST_ATTRIBUTES * 2:
        return html, ()
    notes: list[str] = []

    def cut(match: re.Match[str]) -> str:
        length = match.end() - match.start()
        if length <= LONGEST_TAG and (length <= MOST_ATTRIBUTES * 2 or len(match[0].split()) <= MOST_ATTRIBUTES):
            return match[0]
        notes.append(f"start tag <{match[1][:20]}> of {length} characters cut")
        return f"<{match[1][:20]}>"

    return _TAG.sub(cut, html), tuple(dict.fromkeys(notes))[:5]


def without_ends(html: str) -> str:
    """The markup without `</html>`, so that an early one, or a second document behind it, loses nothing. Pure.

    >>> without_ends("<p>前</p></body></html><p>后</p></HTML >")
    '<p>前</p></body><p>后</p>'
    """
    return _END.sub("", html)


def _tree(html: str) -> HtmlElement:
    parser = HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True)
    data = without_ends(html).encode("utf-8", "replace")
    try:
        root = etree.fromstring(data if data.strip() else b"<html></html>", parser)
    except etree.ParserError:
        root = None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = etree.fromstring(b"<html><body></body></html>", HTMLParser(encoding="utf-8"))
    return root


_TOO_DEEP = etree.XPath("boolean(/" + "/".join(["*"] * DEEPEST) + ")")


def _declared(html: str) -> dict[str, str]:
    """What Founder's comment says, under the names of the national meta standard."""
    start = html.find(f"<!--{_DECLARED}")
    end = html.find(f"/{_DECLARED}", start, start + _LONGEST_DECLARED) if start >= 0 else -1
    if end < 0:
        return {}
    found = ((match["name"].lower(), match["value"].strip()) for match in _DECLARED_VALUE.finditer(html, start, end))
    return {_DECLARED_NAMES[name]: value for name, value in found if name in _DECLARED_NAMES and value}


def _metas(root: HtmlElement) -> dict[str, str]:
    """Name (or property, or itemprop) in lower case -> content; the first that is not empty wins."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop")
        content = (meta.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


@dataclass(slots=True)
class _Rendering:
    """Walks the tree once and writes down what a reader would see."""

    lines: list[Line] = field(default_factory=list)
    spans: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    noise: list[tuple[int, int, bool]] = field(default_factory=list)
    marks: list[tuple[bool, int]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    linked: int = 0
    link_depth: int = 0

    def marked(self) -> tuple[int, int] | None:
        starts = [line for begins, line in self.marks if begins]
        ends = [line for begins, line in self.marks if not begins]
        return (starts[0], ends[-1]) if starts and ends and starts[0] < ends[-1] else None

    def flush(self) -> None:
        if not self.parts:
            return
        text = "".join(self.parts)
        linked, self.linked = self.linked, 0
        self.parts = []
        if text.isspace():
            return
        for piece in paragraphs(text):
            self.lines.append(Line(piece, min(linked, len(piece))))
            linked = max(0, linked - len(piece))

    def say(self, text: str | None) -> None:
        if text:
            self.parts.append(text)
            if self.link_depth:
                self.linked += len(text.strip())

    def block(self, element: HtmlElement) -> None:
        """One element with everything in it; its tail is the caller's."""
        tag = element.tag
        is_block = tag in _BLOCKS or any(child.tag in _BLOCKS for child in element)
        is_block = is_block or (tag == "ins" and _is_noise(element))  # ins.sinaads stands between paragraphs
        if is_block:
            self.flush()
        start = len(self.lines)
        self.link_depth += tag == "a"
        if tag == "tr":
            self._row(element)
        else:
            self.say(element.text)
            self._children(element)
        self.link_depth -= tag == "a"
        if is_block:
            self.flush()
        if len(self.lines) > start:
            if is_block:
                self.spans[element] = (start, len(self.lines))
            if _is_noise(element) or (is_block and self._is_link_list(start)):
                sure = bool(_SURELY_NOISE.search(f"{element.get('class')} {element.get('id')}"))
                self.noise.append((start, len(self.lines), sure))

    def _is_link_list(self, start: int) -> bool:
        """Whether the block that begins with this line is nearly all links, none of them an attachment, and no text."""
        lines = self.lines[start:]
        if len(lines) < 3 or len(lines) > 200:
            return False
        said = sum(len(line.text) for line in lines)
        if sum(line.linked for line in lines) < 0.65 * said:
            return False
        return not any(
            _ATTACHED.search(line.text) or (len(line.text) >= 40 and line.linked < 10 and "。" in line.text)
            for line in lines
        )

    def _children(self, element: HtmlElement) -> None:
        for child in element:
            if isinstance(child.tag, str):
                if child.tag not in _SILENT:
                    self.block(child)
            elif child.tag is etree.Comment and child.text and (mark := _CONTENT_MARK.search(child.text)):
                self.flush()
                self.marks.append((bool(mark["begin"] or mark["enp"]), len(self.lines)))
            self.say(child.tail)

    def _row(self, row: HtmlElement) -> None:
        """A row of a real table is one line; a row of a layout table is what its cells are."""
        start = len(self.lines)
        cells: list[int] = []
        for child in row:
            if not isinstance(child.tag, str) or child.tag in _SILENT:
                continue
            before = len(self.lines)
            self.block(child)
            self.flush()
            cells.append(len(self.lines) - before)
        if len(self.lines) - start >= 2 and max(cells) <= 1:
            row_lines = self.lines[start:]
            self.lines[start:] = [Line(" | ".join(c.text for c in row_lines), sum(c.linked for c in row_lines))]
            for inner in row.iter():
                if inner in self.spans:
                    self.spans[inner] = (start, start + 1)


def _is_noise(element: HtmlElement) -> bool:
    if element.tag in ("nav", "aside", "footer"):
        return True
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    style = element.get("style")
    return (name != " " and _is_noise_name(name)) or (style is not None and _HIDDEN.search(style) is not None)


@lru_cache(maxsize=4_096)  # a page has a few names, and thousands of elements
def _is_noise_name(name: str) -> bool:
    return _NOISE.search(name) is not None


def paragraphs(text: str) -> list[str]:
    """The lines of a run of text, blanks collapsed, without indents. Pure.

    >>> paragraphs("　　甬城试点。　　第二段。")
    ['甬城试点。', '第二段。']
    """
    pieces = _INDENT.sub("\n\n", text).split("\n\n") if "\u3000\u3000" in text else [text]
    if "\n" in text or "\r" in text:
        pieces = [_WRAPPED.sub("", piece) for piece in pieces]
    tidy = (_BLANKS.sub(" ", piece).strip() for piece in pieces)
    return [piece for piece in tidy if piece]


def raw_text_lines(html: str) -> list[Line]:
    """The text of markup that no parser should see: comments, scripts and tags taken away. Linear."""
    bare = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", "\n", html, flags=re.DOTALL | re.IGNORECASE)
    bare = re.sub(r"<[^<>]*>", "\n", bare)
    return [Line(piece) for row in bare.splitlines() for piece in paragraphs(row)]
