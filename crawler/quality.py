"""Is this capture an article, or what sites serve in its place: a challenge, a soft 404, a stub, a list? Pure."""

import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.jump import jump_address
from crawler.records import BREAKS_OFF, Capture, Draft, Quality, Verdict

_CHALLENGE = re.compile(
    r"__jsl_clearance|__jsluid_[hs]|\$_ts\s*[=.\[]|创宇盾|云防御|加速乐|GeoBL|wzws-?(?:ray|waf)|WZWS|"
    r"acw_sc__v2|_cf_chl_opt|cf-browser-verification|"
    r"Just a moment\.\.\.|Checking your browser|cdn-cgi/challenge|安全狗|云锁|网站防火墙|yunsuo|"
    r"请完成(?:安全)?验证|安全验证|滑动验证|人机(?:身份)?验证|"
    r"访问(?:过于频繁|验证|被拒绝|受限)|您的(?:请求|访问)(?:过于频繁|可能存在|已被)|检测到(?:异常|攻击)|"
    r"疑似(?:黑客)?攻击|请开启(?:浏览器)?JavaScript|"
    r"enable JavaScript and cookies|verify you are (?:a )?human|Access Denied|Request blocked|captcha",
    re.IGNORECASE,
)
#: No newsroom writes these: the page is a challenge whatever else it holds, if it is short.
_SURE_CHALLENGE = re.compile(r"__jsl_clearance|\$_ts\s*[=.\[]|acw_sc__v2|_cf_chl_opt|cdn-cgi/challenge")
_SOFT404 = re.compile(
    r"页面不存在|页面没有找到|找不到(?:该|您|页面|此)|您(?:要)?访问的(?:页面|网页|内容|文章|信息|"
    r"资源)?.{0,12}(?:不存在|已删除|已被删除|找不到|走丢|已下线|失效|已过期)|"
    r"抱歉.{0,20}(?:不存在|已被?删除|找不到|已下线|无法访问)|(?:文章|内容|新闻|信息|稿件|该页|网页|链接|"
    r"页面)(?:已(?:经)?被?(?:删除|移除|撤销|下线|失效|撤稿)|不存在|走丢|飞走)|"
    r"没有找到(?:您|你|相关|该|页面)|404\s*(?:not found|错误|页面|error|-)|page not found|"
    r"not found on this server|该(?:信息|内容|文章|新闻)(?:正在|尚未)?(?:审核|未发布)|"
    r"頁面不存在|找不到頁面|內容已刪除",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"系统(?:正在)?(?:维护|升级)|网站(?:正在)?(?:维护|升级|建设)中?|服务(?:暂时)?不可用|暂停(?:服务|"
    r"访问)|网关(?:错误|超时)|服务器(?:错误|内部错误|忙|繁忙)|数据库(?:连接)?错误|"
    r"(?:502|503|504) (?:Bad|Service|Gateway)|Bad Gateway|Service (?:Temporarily )?Unavailable|"
    r"Internal Server Error|Gateway Time-?out|Whitelabel Error Page|"
    r"HTTP Status \d{3}|Fatal error:|Warning: mysql|ORA-\d{5}|Server Error in",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"请(?:先)?登录|用户登录|统一身份认证|登录后(?:才能)?(?:查看|访问)|会员登录", re.IGNORECASE)
#: A page whose visible text is shorter is judged by its markers; a longer one is an article about them.
_SHORT = 600
_SHORT_MARKUP = 30_000
_GARBLED = 0.01


def judge(capture: Capture, draft: Draft) -> Draft:
    """The draft with the verdict that status and address add to its content; no text where it is no article. Pure.

    A page that breaks off stays what its content says, with the note BREAKS_OFF.
    """
    found = _by_status(capture, draft) or _by_address(capture)
    if found is None:
        return _noted(draft, BREAKS_OFF) if _breaks_off(capture.body) else draft
    verdict, note = found
    quality = Quality(
        verdict=verdict, repaired=draft.quality.repaired, notes=tuple(dict.fromkeys((note, *draft.quality.notes)))
    )
    return replace(draft, text="", quality=quality)


