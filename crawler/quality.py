"""Is this capture an article, or what sites serve in its place: a challenge, a soft 404, a stub, a list? Pure.

Every verdict carries its evidence in `quality.notes`: the words, the status or the address that it rests on.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from crawler import redirects
from crawler.jump import jump_address
from crawler.records import BREAKS_OFF, ELSEWHERE, Capture, Draft, Entry, Quality, Verdict
from crawler.text import mojibake, titles

_CHALLENGE = re.compile(
    r"__jsl_clearance|__jsluid_[hs]|\$_ts\s*[=.\[]|创宇(?:盾|云)|云防御|加速乐|玄武盾|GeoBL|wzws-?(?:ray|waf)|WZWS|"
    r"acw_sc__v2|_cf_chl_opt|cf-browser-verification|_Incapsula_Resource|awsWaf|errors\.aliyun\.com|"
    r"Just a moment\.\.\.|Checking your browser|cdn-cgi/challenge|安全狗|云锁|网站防火墙|yunsuo|D盾|云盾|"
    r"请完成(?:安全)?验证|安全验证|滑动验证|人机(?:身份)?验证|"
    r"访问(?:过于频繁|验证|被拒绝|受限)|(?:请求|操作)(?:过于)?频繁|您的(?:请求|访问)(?:过于频繁|可能存在|已被)|"
    r"检测到(?:异常|攻击)|(?:请求|访问|操作)(?:已经?)?被[^，。]{0,12}(?:拦截|阻断|拒绝)|非法(?:请求|访问)|"
    r"疑似(?:黑客)?攻击|请开启(?:浏览器)?JavaScript|"
    r"enable JavaScript and cookies|verify you are (?:a )?human|Access Denied|Request blocked|captcha",
    re.IGNORECASE,
)
#: No newsroom writes these: the page is a challenge whatever else it holds, if it is short.
_SURE_CHALLENGE = re.compile(
    r"__jsl_clearance|\$_ts\s*[=.\[]|acw_sc__v2|_cf_chl_opt|cdn-cgi/challenge|_Incapsula_Resource|gokuProps"
)
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
#: Another site answers: a name that was sold, an address without a site, a network that asks for a login first.
_FOREIGN = re.compile(
    r"域名(?:出售|转让|停放|已过期|到期|未备案)|(?:该|此|本)域名|domain (?:is |may be )?(?:for sale|parked|expired)|"
    r"buy this domain|网站(?:暂时)?(?:无法访问|已关闭|已停用)|站点(?:创建成功|不存在|已暂停|未备案)|没有找到站点|"
    r"未(?:绑定|完成)?备案|Welcome to nginx|It works!|IIS Windows|Apache2? \w+ Default Page|"
    r"上网认证|(?:Portal|无线(?:网络|上网)?|校园网|网络)(?:接入)?认证|Wi-?Fi.{0,10}(?:登录|认证|login)|captive portal",
    re.IGNORECASE,
)
#: What such pages are called, whatever navigation stands around them: the whole title, but for the site's name.
_CALLED = re.compile(
    r"\W*(?:(?P<soft404>404(?:\W*(?:not found|错误|页面|error).*)?|"
    r"(?:页面|网页|文章|内容)(?:不存在|未找到|没有找到|找不到|已删除)|"
    r"找不到(?:该|此|您)?.{0,6}(?:页面?|网页)|(?:page )?not found|出错[了啦]|错误(?:页面|提示|信息)|頁面不存在)"
    r"|(?P<challenge>访问验证|安全验证|人机验证|访问被拒绝|访问受限|Just a moment|Attention Required|Access Denied|"
    r"403(?: Forbidden)?|拦截(?:提示|页面)?|请稍候)"
    r"|(?P<error>系统(?:提示|维护|升级|错误)|网站维护(?:中)?|50\d(?: .*)?|Bad Gateway|Service Unavailable)"
    r"|(?P<login>(?:用户|会员|系统)?登录|login|sign in|统一身份认证))\s*(?:[-_|—–·!！].*)?",
    re.IGNORECASE,
)
#: A text as short as this that says that something is not there is not the report of it.
_ONE_LINE = 80
#: A page whose visible text is shorter is judged by its markers; a longer one is an article about them.
_SHORT = 600
_SHORT_MARKUP = 30_000
_GARBLED = 0.01
_SAMPLE = 2000
#: A piece of JSON, be it cut off or one of many lines.
_RECORD = re.compile(r'(?:\[\s*)?\{\s*"[^"\n]{1,60}"\s*:')
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STATUSES = {
    401: (Verdict.ERROR, "a login is asked for"),
    403: (Verdict.CHALLENGE, "refused by the site"),
    404: (Verdict.SOFT404, ""),
    407: (Verdict.ERROR, "a login is asked for"),
    410: (Verdict.SOFT404, ""),
    412: (Verdict.CHALLENGE, "the site asks for a browser"),
    429: (Verdict.CHALLENGE, "refused by the site"),
    491: (Verdict.CHALLENGE, "a firewall shuts us out for a while"),
    511: (Verdict.ERROR, "a login is asked for"),
    521: (Verdict.CHALLENGE, "the site asks for a browser"),
}


def judge(capture: Capture, draft: Draft, *, entry: Entry | None = None) -> Draft:
    """The draft with the verdict that status and address add to its content; no text where it is no article. Pure.

    entry: what the listing said of the article. A redirect to another title is a dead link, whatever number the
    address has; without an entry the note ELSEWHERE leaves that to those who know the title.
    A page that breaks off stays what its content says, with the note BREAKS_OFF.
    """
    found = _by_status(capture, draft) or _by_address(capture, draft, entry)
    if found is None:
        notes = [ELSEWHERE] if entry is None and _is_elsewhere(capture) else []
        notes += [BREAKS_OFF] if _breaks_off(capture.body) else []
        return _noted(draft, notes) if notes else draft
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
        (_FOREIGN, Verdict.ERROR, "page of another site", 400),
        (_LOGIN, Verdict.ERROR, "login page", 200),
    ):
        if length < longest and (match := pattern.search(words)) is not None:
            return verdict, f"{name} ({match[0].strip()[:40]})"
    return None


def text_trouble(text: str, title: str | None, *, signed: bool = False) -> tuple[Verdict, str] | None:
    """What a page is instead of an article, by the text and the title that were found in it; None: an article. Pure.

    Soft 404s wear their site's whole navigation, so that only what stands where the article should be tells.
    """
    if signed or len(text) > _SHORT:
        return None
    if len(title or "") <= 30 and (match := _CALLED.fullmatch((title or "").strip())) is not None:
        kind = match.lastgroup or ""
        verdict, name = _KINDS[kind]
        return verdict, f"{name} (title {match[kind][:40]})"
    if len(text) > _ONE_LINE:
        return None
    for pattern, kind in ((_CHALLENGE, "challenge"), (_SOFT404, "soft404")):
        if (match := pattern.search(text)) is not None:
            verdict, name = _KINDS[kind]
            return verdict, f"{name} ({match[0].strip()[:40]})"
    return None


_KINDS = {
    "soft404": (Verdict.SOFT404, "soft 404"),
    "challenge": (Verdict.CHALLENGE, "challenge page"),
    "error": (Verdict.ERROR, "error page"),
    "login": (Verdict.ERROR, "login page"),
}


def _stub(markup: str, shown: str, *, signed: bool) -> tuple[Verdict, str] | None:
    if not signed and len(shown) < 120 and (address := jump_address(markup)) is not None:
        return Verdict.STUB, f"jump page to {address}"
    if len(shown) < 12 or (len(markup) <= 400 and len(shown) < 30 and not signed):
        return Verdict.STUB, f"stub of {len(markup)} characters, {len(shown)} of them text"
    return None


def not_a_page(text: str, content_type: str | None) -> tuple[Verdict, str] | None:
    """JSON, a feed, a style sheet or binary data where a page was expected. Pure."""
    start = text[:300].lstrip("\ufeff \t\r\n")
    if (start[:1] in ("{", "[") and "json" in (content_type or "").lower()) or _RECORD.match(start) or _is_json(text):
        return Verdict.ERROR, f"JSON in the place of a page ({' '.join(start.split())[:60]})"
    if re.match(
        r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex|datastore)\b",
        start,
        re.IGNORECASE | re.DOTALL,
    ):
        return Verdict.LIST, "a feed or sitemap in the place of a page"
    if start.startswith(("%PDF-", "PK\x03\x04", "\x89PNG", "GIF8", "Rar!")) or _is_binary(text[:_SAMPLE]):
        return Verdict.ERROR, "a file in the place of a page"
    return None


def _is_binary(sample: str) -> bool:
    """A page may have a few control characters, which browsers pass over; of other files they are a tenth."""
    return len(_CONTROLS.findall(sample)) > max(10, 0.05 * len(sample))


def is_garbled(text: str, replaced_share: float) -> bool:
    """Whether more than 1 % of the characters are lost or misread. replaced_share: of the page around. Pure."""
    return replaced_share > _GARBLED or mojibake.is_garbled(text)


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
    verdict, why = _STATUSES.get(status, (Verdict.ERROR, ""))
    if draft.quality.verdict is Verdict.CHALLENGE:
        verdict, why = Verdict.CHALLENGE, why or "refused by the site"
    return verdict, f"HTTP {status}: {why}" if why else f"HTTP {status}"


def _by_address(capture: Capture, draft: Draft, entry: Entry | None) -> tuple[Verdict, str] | None:
    """What a redirect says. A challenge stays one wherever it stands, and a page that only jumps on is followed."""
    if draft.quality.verdict is Verdict.CHALLENGE or draft.jump is not None:
        return None
    match redirects.compare(capture.url, capture.final_url):
        case redirects.Got.FRONT:
            return Verdict.SOFT404, f"redirected to the front page {capture.final_url}"
        case redirects.Got.LOGIN:
            return Verdict.ERROR, f"redirected to a login page {capture.final_url}"
        case redirects.Got.SAME:
            return None
        case got:
            return _by_title(capture, draft, entry, got)


def _by_title(capture: Capture, draft: Draft, entry: Entry | None, got: redirects.Got) -> tuple[Verdict, str] | None:
    """Whether the article that a redirect led to is the one that the listing named."""
    if entry is None or draft.quality.verdict is not Verdict.ARTICLE:
        return None
    note = f"redirected to another article: {capture.final_url} is called {draft.title}"
    if entry.title is not None:
        return None if titles.agree(entry.title, draft.title or "") else (Verdict.SOFT404, f"{note}, not {entry.title}")
    return (Verdict.SOFT404, note) if got is redirects.Got.OTHER else None


def _is_elsewhere(capture: Capture) -> bool:
    return redirects.compare(capture.url, capture.final_url) in (redirects.Got.UNSURE, redirects.Got.OTHER)


def _breaks_off(body: bytes) -> bool:
    """Of 221 real pages not one lacked both ends."""
    markup = body.lower()
    return b"<html" in markup and b"</html" not in markup and b"</body" not in markup


def _noted(draft: Draft, notes: Sequence[str]) -> Draft:
    return replace(draft, quality=replace(draft.quality, notes=(*draft.quality.notes, *notes)))
