"""Finds the rows of a JSON document that nobody has described: which array is the list, which members its parts."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.times import read_stamp

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAG = re.compile(r"<[^>]*>")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|ico|mp4|mp3|css|js)(?:$|\?)", re.IGNORECASE)
_PAGE = re.compile(r"\.(?:s?html?|jsp|php|aspx?|json)(?:$|[?#])|\d{3,}|[?&]\w*id=", re.IGNORECASE)
#: Names that say what a member is. A name alone decides nothing: it tips the scales between members alike in shape.
_URL_NAMES = re.compile(r"url|link|href|address", re.IGNORECASE)
_OTHER_URLS = re.compile(
    r"wap|mobile|img|image|pic|thumb|cover|icon|logo|video|author|channel|column|site", re.IGNORECASE
)
_TITLE_NAMES = re.compile(r"title|topic|subject|headline|^name$", re.IGNORECASE)
_OTHER_TITLES = re.compile(
    r"summary|intro|content|desc|text|abstract|short|stitle|source|author|org|dept|type|category|column|site|keyword",
    re.IGNORECASE,
)
_TIME_NAMES = (
    re.compile(r"pub|deploy|release|issue|cwrq|fbsj", re.IGNORECASE),
    re.compile(r"ctime|create|add|time|date", re.IGNORECASE),
)
_OTHER_TIMES = re.compile(r"end|expire|dead|until|begin|start|mtime|modif|update|write|sign", re.IGNORECASE)
_ORIGIN_NAMES = re.compile(
    r"puborg|publishgroupname|media_?name|source_?name|origin|publisher|^source$|^fbjg$|^dept_?name$", re.IGNORECASE
)
#: Deeper members, and rows beyond the first ones, tell nothing new.
_DEPTH = 6
_MEMBER_DEPTH = 4
_SAMPLE = 40
#: Fewer rows than this are a menu, or chance.
_LEAST = 2
Weigh = Callable[[str, Sequence[Any]], float]
_EARLIEST, _LATEST = datetime(1995, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRows:
    """One array that looks like a list of articles. rows, url, title, published, origin: JMESPath.

    rows is None for a document that is an array itself. url is None where no member is an address.
    """

    rows: str | None
    title: str
    url: str | None = None
    published: str | None = None
    origin: str | None = None
    count: int
    weight: float


@dataclass(frozen=True, slots=True)
class HtmlRows:
    """An array of strings that are HTML, one row each. Rows: JMESPath."""

    rows: str | None
    samples: tuple[str, ...]


def find_json_rows(document: Any) -> list[JsonRows]:
    """The arrays that list articles, the most likely first. Pure."""
    arrays = _joined(list(_arrays(document)))
    found = [found for path, rows in arrays if (found := _described(path, rows)) is not None]
    return sorted(found, key=lambda rows: rows.weight, reverse=True)


def find_html_rows(document: Any) -> HtmlRows | None:
    """The largest array whose rows are pieces of HTML with a link in them, or None. Pure."""
    best: HtmlRows | None = None
    for path, values in _lists(document, "", 0):
        rows = [value for value in values if isinstance(value, str) and "<a" in value.lower() and "href" in value]
        if len(rows) >= _LEAST and len(rows) * 2 > len(values) and (best is None or len(rows) > len(best.samples)):
            best = HtmlRows(path or None, tuple(rows))
    return best


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        yield path, value
        for item in value[:1]:
            yield from _lists(item, f"{path}[0]", depth + 1)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _lists(member, f"{path}.{_quoted(name)}" if path else _quoted(name), depth + 1)


def _arrays(document: Any) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for place, values in _lists(document, "", 0):
        rows: list[Mapping[str, Any]] = [value for value in values if isinstance(value, dict)]
        if rows and len(rows) * 2 > len(values):
            yield place, rows


def _quoted(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _joined(arrays: list[tuple[str, list[Mapping[str, Any]]]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The arrays, and as one list those that differ in a single step: gov.cn splits a list by kind of document."""
    families: dict[str, list[tuple[str, list[Mapping[str, Any]]]]] = {}
    for path, rows in arrays:
        steps = path.split(".")
        for place in range(len(steps) - 1):
            pattern = ".".join([*steps[:place], "*", *steps[place + 1 :]])
            families.setdefault(pattern, []).append((path, rows))
    joined = []
    for pattern, family in families.items():
        names = [frozenset(rows[0]) for _, rows in family]
        if len(family) > 1 and len(set(names)) == 1 and "[" not in pattern:
            joined.append((f"{pattern}[]", [row for _, rows in family for row in rows]))
    return [*arrays, *joined]


