"""The list of a page that nobody described: which of its links are the column's articles, found by their shape.

A column page is a list between navigation, rankings, related and friendly links. What tells the list apart needs no
class name: its rows repeat, its links read like headlines, lead to addresses like an article's, and mostly have dates.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml import html

from crawler.extract.times import Stamp, url_day
from crawler.lists.headlines import HEADLINE, Likeness, is_button
from crawler.lists.paging import pager_of
from crawler.lists.places import Held, Row, rows_of, texts
from crawler.lists.rowdates import edge_stamp, in_words, row_stamp, shows_a_date
from crawler.lists.rows import one_line
from crawler.records import Entry

#: Fewer rows are a list only where each of them has a date and lies under the column's own address.
_LEAST = 3
#: Rows under another name than the page's are what stands beside a list that is gone, unless there are so many of them.
_MANY = 12
#: What the rows of a list are worth at least, on average: a block of names or of undated rankings is worth less.
_WORTH = 0.3
_LIKENESS = {Likeness.ARTICLE: 1.0, Likeness.PLAIN: 0.5, Likeness.INDEX: 0.1}
_DATED = 3.0
_OWN = 6.0
#: A pager stands with the list that it turns, not with what is beside it.
_PAGED = 3.0
#: What the place or the heading of a block leaves of its worth.
_NOISE = 0.15
_DOUBTFUL = 0.4
_NOISE_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|menu\w*|foot\w*|crumbs?|bread\w*|friend\w*|links|copyright|rank\w*|side-?bar|relat\w*"
    r"|recommend\w*|xg\w{2}|tuijian|paihang\w*|phb|top-?bar|login|banner|swiper|slider?)(?=$|[\s_\d-])",
    re.IGNORECASE,
)
_NOISE_HEADING = re.compile(r"排行|排名|热榜|热搜|点击|推荐|相关|猜你|您可能|延伸|友情链接|链接|网站群|网站导航|常用")
#: These head lists beside the column's own, and sometimes the column itself.
_DOUBTFUL_HEADING = re.compile(r"热点|热门|热文|最热|专题|图片|视频|本周|一周|精彩|往期|导航")
#: What follows a heading in its line, and what leads it.
_MORE = re.compile(r"\s*(?:更多|more)?[\s>»›+＋.…]*$|^[\s·●■|]+", re.IGNORECASE)
_WAY = re.compile(r"位置|首页|[>›»]")
#: A longer text before a block is no heading of it.
_LONGEST_HEADING = 16
_FRONT = re.compile(r"/?(?:(?:index|default|home|main)\.\w{2,5})?", re.IGNORECASE)
#: Elements that are a row of whatever holds them, whatever their class.
_SURE_ROWS = {"li", "tr", "dt", "dd", "dl", "p", "article"}
#: States and positions that a template writes into the class of one row or panel and not of the next.
_STATES = set(
    ["on", "active", "cur", "current", "show", "hide", "hidden", "selected", "first", "last", "odd", "even", "hover"]
)


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows that one template makes: built alike, in holders that are named alike, all with dates or all without."""

    rows: tuple[Row, ...]
    standing: float  # what the block's place leaves of its worth, or adds to it

    @property
    def worth(self) -> float:
        return self.standing * sum(_worth(row) for row in self.rows)


def find_rows(root: html.HtmlElement, base: str, *, now: datetime | None = None) -> tuple[Entry, ...]:
    """The entries of the page's list, in its order; none where no list can be told from the rest of the page. Pure.

    base: the page's address. now: when it was fetched; dates without a year are the nearest past ones.
    """
    rows, held = rows_of(root, base)
    blocks = _blocks(rows, held, one_line(root.findtext(".//title") or ""))
    turned = _turned(blocks, pager_of(root))
    front = _FRONT.fullmatch(urlsplit(base).path) is not None and not urlsplit(base).query
    for best in sorted(blocks, key=lambda block: block.worth * (_PAGED if block in turned else 1.0), reverse=True):
        entries = tuple(entries_of(_completed(best, blocks, rows, held, front=front), now))
        if _is_list(best, len(entries)):
            return entries
    return ()


def _blocks(rows: Sequence[Row], held: Held, title: str) -> list[_Block]:
    groups: defaultdict[tuple[object, ...], list[Row]] = defaultdict(list)
    standing: dict[html.HtmlElement, float] = {}
    columns = _of_columns(rows)
    most = max((len(addresses) for addresses in held.values()), default=0)
    for row in rows:
        if row.holder not in standing:
            standing[row.holder] = _standing(row.holder, held, most, title)
        groups[(_name(row.holder), row.make, row.dated, row.holder in columns, standing[row.holder])].append(row)
    return [_Block(tuple(_once(group)), standing[group[0].holder]) for group in groups.values()]


