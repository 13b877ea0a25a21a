"""What to call a source that nobody has named: from what its page says of itself, and from its address. Pure."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from lxml import html

from crawler.lists.rows import one_line

_SUFFIX = re.compile(r"\.(?:(?:gov|com|org|net|edu)\.cn|cn|com|net|org)$")
_DULL = re.compile(r"^(?:index|default|list|paperindex|node|data|info)(?:_\d+)?$|^$", re.IGNORECASE)
#: Parameters that tell one column from another.
_TELLING = re.compile(r"id$|^t$|type|code|channel|column|class|cate|word", re.IGNORECASE)
_LONGEST_SLUG = 60
_HERE = re.compile(r"(?:当前|您的|您当前的|现在|所在)(?:所在)?(?:位置|栏目)(?:是)?\s*[:：]?\s*(?:您现在的位置)?")
_STEP = re.compile(r"\s*(?:>>|[>＞»›/→]|\s-\s|—+)\s*")
_TITLE_PARTS = re.compile(r"\s*[_|｜－—·]+\s*|\s+-\s*|\s*-\s+|-(?=[\u3400-\u9fff])")
_NO_COLUMN = frozenset({"首页", "网站首页", "首 页", "列表", "正文", "栏目", "信息列表", "文章列表", "更多"})
_SITE = re.compile(r"(?:政府|门户网站|网|局|厅|委|部|在线|报|日报|新闻|频道|中心|院|办公室|大学)$")
#: What stands in the names of sites and columns -> region; the first that fits counts, so narrow ones stand first.
_REGIONS: Mapping[str, str] = {
    "义乌": "义乌",
    "德清": "湖州",
    **{city: city for city in ("杭州", "宁波", "温州", "嘉兴", "湖州", "绍兴", "金华", "衢州", "舟山", "台州", "丽水")},
    "浙江": "浙江",
    **{
        province: province
        for province in (
            *(
                "北京",
                "天津",
                "上海",
                "重庆",
                "河北",
                "山西",
                "内蒙古",
                "辽宁",
                "吉林",
                "黑龙江",
                "江苏",
                "安徽",
                "福建",
            ),
            *(
                "江西",
                "山东",
                "河南",
                "湖北",
                "湖南",
                "广东",
                "广西",
                "海南",
                "四川",
                "贵州",
                "云南",
                "西藏",
                "陕西",
                "甘肃",
            ),
            *("青海", "宁夏", "新疆", "香港", "澳门", "台湾"),
        )
    },
    "中华人民共和国": "全国",
    "国家": "全国",
    "中国": "全国",
    "新浪": "全国",
}
_HOSTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), region)
    for pattern, region in (
        (r"(?:^|\.)(?:yw\.gov|zgyww)\.cn$", "义乌"),
        (r"(?:^|\.)(?:deqing|huzhou)\.gov\.cn$", "湖州"),
        (r"(?:^|\.)hangzhou\.(?:gov|com)\.cn$", "杭州"),
        (r"(?:^|\.)(?:ningbo\.gov|cnnb\.com)\.cn$", "宁波"),
        (r"(?:^|\.)wenzhou\.gov\.cn$", "温州"),
        (r"(?:^|\.)jiaxing\.gov\.cn$", "嘉兴"),
        (r"(?:^|\.)(?:sx|shaoxing)\.gov\.cn$", "绍兴"),
        (r"(?:^|\.)jinhua\.gov\.cn$", "金华"),
        (r"(?:^|\.)(?:qz|quzhou)\.gov\.cn$", "衢州"),
        (r"(?:^|\.)zhoushan\.gov\.cn$", "舟山"),
        (r"(?:^|\.)(?:zjtz|taizhou)\.gov\.cn$", "台州"),
        (r"(?:^|\.)lishui\.gov\.cn$", "丽水"),
        (r"(?:^|\.)(?:zj\.gov|zjol\.com)\.cn$", "浙江"),
        (r"(?:^|\.)sina\.(?:com\.)?cn$", "全国"),
        (r"^(?:(?:sousuo\.)?www\.)?gov\.cn$", "全国"),
        (r"(?:^|\.)(?:miit|ndrc|most|stats|cac|samr|mofcom|mohurd|moe|mof|nmpa|csrc)\.gov\.cn$", "全国"),
    )
)
_EVERY: Mapping[str, str] = {
    "sina_live": "5m",
    "sina_roll": "15m",
    "feed": "30m",
    "html_list": "30m",
    "epaper": "4h",
    "hanweb_xxgk": "6h",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a page says of itself."""

    site: str | None = None
    column: str | None = None