def _described(path: str, rows: Sequence[Mapping[str, Any]]) -> JsonRows | None:
    sample = rows[:_SAMPLE]
    members = _members(sample)
    titles = _best(members, _title_weight)
    if titles is None or len(rows) < _LEAST:
        return None
    title, title_weight = titles
    address = _best(members, _url_weight)
    time = _best(
        {name: values for name, values in members.items() if address is None or name != address[0]}, _time_weight
    )
    origin = _best({name: values for name, values in members.items() if name != title}, _origin_weight)
    weight = title_weight + (address[1] if address else 0) + (time[1] if time else 0) + min(len(rows), 20) / 20
    return JsonRows(
        rows=path or None,
        title=title,
        url=address[0] if address else None,
        published=time[0] if time else None,
        origin=origin[0] if origin else None,
        count=len(rows),
        weight=weight,
    )


def _members(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of every member, row by row; None where a row lacks it."""
    flat = [dict(_leaves(row, "", 0)) for row in rows]
    names = dict.fromkeys(name for row in flat[:5] for name in row)
    return {name: [row.get(name) for row in flat] for name in names}


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _MEMBER_DEPTH:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{_quoted(name)}" if path else _quoted(name), depth + 1)
    elif isinstance(value, list):
        # MIIT groups the hits of one document: groupData[0].data.title
        if value and isinstance(value[0], dict) and path:
            yield from _leaves(value[0], f"{path}[0]", depth + 1)
    elif path:
        yield path, value


def _best(members: Mapping[str, list[Any]], weigh: Weigh) -> tuple[str, float] | None:
    weighed = [(weigh(name, values), -len(name), name) for name, values in members.items()]
    best = max(weighed, default=(0.0, 0, ""))
    return (best[2], best[0]) if best[0] > 0.5 else None


def _share(values: Sequence[Any], test: Callable[[Any], bool]) -> float:
    return sum(1 for value in values if test(value)) / len(values) if values else 0.0


def _distinct(values: Sequence[Any]) -> float:
    present = [value for value in values if value not in (None, "")]
    return len(set(map(str, present))) / len(present) if present else 0.0


def _last(member: str) -> str:
    return re.split(r"[.\]]", member)[-1].strip('"') or member


def _url_weight(member: str, values: Sequence[Any]) -> float:
    share = _share(values, _is_address)
    if share < 0.6 or _distinct(values) < 0.5:
        return 0.0
    name = _last(member)
    return share + (0.5 if _URL_NAMES.search(name) else 0) - (0.45 if _OTHER_URLS.search(name) else 0)


def _is_address(value: Any) -> bool:
    if not isinstance(value, str) or not 4 < len(value) < 2000 or _FILE.search(value) or " " in value.strip():
        return False
    text = value.strip()
    if text.startswith(("http://", "https://", "//")):
        return len(urlsplit(text if text.startswith("http") else f"http:{text}").path) > 1
    return "/" in text and not _HAN.search(text) and "<" not in text and _PAGE.search(text) is not None


def _title_weight(member: str, values: Sequence[Any]) -> float:
    share = _share(values, _is_headline)
    if share < 0.5 or _distinct(values) < 0.5:
        return 0.0
    name = _last(member)
    return share + (0.5 if _TITLE_NAMES.search(name) else 0) - (0.45 if _OTHER_TITLES.search(name) else 0)


def _is_headline(value: Any) -> bool:
    if not isinstance(value, str) or _is_address(value):
        return False
    text = _TAG.sub("", value).strip()
    return 5 <= len(text) <= 120 and len(_HAN.findall(text)) >= 3 and read_stamp(text[:12]) is None


def _time_weight(member: str, values: Sequence[Any]) -> float:
    share = _share([value for value in values if value not in (None, "", 0)], _is_time)
    if share < 0.8 or _share(values, _is_time) < 0.5:
        return 0.0
    name = _last(member)
    said = next((0.5 - 0.2 * place for place, names in enumerate(_TIME_NAMES) if names.search(name)), 0.0)
    finer = 0.1 if _distinct(values) > 0.9 else 0.0
    return share + said + finer - (0.45 if _OTHER_TIMES.search(name) else 0)


def _is_time(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"\d{10}|\d{13}", value.strip())):
        seconds = int(value) / (1000 if len(str(value).strip()) == 13 else 1)
        return len(str(value).strip()) in (10, 13) and _EARLIEST.timestamp() < seconds < _LATEST.timestamp()
    return isinstance(value, str) and 6 <= len(value) <= 40 and "/" not in value[:1] and read_stamp(value) is not None


def _origin_weight(member: str, values: Sequence[Any]) -> float:
    named = _ORIGIN_NAMES.search(_last(member))
    share = _share(values, lambda value: isinstance(value, str) and 2 <= len(value.strip()) <= 30 and "/" not in value)
    return share if named and share >= 0.5 else 0.0
