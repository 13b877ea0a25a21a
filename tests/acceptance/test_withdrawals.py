"""Withdrawals over real HTTP: what counts as one, what never does however often it is seen, and what is told of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from monitor.demo.sites import Misbehaviour, SampleSites
from monitor.demo.sites.answers import Reply
from monitor.demo.sites.misbehaviour import spoiled
from monitor.model import AlertKind
from tests.bench.withdrawals import run as bad_days
from tests.hub import closed_port, hanging_up, safe, self_signed, truncated
from tests.site import Handler, Site
from tests.station import Crew, Station

NOBODY = "json://127.0.0.1:9/nobody"
HTML = "text/html; charset=utf-8"
#: Looks at everything: four times as many as a withdrawal takes, twice as many as a doubtful one.
ROUNDS = 8
#: Of a day with several bad habits and several withdrawals.
SEED = 8
MENU = "".join(f'<li><a href="/col{n}/">{name}栏目</a></li>' for n, name in enumerate("政务要闻公告解读互动服务"))
PATHS = ("/art/2026/3/2/art_1229_58945001.html", "/art/2026/3/2/art_1229_58945002.html")
BAD, GOOD = PATHS
NOTHING = "/art/2026/3/2/art_1229_99999999.html"


def page(title: str, body: str) -> str:
    frame = f'<ul class="menu">{MENU}</ul>{body}<div class="foot">版权所有 示例市人民政府办公室</div>'
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{frame}</body></html>'


def story(place: int, path: str) -> tuple[str, str]:
    title = f"义乌第{place}家未来工厂在{path[-6]}号地块开工"
    lines = (f"第{place * 31 + n}条生产线投入{place * 97 + n * 13}万元，由{path[-6]}号团队负责安装。" for n in range(9))
    return title, page(title, f"<h1>{title}</h1>" + "".join(f"<p>{line}</p>" for line in lines))


GONE = page("提示信息", "<h2>抱歉，您访问的页面不存在或已被删除</h2><p>5秒后自动返回首页</p>")
OTHER = page("示例港昨日开港", "<h1>示例港昨日开港</h1>" + "<p>示例港昨天上午正式开港，首日到港船舶三艘。</p>" * 5)
FRONT = page("示例市人民政府", "<h1>示例市人民政府</h1><p>欢迎来到示例市人民政府门户网站，请从左边进入栏目。</p>")
CHALLENGE = spoiled(Reply(body=b""), Misbehaviour.CHALLENGE_200).body
MAINTENANCE = page("网站维护中", "<p>系统维护，请稍后访问</p>")
LOGIN = "<html><head><title>统一身份认证</title></head><body><p>请先登录</p></body></html>"


def says(body: str | bytes, status: int = 200, **headers: str) -> Handler:
    content = body.encode() if isinstance(body, str) else body

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=content, status=status, headers={"Content-Type": HTML, **headers})

    return answer


def leads(to: str, status: int = 302) -> Handler:
    return says("", status, Location=to)


NO_SUCH = says("nothing here", 404)


@dataclass(frozen=True)
class Habit:
    """What one article answers from some moment on, and what its host gives for what cannot exist."""

    bad: Handler
    nothing: Handler = NO_SUCH
    #: The other article of the host answers the same.
    all_alike: bool = False
    robots: str = ""


@dataclass(frozen=True)
class House:
    """A site with a feed of two articles, of a source of its own."""

    site: Site
    slug: str

    def well(self, place: int) -> None:
        items = ""
        for path in PATHS:
            title, body = story(place, path)
            self.site.handle(path, says(body))
            items += f"<item><title>{title}</title><link>{self.site.url(path)}</link></item>"
        feed = (
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
        )
        self.site.answer("/rss.xml", feed, content_type="application/rss+xml; charset=utf-8")
        self.site.handle("/", says(FRONT))

    def take_on(self, habit: Habit) -> None:
        for path in PATHS if habit.all_alike else (BAD,):
            self.site.handle(path, habit.bad)
        self.site.handle(NOTHING, habit.nothing)


Street = Callable[[Mapping[str, Habit]], dict[str, House]]


@pytest.fixture
def street(crew: Crew) -> Iterator[Street]:
    """Houses by the names of their habits, each on an address of its own."""
    with ExitStack() as closing:

        def build(habits: Mapping[str, Habit]) -> dict[str, House]:
            houses = {}
            for place, (name, habit) in enumerate(habits.items(), 1):
                site = Site(crew.loop, address=f"127.0.3.{place}")
                closing.callback(site.close)
                houses[name] = House(site, f"house-{place}")
                site.answer("/robots.txt", habit.robots, content_type="text/plain")
                site.handle("/check", says(CHALLENGE))
                site.handle("/login", says(LOGIN))
                houses[name].well(place)
            return houses

        yield build


def watch(sites: SampleSites, houses: Mapping[str, House], folder: Path) -> Path:
    watches = "watches:\n  - {name: 工厂, rule: 未来工厂, channels: [desk]}\n"
    sites.write_config(folder, columns=(), channels={"desk": NOBODY}, watches_text=watches)
    configured = [
        {"slug": house.slug, "name": name, "engine": "feed", "url": house.site.url("/rss.xml")}
        for name, house in houses.items()
    ]
    (folder / "sources" / "houses.yaml").write_text(yaml.safe_dump({"sources": configured}, allow_unicode=True))
    return folder


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


Opens = Callable[[Mapping[str, Habit]], tuple[Station, dict[str, House]]]


@pytest.fixture
def opens(street: Street, sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path) -> Opens:
    """A station that holds the articles of such houses, which then take on their habits."""

    def opened(habits: Mapping[str, Habit]) -> tuple[Station, dict[str, House]]:
        houses = street(habits)
        station = open_station(watch(sites, houses, tmp_path))
        station.round()
        assert len(station.articles()) == 2 * len(houses)
        for name, habit in habits.items():
            houses[name].take_on(habit)
        return station, houses

    return opened


def gone(station: Station, houses: Mapping[str, House]) -> dict[str, str]:
    """The status of each house's first article."""
    stored = station.articles()
    return {name: stored[house.site.url(BAD)]["status"] for name, house in houses.items()}


