"""Nothing that a list shows is missed: a paged column over real HTTP, polled into a real corpus on a moved clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from crawler.listing import DEEPEST
from crawler.records import BEIJING, PollResult, PollStatus
from monitor.corpus.sources import health_json
from monitor.model import AlertKind
from tests.loop import HubLoop
from tests.site import Site
from tests.station import Crew, Station

SLUG = "column"
HOUR = timedelta(hours=1)

CONFIG = """\
database: sqlite:///{folder}/corpus.db
web: {{bind: "127.0.0.1:0"}}
crawl: {{every: 30m, off_hours_every: 30m}}
recheck: {{first: 30d}}
"""
WATCHES = "watches:\n  - {name: 通知, rule: 通知, channels: [mail]}\n"
CHANNELS = 'channels:\n  mail: {url: "mailto://127.0.0.1:9?from=chaoxun@example.org&to=desk@example.org"}\n'
SOURCES = """\
sources:
  - slug: column
    name: 示例栏目
    engine: html_list
    url: {url}
    rows: li
    fields: {{url: "a::attr(href)", title: "a::text", published: "span::text"}}
    next: "a.next::attr(href)"
    max_pages: {max_pages}
"""


@dataclass(frozen=True)
class Row:
    number: int
    date: datetime | None


@dataclass
class Column:
    """A list of rows, newest first, `size` to a page; `served` is called after each page of it."""

    site: Site
    crew: Crew
    size: int
    dated: bool
    rows: list[Row] = field(default_factory=list)
    ignores_paging: bool = False
    broken: int | None = None
    served: Callable[[int], None] = lambda page: None
    asked: list[int] = field(default_factory=list)
    _count: int = 0

    def put(self, count: int = 1, *, at: int = 0, days_ago: float = 0) -> list[int]:
        """New rows from that place in the list on; answers their numbers."""
        date = self.crew.clock() - timedelta(days=days_ago) if self.dated else None
        made = []
        for _ in range(count):
            self._count += 1
            self.rows.insert(at, Row(self._count, date))
            made.append(self._count)
            self._publish(self._count)
        return made

    def _publish(self, number: int) -> None:
        text = f"第{number}号通知说明，今年安排{number}个项目，投资{number * 3}万元，由第{number}组负责办理。" * 6
        title = f"关于第{number}号事项的通知"
        body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div><p>{text}</p></div></body></html>"
        self.site.answer(f"/a/{number}.html", body)

    async def page(self, request: web.Request) -> web.Response:
        number = int(request.query.get("p", "1"))
        self.asked.append(number)
        if number == self.broken:
            return web.Response(status=500)
        start = 0 if self.ignores_paging else (number - 1) * self.size
        shown = self.rows[start : start + self.size]
        items = "".join(f'<li><a href="/a/{r.number}.html">第{r.number}号通知</a>{_span(r)}</li>' for r in shown)
        more = f'<a class="next" href="?p={number + 1}">下一页</a>' if start + self.size < len(self.rows) else ""
        self.served(number)
        return web.Response(text=f"<html><ul>{items}</ul>{more}</html>", content_type="text/html")


def _span(row: Row) -> str:
    return f"<span>{row.date.astimezone(BEIJING):%Y-%m-%d}</span>" if row.date else ""


@dataclass
class Desk:
    """A column, and the station that watches it."""

    column: Column
    station: Station

    def poll(self, *, after: timedelta = 3 * HOUR) -> PollResult:
        """One poll, `after` the last one; the pages that it asked for stand in `column.asked`."""
        self.column.asked.clear()
        return self.station.round(after=after)[SLUG]

    def days(self, count: int, *, every: timedelta = 3 * HOUR) -> list[PollResult]:
        return [self.poll(after=every) for _ in range(count * (timedelta(days=1) // every))]

    def told(self) -> list[int]:
        """The numbers of the items that alerts were about, each as often as it was told."""
        urls = [row.url or "" for row in self.station.deliveries() if row.kind is AlertKind.NEW]
        return sorted(_number(url) for url in urls)

    def stored(self) -> list[int]:
        return sorted(_number(url) for url in self.station.articles())

    def health(self) -> dict[str, object]:
        return health_json(self.station.health()[SLUG])


def _number(url: str) -> int:
    return int(url.rpartition("/")[2].removesuffix(".html"))


Opens = Callable[..., Desk]


@pytest.fixture(params=[True, False], ids=["dated", "undated"])
def opens(
    request: pytest.FixtureRequest,
    hub_loop: HubLoop,
    crew: Crew,
    open_station: Callable[[Path], Station],
    tmp_path: Path,
) -> Iterator[Opens]:
    """`opens(backlog=…, size=…)`: a column with so many rows, polled once; on lists with dates and without."""
    site = Site(hub_loop)

    def open_desk(*, backlog: int = 15, size: int = 5, max_pages: int = 3) -> Desk:
        column = Column(site, crew, size=size, dated=request.param)
        for age in range(backlog):
            column.put(at=len(column.rows), days_ago=2 + age / 2)
        site.handle("/list", column.page)
        (tmp_path / "sources").mkdir()
        (tmp_path / "chaoxun.yaml").write_text(CONFIG.format(folder=tmp_path))
        (tmp_path / "watches.yaml").write_text(WATCHES)
        (tmp_path / "channels.yaml").write_text(CHANNELS)
        sources = SOURCES.format(url=site.url("/list"), max_pages=max_pages)
        (tmp_path / "sources" / "government.yaml").write_text(sources)
        desk = Desk(column, open_station(tmp_path))
        assert desk.poll().status is PollStatus.OK
        return desk

    yield open_desk
    site.close()


def test_the_first_poll_is_baseline_and_as_deep_as_later_ones_look(opens: Opens) -> None:
    desk = opens()
    assert desk.column.asked == [1, 2]
    assert (desk.stored(), desk.told()) == (list(range(1, 11)), [])
    desk.poll()
    assert desk.column.asked == [1]
    (new,) = desk.column.put()
    desk.poll()
    assert desk.column.asked == [1, 2]
    assert (desk.told(), len(desk.stored())) == ([new], 11), "and nothing of the archive"


def test_what_comes_below_pinned_rows_or_back_dated_is_found(opens: Opens) -> None:
    desk = opens()
    pinned = desk.column.put(2)
    desk.poll()
    behind = desk.column.put(at=2)
    dated_back = desk.column.put(at=4, days_ago=6)
    on_page_two = desk.column.put(at=8, days_ago=12)
    desk.poll()
    assert desk.told() == [*pinned, *behind, *dated_back, *on_page_two]
    desk.poll()
    assert desk.told() == [*pinned, *behind, *dated_back, *on_page_two]


def test_what_fills_three_pages_between_two_polls_is_found(opens: Opens) -> None:
    desk = opens()
    new = desk.column.put(13)
    result = desk.poll()
    assert desk.column.asked == [1, 2, 3]
    assert (desk.told(), result.gap, desk.health()["gap_at"]) == (new, False, None)
    more = desk.column.put(17)
    assert not desk.poll().gap
    assert desk.column.asked == [1, 2, 3, 4], "beyond max_pages while nothing is known"
    assert desk.told() == [*new, *more]


def test_more_than_may_be_read_is_a_gap_that_health_tells(opens: Opens) -> None:
    desk = opens(size=1, backlog=3)
    new = desk.column.put(DEEPEST + 3)
    result = desk.poll()
    assert desk.column.asked == list(range(1, DEEPEST + 1))
    assert (result.status, result.gap) == (PollStatus.OK, True)
    assert desk.told() == new[3:], "what was read is told; lists are newest first"
    (warned,) = [each for each in desk.station.logs if each["event"] == "entries may have been missed"]
    assert (warned["source"], warned["pages"], warned["listed"]) == (SLUG, DEEPEST, DEEPEST)
    health = desk.health()
    assert health["state"] == "ok"
    assert "may have been missed" in str(health["why"])
    assert health["gap_at"] is not None


def test_a_site_that_ignores_the_page_number_hides_a_gap_and_it_is_told(opens: Opens) -> None:
    desk = opens()
    desk.column.ignores_paging = True
    few = desk.column.put(2)
    assert not desk.poll().gap
    many = desk.column.put(7)
    assert desk.poll().gap
    assert desk.told() == [*few, *many[2:]]
    assert "may have been missed" in str(desk.health()["why"])


def test_rows_that_move_while_the_list_is_read_are_neither_lost_nor_doubled(opens: Opens) -> None:
    desk = opens()
    new = desk.column.put(7)
    late: list[int] = []

    def press(page: int) -> None:
        if page == 1 and not late:
            late.extend(desk.column.put(2))  # the last two rows of page 1 are the first ones of page 2 now

    desk.column.served = press
    desk.poll()
    assert desk.told() == new
    desk.poll()
    assert desk.told() == [*new, *late]


def test_a_row_that_slips_to_a_page_that_was_read_is_found_at_the_next_poll(opens: Opens) -> None:
    desk = opens()
    new = desk.column.put(7)

    def withdraw(page: int) -> None:
        if page == 1 and len(desk.column.rows) == 22:
            del desk.column.rows[3]  # the first row of page 2 is the last one of page 1 now

    desk.column.served = withdraw
    desk.poll()
    assert len(desk.told()) == 6
    desk.poll()
    assert desk.told() == new


def test_the_daily_walk_finds_what_was_put_into_the_past_and_counts_it_once(opens: Opens) -> None:
    desk = opens()
    new = desk.column.put(4)
    desk.poll()
    (late,) = desk.column.put(at=12, days_ago=7)  # onto page 3, where no poll looks
    desk.poll()
    assert desk.told() == new
    results = desk.days(1)
    walked = [result for result in results if result.missed is not None]
    # A day from now may hold two walks: the source's own hour of the day lies anywhere in it.
    assert [(result.status, result.missed) for result in walked] in (
        [(PollStatus.OK, 1)],
        [(PollStatus.OK, 1), (PollStatus.OK, 0)],
    )
    assert desk.told() == [*new, late]
    assert (desk.health()["missed"], desk.health()["why"]) == (1, "")
    again = [result.missed for result in desk.days(3) if result.missed is not None]
    assert again in ([0, 0], [0, 0, 0], [0, 0, 0, 0])
    assert (desk.told(), desk.health()["missed"]) == ([*new, late], 1)


def test_the_daily_walk_does_not_tell_the_archive(opens: Opens) -> None:
    desk = opens(backlog=60)
    results = desk.days(3)
    walked = [result.missed for result in results if result.missed is not None]
    assert walked in ([0, 0], [0, 0, 0])
    assert desk.told() == []
    assert desk.stored() == list(range(1, 11))


def test_a_walk_that_broke_off_is_taken_up_at_the_next_poll(opens: Opens) -> None:
    desk = opens()
    new = desk.column.put(13)
    desk.column.broken = 2
    result = desk.poll()
    assert (result.status, result.gap, len(desk.told())) == (PollStatus.FAILED, True, 5)
    desk.column.broken = None
    desk.poll()
    assert desk.told() == new, "its first page is known now, and the others are not taken for read"
