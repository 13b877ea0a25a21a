"""Article pages that fail or are none: never stored, no change and no withdrawal, tried until they are there."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from crawler.records import BREAKS_OFF
from monitor.demo.sites import Column, Misbehaviour, Pace, SampleArticle, SampleSites, Site, make_article
from monitor.model import AlertKind, Health
from tests.site import Site as OwnSite
from tests.station import TIMEOUT, Crew, Station

BAD = (Column.SINA_CHINA, Column.CITY_NEWS, Column.PORTAL_NEWS, Column.OUTLET_NEWS)
GOOD = (Column.CITY_NOTICES,)
NOBODY = "json://127.0.0.1:9/nobody"
#: Pages that take a second or two to give up are served to one column only, and once.
SLOW = {Misbehaviour.HANG, Misbehaviour.HUGE_TAG, Misbehaviour.DEEP_NEST}


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


def publish(sites: SampleSites, edition: int, columns: tuple[Column, ...]) -> list[SampleArticle]:
    made = [make_article(edition * 100 + 5 * place, column=column) for place, column in enumerate(columns)]
    for article in made:
        sites.publish(article)
    return made


def assert_stored_well(station: Station, sites: SampleSites, *groups: list[SampleArticle]) -> None:
    """These articles and no others, with the words that the site gave them."""
    stored = station.articles()
    wanted = {sites.article_url(article.id): article for group in groups for article in group}
    assert stored.keys() == wanted.keys()
    for url, article in wanted.items():
        assert stored[url]["title"] == article.title
        assert [paragraph for paragraph in article.paragraphs if paragraph not in stored[url]["text"]] == []
        assert "�" not in stored[url]["text"]


def assert_untouched(station: Station) -> None:
    assert {(a["status"], a["revision"]) for a in station.articles().values()} == {("live", 1)}
    assert station.told(AlertKind.CHANGED, AlertKind.WITHDRAWN, AlertKind.RETURNED) == []


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param(how, why, id=how.replace(" ", "-"))
        for how, why in [
            (Misbehaviour.ERROR_500, "HTTP 500"),
            (Misbehaviour.HANG, f"no complete answer within {TIMEOUT:g} s; it is tried again at the next poll"),
            (Misbehaviour.TRUNCATED, "the answer broke off half-way; it is tried again at the next poll"),
            (Misbehaviour.RESET, "the connection broke (DownloadFailedError); it is tried again at the next poll"),
            (Misbehaviour.CHALLENGE_521, "HTTP 521: the site asks for a browser"),
            (Misbehaviour.CHALLENGE_412, "HTTP 412: the site asks for a browser"),
            (Misbehaviour.CHALLENGE_200, "challenge page (__jsl_clearance)"),
            (Misbehaviour.SOFT_404, "soft 404 (抱歉，您访问的页面不存在或已被删除)"),
            (Misbehaviour.TO_FRONT_PAGE, "redirected to the front page"),
            (Misbehaviour.STUB, "stub of 297 characters"),
            (Misbehaviour.HUGE_TAG, "stub of 1200082 characters"),
            (Misbehaviour.DEEP_NEST, "stub of 1100085 characters"),
        ]
    ],
)
def test_a_page_that_fails_is_tried_until_it_is_there_and_changes_nothing(
    *, sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path, how: Misbehaviour, why: str
) -> None:
    """The same failure meets an article that is new and one that is stored; another of the same column is well."""
    bad = (Column.CITY_NEWS,) if how in SLOW else BAD
    known = publish(sites, 1, bad + GOOD)
    station = open_station(sites.write_config(tmp_path, columns=bad + GOOD, channels={"desk": NOBODY}))
    station.round()
    new, well = publish(sites, 2, bad), publish(sites, 3, bad + GOOD)
    for article in (*known[: len(bad)], *new):
        sites.misbehave(article.id, how)
    results = [station.round() for _ in range(1 if how in SLOW else 2)]

    assert {result.status.value for result in results[0].values()} == {"ok"}
    assert_stored_well(station, sites, known, well)
    for article in new:
        url = sites.article_url(article.id)
        assert why in station.pending()[url]["error"]
        said = [event for event in station.logs if event.get("url") == url and event["log_level"] == "warning"]
        assert said
        assert all(why in event["why"] and event["source"] == article.column and event["next_try_at"] for event in said)
        health = station.health()[article.column]
        assert (health.state, health.why) == (
            Health.OK,
            f"{article.column}: 1 entry gives no article so far; the newest: {url}: {station.pending()[url]['error']}",
        )
    assert station.told() == []

    sites.behave()
    station.round()
    station.round()
    assert station.pending() == {}
    assert {(state.state, state.why) for state in station.health().values()} == {(Health.OK, "")}
    assert_stored_well(station, sites, known, new, well)
    assert_untouched(station)
    told = [f"【新】{article.topics[0]}：{article.title}" for article in (*new, *well)]
    assert sorted(station.told(AlertKind.NEW)) == sorted(told)


def test_gbk_bytes_that_every_label_calls_utf_8_are_read_right(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """Pages and listings of every engine; a later visit that finds the labels mended finds no change."""
    columns = (*BAD, Column.CITY_NOTICES, Column.CITY_POLICY)
    for site in Site:
        sites.misbehave(site, Misbehaviour.MISLABELLED)
    first = publish(sites, 1, columns)
    station = open_station(sites.write_config(tmp_path, columns=columns, channels={"desk": NOBODY}))
    station.round()
    assert_stored_well(station, sites, first)
    sites.behave()
    second = publish(sites, 2, columns)
    station.round()
    assert_stored_well(station, sites, first, second)
    assert station.told() == []
    assert_untouched(station)


@pytest.mark.parametrize(
    ("how", "health", "word"),
    [
        pytest.param(Misbehaviour.SOFT_404, Health.BROKEN, "读取失败", id="soft-404"),
        pytest.param(Misbehaviour.CHALLENGE_200, Health.BLOCKED, "被拦截", id="challenge"),
        pytest.param(Misbehaviour.ERROR_500, Health.BROKEN, "读取失败", id="error-500"),
    ],
)
def test_a_column_of_which_no_page_can_be_read_is_told_once(
    *,
    sites: SampleSites,
    open_station: Callable[[Path], Station],
    tmp_path: Path,
    how: Misbehaviour,
    health: Health,
    word: str,
) -> None:
    """Its listing is well. Polls that find none of the pages due for another try are no recovery."""
    column, other = Column.PORTAL_NEWS, Column.CITY_NEWS
    known = publish(sites, 1, (column, other))
    pace = Pace(recheck="10s", confirm_every="10s")
    folder = sites.write_config(tmp_path, columns=(column, other), channels={"desk": NOBODY}, pace=pace)
    station = open_station(folder)
    station.round()
    missed = [make_article(number, column=column) for number in range(201, 208)]
    for article in missed:
        sites.publish(article)
        sites.misbehave(article.id, how)
    sites.misbehave(known[0].id, how)
    well = publish(sites, 3, (other,))
    for seconds in (40, 40, 1, 40, 1, 1):
        station.round(after=timedelta(seconds=seconds))
        assert station.health()[other].state is Health.OK
    assert station.health()[column].state is health
    assert station.told() == [f"【告警】示例在线·经济新闻：{word}"]
    assert_stored_well(station, sites, known, well)

    sites.behave()
    station.round()
    station.round()
    station.round()
    assert station.told() == [f"【告警】示例在线·经济新闻：{word}", "【恢复】示例在线·经济新闻：恢复正常"]
    assert_stored_well(station, sites, known, well, missed)
    assert_untouched(station)


def test_a_site_that_answers_404_for_everything_withdraws_nothing(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """Listing and all articles are gone for longer than a withdrawal takes to be believed; that is an outage."""
    columns = (Column.PORTAL_NEWS, Column.CITY_NEWS)
    known = publish(sites, 1, columns)
    station = open_station(sites.write_config(tmp_path, columns=columns, channels={"desk": NOBODY}))
    station.round()
    sites.misbehave(Site.PORTAL, Misbehaviour.ALL_404)
    missed = publish(sites, 2, columns)
    for _ in range(5):
        station.round()
    assert station.health()["portal-news"].why.endswith("answers 404; the column has moved: correct the url")
    assert_stored_well(station, sites, known, missed[1:])
    assert_untouched(station)
    sites.behave()
    station.round()
    assert_stored_well(station, sites, known, missed)
    assert_untouched(station)
    assert station.told() == ["【告警】示例在线·经济新闻：读取失败", "【恢复】示例在线·经济新闻：恢复正常"]


def test_an_article_that_is_listed_before_it_is_there_is_waited_for(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """Where pages are copied to the web after their list, 404 means: not yet."""
    column = Column.CITY_NEWS
    known = publish(sites, 1, (column,))
    station = open_station(sites.write_config(tmp_path, columns=(column,), channels={"desk": NOBODY}))
    station.round()
    late = publish(sites, 2, (column,))
    sites.misbehave(late[0].id, Misbehaviour.ALL_404)
    for _ in range(4):
        station.round()
    assert_stored_well(station, sites, known)
    assert "the site says that there is no such page" in station.pending()[sites.article_url(late[0].id)]["error"]
    sites.behave()
    station.round()
    assert_stored_well(station, sites, known, late)


def test_a_page_that_breaks_off_under_a_good_status_is_no_change(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """HTTP cannot tell: the length is that of the part. Neither closing tag of the document is there."""
    known = publish(sites, 1, BAD)
    station = open_station(sites.write_config(tmp_path, columns=BAD, channels={"desk": NOBODY}))
    station.round()
    new = publish(sites, 2, BAD)
    for article in (*known, *new):
        sites.misbehave(article.id, Misbehaviour.CUT_SHORT)
    station.round()
    station.round()
    assert_stored_well(station, sites, known)
    assert {row["error"].partition(";")[0] for row in station.pending().values()} == {BREAKS_OFF}
    sites.behave()
    station.round()
    assert_stored_well(station, sites, known, new)
    assert_untouched(station)


@pytest.fixture
def own(crew: Crew) -> Iterator[OwnSite]:
    site = OwnSite(crew.loop)
    yield site
    site.close()


PARAGRAPHS = tuple(
    f"第{n}家企业在{place}开工，今年计划投入{n * 37}万元，用于改造老车间和招收新员工。"
    for n, place in enumerate(("义乌", "宁波", "杭州", "湖州", "温州", "金华", "嘉兴", "丽水"), 1)
)


def page(title: str, body: str) -> str:
    menu = "".join(f'<li><a href="/col{n}/">栏目{n}</a></li>' for n in range(9))
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<ul class="menu">{menu}</ul><h1>{title}</h1><div class="content">{body}</div>'
        '<div class="footer">版权所有 示例市人民政府办公室 备案号：浙ICP备00000000号</div></body></html>'
    )


def whole(title: str) -> str:
    return page(title, "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS))


def feed_of(site: OwnSite, **titles: str) -> None:
    """An RSS feed of these items (path -> title), without a time."""
    items = "".join(
        f"<item><title>{title}</title><link>{site.url(f'/{path}.html')}</link></item>" for path, title in titles.items()
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
    site.answer("/rss.xml", text, content_type="application/rss+xml; charset=utf-8")


def watch(sites: SampleSites, site: OwnSite, folder: Path) -> Path:
    """A configuration of one sample column and the feed of our own site."""
    sites.write_config(folder, columns=GOOD, channels={"desk": NOBODY})
    source = {"slug": "own", "name": "自办", "engine": "feed", "url": site.url("/rss.xml")}
    (folder / "sources" / "own.yaml").write_text(yaml.safe_dump({"sources": [source]}, allow_unicode=True))
    return folder


def test_an_article_without_a_date_is_stored_without_one(
    sites: SampleSites, own: OwnSite, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    publish(sites, 1, GOOD)
    feed_of(own, undated="老车间里的新变化")
    own.answer("/undated.html", whole("老车间里的新变化"), content_type="text/html; charset=utf-8")
    station = open_station(watch(sites, own, tmp_path))
    station.round()
    article = station.articles()[own.url("/undated.html")]
    assert (article["title"], article["published_at"]) == ("老车间里的新变化", None)
    assert article["text"] == "\n".join(PARAGRAPHS)


def lossy(markup: str) -> bytes:
    """GBK from which every eleventh byte is lost, as a careless mirror left it; no charset reads that."""
    data = markup.encode("gbk")
    return bytes(byte for place, byte in enumerate(data) if place % 11)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(page("车间", "").encode(), "no article but: ", id="no body"),
        pytest.param(page("车间", "<img src='/a.jpg'>").encode(), "no article but: ", id="a picture alone"),
        pytest.param(lossy(whole("车间")), "garbled", id="bytes that no charset reads"),
        pytest.param(b"", "no article but: ", id="nothing at all"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no article but: error", id="a picture"),
        pytest.param(b'{"code": 500, "msg": "busy"}', "JSON in the place of a page", id="json"),
    ],
)
def test_a_page_that_is_no_article_waits_until_it_is_one(
    *,
    sites: SampleSites,
    own: OwnSite,
    open_station: Callable[[Path], Station],
    tmp_path: Path,
    body: bytes,
    why: str,
) -> None:
    known = publish(sites, 1, GOOD)
    feed_of(own, late="车间里的新变化")
    own.answer("/late.html", body, content_type="text/html; charset=utf-8")
    station = open_station(watch(sites, own, tmp_path))
    station.round()
    station.round()
    url = own.url("/late.html")
    assert_stored_well(station, sites, known)
    assert why in station.pending()[url]["error"]
    assert [event["source"] for event in station.logs if event.get("url") == url] == ["own", "own"]

    own.answer("/late.html", whole("车间里的新变化"), content_type="text/html; charset=utf-8")
    station.round()
    assert station.articles()[url]["text"] == "\n".join(PARAGRAPHS)
    assert station.pending() == {}
