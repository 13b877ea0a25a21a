"""The sample sites over real HTTP: the shapes they imitate, what they record, how they misbehave, how they end."""

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
import yaml
from lxml import etree
from parsel import Selector

from crawler.records import BEIJING
from monitor.demo.sites import (
    TOPICS,
    ArticleRecord,
    Column,
    EventKind,
    FolderInUseError,
    Misbehaviour,
    NewsroomError,
    SampleSites,
    Site,
    UnknownArticleError,
    load_articles,
    make_article,
)
from monitor.demo.sites.city import UNIT
from monitor.demo.sites.portal import ATOM, FULL_RSS, GBK_RSS, JSON_FEED
from monitor.demo.sites.scenario import (
    COPY,
    EDITED,
    NEW,
    UNMATCHED,
    WITHDRAWN,
    Player,
    Step,
    backlog_was_read,
    demo_steps,
)

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)  # 10:00 in Beijing, a Thursday
PATIENCE = 10.0  # seconds until a test that waits for another thread is taken to have failed
AJAX = {"X-Requested-With": "XMLHttpRequest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def get(url: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=dict(headers or {}))
        answer = connection.getresponse()
        return Got(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read(),
        )
    finally:
        connection.close()


@pytest.fixture
def sites() -> Iterator[SampleSites]:
    with SampleSites(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def stocked(sites: SampleSites) -> SampleSites:
    sites.publish_backlog()
    return sites


def roll_url(sites: SampleSites, **query: str) -> str:
    return f"{sites.listing_url(Column.SINA_CHINA)}?{urlencode({'pageid': '155', 'lid': '1686', **query})}"


def unit_url(sites: SampleSites, column: Column = Column.CITY_NEWS, **query: str) -> str:
    """The second hop, with the values that the column page names, as a browser would ask for it."""
    page = Selector(text=get(sites.listing_url(column)).text)
    units = [yaml.safe_load(data) for data in page.css("script::attr(querydata)").getall()]
    wanted = next(unit for unit in units if unit["tagId"].endswith("列表") and unit["tagId"] != "专题列表")
    return f"{sites.root(Site.CITY)}{UNIT}?{urlencode({**wanted, **query})}"


def unit_rows(answer: Got) -> list[str]:
    fragment = json.loads(answer.text, strict=False)["data"]["html"]
    return Selector(text=fragment or "<ul></ul>").css("a::attr(title)").getall()


# --- shapes ---


def test_the_roll_is_json_with_string_times_and_escaped_slashes(stocked: SampleSites) -> None:
    answer = get(roll_url(stocked, num="50"))
    result = json.loads(answer.text)["result"]
    rows = result["data"]
    assert result["status"]["code"] == 0
    assert rows[0]["title"] == stocked.article("sina-brain-bearing").title
    assert rows[0]["ctime"] == str(int(stocked.article("sina-brain-bearing").published.timestamp()))
    assert rows[0]["media_name"] == "示例日报"
    assert b"http:\\/\\/127.0.0." in answer.body
    assert get(rows[0]["url"]).status == 200


def test_the_roll_pages_without_a_cursor(sites: SampleSites) -> None:
    for number in range(7):
        sites.publish(make_article(number, column=Column.SINA_CHINA))
    pages = [json.loads(get(roll_url(sites, num="3", page=str(n))).text)["result"]["data"] for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({row["docid"] for page in pages for row in page}) == 7


def test_the_roll_wraps_itself_for_a_callback(stocked: SampleSites) -> None:
    text = get(roll_url(stocked, callback="feedCard")).text
    assert text.startswith("try{feedCard({") and text.endswith(");}catch(e){};")


def test_a_wrong_pair_of_page_and_column_gives_no_rows(stocked: SampleSites) -> None:
    answer = get(f"{stocked.listing_url(Column.SINA_CHINA)}?pageid=153&lid=1686")
    assert json.loads(answer.text)["result"]["data"] == []


def test_a_unit_column_takes_two_hops_and_refuses_bare_requests(stocked: SampleSites) -> None:
    first = get(stocked.listing_url(Column.CITY_NEWS)).text
    assert "一号发展工程" not in first and first.count("queryData=\"{'webId'") == 2
    second = get(unit_url(stocked), AJAX)
    assert unit_rows(second)[0] == stocked.article("city-future-factory").title
    assert get(unit_url(stocked)).status == 403


def test_a_unit_answer_holds_raw_control_characters(stocked: SampleSites) -> None:
    answer = get(unit_url(stocked), AJAX)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    assert len(unit_rows(answer)) == 3


def test_unit_paging_hears_param_json_only(sites: SampleSites) -> None:
    for number in range(20):
        sites.publish(make_article(number, column=Column.CITY_NEWS))
    first = unit_rows(get(unit_url(sites), AJAX))
    ignored = unit_rows(get(unit_url(sites, pageNo="2", rows="15"), AJAX))
    second = unit_rows(get(unit_url(sites, paramJson='{"pageNo":2,"pageSize":15}'), AJAX))
    assert first == ignored and len(first) == 15
    assert len(second) == 5 and not set(first) & set(second)


def test_the_column_page_keeps_its_validators_while_the_list_moves_on(stocked: SampleSites) -> None:
    page = stocked.listing_url(Column.CITY_NEWS)
    before = get(page).headers["etag"]
    stocked.publish(stocked.written()["city-digital-village"])
    assert get(page, {"If-None-Match": before}).status == 304
    assert unit_rows(get(unit_url(stocked), AJAX))[0] == stocked.article("city-digital-village").title


def test_the_old_column_is_gbk_and_says_so_in_its_meta_alone(stocked: SampleSites) -> None:
    answer = get(stocked.listing_url(Column.CITY_NOTICES))
    assert "charset" not in answer.headers["content-type"]
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("utf-8")
    first = Selector(text=answer.body.decode("gbk")).css("table#lb a")[0]
    assert first.attrib["title"] == stocked.article("notice-water-cut").title  # pinned on top, though the oldest
    article = get(urljoin(stocked.root(Site.CITY), first.attrib["href"]))
    assert stocked.article("notice-water-cut").paragraphs[0] in article.body.decode("gbk")


def test_a_disclosure_article_has_national_metas_a_table_and_three_dates(stocked: SampleSites) -> None:
    article = stocked.article("policy-brain-rules")
    page = Selector(text=get(stocked.article_url(article.id)).text)
    metas = {meta.attrib["name"]: meta.attrib["content"] for meta in page.css("meta[name]")}
    assert metas["PubDate"] == "2026-03-09 17:31" and metas["ContentSource"] == "市府办"
    assert metas["Maketime"].startswith("2026-03-12 10:00:00")
    cells = ["".join(cell.css("::text").getall()).replace("\xa0", "") for cell in page.css("table.xxgk_article td")]
    table = dict(zip(cells[::2], cells[1::2], strict=True))
    assert table["索引号"] == "330799000000/2026-500001" and table["文号"] == "示政发〔2026〕30号"
    assert table["成文日期"] == "2026-03-04" == article.government["written_on"]
    assert article.paragraphs[-1] == "2026年3月9日"


def test_a_government_news_page_has_markers_widgets_and_the_date_of_today(stocked: SampleSites) -> None:
    text = get(stocked.article_url("city-future-factory")).text
    for mark in ("<!--ZJEG_RSS.content.begin-->", "今天是2026年3月12日 星期四", "字体大小：", "相关信息", "访问次数："):
        assert mark in text
    assert text.count('class="TRS_Editor') == 2


@pytest.mark.parametrize(
    ("path", "charset"),
    [
        pytest.param("/feed/rss.xml", "utf-8", id="rss"),
        pytest.param(FULL_RSS, "utf-8", id="rss with whole texts"),
        pytest.param(GBK_RSS, "gbk", id="gbk rss"),
        pytest.param(ATOM, "utf-8", id="atom"),
    ],
)
def test_feeds_name_the_newest_article_first(stocked: SampleSites, path: str, charset: str) -> None:
    body = get(stocked.root(Site.PORTAL) + path).body
    etree.fromstring(body)
    text = body.decode(charset)
    newest, older = (stocked.article(key).title for key in ("portal-challenge-list", "portal-green-energy"))
    assert 0 < text.index(newest) < text.index(older)


def test_the_json_feed_is_json(stocked: SampleSites) -> None:
    feed = json.loads(get(stocked.root(Site.PORTAL) + JSON_FEED).text)
    assert feed["items"][0]["url"] == stocked.article_url("portal-challenge-list")


def test_feed_times_are_gmt(stocked: SampleSites) -> None:
    assert "<pubDate>Wed, 11 Mar 2026 03:26:00 GMT</pubDate>" in get(stocked.listing_url(Column.PORTAL_NEWS)).text


def test_the_outlet_prints_the_lead_twice_and_glosses_its_mirrors(stocked: SampleSites) -> None:
    plain = stocked.article("outlet-data-trade")
    assert get(stocked.article_url(plain.id)).text.count(plain.paragraphs[0]) == 2
    assert "2026/3/10 16:48:26 来源：示例企业网" in get(stocked.article_url(plain.id)).text
    assert "數(shù)字經(jīng)濟(jì)" in get(stocked.article_url("outlet-mirror")).text


def test_the_outlet_pages_by_link(sites: SampleSites) -> None:
    for number in range(25):
        sites.publish(make_article(number, column=Column.OUTLET_NEWS))
    first = Selector(text=get(sites.listing_url(Column.OUTLET_NEWS)).text)
    (link,) = first.css("a.next::attr(href)").getall()
    second = Selector(text=get(urljoin(sites.root(Site.OUTLET), link)).text)
    assert [len(page.css("ul.ntq-list > li")) for page in (first, second)] == [20, 5]
    assert not second.css("a.next")


def test_robots_are_rules_here_and_missing_there(sites: SampleSites) -> None:
    assert "Disallow: /private/" in get(sites.root(Site.SINA) + "/robots.txt").text
    assert get(sites.root(Site.CITY) + "/robots.txt").status == 404


def test_counters_move_with_every_fetch_and_the_text_does_not(stocked: SampleSites) -> None:
    url = stocked.article_url("sina-brain-bearing")
    first, second = get(url), get(url)
    assert first.body != second.body
    assert first.headers["etag"] == second.headers["etag"]
    for paragraph in stocked.article("sina-port-throughput").paragraphs:
        assert paragraph in get(stocked.article_url("sina-port-throughput")).text


def test_every_site_answers_on_its_own_address(sites: SampleSites) -> None:
    assert len({urlsplit(sites.root(site)).hostname for site in Site}) == 4


# --- validators ---


@pytest.mark.parametrize("name", ["etag", "last-modified"])
@pytest.mark.parametrize("target", ["sina-brain-bearing", "policy-parking", "portal-green-energy", "the feed"])
def test_validators_are_honoured(stocked: SampleSites, target: str, name: str) -> None:
    url = stocked.listing_url(Column.PORTAL_NEWS) if target == "the feed" else stocked.article_url(target)
    asking = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}[name]
    first = get(url)
    second = get(url, {asking: first.headers[name]})
    assert (first.status, second.status, second.body) == (200, 304, b"")
    assert [row.conditional for row in stocked.ledger.served(url)] == [False, True]


def test_an_edit_and_a_touch_end_the_old_validators(stocked: SampleSites) -> None:
    url = stocked.article_url("city-future-factory")
    before = get(url).headers["etag"]
    stocked.touch("city-future-factory")
    touched = get(url, {"If-None-Match": before})
    stocked.edit("city-future-factory", swap=("37家", "39家"))
    edited = get(url, {"If-None-Match": touched.headers["etag"]})
    assert (touched.status, edited.status) == (200, 200)
    assert "智能工厂37家" in touched.text and "智能工厂39家" in edited.text


def test_a_broken_or_foreign_validator_is_answered_in_full(stocked: SampleSites) -> None:
    url = stocked.article_url("policy-parking")
    for headers in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "yesterday"}):
        assert get(url, headers).status == 200
    assert get(url, {"If-None-Match": '"other"', "If-Modified-Since": get(url).headers["last-modified"]}).status == 200


