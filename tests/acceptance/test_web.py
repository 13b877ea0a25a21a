"""The page over real HTTP: what it shows, what it refuses, and that nothing from the web runs in it."""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html

from crawler.records import Tls
from monitor.corpus import Corpus
from monitor.ingest import ingest, register_sources
from monitor.rules.lexer import LONGEST_RULE
from monitor.settings import Settings, load_settings
from monitor.web import Page, PageError
from tests.contract.desk import NOW, OTHER, SOURCE, desk, draft, visit
from tests.loop import HubLoop
from tests.shelf import COPY, DOCUMENT, EDITED, HANDLER, HOSTILE, SCRIPT, WITHDRAWN, fill, write_config

PAGES = ["/", "/alerts", "/sources", "/search", f"/search?q={quote('产业大脑')}", f"/article/{EDITED}"]
CSP = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def tree(self) -> Any:
        return html.fromstring(self.body)

    @property
    def words(self) -> str:
        """What a person reads."""
        return " ".join(self.tree.find("body").text_content().split())


class Browser:
    """Asks the page, with a Host of its own choice."""

    def __init__(self, page: Page) -> None:
        self._netloc = page.address.removeprefix("http://")

    def __call__(self, path: str, *, host: str | None = None, method: str = "GET") -> Answer:
        connection = http.client.HTTPConnection(self._netloc, timeout=30)
        try:
            connection.request(method, path, headers={"Host": host or self._netloc})
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        return Answer(response.status, dict(response.getheaders()), body)


class Troubles:
    """What the daemon says of itself."""

    def __init__(self) -> None:
        self.now = ""

    def __call__(self) -> str:
        return self.now


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    opened = Corpus.open(f"sqlite:///{tmp_path_factory.mktemp('web')}/corpus.db")
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(write_config(tmp_path_factory.mktemp("web") / "config"), {})


@pytest.fixture
def trouble() -> Troubles:
    return Troubles()


def make_page(corpus: Corpus, settings: Settings, trouble: Troubles) -> Page:
    return Page(corpus, settings, now=lambda: datetime.now(UTC), trouble=trouble)


@pytest.fixture
def page(corpus: Corpus, settings: Settings, trouble: Troubles, hub_loop: HubLoop) -> Iterator[Page]:
    serving = make_page(corpus, settings, trouble)
    hub_loop.run(serving.start())
    yield serving
    hub_loop.run(serving.stop())


@pytest.fixture
def browse(page: Page) -> Browser:
    return Browser(page)


@pytest.mark.parametrize("path", [*PAGES, "/style.css", "/healthz", "/article/999", "/nowhere", "/search?q=titel:x"])
def test_every_answer_forbids_scripts_frames_and_guesses(browse: Browser, path: str) -> None:
    headers = browse(path).headers

    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers
    assert "aiohttp" not in headers.get("Server", ""), "nobody needs to know our versions"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_needs_nothing_from_elsewhere(browse: Browser, path: str) -> None:
    answer = browse(path)

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html; charset=utf-8")
    assert answer.tree.xpath("string(//title)")
    for link in answer.tree.xpath("//link/@href | //img/@src | //form/@action | //nav//a/@href"):
        assert link.startswith("/")
        assert browse(link.partition("#")[0]).status == 200


def test_what_a_source_accepts_of_tls_stands_beside_it(settings: Settings, tmp_path: Path, hub_loop: HubLoop) -> None:
    own = Corpus.open(f"sqlite:///{tmp_path}/corpus.db")
    with own.begin() as tx:
        register_sources(tx, [replace(SOURCE, tls=Tls(verify=False)), OTHER], now=NOW)
    serving = make_page(own, settings, Troubles())
    hub_loop.run(serving.start())
    try:
        assert Browser(serving)("/sources").words.count("TLS: certificate not verified") == 1
    finally:
        hub_loop.run(serving.stop())
        own.close()


def test_the_overview_shows_health_outbox_alerts_and_articles(browse: Browser) -> None:
    words = browse("/").words

    assert "new 2" in words
    assert "pending 5" in words
    assert "【撤】招聘：招聘公告：示例中心招聘三人" in words
    assert "产业大脑落户义乌（更正）" in words


def test_the_alerts_say_what_waits_for_which_channel_and_can_be_narrowed(browse: Browser) -> None:
    answer = browse("/alerts")
    [row] = answer.tree.xpath("//table[thead/tr/th='等候汇总']/tbody/tr")
    channel, waiting, oldest, *rest = [cell.text_content() for cell in row.xpath("td")]
    assert (waiting, rest) == ("5", ["0", "0", "0"])
    assert oldest.startswith("20")
    [link] = row.xpath("td/a/@href")
    rows = "//table[thead/tr/th='内容']/tbody/tr"
    assert len(browse(link).tree.xpath(rows)) == len(answer.tree.xpath(rows)) == 5, channel
    assert browse("/alerts?state=dead").words.count("还没有提醒") == 1
    assert len(browse("/alerts?before=3").tree.xpath(rows)) == 2


