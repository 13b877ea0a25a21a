"""What is no article is told from what is one, by content and by the HTTP answer around it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.extract import extract
from crawler.quality import is_garbled, judge
from crawler.records import BREAKS_OFF, ELSEWHERE, Capture, Draft, Entry, Verdict

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


NAVIGATION = "".join(f"<li><a href='/col/{n}/'>第{n}个栏目的名称</a></li>" for n in range(90))


def dressed(title: str, text: str) -> str:
    """What a site says in its own template: its whole navigation, and where the article should be one line."""
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><ul class='nav'>{NAVIGATION}</ul>"
        f"<div class='content'><p>{text}</p></div><div class='footer'>版权所有 示例市人民政府办公室</div></body></html>"
    )


@pytest.mark.parametrize(
    ("status", "body", "verdict", "evidence"),
    [
        pytest.param(
            521,
            "<script>document.cookie='__jsl_clearance_s=17|0|x';location.href=location.pathname</script>",
            Verdict.CHALLENGE,
            ("HTTP 521: the site asks for a browser", "challenge page (__jsl_clearance)"),
            id="521: Knownsec's script",
        ),
        pytest.param(
            412,
            "<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head><body></body></html>",
            Verdict.CHALLENGE,
            ("HTTP 412: the site asks for a browser", "challenge page ($_ts=)"),
            id="412: River Security",
        ),
        pytest.param(
            202,
            "<html><head><script>$_ts=window['$_ts'];</script></head><body></body></html>",
            Verdict.CHALLENGE,
            ("challenge page ($_ts=)",),
            id="202: River Security",
        ),
        pytest.param(
            403,
            "<html><body>403 Forbidden</body></html>",
            Verdict.CHALLENGE,
            ("HTTP 403: refused by the site", "stub of 39 characters, 13 of them text"),
            id="403: a plain filter",
        ),
        pytest.param(
            403,
            "<html><title>创宇盾</title><body>您的访问可能存在威胁，已被云防御拦截。</body></html>",
            Verdict.CHALLENGE,
            ("HTTP 403: refused by the site", "challenge page (创宇盾)"),
            id="403: a firewall's words",
        ),
        pytest.param(
            491,
            "<html><body>wzws-ray: 0123-456</body></html>",
            Verdict.CHALLENGE,
            ("HTTP 491: a firewall shuts us out for a while", "challenge page (wzws-ray)"),
            id="491: a firewall's rate limit",
        ),
        pytest.param(
            200,
            "<html><title>提示</title><body>您的请求过于频繁，请稍后再试</body></html>",
            Verdict.CHALLENGE,
            ("challenge page (您的请求过于频繁)",),
            id="200: a firewall's words",
        ),
        pytest.param(
            503,
            "<html><title>Just a moment...</title><body>Checking your browser</body></html>",
            Verdict.CHALLENGE,
            ("HTTP 503: refused by the site", "challenge page (Just a moment...)"),
            id="503: a challenge under any status",
        ),
        pytest.param(
            404,
            "<html><title>人机验证</title><body>请完成安全验证</body></html>",
            Verdict.CHALLENGE,
            ("HTTP 404: refused by the site", "challenge page (人机验证)"),
            id="404: a challenge is no withdrawal",
        ),
        pytest.param(
            200,
            dressed("安全验证", "请按住滑块，拖动到最右边"),
            Verdict.CHALLENGE,
            ("challenge page (title 安全验证)",),
            id="200: a challenge in the site's template",
        ),
        pytest.param(
            200,
            "<html><title>提示</title><body>您访问的页面不存在</body></html>",
            Verdict.SOFT404,
            ("soft 404 (您访问的页面不存在)",),
            id="200: a soft 404",
        ),
        pytest.param(
            200,
            dressed("示例市人民政府", "抱歉，您访问的页面不存在或已被删除！"),
            Verdict.SOFT404,
            ("soft 404 (抱歉，您访问的页面不存在或已被删除)",),
            id="200: a soft 404 in the site's template",
        ),
        pytest.param(
            200,
            dressed("404 - 示例市人民政府", "请检查您输入的网址是否正确，或者返回上一页，或者联系网站的管理员"),
            Verdict.SOFT404,
            ("soft 404 (title 404)",),
            id="200: a title of 404",
        ),
        pytest.param(
            404, "<html></html>", Verdict.SOFT404, ("HTTP 404", "stub of 13 characters, 0 of them text"), id="404"
        ),
        pytest.param(
            200,
            '{"code": 1}',
            Verdict.ERROR,
            ('JSON in the place of a page ({"code": 1})',),
            id="200: error JSON",
        ),
        pytest.param(
            200,
            "<html><head></head><body>ok</body></html>" + " " * 13,
            Verdict.STUB,
            ("stub of 54 characters, 2 of them text",),
            id="54 bytes",
        ),
        pytest.param(
            200,
            "<html><head><title>示例</title></head><body><div id='app'>页面加载中，请稍候</div></body></html>"
            + " " * 200,
            Verdict.STUB,
            ("stub of 285 characters, 9 of them text",),
            id="300 bytes",
        ),
        pytest.param(
            200,
            "<html><head><meta http-equiv=refresh content='0;url=/new/1.html'></head><body>跳转中</body></html>",
            Verdict.STUB,
            ("jump page to /new/1.html",),
            id="200: a meta refresh",
        ),
        pytest.param(
            200,
            "<html><body><script>setTimeout(\"location.href='/new/1.html'\",100)</script></body></html>",
            Verdict.STUB,
            ("jump page to /new/1.html",),
            id="200: a script's jump",
        ),
        pytest.param(
            200,
            "<html><title>统一身份认证</title><body>请先登录后查看本页的内容</body></html>",
            Verdict.ERROR,
            ("login page (统一身份认证)",),
            id="200: a login",
        ),
        pytest.param(401, "<html></html>", Verdict.ERROR, ("HTTP 401: a login is asked for",), id="401: a login"),
        pytest.param(
            200,
            "<html><title>公告</title><body>网站正在维护中，请您稍后访问，给您带来不便敬请谅解。</body></html>",
            Verdict.ERROR,
            ("error page (网站正在维护中)",),
            id="200: maintenance",
        ),
        pytest.param(
            200,
            "<html><title>example.com</title><body>该域名正在出售，有意者请联系。Domain for sale.</body></html>",
            Verdict.ERROR,
            ("page of another site (该域名)",),
            id="200: a parked domain",
        ),
        pytest.param(
            200,
            "<html><title>上网认证</title><body>欢迎使用示例大厦无线网络，请输入手机号码获取验证码后上网。</body></html>",
            Verdict.ERROR,
            ("page of another site (上网认证)",),
            id="200: a network's portal",
        ),
        pytest.param(
            200,
            "<html><title>没有找到站点</title><body>您的请求在Web服务器中没有找到对应的站点！可能没有将此域名绑定</body></html>",
            Verdict.ERROR,
            ("page of another site (没有找到站点)",),
            id="200: a server without this site",
        ),
        pytest.param(502, "<html>502 Bad Gateway</html>", Verdict.ERROR, ("HTTP 502",), id="502"),
        pytest.param(
            200,
            ARTICLE.replace("示例市的试点", "示\ufffd市的试点"),
            Verdict.ERROR,
            ("garbled", "3.4% of the characters lost or misread, as utf-8"),
            id="200: lost characters",
        ),
        pytest.param(
            200,
            ARTICLE.replace(
                "示例市的试点今天开始，首批二十家", "示例市的试点今天开始，首批二十家".encode().decode("gbk", "ignore")
            ),
            Verdict.ERROR,
            ("garbled",),
            id="200: UTF-8 that was read as GBK",
        ),
    ],
)
def test_every_misbehaviour_has_its_verdict_and_evidence(
    status: int, body: str, verdict: Verdict, evidence: tuple[str, ...]
) -> None:
    found = judge(replace(capture(status), body=body.encode()), draft(body))
    assert (found.quality.verdict, found.text) == (verdict, "")
    assert found.quality.notes[: len(evidence)] == evidence


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("云防御和创宇盾怎样保护网站：本市的信息中心昨天做了演示。" * 12, id="about firewalls"),
        pytest.param("有市民反映政府网站的页面不存在，信息中心当天就修复了它。" * 12, id="about a dead link"),
        pytest.param("市民登录平台前请先登录统一身份认证系统，再选择要办理的事项。" * 12, id="about a login"),
        pytest.param(
            "社保系统升级完成，五十个窗口今天起恢复办理各项业务，请市民错峰前往。", id="a short one about an upgrade"
        ),
        pytest.param("公安机关提醒：收到验证码要当心，冒充客服的骗局最近又多了起来。", id="a short one about fraud"),
    ],
)
@pytest.mark.parametrize("title", ["云防御为网站保驾护航", "页面不存在？市民来电一天办结", "登录难：老人的烦恼怎样解"])
def test_an_article_about_such_pages_is_an_article(title: str, text: str) -> None:
    markup = dressed(f"{title}_示例新闻网", text).replace("<p>", f"<h1>{title}</h1><p>")
    assert draft(markup).quality.verdict is Verdict.ARTICLE


TITLE = "示例市试点开始了"


@pytest.mark.parametrize(
    ("final_url", "listed", "verdict", "evidence"),
    [
        pytest.param("https://example.com/", TITLE, Verdict.SOFT404, "redirected to the front page", id="front page"),
        pytest.param(
            "https://www.example.com/index.html", TITLE, Verdict.SOFT404, "redirected to the front", id="index"
        ),
        pytest.param(
            "https://example.com/sso/login?back=1", TITLE, Verdict.ERROR, "redirected to a login page", id="a login"
        ),
        pytest.param(
            "https://example.com/a/2.html",
            "示例大桥今日通车",
            Verdict.SOFT404,
            "another article: https://example.com/a/2.html is called 示例市试点开始了, not 示例大桥今日通车",
            id="another article",
        ),
        pytest.param(
            "https://tide.example.org/a/1.html",
            "示例大桥今日通车",
            Verdict.SOFT404,
            "redirected to another article",
            id="the same number elsewhere, another title",
        ),
        pytest.param(
            "https://example.com/b/2.html", None, Verdict.SOFT404, "another article", id="no title, other number"
        ),
    ],
)
def test_a_redirect_to_something_else_is_a_dead_link(
    final_url: str, listed: str | None, verdict: Verdict, evidence: str
) -> None:
    entry = Entry(url="https://example.com/a/1.html", title=listed)
    found = judge(capture(final_url=final_url), draft(ARTICLE), entry=entry)
    assert (found.quality.verdict, found.text) == (verdict, "")
    assert evidence in found.quality.notes[0]


@pytest.mark.parametrize(
    ("final_url", "listed"),
    [
        pytest.param("http://example.com/a/1.html", "另一个标题", id="another scheme"),
        pytest.param("https://www.example.com/a/1.html?from=list", "另一个标题", id="www and a query"),
        pytest.param("https://example.com/new/art_0123456789abcdef.html", TITLE, id="migrated to another number"),
        pytest.param("https://other.example.org/n/778899.html", "示例市试点…", id="a redirector, the title cut"),
        pytest.param("https://example.com/new/", None, id="nobody knows its title, nothing says otherwise"),
    ],
)
def test_a_redirect_to_the_same_article_is_followed(final_url: str, listed: str | None) -> None:
    entry = Entry(url="https://example.com/a/1.html", title=listed)
    assert judge(capture(final_url=final_url), draft(ARTICLE), entry=entry).quality.verdict is Verdict.ARTICLE


def test_a_redirect_of_a_known_article_is_left_to_who_knows_its_title() -> None:
    found = judge(capture(final_url="https://example.com/b/2.html"), draft(ARTICLE))
    assert (found.quality.verdict, found.quality.notes) == (Verdict.ARTICLE, (ELSEWHERE,))


def test_a_challenge_behind_a_redirect_stays_one() -> None:
    challenge = "<html><title>访问验证</title><body>请完成安全验证</body></html>"
    found = judge(capture(final_url="https://example.com/"), draft(challenge))
    assert found.quality.verdict is Verdict.CHALLENGE


def test_the_front_page_itself_is_no_soft_404() -> None:
    asked = replace(capture(), url="https://example.com/", final_url="https://example.com/index.html")
    assert judge(asked, draft(ARTICLE)).quality.verdict is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("text", "share", "expected"),
    [("好" * 99 + "\ufffd" * 2, 0.0, True), ("好" * 1000, 0.0, False), ("", 0.02, True), ("", 0.0, False)],
)
def test_more_than_one_character_in_a_hundred_lost_is_garbled(text: str, share: float, expected: bool) -> None:
    assert is_garbled(text, share) is expected
