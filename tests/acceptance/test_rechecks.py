"""Re-checks and moved articles over real HTTP: a small column, polled into a real corpus on a clock that moves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.records import BEIJING, Outcome
from monitor.model import AlertKind
from tests.loop import HubLoop
from tests.site import Hit, Site
from tests.station import Crew, Station

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: The list's next poll is due by then (every 30 minutes, more or less), and no article.
NEXT = 40 * MINUTE
SLUG = "column"
SOURCES = """\
sources:
  - slug: column
    name: 示例栏目
    engine: html_list
    url: {url}
    rows: li
    fields: {{url: "a::attr(href)", title: "a::text", published: "span::text"}}
"""
CONFIG = """\
database: sqlite:///{folder}/corpus.db
web: {{bind: "127.0.0.1:0"}}
crawl: {{every: 30m, off_hours_every: 30m, interval: {{min: 30m, max: 30m}}}}
recheck: {{first: 2h, confirm: 2, confirm_every: 10m}}
"""
WATCHES = "watches:\n  - {name: 通知, rule: 通知 OR 更正, channels: [mail]}\n"
CHANNELS = 'channels:\n  mail: {url: "mailto://127.0.0.1:9?from=chaoxun@example.org&to=desk@example.org"}\n'


@dataclass
class Column:
    """A site with one list, newest first, and its articles; and the station that watches it."""

    site: Site
    station: Station
    since: datetime
    rows: list[tuple[str, str]] = field(default_factory=list)  # path and title
    asked: int = 0

    def put(self, path: str, number: int, *, etag: str = "", title: str = "", more: str = "") -> None:
        """An article at the path; whatever stands there is replaced."""
        title = title or f"关于第{number}号事项的通知"
        text = (
            f"第{number}号事项由第{number}组负责办理，今年安排{number}个项目，投资{number * 3}万元，年底以前完成。" * 6
        )
        at = f"{(self.since - number * HOUR).astimezone(BEIJING):%Y-%m-%d %H:%M}"
        head = f"<title>{title}</title><meta name='PubDate' content='{at}'><meta name='ArticleTitle' content='{title}'>"
        body = f"<html><head>{head}</head><body><h1>{title}</h1><p>{at}</p><div><p>{text}{more}</p></div></body></html>"
        self.site.answer(path, body, etag=etag)

    def publish(self) -> None:
        # all of one day: the row that moves up keeps its own, and a list that shows another has its article asked for
        day = f"{self.since.astimezone(BEIJING):%Y-%m-%d}"
        items = "".join(f'<li><a href="{path}">{title}</a><span>{day}</span></li>' for path, title in self.rows)
        self.site.answer("/list", f"<html><ul>{items}</ul></html>")

    def poll(self, after: timedelta) -> list[Hit]:
        """What was asked for, beside the list, at a round so much later."""
        self.asked = len(self.site.hits)
        self.result = self.station.round(after=after).get(SLUG)
        return [hit for hit in self.site.hits[self.asked :] if hit.path not in ("/list", "/robots.txt")]

    def told(self) -> list[str]:
        return [row.kind.value for row in self.station.deliveries() if row.kind is not AlertKind.OPERATOR]

    def stored(self) -> dict[str, str]:
        start = len(self.site.url(""))
        return {url[start:]: view["status"] for url, view in self.station.articles().items()}


@pytest.fixture
def column(hub_loop: HubLoop, crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path) -> Iterator[Column]:
    """Five articles, polled once, and their backlog's looks done."""
    site = Site(hub_loop)
    (tmp_path / "sources").mkdir()
    (tmp_path / "chaoxun.yaml").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "watches.yaml").write_text(WATCHES)
    (tmp_path / "channels.yaml").write_text(CHANNELS)
    (tmp_path / "sources" / "government.yaml").write_text(SOURCES.format(url=site.url("/list")))
    column = Column(site, open_station(tmp_path), crew.clock())
    for n in range(1, 6):
        column.put(f"/a/{n}.html", n, etag=f'"{n}"')
        column.rows.append((f"/a/{n}.html", f"关于第{n}号事项的通知"))
    column.publish()
    column.poll(MINUTE)
    assert set(column.stored()) == {f"/a/{n}.html" for n in range(1, 6)}
    yield column
    site.close()