@pytest.mark.parametrize(
    "query", ["state=x", "channel=%00", "before=99999999999999999999", "before=-1", "before=%C2%B2"]
)
def test_a_wrong_filter_of_the_alerts_harms_nothing(browse: Browser, query: str) -> None:
    assert browse(f"/alerts?{query}").status == 200


def test_search_finds_and_links_to_the_article(browse: Browser) -> None:
    answer = browse(f"/search?q={quote('产业大脑')}")

    assert "2 篇" in answer.words
    assert set(answer.tree.xpath("//main//li/a/@href")) == {f"/article/{EDITED}", f"/article/{COPY}"}
    assert answer.tree.xpath("//input[@name='q']/@value") == ["产业大脑"]


def test_a_search_that_finds_nothing_says_what_its_rule_is_doubted_for(browse: Browser) -> None:
    assert "and at column 6 is looked for as a word" in browse(f"/search?q={quote('产业大脑 and 宁波')}").words


def test_a_refused_rule_is_explained_and_stays_in_the_box(browse: Browser) -> None:
    answer = browse(f"/search?q={quote('产业大脑 (宁波')}")

    assert answer.status == 400
    assert "line 1, column 6" in answer.words
    assert answer.tree.xpath("//input[@name='q']/@value") == ["产业大脑 (宁波"]


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "x", "9" * 30, "9" * 5000, "٣", ""],
    ids=["zero", "negative", "a letter", "huge", "endless", "Arabic", "empty"],
)
def test_a_page_number_that_is_none_does_no_harm(browse: Browser, number: str) -> None:
    assert browse(f"/search?q=a&page={quote(number)}").status == 200


def test_search_goes_on_page_by_page(settings: Settings, tmp_path: Path, trouble: Troubles, hub_loop: HubLoop) -> None:
    many = Corpus.open(f"sqlite:///{tmp_path}/many.db")
    _stock_up(many, 45)
    page = make_page(many, settings, trouble)
    hub_loop.run(page.start())
    try:
        browse, path, seen, steps = Browser(page), f"/search?q={quote('示例')}", [], 0
        while path:
            answer = browse(path)
            seen += answer.tree.xpath("//main//li/a/@href")
            path = next(iter(answer.tree.xpath("//a[text()='下一页']/@href")), "")
            steps += 1
    finally:
        hub_loop.run(page.stop())
        many.close()

    assert steps == 3
    assert len(seen) == len(set(seen)) == 45


def test_an_article_shows_facts_text_changes_and_story(browse: Browser) -> None:
    edited, document, withdrawn = (browse(f"/article/{number}") for number in (EDITED, DOCUMENT, WITHDRAWN))

    assert edited.tree.xpath("string(//article/h1)") == "产业大脑落户义乌（更正）"
    assert edited.tree.xpath("//ins/text()") == ["产业大脑落户义乌（更正）"]
    assert "2 家刊载" in edited.words
    assert f"/article/{COPY}" in edited.tree.xpath("//main//@href"), "the other outlet can be opened"
    (variant,) = edited.tree.xpath("//main//li[.//small[contains(., '文字有出入')]]")
    assert "30家" in variant.text_content(), "it shows in which sentence the repost differs"
    assert "义政办发〔2026〕7号" in document.words
    assert "任务表.xlsx" in document.words
    assert "已撤" in withdrawn.words


def test_an_article_that_is_not_there_is_a_404_that_says_so(browse: Browser) -> None:
    answer = browse("/article/999")

    assert answer.status == 404
    assert "There is no article 999." in answer.words
    assert browse("/article/one").status == 404
    assert browse(f"/article/{'9' * 18}").status == 404


@pytest.mark.parametrize("path", ["/", "/alerts", f"/search?q={quote('恶意页面')}", f"/article/{HOSTILE}"])
def test_a_hostile_article_is_text_and_nothing_else(browse: Browser, path: str) -> None:
    answer = browse(path)

    assert answer.status == 200
    assert answer.tree.xpath("count(//script)") == 0
    assert answer.tree.xpath("count(//img)") == 0
    assert answer.tree.xpath("//@*[starts-with(name(), 'on')]") == []
    assert [link for link in answer.tree.xpath("//@href | //@src | //@action") if ":" in link.partition("/")[0]] == []


def test_a_hostile_article_can_still_be_read(browse: Browser) -> None:
    words = browse(f"/article/{HOSTILE}").words

    assert SCRIPT in words
    assert HANDLER in words
    assert "javascript:alert(4)" in words, "as text; it is no link"


@pytest.mark.parametrize("q", ["%00", "region:%00a", "%1b[31m", "%ff%fe", "a" * 5000, "%E2%80%AE"])
def test_a_strange_query_is_answered(browse: Browser, q: str) -> None:
    assert browse(f"/search?q={q}").status in (200, 400)