# --- what newsrooms do ---


def test_an_article_without_a_time_takes_the_clock_and_heads_its_list(stocked: SampleSites) -> None:
    stocked.publish(stocked.written()[NEW])
    assert stocked.article(NEW).published == NOW
    assert json.loads(get(roll_url(stocked)).text)["result"]["data"][0]["title"] == stocked.article(NEW).title


def test_a_withdrawn_article_is_gone_from_page_and_list_until_restored(stocked: SampleSites) -> None:
    url, listing = stocked.article_url(WITHDRAWN), stocked.listing_url(Column.PORTAL_NEWS)
    stocked.withdraw(WITHDRAWN)
    assert get(url).status == 404 and url not in get(listing).text
    stocked.restore(WITHDRAWN)
    assert get(url).status == 200 and get(listing).text.index(url) < get(listing).text.index(
        stocked.article_url("portal-green-energy")
    )


def test_a_withdrawal_may_answer_410(stocked: SampleSites) -> None:
    stocked.withdraw(WITHDRAWN, status=410)
    assert get(stocked.article_url(WITHDRAWN)).status == 410


def test_edits_count_versions_and_keep_each_text(stocked: SampleSites) -> None:
    assert stocked.edit("city-flower-market", title="城西花市延期") == 2
    assert stocked.edit("city-flower-market", paragraphs=("花市延期。",)) == 3
    record = stocked.ledger.articles()["city-flower-market"]
    assert record.version == 3
    assert [version.title for version in record.versions][1:] == ["城西花市延期"] * 2
    assert record.article.text == "花市延期。" and "二百一十个" in record.versions[0].text


