"""The sample sites over real HTTP: the shapes that they imitate, and the validators that they honour."""

import json
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import etree
from parsel import Selector

from monitor.demo.sites import Column, SampleSites, Site, make_article
from monitor.demo.sites.portal import ATOM, FULL_RSS, GBK_RSS, JSON_FEED
from tests.samplesites import AJAX, get, roll_url, unit_rows, unit_url

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