def page_trouble(markup: str, shown: str, title: str | None, *, signed: bool = False) -> tuple[Verdict, str] | None:
    """What a page is instead of an article, by what it says; None where it may be an article. Pure.

    markup: the decoded page. shown: its visible text. signed: it carries an article's own metas, so that a notice
    about maintenance or a deleted page is not taken for one.
    """
    if len(shown) > _SHORT:
        return None
    if len(markup) <= _SHORT_MARKUP or len(shown) < 50:
        challenge = _SURE_CHALLENGE.search(markup) or (len(shown) < 300 and _CHALLENGE.search(markup))
        if challenge:
            return Verdict.CHALLENGE, f"challenge page ({challenge[0].strip()[:40]})"
    return (None if signed else _said_to_be(f"{title or ''}\n{shown}", len(shown))) or _stub(
        markup, shown, signed=signed
    )


def _said_to_be(words: str, length: int) -> tuple[Verdict, str] | None:
    for pattern, verdict, name, longest in (
        (_SOFT404, Verdict.SOFT404, "soft 404", 400),
        (_ERROR, Verdict.ERROR, "error page", 400),
        (_LOGIN, Verdict.ERROR, "login page", 200),
    ):
        if length < longest and (match := pattern.search(words)) is not None:
            return verdict, f"{name} ({match[0].strip()[:40]})"
    return None


def _stub(markup: str, shown: str, *, signed: bool) -> tuple[Verdict, str] | None:
    if not signed and len(shown) < 120 and (address := jump_address(markup)) is not None:
        return Verdict.STUB, f"jump page to {address}"
    if len(shown) < 12:
        return Verdict.STUB, f"stub of {len(markup)} characters, {len(shown)} of them text"
    return None


def not_a_page(text: str, content_type: str | None) -> tuple[Verdict, str] | None:
    """JSON, a feed, a style sheet or binary data where a page was expected. Pure."""
    start = text[:300].lstrip("\ufeff \t\r\n")
    if (start[:1] in ("{", "[") and "json" in (content_type or "").lower()) or _is_json(text):
        return Verdict.ERROR, "JSON in the place of a page"
    if re.match(
        r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex|datastore)\b",
        start,
        re.IGNORECASE | re.DOTALL,
    ):
        return Verdict.LIST, "a feed or sitemap in the place of a page"
    if (
        start.startswith(("%PDF-", "PK\x03\x04", "\x89PNG", "GIF8", "Rar!", "\x1f\x8b"))
        or text[:2000].count("\x00") > 20
    ):
        return Verdict.ERROR, "a file in the place of a page"
    return None


def is_garbled(text: str, replaced_share: float) -> bool:
    """Whether more than 1 % of the characters are lost. Pure."""
    return replaced_share > _GARBLED or text.count("\ufffd") > _GARBLED * max(1, len(text))


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if not (stripped.startswith(("{", "[")) and stripped.endswith(("}", "]"))) or len(stripped) > 2_000_000:
        return False
    try:
        return isinstance(json.loads(stripped, strict=False), dict | list)
    except (ValueError, RecursionError):
        return False


def _by_status(capture: Capture, draft: Draft) -> tuple[Verdict, str] | None:
    status = capture.status
    if status < 300:
        return None
    if status in (521, 412, 491):
        return Verdict.CHALLENGE, f"HTTP {status}: the site asks for a browser"
    if status in (403, 429) or draft.quality.verdict is Verdict.CHALLENGE:
        return Verdict.CHALLENGE, f"HTTP {status}: refused by the site"
    if status in (404, 410):
        return Verdict.SOFT404, f"HTTP {status}"
    return Verdict.ERROR, f"HTTP {status}"


def _by_address(capture: Capture) -> tuple[Verdict, str] | None:
    asked, got = _path(capture.url), _path(capture.final_url)
    if asked is not None and got is not None and asked != got and _is_front(got) and not _is_front(asked):
        return Verdict.SOFT404, f"redirected to the front page {capture.final_url}"
    return None


def _breaks_off(body: bytes) -> bool:
    """Of 221 real pages not one lacked both ends."""
    markup = body.lower()
    return b"<html" in markup and b"</html" not in markup and b"</body" not in markup


def _noted(draft: Draft, note: str) -> Draft:
    return replace(draft, quality=replace(draft.quality, notes=(*draft.quality.notes, note)))


def _path(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_front(path: str) -> bool:
    return re.fullmatch(r"/?(?:(?:index|default|home|main)\.\w{2,5})?", path) is not None