SELF = "/art/2026/3/2/art_1229_58945001.html"
#: None of these is ever a withdrawal, however often it is seen.
HARMLESS: Mapping[str, Habit] = {
    **{
        f"status {status}": Habit(says("<h1>Error</h1>", status)) for status in (400, 401, 403, 412, 451, 500, 502, 503)
    },
    "status 429": Habit(says("<h1>Too Many Requests</h1>", 429)),
    "status 521": Habit(says(spoiled(Reply(body=b""), Misbehaviour.CHALLENGE_521).body, 521)),
    "a challenge": Habit(says(CHALLENGE)),
    "a challenge under 404": Habit(says(CHALLENGE, 404)),
    "a challenge at the front": Habit(leads("/check"), says(CHALLENGE)),
    "maintenance": Habit(says(MAINTENANCE)),
    "maintenance of all": Habit(says(MAINTENANCE), says(MAINTENANCE), all_alike=True),
    "a login page": Habit(says(LOGIN)),
    "to a login": Habit(leads("/login?next=1")),
    "nothing in it": Habit(says("")),
    "nothing in all": Habit(says(""), says(""), all_alike=True),
    "no word in it": Habit(says("<html><body><div id='app'></div></body></html>")),
    "a stub": Habit(says(spoiled(Reply(body=b""), Misbehaviour.STUB).body)),
    "the connection breaks": Habit(hanging_up),
    "half an answer": Habit(truncated),
    "a redirect for ever": Habit(leads(SELF)),
    "404 for all": Habit(says("<h1>404 Not Found</h1>", 404), all_alike=True),
    "410 for all": Habit(says("", 410), all_alike=True),
    "the front page for all": Habit(leads("/"), leads("/"), all_alike=True),
    "a soft 404 for all": Habit(says(GONE), says(GONE), all_alike=True),
    "one page for all": Habit(says(OTHER), says(OTHER), all_alike=True),
    "soft 404, made up: challenge": Habit(says(GONE), says(CHALLENGE)),
    "soft 404, made up: outage": Habit(says(GONE), says("", 503)),
    "soft 404, made up: login": Habit(says(GONE), leads("/login")),
    "soft 404, made up: refused": Habit(says(GONE), says("", 403)),
    "soft 404, made up: not allowed": Habit(says(GONE), says(GONE), robots=f"User-agent: *\nDisallow: {NOTHING}\n"),
    "to the front, made up: challenge": Habit(leads("/"), says(CHALLENGE, 403)),
}


def test_no_bad_habit_is_a_withdrawal_however_often_it_is_seen(opens: Opens, crew: Crew, tmp_path: Path) -> None:
    secure = crew.loop.run(_secure(tmp_path))
    try:
        port = secure.addresses[0][1]
        habits = {
            **HARMLESS,
            "TLS that nobody vouches for": Habit(leads(f"https://127.0.0.1:{port}/a")),
            "refused": Habit(leads(f"http://127.0.0.1:{closed_port()}/a.html")),
        }
        station, houses = opens(habits)
        for _ in range(ROUNDS):
            station.round()
        assert gone(station, houses) == dict.fromkeys(habits, "live")
        for place, house in enumerate(houses.values(), 1):
            house.well(place)
        station.round()
        station.round(after=timedelta(hours=1))
    finally:
        crew.loop.run(secure.cleanup())
    assert station.told(AlertKind.WITHDRAWN, AlertKind.RETURNED) == []
    stored = station.articles()
    assert {(a["status"], a["missing"] is None, len(a["events"])) for a in stored.values()} == {("live", True, 0)}


async def _secure(folder: Path) -> web.AppRunner:
    app = web.Application()
    app.router.add_get("/a", safe)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self_signed(folder)).start()
    return runner