def _of_columns(rows: Sequence[Row]) -> set[html.HtmlElement]:
    """What holds the names of columns more than anything else: a menu without a name may stand like a list."""
    likeness: defaultdict[html.HtmlElement, list[Likeness]] = defaultdict(list)
    for row in rows:
        likeness[row.holder].append(row.link.likeness)
    return {holder for holder, each in likeness.items() if each.count(Likeness.INDEX) > len(each) / 2}


def _turned(blocks: Sequence[_Block], pager: html.HtmlElement | None) -> list[_Block]:
    """The blocks that stand closest to the pager; none where it is as close to all the page."""
    around = (
        [] if pager is None else [element for element in pager.iterancestors() if element.tag not in ("html", "body")]
    )
    for element in around:
        inside = [
            block
            for block in blocks
            if element in block.rows[0].holder.iterancestors() or element is block.rows[0].holder
        ]
        if inside:
            return inside
    return []


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    """Each address once: lists are doubled for telephones, and pictures link where the headlines do."""
    best: dict[str, Row] = {}
    for row in rows:
        known = best.get(row.link.url)
        if known is None or _told(row) > _told(known):
            best[row.link.url] = row
    yield from best.values()


def _told(row: Row) -> tuple[bool, bool, bool, bool]:
    """How well a link tells its article: the first of the best does, since summaries may be links, too."""
    title = row.link.title
    return row.dated, not is_button(title), len(title) >= HEADLINE, not title.endswith(("…", "..."))


def _name(holder: html.HtmlElement) -> tuple[str, ...]:
    """A holder's place in the page by tags and names, without numbers and states, so that the panels of tabs agree."""
    path = []
    for element in (holder, *holder.iterancestors()):
        words = re.sub(r"\d+", "", f"{element.get('id') or ''} {element.get('class') or ''}").lower().split()
        path.append(" ".join([str(element.tag), *sorted(set(words) - _STATES)]))
    return tuple(path)


def _standing(holder: html.HtmlElement, held: Held, most: int, title: str) -> float:
    """What a block's place, and the heading over it, leave of its worth.

    most: headlines of the whole page. title: the page's, which names the column that it is of.
    """
    for element in (holder, *holder.iterancestors()):
        if element.tag in ("nav", "footer", "header", "aside", "ol"):
            return _NOISE
        # What holds half of the page's headlines is the page, whatever it is called.
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(held[element]) <= most / 2 and _NOISE_NAME.search(name):
            return _NOISE
    heading = _heading(holder, held) or ""
    if _NOISE_HEADING.search(heading):
        return _NOISE
    name = "" if shows_a_date([heading]) else _MORE.sub("", heading)
    is_another_s = bool(title) and len(name) >= len("要闻") and name not in title and not _WAY.search(heading)
    return _DOUBTFUL if _DOUBTFUL_HEADING.search(heading) or is_another_s else 1.0


def _heading(holder: html.HtmlElement, held: Held) -> str | None:
    """The short text right before a block of rows: in it, before it, or before what holds it."""
    element = holder
    if first := one_line(element.text or ""):
        return first if len(first) <= _LONGEST_HEADING else None
    # The first row of a table names its columns.
    if len(holder) and holder.tag not in ("table", "tbody") and not held[holder[0]] and (text := _beginning(holder[0])):
        return text if len(text) <= _LONGEST_HEADING else None
    for _ in range(3):
        for sibling in element.itersiblings(preceding=True):
            if held[sibling]:
                return None
            if text := one_line(sibling.tail or "") or _beginning(sibling):
                return text if len(text) <= _LONGEST_HEADING else None
        parent = element.getparent()
        if parent is None or parent.tag in ("body", "tr"):
            return None
        element = parent
    return None


def _beginning(element: html.HtmlElement) -> str:
    """The text of an element, or enough of it to see that it is no heading."""
    text = ""
    if isinstance(element.tag, str) and element.tag not in ("script", "style"):
        for piece in element.itertext():
            text = one_line(f"{text} {piece}")
            if len(text) > _LONGEST_HEADING:
                break
    return text