def test_a_repost_credits_the_first_site_and_says_so_twice(stocked: SampleSites) -> None:
    stocked.publish(stocked.written()[NEW])
    assert stocked.repost(NEW, Site.OUTLET) == COPY
    text = get(stocked.article_url(COPY)).text
    assert "来源：示例企业网" in text and "<p>来源：示例财经</p>" in text
    assert stocked.article(COPY).paragraphs == stocked.article(NEW).paragraphs
    assert stocked.ledger.events[-1].kind is EventKind.REPOSTED


def test_orders_that_make_no_sense_are_refused_with_a_reason(stocked: SampleSites) -> None:
    with pytest.raises(NewsroomError, match="published already"):
        stocked.publish(stocked.article(EDITED))
    with pytest.raises(NewsroomError, match="nothing to swap"):
        stocked.edit(EDITED, swap=("没有这句话", ""))
    with pytest.raises(UnknownArticleError, match="no article 'nobody'"):
        stocked.withdraw("nobody")
    with pytest.raises(UnknownArticleError):
        stocked.misbehave("nobody", Misbehaviour.STUB)
    with pytest.raises(NewsroomError, match="none of the sample sites"):
        stocked.misbehave("http://127.0.0.99:1/", Misbehaviour.STUB)


# --- the ledger ---


