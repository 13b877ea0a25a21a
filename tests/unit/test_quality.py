"""What is no article is told from what is one, by content and by the HTTP answer around it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract import extract
from crawler.quality import is_garbled, judge
from crawler.records import BREAKS_OFF, Capture, Draft, Verdict

ARTICLE = (
    "<html><head><meta charset='utf-8'><title>示例市试点开始了</title></head><body><h1>示例市试点开始了</h1>"
    "<div id='zoom'><p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好。</p></div></body></html>"
)


def capture(status: int = 200, *, url: str = "https://example.com/a/1.html", final_url: str | None = None) -> Capture:
    return Capture(
        url=url, final_url=final_url or url, status=status, body=b"", fetched_at=datetime(2024, 1, 1, tzinfo=UTC)
    )


def draft(markup: str, content_type: str | None = "text/html; charset=utf-8") -> Draft:
    return extract(markup.encode(), url="https://example.com/a/1.html", content_type=content_type)


def links(count: int) -> str:
    rows = "".join(
        f"<li><a href='/n/{i}.html'>示例栏目里的第{i}条新闻的标题文字</a><span>2024-01-01</span></li>"
        for i in range(count)
    )
    return (
        f"<html><head><title>要闻_示例市政府</title></head><body><div class='list'><ul>{rows}</ul></div></body></html>"
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(ARTICLE, Verdict.ARTICLE, id="an article"),
        pytest.param(
            "<html><script>document.cookie='__jsl_clearance_s=1|2|x';location.href=1</script></html>",
            Verdict.CHALLENGE,
            id="521 script",
        ),
        pytest.param(
            "<html><head><meta id='k' content='x'><script>$_ts=window['$_ts'];</script></head><body></body></html>",
            Verdict.CHALLENGE,
            id="river security",
        ),
        pytest.param(
            "<html><title>访问验证</title><body>您的访问被创宇盾拦截，请联系网站管理员。</body></html>",
            Verdict.CHALLENGE,
            id="knownsec 403",
        ),
        pytest.param(
            "<html><title>提示</title><body><h1>您访问的页面不存在</h1><a href='/'>返回首页</a></body></html>",
            Verdict.SOFT404,
            id="soft 404",
        ),
        pytest.param(
            "<html><title>404 Not Found</title><body>nginx</body></html>", Verdict.SOFT404, id="nginx 404 text"
        ),
        pytest.param("<html><body>抱歉，您要查看的文章已被删除。</body></html>", Verdict.SOFT404, id="deleted"),
        pytest.param(
            "<html><head><meta http-equiv='refresh' content='0;url=/new/1.html'></head></html>",
            Verdict.STUB,
            id="meta refresh",
        ),
        pytest.param(
            "<html><script>window.location.href='/new/1.html'</script></html>", Verdict.STUB, id="script jump"
        ),
        pytest.param("<html><body>  </body></html>", Verdict.STUB, id="an empty shell"),
        pytest.param(
            "<html><title>系统维护</title><body>系统正在维护，请稍后访问。</body></html>",
            Verdict.ERROR,
            id="maintenance",
        ),
        pytest.param("<html><title>用户登录</title><body>请先登录后查看</body></html>", Verdict.ERROR, id="login"),
        pytest.param('{"code":500,"msg":"系统繁忙"}', Verdict.ERROR, id="JSON"),
        pytest.param("<?xml version='1.0'?><rss><channel></channel></rss>", Verdict.LIST, id="a feed"),
        pytest.param(links(40), Verdict.LIST, id="a column's index"),
        pytest.param("%PDF-1.4 xxxx", Verdict.ERROR, id="a PDF"),
    ],
)
def test_content_tells_what_a_page_is(markup: str, expected: Verdict) -> None:
    found = draft(markup)
    assert found.quality.verdict is expected
    assert bool(found.text) == (expected is Verdict.ARTICLE)
    assert found.quality.notes or expected is Verdict.ARTICLE


def test_an_article_about_challenges_is_an_article() -> None:
    said = "创宇盾和滑动验证拦住了爬虫，页面不存在的提示也很常见，本文逐一说明。"
    text = "".join(f"<p>第{i}段：{said}</p>" for i in range(20))
    title = "网站防护怎么做才好"
    markup = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div id=zoom>{text}</div></body></html>"
    assert draft(markup).quality.verdict is Verdict.ARTICLE


def test_a_signed_notice_about_maintenance_is_an_article() -> None:
    head = "<meta name='ArticleTitle' content='系统维护公告'><meta name='PubDate' content='2024-01-01 10:00'>"
    text = "<p>因系统升级，本周六服务暂停两小时，请提前办理。</p>"
    markup = f"<html><head>{head}</head><body><div id=zoom>{text}</div></body></html>"
    assert draft(markup).quality.verdict is Verdict.ARTICLE


def test_an_article_without_a_date_is_an_article() -> None:
    found = draft(ARTICLE)
    assert (found.quality.verdict, found.published_at) == (Verdict.ARTICLE, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, Verdict.SOFT404),
        (410, Verdict.SOFT404),
        (521, Verdict.CHALLENGE),
        (412, Verdict.CHALLENGE),
        (403, Verdict.CHALLENGE),
        (429, Verdict.CHALLENGE),
        (500, Verdict.ERROR),
        (503, Verdict.ERROR),
    ],
)
def test_status_outvotes_content(status: int, expected: Verdict) -> None:
    found = judge(capture(status), draft(ARTICLE))
    assert (found.quality.verdict, found.text) == (expected, "")
    assert str(status) in found.quality.notes[0]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(ARTICLE[: ARTICLE.index("</body>")], (BREAKS_OFF,), id="no end"),
        pytest.param(ARTICLE.replace("</html>", ""), (), id="one end is enough"),
        pytest.param("<p>示例市的试点今天开始。</p>", (), id="a fragment has none"),
    ],
)
def test_a_page_that_breaks_off_is_noted(markup: str, expected: tuple[str, ...]) -> None:
    answer = replace(capture(), body=markup.encode())
    assert judge(answer, draft(ARTICLE)).quality == replace(draft(ARTICLE).quality, notes=expected)


def test_a_good_answer_leaves_the_draft_alone() -> None:
    found = draft(ARTICLE)
    assert judge(capture(), found) is found


@pytest.mark.parametrize("front", ["https://example.com/", "https://www.example.com/index.html", "https://example.com"])
def test_a_redirect_to_the_front_page_is_a_soft_404(front: str) -> None:
    assert judge(capture(final_url=front), draft(ARTICLE)).quality.verdict is Verdict.SOFT404


def test_a_redirect_to_another_article_is_no_soft_404() -> None:
    moved = capture(final_url="https://example.com/b/2.html")
    assert judge(moved, draft(ARTICLE)).quality.verdict is Verdict.ARTICLE


def test_the_front_page_itself_is_no_soft_404() -> None:
    asked = replace(capture(), url="https://example.com/", final_url="https://example.com/index.html")
    assert judge(asked, draft(ARTICLE)).quality.verdict is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("text", "share", "expected"),
    [("好" * 99 + "\ufffd" * 2, 0.0, True), ("好" * 1000, 0.0, False), ("", 0.02, True), ("", 0.0, False)],
)
def test_more_than_one_character_in_a_hundred_lost_is_garbled(text: str, share: float, expected: bool) -> None:
    assert is_garbled(text, share) is expected