def _worth(row: Row) -> float:
    length = len(row.link.title)
    headline = 1.0 if length > HEADLINE else 0.6 if length >= HEADLINE - 2 else 0.2
    return headline * _LIKENESS[row.link.likeness] * (_DATED if row.dated else 1.0) * (_OWN if row.own else 1.0)


def _is_list(best: _Block, count: int) -> bool:
    """Whether the best of a page is a list at all, and its own. count: rows with those that were found to belong."""
    own = sum(row.own for row in best.rows) > len(best.rows) / 2
    columns = sum(row.link.likeness is Likeness.INDEX for row in best.rows) > len(best.rows) / 2
    if columns or best.worth < _WORTH * len(best.rows) or (best.standing < 1.0 and not own and count < _MANY):
        return False
    if count >= _LEAST:
        return True
    return all(row.dated and row.own and row.link.likeness is Likeness.ARTICLE for row in best.rows)


def _completed(best: _Block, blocks: Sequence[_Block], rows: Sequence[Row], held: Held, *, front: bool) -> list[Row]:
    """The best block's rows with those that belong to it although they are built otherwise, in the page's order.

    Pinned rows are often dressed up. Tabs are one list in several places, as are the blocks of a front page, and those
    of a page on which each is under a name of its own.
    """
    hub = front or best.standing < 1.0
    chosen = {row.link.url for row in best.rows} | set(_among(rows, best))
    shapes, dated, make = _shapes(best), best.rows[0].dated, best.rows[0].make
    for block in blocks:
        alike = block.rows[0].dated == dated and block.standing >= best.standing and block.rows[0].make == make
        if alike and shapes & _shapes(block) and (hub or _is_tab(block, best, held)):
            chosen.update(row.link.url for row in block.rows)
    return [row for row in rows if row.link.url in chosen]


def _among(rows: Sequence[Row], best: _Block) -> Iterator[str]:
    """The addresses of headlines that stand beside the rows of a block, in an element like theirs."""
    holders = {row.holder for row in best.rows}
    likes = {(row.around.tag, row.around.get("class")) for row in best.rows}
    tags = {tag for tag, _ in likes}
    for row in rows:
        if len(row.link.title) < HEADLINE or row.link.likeness is Likeness.INDEX:
            continue
        for element in (row.around, *row.around.iterancestors()):
            if element.getparent() in holders and element.tag in tags:
                if element.tag in _SURE_ROWS or (element.tag, element.get("class")) in likes:
                    yield row.link.url
                break


def _shapes(block: _Block) -> set[str]:
    """The hosts and numberless names of a block's addresses."""
    parts = [urlsplit(row.link.url) for row in block.rows]
    names = [part.path.rstrip("/").rpartition("/")[2] for part in parts]
    return {part.netloc + re.sub(r"[0-9a-f]{16,}|[0-9]+", "0", name) for part, name in zip(parts, names, strict=True)}


def _is_tab(block: _Block, best: _Block, held: Held) -> bool:
    """Whether a block is a panel beside the best one: held by the same element, without a heading of its own."""
    mine, its = (list(_outward(each.rows[0].holder)) for each in (best, block))
    return any(element in its for element in mine) and _heading(block.rows[0].holder, held) is None


def _outward(holder: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The one and two next elements around a holder."""
    for depth, element in enumerate(holder.iterancestors()):
        if depth == 2 or element.tag == "body":
            return
        yield element


def entries_of(rows: Sequence[Row], now: datetime | None) -> Iterator[Entry]:
    """An entry for each address among these rows, in their order. Pure."""
    once = list(_once(rows))
    titles = Counter(row.link.title for row in once)
    for row in once:
        stamp = _stamp(row, now)
        yield Entry(
            url=row.link.url,
            title=_title(row, titles) or None,
            published_at=stamp.at if stamp else None,
            published_precision=stamp.precision if stamp else None,
        )


def _title(row: Row, titles: Mapping[str, int]) -> str:
    title = row.link.title
    words = one_line(str(row.link.anchor.text_content()))
    if titles[title] > 1 and words and not is_button(words):
        return words  # the attribute says the same of every row
    return title


def _stamp(row: Row, now: datetime | None) -> Stamp | None:
    inside = texts(row.link.anchor)
    edge = edge_stamp(one_line(" ".join(inside)))
    return (
        row_stamp(row.beside, now=now)
        or row_stamp(inside, now=now)
        or (edge[0] if edge is not None else None)
        or url_day(row.link.url)
        or in_words(row.beside)
    )