def test_the_ledger_knows_what_was_served_and_first_listed_when(stocked: SampleSites) -> None:
    ledger = stocked.ledger
    assert ledger.first_listed("sina-brain-bearing") is None
    get(roll_url(stocked))
    get(roll_url(stocked))
    get(stocked.article_url("sina-brain-bearing"))
    listing, again, page = ledger.requests
    assert "sina-brain-bearing" in listing.listed
    assert ledger.first_listed("sina-brain-bearing") == listing.monotonic < again.monotonic
    assert (page.article, page.version, page.status, page.site) == ("sina-brain-bearing", 1, 200, Site.SINA)
    assert page.size == len(get(stocked.article_url("sina-brain-bearing")).body)
    assert ledger.articles()["sina-brain-bearing"].first_served == page.monotonic
    assert ledger.served(roll_url(stocked)) == (listing, again)


def test_the_ledger_tells_live_from_withdrawn(stocked: SampleSites) -> None:
    stocked.withdraw(WITHDRAWN)
    stocked.touch(WITHDRAWN)

    def live() -> set[str]:
        records: Mapping[str, ArticleRecord] = stocked.ledger.articles()
        return {key for key, record in records.items() if record.live}

    assert WITHDRAWN not in live() and len(live()) == 15
    stocked.restore(WITHDRAWN)
    assert WITHDRAWN in live()


def test_a_304_or_a_404_serves_no_article(stocked: SampleSites) -> None:
    url = stocked.article_url(WITHDRAWN)
    tag = get(url).headers["etag"]
    served = stocked.ledger.first_served(WITHDRAWN)
    get(url, {"If-None-Match": tag})
    stocked.withdraw(WITHDRAWN)
    get(url)
    assert [row.status for row in stocked.ledger.served(url)] == [200, 304, 404]
    assert stocked.ledger.first_served(WITHDRAWN) == served


def test_waiting_for_the_ledger_ends_when_it_comes_true_or_time_is_up(stocked: SampleSites) -> None:
    read = backlog_was_read(["policy-parking"])
    assert not stocked.ledger.wait_until(read, timeout=0)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(stocked.ledger.wait_until, read, PATIENCE)
        get(stocked.article_url("policy-parking"))
        assert waiting.result(PATIENCE)


# --- misbehaviour ---