#: The habit, the sign, and after how many looks it is believed (of two that are wanted).
SIGNS: Mapping[str, tuple[Habit, str, int]] = {
    "404": (Habit(says("<h1>404 Not Found</h1>", 404)), "not found", 2),
    "410 with nothing in it": (Habit(says("", 410)), "not found", 2),
    "the front page, as for nothing": (Habit(leads("/"), leads("/")), "front page", 2),
    "the front page by a script": (
        Habit(says("<script>location.href='/'</script>"), says("<script>location.href='/'</script>")),
        "front page",
        2,
    ),
    "the front page, 404 for nothing": (Habit(leads("/")), "front page", 4),
    "another article": (Habit(leads(GOOD)), "elsewhere", 4),
    "another page, as for nothing": (Habit(leads("/gone.html"), leads("/gone.html")), "elsewhere", 2),
    "a soft 404, as for nothing": (Habit(says(GONE), says(GONE)), "soft 404", 2),
    "a soft 404, under 404 for nothing": (Habit(says(GONE), says(GONE, 404)), "soft 404", 2),
    "a soft 404, another for nothing": (Habit(says(GONE)), "soft 404", 4),
    "an alert alone": (
        Habit(says("<script>alert('该文章已下线');history.back()</script>")),
        "soft 404",
        4,
    ),
    "a page of no telling words": (Habit(says(OTHER), says(OTHER)), "same as nothing", 2),
}


def test_what_a_site_gives_for_a_withdrawn_article_is_believed_after_as_many_looks_as_it_takes(opens: Opens) -> None:
    station, houses = opens({name: habit for name, (habit, _, _) in SIGNS.items()})
    houses["another page, as for nothing"].site.handle("/gone.html", says(OTHER))
    taken: dict[str, int] = {}
    for looks in range(1, 6):
        station.round()
        for name, status in gone(station, houses).items():
            if status == "withdrawn":
                taken.setdefault(name, looks)
    assert taken == {name: looks for name, (_, _, looks) in SIGNS.items()}
    stored = station.articles()
    for name, (_, by, looks) in SIGNS.items():
        article = stored[houses[name].site.url(BAD)]
        (event,) = article["events"]
        assert (event["kind"], event["count"], {check["by"] for check in event["checks"]}) == ("withdrawn", looks, {by})
        assert article["text"].startswith("第"), "the last good text stays"
        assert stored[houses[name].site.url(GOOD)]["status"] == "live"
    assert len(station.told(AlertKind.WITHDRAWN)) == len(SIGNS)
    assert station.told(AlertKind.CHANGED, AlertKind.RETURNED) == []

    for place, house in enumerate(houses.values(), 1):
        house.well(place)
    station.round()
    station.round(after=timedelta(hours=1))
    assert gone(station, houses) == dict.fromkeys(SIGNS, "live")
    assert len(station.told(AlertKind.RETURNED)) == len(SIGNS)


def test_a_renamed_article_is_a_change_and_no_withdrawal(opens: Opens) -> None:
    """Its title and text are others; what the host gives for nothing is not that."""
    station, houses = opens({"renamed": Habit(says(OTHER), says(GONE)), "renamed, 404": Habit(says(OTHER))})
    for _ in range(ROUNDS // 2):
        station.round()
    assert gone(station, houses) == dict.fromkeys(houses, "live")
    stored = station.articles()
    assert {stored[house.site.url(BAD)]["title"] for house in houses.values()} == {"示例港昨日开港"}


def test_one_good_answer_begins_the_count_anew_and_signs_of_all_kinds_count_on(opens: Opens) -> None:
    station, houses = opens({"mixed": Habit(says("", 404)), "there between": Habit(says("", 404))})
    mixed, between = houses.values()
    station.round()
    mixed.site.handle(BAD, leads("/"))
    between.site.handle(BAD, says(story(2, BAD)[1]))
    station.round()
    between.take_on(Habit(says("", 404)))
    assert gone(station, houses) == {"mixed": "live", "there between": "live"}, "a doubtful sign counts half"
    station.round()
    assert gone(station, houses) == {"mixed": "withdrawn", "there between": "live"}
    (event,) = station.articles()[mixed.site.url(BAD)]["events"]
    assert [check["by"] for check in event["checks"]] == ["not found", "front page", "front page"]


def test_a_host_is_asked_for_what_cannot_exist_only_where_an_article_is_odd(opens: Opens) -> None:
    station, houses = opens(
        {"well": Habit(says(story(1, BAD)[1])), "404": Habit(says("", 404)), "odd": Habit(says(GONE))}
    )
    for _ in range(3):
        station.round()
    asked = {name: house.site.paths().count(NOTHING) for name, house in houses.items()}
    assert asked == {"well": 0, "404": 0, "odd": 1}


def test_days_of_bad_habits_withdraw_nothing_and_hide_no_withdrawal(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """A day of the sample sites; weeks of them are `python -m tests.bench.withdrawals --days 20 --seed 2`."""
    figures = bad_days(open_station, sites, tmp_path, seed=SEED, hours=24, articles=8)
    assert (figures.false, figures.missed) == ([], [])
    assert figures.found >= 1
    assert sum(figures.habits.values()) >= 3
