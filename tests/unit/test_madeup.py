"""What an odd answer is, and what its host's answer to an address that cannot exist makes of it."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.madeup import KEPT, MOST_FORMS, MOST_HOSTS, UNCLEAR_KEPT, MadeUpPages, made_up_url, oddity
from crawler.records import Answer, Capture, Draft, Hints, MadeUp, Odd, Oddity, Trouble, Unreachable
from crawler.workers import draft_of

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ROOT = "https://www.example.gov.cn"
URL = f"{ROOT}/art/2026/3/2/art_1229_58945012.html"
TITLE = "义乌产业大脑建设推进会召开"
WORDS = "".join(f"<p>第{n}项工作在义乌推进，投入{n * 37}万元，用于改造车间和招收员工。</p>" for n in range(1, 9))
MENU = "".join(f'<li><a href="/col{n}/">{name}栏目</a></li>' for n, name in enumerate("政务要闻公告解读互动服务"))
CHALLENGE = "<html><head><script>document.cookie='__jsl_clearance=1'</script></head><body></body></html>"
MAINTENANCE = "<html><head><title>网站维护中</title></head><body><p>系统维护，请稍后访问</p></body></html>"
LOGIN = "<html><head><title>统一身份认证</title></head><body><p>请先登录</p></body></html>"


def page(title: str, body: str) -> str:
    frame = f'<ul class="menu">{MENU}</ul>{body}<div class="foot">版权所有 示例市人民政府办公室</div>'
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{frame}</body></html>'


GONE = page("提示信息", "<h2>抱歉，您访问的页面不存在或已被删除</h2><p>今天是2026年3月2日</p>")
LATEST = page("示例市最新动态", "<h1>示例市最新动态</h1><p>这里只有最新的动态，请从左边的栏目进入。</p>" * 3)
ARTICLE = page(TITLE, f"<h1>{TITLE}</h1>{WORDS}")


def answer(body: str, *, url: str = URL, status: int = 200, final_url: str = "") -> tuple[Capture, Draft]:
    capture = Capture(
        url=url,
        final_url=final_url or url,
        status=status,
        body=body.encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
    )
    return capture, draft_of(capture, Hints())


@dataclass
class Host:
    """Answers every made-up address alike, and counts."""

    body: str = ""
    status: int = 200
    final_url: str = ""
    trouble: Trouble | None = None
    asked: list[str] = field(default_factory=list)

    async def open(self, url: str) -> tuple[Answer, Draft | None]:
        self.asked.append(url)
        if self.trouble is not None:
            return Unreachable(url=url, trouble=self.trouble, detail="", fetched_at=NOW), None
        return answer(self.body, url=url, status=self.status, final_url=self.final_url)


def beside(host: Host, body: str, *, pages: MadeUpPages | None = None, final_url: str = "", url: str = URL) -> Odd:
    capture, draft = answer(body, final_url=final_url, url=url)
    how = oddity(TITLE, capture, draft)
    assert how is not None
    return asyncio.run((pages or MadeUpPages()).compare(how, capture, draft, host.open, lambda: NOW))


@pytest.mark.parametrize(
    ("body", "status", "final_url", "expected"),
    [
        pytest.param(ARTICLE, 200, "", None, id="the article"),
        pytest.param(ARTICLE, 200, f"{ROOT}/news/58945012.html", None, id="the article, moved"),
        pytest.param(ARTICLE.replace("推进会召开", "推进会今日召开"), 200, "", None, id="an edited headline"),
        pytest.param(GONE, 200, "", Oddity.SOFT_404, id="a soft 404"),
        pytest.param(GONE, 200, f"{ROOT}/error/gone.html", Oddity.SOFT_404, id="redirected to a soft 404"),
        pytest.param(LATEST, 200, f"{ROOT}/", Oddity.FRONT_PAGE, id="redirected to the front page"),
        pytest.param(
            ARTICLE.replace(TITLE, "示例港昨日开港"), 200, f"{ROOT}/art/1.html", Oddity.ELSEWHERE, id="another"
        ),
        pytest.param(ARTICLE.replace(TITLE, "示例港昨日开港"), 200, "", Oddity.OTHER_PAGE, id="another title"),
        pytest.param(
            "<script>alert('文章已下线');history.back()</script>", 200, "", Oddity.SOFT_404, id="an alert alone"
        ),
        pytest.param(GONE, 404, "", None, id="a plain 404"),
        pytest.param(GONE, 500, "", None, id="an error"),
        pytest.param(CHALLENGE, 200, "", None, id="a challenge"),
        pytest.param(CHALLENGE, 200, f"{ROOT}/", None, id="a challenge on the front page"),
        pytest.param(MAINTENANCE, 200, "", None, id="maintenance"),
        pytest.param(LOGIN, 200, "", None, id="a login page"),
        pytest.param(LATEST, 200, f"{ROOT}/login.html", None, id="redirected to a login"),
        pytest.param("", 200, "", None, id="nothing"),
        pytest.param("", 200, f"{ROOT}/", None, id="an empty front page"),
        pytest.param("<html><body><div id='app'></div><!-- \u7a7a --></body></html>", 200, "", None, id="no word"),
    ],
)
def test_an_answer_is_odd(body: str, status: int, final_url: str, expected: Oddity | None) -> None:
    assert oddity(TITLE, *answer(body, status=status, final_url=final_url)) is expected


@pytest.mark.parametrize(
    ("body", "final_url", "host", "expected"),
    [
        pytest.param(GONE, "", Host(GONE.replace("3月2日", "3月1日")), MadeUp.SAME, id="the same but for the date"),
        pytest.param(GONE, "", Host(GONE, status=404), MadeUp.SAME, id="the same under 404"),
        pytest.param(GONE, "", Host("<h1>404 Not Found</h1>", status=404), MadeUp.OTHER, id="another 404"),
        pytest.param(GONE, "", Host(ARTICLE), MadeUp.OTHER, id="an article"),
        pytest.param(LATEST, "", Host(LATEST), MadeUp.SAME, id="a page of no telling words"),
        pytest.param(ARTICLE.replace(TITLE, "示例港昨日开港"), "", Host(GONE), MadeUp.OTHER, id="renamed"),
        pytest.param(LATEST, f"{ROOT}/", Host(LATEST, final_url=f"{ROOT}/"), MadeUp.SAME, id="both at the front"),
        pytest.param(LATEST, f"{ROOT}/", Host(GONE, status=404), MadeUp.OTHER, id="one at the front"),
        pytest.param(
            LATEST, f"{ROOT}/new/7.html", Host(LATEST, final_url=f"{ROOT}/new/7.html"), MadeUp.SAME, id="elsewhere"
        ),
        *(
            pytest.param(GONE, "", host, MadeUp.UNCLEAR, id=name)
            for name, host in {
                "a challenge": Host(CHALLENGE),
                "a challenge under 404": Host(CHALLENGE, status=404),
                "a shield": Host(GONE, status=403),
                "an outage": Host(GONE, status=503),
                "maintenance": Host(MAINTENANCE),
                "a login": Host(LATEST, final_url=f"{ROOT}/login"),
                **{str(trouble): Host(trouble=trouble) for trouble in Trouble},
            }.items()
        ),
    ],
)
def test_beside_an_address_that_cannot_exist(body: str, final_url: str, host: Host, expected: MadeUp) -> None:
    found = beside(host, body, final_url=final_url)
    assert found.made_up is expected
    assert host.asked == [found.made_up_url]


def test_a_short_article_in_a_large_frame_is_not_the_page_for_nothing() -> None:
    short = page("示例港昨日开港", "<h1>示例港昨日开港</h1><p>示例港昨天上午正式开港，首日到港船舶三艘。</p>")
    assert beside(Host(GONE), short).made_up is MadeUp.OTHER


def test_the_evidence_says_what_was_seen() -> None:
    found = beside(Host(GONE, status=404), GONE)
    assert found.said == "HTTP 200; 提示信息; soft 404 (抱歉，您访问的页面不存在或已被删除)"
    assert found.made_up_said.startswith("HTTP 404; 提示信息")


def test_a_host_is_asked_once_in_some_hours_and_sooner_where_nothing_could_be_told() -> None:
    pages, clock = MadeUpPages(), [NOW]
    well, blocked = Host(GONE), Host(CHALLENGE)

    async def look(host: Host, url: str) -> MadeUp:
        capture, draft = answer(GONE, url=url)
        return (await pages.compare(Oddity.SOFT_404, capture, draft, host.open, lambda: clock[0])).made_up

    async def looks() -> None:
        urls = [f"{ROOT}/art/2026/3/{n}/art_1229_{58945000 + n}.html" for n in range(1, 9)]
        assert set(await asyncio.gather(*(look(well, url) for url in urls))) == {MadeUp.SAME}
        assert len(well.asked) == 1
        clock[0] += KEPT
        await look(well, urls[0])
        assert len(well.asked) == 2
        other = urls[0].replace("www.example", "www.other")
        for _ in range(2):
            assert await look(blocked, other) is MadeUp.UNCLEAR
        assert len(blocked.asked) == 1
        clock[0] += UNCLEAR_KEPT
        await look(blocked, other)
        assert len(blocked.asked) == 2

    asyncio.run(looks())


def test_what_is_asked_of_a_host_and_what_is_remembered_has_a_bound() -> None:
    pages, host = MadeUpPages(), Host(GONE)
    forms = [beside(host, GONE, pages=pages, url=f"{ROOT}/{name}/5894501.html").made_up for name in "abcde"]
    assert forms == [MadeUp.SAME] * MOST_FORMS + [MadeUp.UNCLEAR] * (5 - MOST_FORMS)
    assert len(host.asked) == MOST_FORMS
    capture, draft = answer(GONE)

    async def opened(url: str) -> tuple[Answer, Draft | None]:
        return replace(capture, url=url, final_url=url), draft

    async def many() -> None:
        for n in range(MOST_HOSTS + 1):
            url = f"https://www{n}.example.cn/a/5894501.html"
            odd = replace(capture, url=url, final_url=url)
            await pages.compare(Oddity.SOFT_404, odd, draft, opened, lambda: NOW)

    asyncio.run(many())
    again = Host(GONE)
    beside(again, GONE, pages=pages)
    assert len(again.asked) == 1, "the first host was forgotten"


PARTS = st.text("abz019-_", min_size=1, max_size=12)


@given(st.lists(PARTS, min_size=1, max_size=4), st.sampled_from(["", ".html", ".shtml", "/"]), PARTS | st.none())
def test_a_made_up_address_is_another_one_of_the_same_host_and_folder(
    path: list[str], ending: str, query: str | None
) -> None:
    url = f"{ROOT}/{'/'.join(path)}{ending}" + (f"?id={query}" if query else "")
    made = made_up_url(url)
    assert made != url or "9" in url
    assert urlsplit(made).netloc == urlsplit(url).netloc
    assert urlsplit(made).path.rstrip("/").rpartition("/")[0] == urlsplit(url).path.rstrip("/").rpartition("/")[0]
    assert made_up_url(made) == made


def test_a_page_built_to_hold_us_does_not() -> None:
    """Seconds, where each mark were looked for from each other."""
    hostile = ("<!--" * 20_000) + ("<script" * 20_000) + ("alert(" * 20_000) + ("<" * 20_000) + GONE
    capture, draft = answer(GONE)
    capture = replace(capture, body=hostile.encode())
    assert oddity(TITLE, capture, draft) is Oddity.SOFT_404