@pytest.mark.parametrize(
    ("how", "status", "mark"),
    [
        pytest.param(Misbehaviour.ERROR_500, 500, "Internal Server Error", id="500"),
        pytest.param(Misbehaviour.ALL_404, 404, "Not Found", id="404"),
        pytest.param(Misbehaviour.CHALLENGE_521, 521, "document.cookie=", id="521"),
        pytest.param(Misbehaviour.CHALLENGE_412, 412, "$_ts", id="412"),
        pytest.param(Misbehaviour.CHALLENGE_200, 200, "浏览器安全检查", id="challenge under 200"),
        pytest.param(Misbehaviour.SOFT_404, 200, "页面不存在", id="soft 404"),
        pytest.param(Misbehaviour.STUB, 200, "<title></title>", id="stub"),
        pytest.param(Misbehaviour.TO_FRONT_PAGE, 302, "", id="redirect"),
        pytest.param(Misbehaviour.HUGE_TAG, 200, "a099999=", id="huge tag"),
        pytest.param(Misbehaviour.DEEP_NEST, 200, "<div>" * 50_000, id="deep nest"),
    ],
)
def test_a_page_misbehaves_until_it_is_told_to_behave(
    stocked: SampleSites, how: Misbehaviour, status: int, mark: str
) -> None:
    url = stocked.article_url("city-one-project")
    stocked.misbehave("city-one-project", how)
    wrong = get(url)
    assert wrong.status == status and mark in wrong.text
    assert "数字经济创新提质" not in wrong.text
    assert get(stocked.article_url("city-flower-market")).status == 200
    assert stocked.ledger.served(url)[0].misbehaviour == how and stocked.ledger.served(url)[0].article is None
    stocked.behave("city-one-project")
    assert "数字经济创新提质" in get(url).text


def test_sizes_of_the_bad_pages(stocked: SampleSites) -> None:
    url = stocked.article_url("policy-parking")
    sizes = {}
    for how in (Misbehaviour.HUGE_TAG, Misbehaviour.STUB):
        stocked.misbehave(url, how)
        sizes[how] = len(get(url).body)
    assert 1_200_000 < sizes[Misbehaviour.HUGE_TAG] < 1_300_000
    assert 280 < sizes[Misbehaviour.STUB] < 320


@pytest.mark.parametrize("column", list(Column), ids=str)
def test_an_empty_listing_keeps_its_shape_and_its_articles(stocked: SampleSites, column: Column) -> None:
    record = next(r for r in stocked.ledger.articles().values() if r.article.column is column)
    stocked.misbehave(column, Misbehaviour.EMPTY_LISTING)
    url = stocked.listing_url(column)
    if column is Column.SINA_CHINA:
        assert json.loads(get(roll_url(stocked)).text)["result"]["data"] == []
    elif column in (Column.CITY_NEWS, Column.CITY_POLICY):
        assert unit_rows(get(unit_url(stocked, column), AJAX)) == []
    else:
        assert urlsplit(record.url).path not in get(url).body.decode("gbk", errors="replace")
    assert get(record.url).status == 200


def test_one_column_misbehaves_and_its_neighbour_does_not(stocked: SampleSites) -> None:
    urls = [unit_url(stocked, column) for column in (Column.CITY_NEWS, Column.CITY_POLICY)]
    stocked.misbehave(Column.CITY_NEWS, Misbehaviour.ERROR_500)
    assert [get(url, AJAX).status for url in urls] == [500, 200]
    stocked.misbehave(Site.CITY, Misbehaviour.ALL_404)
    assert [get(url, AJAX).status for url in urls] == [500, 404]
    stocked.misbehave(UNIT, Misbehaviour.CHALLENGE_412)
    assert [get(url, AJAX).status for url in urls] == [412, 412]
    stocked.behave()
    assert [get(url, AJAX).status for url in urls] == [200, 200]


def test_gbk_bytes_can_wear_a_utf8_label(stocked: SampleSites) -> None:
    for target in ("sina-challenge-chip", "notice-challenge-call"):
        stocked.misbehave(target, Misbehaviour.MISLABELLED)
        answer = get(stocked.article_url(target))
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert stocked.article(target).paragraphs[0] in answer.body.decode("gbk")
        assert b"gb2312" not in answer.body


def test_a_feed_can_be_cut_short_while_http_sees_nothing_wrong(stocked: SampleSites) -> None:
    url = stocked.listing_url(Column.PORTAL_NEWS)
    whole = get(url).body
    stocked.misbehave(url, Misbehaviour.CUT_SHORT)
    cut = get(url).body
    assert whole.startswith(cut) and len(cut) < len(whole)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(cut)