def test_an_article_that_is_due_is_asked_for_with_its_validators_and_304_is_no_change(column: Column) -> None:
    assert column.poll(30 * MINUTE) == []
    hits = column.poll(31 * MINUTE)
    assert {(hit.path, hit.headers["If-None-Match"]) for hit in hits} == {
        (f"/a/{n}.html", f'"{n}"') for n in range(1, 6)
    }
    assert column.result is not None
    assert column.result.outcomes == {Outcome.UNCHANGED: 5}
    assert column.poll(30 * MINUTE) == []
    column.put("/a/2.html", 2, etag='"2b"', more="更正：联系电话有误。")
    column.poll(100 * MINUTE)
    assert column.told() == ["changed"]
    (again,) = [hit for hit in column.poll(31 * MINUTE) if hit.path == "/a/2.html"]
    assert again.headers["If-None-Match"] == '"2b"', "sooner, for it was edited, and with the new validator"


def test_a_new_title_in_the_list_has_the_edit_told_by_the_same_poll(column: Column) -> None:
    column.put("/a/3.html", 3, etag='"3b"', title="关于第3号事项的更正")
    column.rows[2] = ("/a/3.html", "关于第3号事项的更正")
    column.publish()
    hits = column.poll(NEXT)
    assert [hit.path for hit in hits] == ["/a/3.html"]
    assert column.told() == ["changed"]


def test_an_entry_that_left_the_list_is_looked_at_and_its_article_stays(column: Column) -> None:
    del column.rows[1]
    column.publish()
    assert [hit.path for hit in column.poll(NEXT)] == ["/a/2.html"]
    assert (set(column.stored().values()), column.told()) == ({"live"}, [])


def test_an_article_whose_old_address_is_gone_has_moved(column: Column) -> None:
    """The site moves one article to an address of another form, and answers 404 at the old one."""
    column.site.answer("/a/2.html", "nothing here", status=404)
    column.put("/news/2026/two.shtml", 2, etag='"new"')
    column.rows[1] = ("/news/2026/two.shtml", "关于第2号事项的通知")
    column.publish()
    assert [hit.path for hit in column.poll(NEXT)][:2] == ["/news/2026/two.shtml", "/a/2.html"]
    assert column.stored()["/news/2026/two.shtml"] == "live"
    assert len(column.stored()) == 5
    for _ in range(8):
        column.poll(30 * MINUTE)
    assert column.told() == [], "neither new nor withdrawn"
    column.put("/news/2026/two.shtml", 2, etag='"newer"', more="更正：联系电话有误。")
    column.poll(5 * HOUR)
    assert column.told() == ["changed"]


def test_an_article_whose_old_address_leads_to_the_new_one_has_moved(column: Column) -> None:
    column.put("/news/2026/two.shtml", 2)
    column.site.answer("/a/2.html", status=301, location="/news/2026/two.shtml")
    column.rows[1] = ("/news/2026/two.shtml", "关于第2号事项的通知")
    column.publish()
    column.poll(NEXT)
    column.poll(3 * HOUR)
    assert "/news/2026/two.shtml" in column.stored()
    assert (len(column.stored()), column.told()) == (5, [])


def test_two_articles_that_are_both_there_stay_two_until_one_is_gone(column: Column) -> None:
    column.put("/news/2026/two.shtml", 2)
    column.rows.insert(0, ("/news/2026/two.shtml", "关于第2号事项的通知"))
    column.publish()
    column.poll(NEXT)
    assert {"/a/2.html", "/news/2026/two.shtml"} <= set(column.stored())
    column.site.answer("/a/2.html", "nothing here", status=404)
    for _ in range(12):
        column.poll(30 * MINUTE)
    assert column.stored()["/a/2.html"] == "withdrawn"
    assert "withdrawn" not in column.told(), "the same stands elsewhere"


def test_another_notice_of_the_same_form_is_told_though_the_first_is_gone(column: Column) -> None:
    column.site.answer("/a/2.html", "nothing here", status=404)
    column.put("/news/2026/two.shtml", 2, more="联系人改为王磊。", title="关于第2号事项的通知")
    column.rows[1] = ("/news/2026/two.shtml", "关于第2号事项的通知")
    column.publish()
    column.poll(NEXT)
    assert {"/a/2.html", "/news/2026/two.shtml"} <= set(column.stored())
