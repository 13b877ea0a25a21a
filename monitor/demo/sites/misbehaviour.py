"""The ways in which a sample site can go wrong, as bytes: which answer comes instead of the right one. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from monitor.demo.sites.answers import Reply


class Misbehaviour(StrEnum):
    ERROR_500 = "error 500"
    ALL_404 = "404 for all"
    HANG = "hang"  # headers and some bytes, then nothing until the sites stop
    DRIP = "drip"  # a few bytes at a time
    TRUNCATED = "truncated"  # fewer bytes than Content-Length says, then the connection closes
    RESET = "reset"  # the connection is reset before any answer
    CHALLENGE_521 = "challenge 521"  # Knownsec: a script that sets a cookie
    CHALLENGE_412 = "challenge 412"  # River Security: an obfuscated script
    CHALLENGE_200 = "challenge 200"  # a check of the browser under a status that says all is well
    SOFT_404 = "soft 404"
    STUB = "stub"  # 300 bytes, nothing in them
    EMPTY_LISTING = "empty listing"  # the right shape without a row; article pages stay as they are
    TO_FRONT_PAGE = "to front page"
    MISLABELLED = "mislabelled"  # GBK bytes that every label calls UTF-8
    HUGE_TAG = "huge tag"  # 1.2 MB of attributes in one tag
    DEEP_NEST = "deep nest"  # 100,000 elements in one another
    CUT_SHORT = "cut short"  # the first part of the right body, whole as far as HTTP can tell


def spoiled(reply: Reply, how: Misbehaviour) -> Reply:
    """The answer that comes instead. HANG, DRIP, TRUNCATED and RESET spoil the sending, not the answer: they and
    EMPTY_LISTING, which the page itself has to know of, leave it as it is."""
    if how in _PAGES:
        return _PAGES[how]
    match how:
        case Misbehaviour.MISLABELLED:
            return _mislabelled(reply)
        case Misbehaviour.HUGE_TAG:
            return Reply(body=_huge_tag())
        case Misbehaviour.DEEP_NEST:
            return Reply(body=_deep_nest())
        case Misbehaviour.CUT_SHORT:
            # the cut falls into a character or a tag, wherever 60 % happens to be
            return Reply(body=reply.body[: len(reply.body) * 3 // 5], content_type=reply.content_type)
        case _:
            return reply


def _mislabelled(reply: Reply) -> Reply:
    if "charset=gb" in reply.body[:2000].decode("ascii", errors="replace"):
        text = reply.body.decode("gbk", errors="replace").replace("charset=gb2312", "charset=utf-8", 1)
    else:
        text = reply.body.decode("utf-8", errors="replace")
    kind = reply.content_type.partition(";")[0]
    return replace(
        reply,
        body=text.encode("gbk", errors="xmlcharrefreplace"),
        content_type=f"{kind}; charset=utf-8",
        etag=None,
        last_modified=None,
    )


def _huge_tag() -> bytes:
    attributes = " ".join(f'a{number:06d}="x"' for number in range(100_000))
    page = f"<!DOCTYPE html><html><head><title>一个标签</title></head><body><p {attributes}>正文</p></body></html>"
    return page.encode()


def _deep_nest() -> bytes:
    page = (
        "<!DOCTYPE html><html><head><title>十万层</title></head><body>"
        + "<div>" * 100_000
        + "<p>正文在最深处</p>"
        + "</div>" * 100_000
        + "</body></html>"
    )
    return page.encode()


_JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('c')+('learance_s')+('=')+"
    "('1700000000.000|-1|sampleSAMPLEsample%3D')+(';')+('max-age=3600')+(';path=/');"
    "location.href=location.pathname+location.search</script>"
)
_RIVER = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><meta id="9DhefwqGPrzGxEp9hPaoag" content="{sample}" r="m">'
    '<script type="text/javascript" charset="utf-8" src="/2Sample/sample.b9d5.js" r="m"></script>'
    "<script type=\"text/javascript\" r='m'>(function(){var _$ts=window['$_ts'];if(!_$ts)_$ts={};_$ts.nsd=12345;"
    '_$ts.cd="qrqrqrqrcqGqqqqq";if(_$ts.lcd)_$ts.lcd();})();</script></head><body></body></html>'
)
_BROWSER_CHECK = (
    '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>安全验证</title></head><body>'
    "<noscript>请开启浏览器的JavaScript功能后刷新页面</noscript><div class='box'><h2>正在进行浏览器安全检查</h2>"
    "<p>访问验证：请完成下方滑块以继续访问，本站由创宇盾提供云防御。</p><div id='slider'></div></div>"
    "<script>document.cookie='__jsl_clearance=1700000000.111|0|sample%3D;path=/';setTimeout(function(){location.reload()},1500)"
    "</script></body></html>"
)
_SOFT_404 = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>提示信息</title></head><body><div class="error">'
    "<h2>抱歉，您访问的页面不存在或已被删除</h2><p>5秒后自动返回首页</p><a href='/'>返回首页</a></div></body></html>"
)
_STUB = (
    '<html><head><meta charset="utf-8"><title></title></head><body><div id="content"></div><!--'.ljust(280, "-")
    + "--></body></html>"
)
_COOKIE_521 = "__jsluid_s=0123456789abcdef0123456789abcdef; path=/; HttpOnly"
_COOKIE_412 = "sampleS=60aBcDeFgHiJkLmNoPqRsTuVwXyZ; Path=/; HttpOnly"
_PAGES: Mapping[Misbehaviour, Reply] = {
    Misbehaviour.ERROR_500: Reply(
        status=500, body=b"<html><body><h1>500 Internal Server Error</h1><hr>nginx</body></html>"
    ),
    Misbehaviour.ALL_404: Reply(
        status=404, body=b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"
    ),
    Misbehaviour.CHALLENGE_521: Reply(status=521, body=_JSL.encode(), headers={"Set-Cookie": _COOKIE_521}),
    Misbehaviour.CHALLENGE_412: Reply(status=412, body=_RIVER.encode(), headers={"Set-Cookie": _COOKIE_412}),
    Misbehaviour.CHALLENGE_200: Reply(body=_BROWSER_CHECK.encode()),
    Misbehaviour.SOFT_404: Reply(body=_SOFT_404.encode()),
    Misbehaviour.STUB: Reply(body=_STUB.encode()),
    Misbehaviour.TO_FRONT_PAGE: Reply(status=302, body=b"", headers={"Location": "/"}),
}