@pytest.mark.parametrize("known", [False, True], ids=["new", "with validators"])
def test_a_truncated_body_ends_before_its_length(stocked: SampleSites, known: bool) -> None:
    """Also for a client that has the page already: a 304 would have no body to break off in."""
    stocked.misbehave("policy-parking", Misbehaviour.TRUNCATED)
    tomorrow = {"If-Modified-Since": format_datetime(NOW + timedelta(days=1), usegmt=True)} if known else {}
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(stocked.article_url("policy-parking"), tomorrow)
    assert caught.value.expected is not None and len(caught.value.partial) > 500
    assert stocked.ledger.first_served("policy-parking") is None


def test_a_connection_can_be_reset(stocked: SampleSites) -> None:
    stocked.misbehave(Site.OUTLET, Misbehaviour.RESET)
    with pytest.raises(ConnectionResetError):
        get(stocked.listing_url(Column.OUTLET_NEWS))
    assert stocked.ledger.requests[-1].status == 0 and stocked.ledger.first_listed("outlet-mirror") is None


def test_a_drip_arrives_whole_in_the_end() -> None:
    with SampleSites(clock=lambda: NOW, drip=0.0) as sites:
        sites.publish_backlog()
        sites.misbehave("outlet-data-trade", Misbehaviour.DRIP)
        answer = get(sites.article_url("outlet-data-trade"))
        assert answer.text.endswith("</html>")
        assert len(answer.body) == int(answer.headers["content-length"])


@pytest.mark.parametrize("how", [Misbehaviour.HANG, Misbehaviour.DRIP])
def test_what_hangs_or_drips_ends_when_the_sites_stop(how: Misbehaviour) -> None:
    sites = SampleSites(clock=lambda: NOW, drip=60.0)
    sites.start()
    sites.publish_backlog()
    sites.misbehave("policy-parking", how)
    with ThreadPoolExecutor() as pool:
        hanging: Future[Got] = pool.submit(get, sites.article_url("policy-parking"))
        assert sites.ledger.wait_until(lambda ledger: len(ledger.requests) == 1, PATIENCE)
        assert not hanging.done()
        pool.submit(sites.stop).result(PATIENCE)
        assert isinstance(hanging.exception(PATIENCE), http.client.IncompleteRead)


# --- life ---


def test_stopping_closes_idle_connections_and_twice_is_once() -> None:
    sites = SampleSites(clock=lambda: NOW)
    sites.start()
    idle = http.client.HTTPConnection(urlsplit(sites.root(Site.SINA)).netloc, timeout=PATIENCE)
    idle.request("GET", "/")
    idle.getresponse().read()  # kept alive from here on
    threads = threading.active_count()
    with ThreadPoolExecutor() as pool:
        pool.submit(sites.stop).result(PATIENCE)
    sites.stop()
    idle.close()
    assert threading.active_count() < threads
    with pytest.raises(ConnectionRefusedError):
        get(sites.root(Site.SINA) + "/")


def test_two_sets_of_sites_run_side_by_side(sites: SampleSites) -> None:
    with SampleSites(clock=lambda: NOW) as others:
        others.publish_backlog()
        assert get(others.article_url("policy-parking")).status == 200
        path = urlsplit(others.article_url("policy-parking")).path
        assert get(sites.root(Site.CITY) + path).status == 404


def test_many_threads_publish_edit_and_read_at_once(sites: SampleSites) -> None:
    def work(number: int) -> int:
        article = make_article(number)
        url = sites.publish(article)
        sites.edit(article.id, title=f"{article.title}（更正）")
        get(sites.listing_url(article.column))
        return get(url).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(80))) == {200}
    records = sites.ledger.articles()
    assert len(records) == 80 and {record.version for record in records.values()} == {2}
    assert sum(1 for row in sites.ledger.requests if row.article is not None) == 80


# --- articles ---


def test_written_articles_say_what_their_topics_claim() -> None:
    articles = load_articles(NOW)
    for article in (*articles.backlog, *articles.later):
        found = tuple(topic for topic in TOPICS if topic in article.title + article.text)
        if not article.glossed:
            assert set(article.topics) == set(found), article.id
    everything = [article.id for article in (*articles.backlog, *articles.later)]
    assert len(everything) == len(set(everything)) >= 30
    assert sum(1 for key in everything if not articles[key].topics) >= 9
    assert {article.column for article in articles.backlog} == set(Column)
    with pytest.raises(UnknownArticleError):
        articles["nobody"]


