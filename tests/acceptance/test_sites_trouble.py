"""The sample sites misbehave as they are told, and end in good order whatever hangs on them."""

import http.client
import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest
from lxml import etree

from monitor.demo.sites import Column, Misbehaviour, SampleSites, Site, make_article
from monitor.demo.sites.city import UNIT
from tests.samplesites import AJAX, NOW, PATIENCE, Got, get, roll_url, unit_rows, unit_url

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