def about_page(root: html.HtmlElement) -> About:
    """Site and column of a list page: the metas of the national standard, else breadcrumb and title. Pure."""
    metas = {
        (meta.get("name") or meta.get("property") or "").strip().lower(): one_line(meta.get("content") or "")
        for meta in root.iter("meta")
    }
    title = one_line(next((element.text_content() for element in root.iter("title")), ""))
    parts = [part for part in _TITLE_PARTS.split(title) if part]
    column = metas.get("columnname") or _breadcrumb(root) or (parts[0] if parts else None)
    site = metas.get("sitename") or metas.get("og:site_name") or _site_of(parts, column)
    return About(site=_short(site), column=_short(column) if column not in _NO_COLUMN else None)


def _short(text: str | None) -> str | None:
    return one_line(text)[:40] or None if text else None


def _site_of(parts: list[str], column: str | None) -> str | None:
    others = [part for part in parts if part != column]
    return next((part for part in reversed(others) if _SITE.search(part)), others[-1] if others else None)


def _breadcrumb(root: html.HtmlElement) -> str | None:
    """The last step of 当前位置：首页 > 政务公开 > 通知公告."""
    for element in root.iter("div", "p", "td", "ul", "span", "nav", "section"):
        text = one_line(element.text_content()) if len(element) < 30 else ""
        found = _HERE.search(text[:30])
        if found is not None and len(text) < 120:
            steps = [step for step in _STEP.split(text[found.end() :]) if step and step not in _NO_COLUMN]
            return steps[-1] if steps and len(steps[-1]) <= 20 else None
    return None


def name_of(about: About, url: str) -> str:
    """A name for people: site and column with a middle dot, else the host. Pure."""
    site = re.sub(r"(?:人民)?政府(?:门户)?网站?$", "政府", re.sub(r"门户网站$", "", about.site or "")) or None
    parts = [part for part in (site, about.column) if part]
    return "·".join(dict.fromkeys(parts)) if parts else urlsplit(url).netloc


def region_of(about: About, url: str) -> str | None:
    """The region that column, site or host name, the column first; None where none does. Pure.

    >>> region_of(About(site="示例网", column="宁波"), "https://example.com/")
    '宁波'
    """
    for text in (about.column, about.site):
        if text and (found := next((region for name, region in _REGIONS.items() if name in text), None)):
            return found
    host = (urlsplit(url).hostname or "").lower()
    return next((region for pattern, region in _HOSTS if pattern.search(host)), None)


def slug_of(url: str, *, taken: Collection[str] = ()) -> str:
    """A slug from host and path that none of `taken` is. Pure.

    >>> slug_of("https://www.yw.gov.cn/col/col1229187636/index.html")
    'yw-col1229187636'
    >>> slug_of("http://www.gdcenn.cn/news_list.asp?ClassID=8")
    'gdcenn-news-list-classid-8'
    """
    parts = urlsplit(url)
    steps = [re.sub(r"\.\w{2,5}$", "", step) for step in parts.path.split("/")]
    steps = [step for step in steps if not _DULL.match(step)]
    telling = [f"{key}-{value}" for key, value in parse_qsl(parts.query) if _TELLING.search(key) and len(value) <= 24]
    last = [steps[-1]] if steps and re.search(r"\d{5,}", steps[-1]) else steps[-2:]
    words = [_host_word(parts.hostname or "site"), *last, *telling[:3]]
    slug = re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")[:_LONGEST_SLUG].strip("-") or "source"
    number, free = 2, slug
    while free in taken:
        free, number = f"{slug}-{number}", number + 1
    return free


def _host_word(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _SUFFIX.sub("", host.lower().removeprefix("www.")).removeprefix("www.") or host
    return f"site-{host}"


def every_of(engine: str) -> str:
    """How often to ask a source of that engine, as sites of its kind publish. Pure."""
    return _EVERY.get(engine, "60m")