def test_the_backlog_lies_behind_the_clock_and_the_rest_has_no_time() -> None:
    articles = load_articles(NOW)
    assert all(article.published < NOW for article in articles.backlog)
    assert articles["sina-brain-bearing"].published == datetime(2026, 3, 11, 17, 31, tzinfo=BEIJING)
    for article in articles.later:
        with pytest.raises(ValueError, match="publish it first"):
            _ = article.published


def test_made_articles_are_the_same_each_time_and_all_unlike() -> None:
    made = [make_article(number) for number in range(500)]
    assert made == [make_article(number) for number in range(500)]
    assert len({article.text for article in made}) == 500 and min(len(article.text) for article in made) > 100
    assert make_article(7, seed=1).text != made[7].text
    assert all(bool(article.topics) == (index % 5 == 0) for index, article in enumerate(made))
    assert all(topic in article.text for article in made for topic in article.topics)
    silent = [make_article(number, topic_every=0) for number in range(50)]
    assert not any(topic in article.title + article.text for article in silent for topic in TOPICS)


def test_thousands_of_made_articles_have_paths_of_their_own(sites: SampleSites) -> None:
    urls = {sites.publish(make_article(number, column=Column.PORTAL_NEWS)) for number in range(3000)}
    assert len(urls) == 3000


# --- scenario ---


def test_the_demo_scenario_does_all_it_promises(stocked: SampleSites) -> None:
    done: list[Step] = []
    at_once = [replace(step, at=timedelta(0)) for step in demo_steps()]
    with Player(stocked, at_once, on_step=done.append) as player:
        assert player.wait(PATIENCE)
    records = stocked.ledger.articles()
    assert len(done) == len(at_once) == 8
    assert {NEW, COPY, UNMATCHED} <= records.keys() and len(records) == 32
    assert records[EDITED].version == 2 and "39家" in records[EDITED].article.text
    assert [event.kind for event in records[WITHDRAWN].events] == [
        EventKind.PUBLISHED,
        EventKind.WITHDRAWN,
        EventKind.RESTORED,
    ]
    assert records["policy-parking"].events[-1].kind is EventKind.TOUCHED
    assert max(step.at for step in demo_steps()) <= timedelta(seconds=20)


def test_the_player_waits_for_the_baseline_and_hears_a_stop(stocked: SampleSites) -> None:
    ready = backlog_was_read(["policy-parking"])
    steps = [replace(demo_steps()[0], at=timedelta(0))]
    with Player(stocked, steps, ready=ready, patience=timedelta(hours=1)) as player:
        assert not player.wait(0)
        assert NEW not in stocked.ledger.articles()
        get(stocked.article_url("policy-parking"))
        assert player.wait(PATIENCE)
    assert NEW in stocked.ledger.articles()
    with Player(stocked, demo_steps(), ready=backlog_was_read(["never"]), patience=timedelta(hours=1)) as stopped:
        pass
    assert not stopped.wait(0) and EDITED not in {e.article.id for e in stocked.ledger.events if e.version > 1}


# --- configuration ---


def test_a_configuration_names_every_column_as_a_source(sites: SampleSites, tmp_path: Path) -> None:
    folder = sites.write_config(tmp_path / "config", channels={"hook": "json://127.0.0.1:9/hook"})
    sources = yaml.safe_load((folder / "sources" / "samples.yaml").read_text())["sources"]
    assert [source["slug"] for source in sources] == [str(column) for column in Column]
    main = yaml.safe_load((folder / "chaoxun.yaml").read_text())
    assert main["crawl"]["allow_private"] == ["127.0.0.0/8"] and main["operator"] == ["hook"]
    watches = yaml.safe_load((folder / "watches.yaml").read_text())["watches"]
    assert {watch["name"] for watch in watches} == set(TOPICS) and watches[0]["channels"] == ["hook"]
    with pytest.raises(FolderInUseError, match="choose an empty folder"):
        sites.write_config(folder)


def test_listing_urls_with_chinese_queries_are_recorded_as_asked(stocked: SampleSites) -> None:
    url = unit_url(stocked)
    get(url, AJAX)
    assert quote("新闻列表") in url and len(stocked.ledger.served(url)) == 1