def test_a_rule_as_long_as_the_language_allows_is_searched(browse: Browser) -> None:
    longest = f"产业大脑 OR {'桥' * (LONGEST_RULE - 8)}"

    assert "产业大脑落户义乌" in browse(f"/search?q={quote(longest)}").words
    refused = browse(f"/search?q={quote(longest)}{quote('桥')}")
    assert (refused.status, refused.headers["Content-Security-Policy"]) == (400, CSP)
    assert f"longer than {LONGEST_RULE} characters" in refused.words


def test_a_query_that_is_markup_is_text(browse: Browser) -> None:
    answer = browse(f"/search?q={quote(SCRIPT + HANDLER)}")

    assert answer.tree.xpath("count(//script)") == answer.tree.xpath("count(//img)") == 0


def test_the_trouble_of_the_daemon_stands_on_top_of_every_page(browse: Browser, trouble: Troubles) -> None:
    trouble.now = "database sqlite:///x: the disk is full <b>"

    for path in PAGES:
        (banner,) = browse(path).tree.xpath("//*[@role='alert']/text()")
        assert banner == trouble.now


def test_healthz_is_200_and_in_trouble_503(browse: Browser, trouble: Troubles) -> None:
    well = browse("/healthz")
    trouble.now = "the disk is full"
    ill = browse("/healthz")

    assert (well.status, well.body) == (200, "ok\n")
    assert (ill.status, ill.body) == (503, "the disk is full\n")


def test_a_database_that_cannot_be_read_is_said_and_is_503(
    settings: Settings, tmp_path: Path, trouble: Troubles, hub_loop: HubLoop
) -> None:
    path = tmp_path / "broken.db"
    broken = Corpus.open(f"sqlite:///{path}")
    page = make_page(broken, settings, trouble)
    hub_loop.run(page.start())
    try:
        broken.close()
        path.write_bytes(b"no database any more" * 1000)
        for beside in tmp_path.glob("broken.db-*"):
            beside.unlink()
        answer, probe = Browser(page)("/"), Browser(page)("/healthz")
    finally:
        hub_loop.run(page.stop())
        broken.close()

    assert (answer.status, probe.status) == (503, 503)
    assert "damaged" in answer.words


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("evil.test", 421, id="a foreign name"),
        pytest.param("127.0.0.1.evil.test", 421, id="a foreign name that begins like ours"),
        pytest.param("evil.test:8787", 421, id="a foreign name with our port"),
        pytest.param("localhost.evil.test", 421, id="localhost as a subdomain"),
        pytest.param("[::2]", 421, id="a foreign address"),
        pytest.param("127.0.0.1:8787", 200, id="our address"),
        pytest.param("localhost", 200, id="localhost"),
        pytest.param("LocalHost:8787", 200, id="names ignore case"),
        pytest.param("[::1]:8787", 200, id="loopback, version 6"),
    ],
)
def test_only_our_own_names_are_answered(browse: Browser, host: str, status: int) -> None:
    answer = browse("/", host=host)

    assert answer.status == status
    assert answer.headers["Content-Security-Policy"] == CSP
    if status == 421:
        assert "产业大脑" not in answer.words.replace("检索", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_through_it(browse: Browser, method: str) -> None:
    assert all(browse(path, method=method).status == 405 for path in ("/", "/search", f"/article/{EDITED}"))


def test_a_taken_address_is_said_with_the_remedy(
    page: Page, corpus: Corpus, settings: Settings, trouble: Troubles, hub_loop: HubLoop
) -> None:
    port = int(page.address.rpartition(":")[2])
    second = make_page(corpus, replace(settings, bind=("127.0.0.1", port)), trouble)
    try:
        with pytest.raises(PageError, match=rf"127.0.0.1:{port}.*web\.bind"):
            hub_loop.run(second.start())
    finally:
        hub_loop.run(second.stop())


def test_an_empty_corpus_has_its_pages_too(
    settings: Settings, tmp_path: Path, trouble: Troubles, hub_loop: HubLoop
) -> None:
    empty = Corpus.open(f"sqlite:///{tmp_path}/empty.db")
    page = make_page(empty, settings, trouble)
    hub_loop.run(page.start())
    try:
        answers = [Browser(page)(path) for path in ("/", "/alerts", "/sources", "/search", "/search?q=a")]
    finally:
        hub_loop.run(page.stop())
        empty.close()

    assert [answer.status for answer in answers] == [200] * 5
    assert "还没有提醒" in answers[0].words


def _stock_up(corpus: Corpus, number: int) -> None:
    for n in range(number):
        made = draft(f"示例第{n}篇", f"第{n}篇的正文，说的是第{n}件事，与别的都不同。\n结尾也只有它有：{n}。")
        ingest(corpus, visit(made, url=f"https://yw.example/many/{n}.html"), desk=desk(), now=NOW)
