"""Who is credited with an article: the outlet (来源), the writers, the editor. Never one for the other."""

import re
from collections.abc import Iterable, Sequence

from crawler.extract.labels import Label, fold_line, labelled
from crawler.extract.times import find_stamps
from crawler.records import Precision

#: What follows an outlet's name in one line, without a label of its own.
_OUTLET_ENDS = re.compile(
    r"\s*(?:[|｜丨【\[•·]\s|[|｜【\[]|\s{2,}|\s(?=[\u4e00-\u9fff（(])|参与互动|参与评论|我要评论|"
    r"我要纠错|发表评论|网友评论|(?<=[网报社台刊])记者|手机看新闻|字号|T\|T|分享到?|点击|浏览|阅读|举报"
    r"|微博|微信|关注|用手机|打印|收藏|大中小|原标题|（?责任?编辑?|\d+\s*(?:条)?评论|http)"
)
_HAS_DIGIT = re.compile(r"\d")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 .&'’-]*")
# fmt: off
_NO_OUTLET = frozenset({
    "网络", "互联网", "网络综合", "综合", "本站", "未知", "其他", "其它",
    "网上", "不详", "网友", "转载", "admin", "原创", "本站原创"
})
# fmt: on
#: 163 names the place behind the paper: 示例日报(广州), 示例网上海.
_PLACE = re.compile(
    r"\s*[(（][\u4e00-\u9fff]{2,3}[)）]$|(?<=[网报社刊站经])(?:北京|上海|天津|重庆|广东|浙江|江苏|山东|河南|"
    r"河北|湖南|湖北|四川|福建|安徽|辽宁|陕西|江西|云南|广西|山西|贵州|"
    r"黑龙江|吉林|甘肃|海南|内蒙古|新疆|宁夏|青海|西藏|香港)$"
)
_SENTENCE = re.compile(r"[。！？；，!?;]")
#: What a name without a label must look like to be an outlet's.
_OUTLET_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,12}(?:网|報|报|社|电视台|周刊|在线|新闻|客户端|杂志|频道)")
_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")
_NO_NAME_BEGINS = re.compile(r"(?:发布|发表|更新)?时间")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?:[·•][\u4e00-\u9fff]{1,8})?")
_ROLES = re.compile(
    r"本报|本网|本刊|本台|全媒体|融媒体|首席|特约|实习|见习|新媒体|驻[\u4e00-\u9fff]{2,4}?(?=记者)|记者|"
    r"通讯员|编辑|编译|责任|撰文|撰稿|作者|实习生|评论员|"
    r"特派员|报道员|综合|整理|文字|摄影|报道|供稿|主编|责编|摄"
)
# fmt: off
_NO_NAME = frozenset({
    "佚名", "未知", "网络", "匿名", "管理员", "编辑", "本站",
    "记者", "作者", "不详", "小编", "暂无", "原创", "转载", "综合"
})
# fmt: on
_BYLINE = re.compile(
    r"[（(]\s*(?:本报|本网|本刊|新华社|央视|总台|[\u4e00-\u9fff]{2,8}?)?(?:首席|特约|见习|实习|"
    r"全媒体)?(?:记者|通讯员)\s*"
    r"([\u4e00-\u9fff·、，, 　]{2,60}?)[)）]"
)
_TAIL_BYLINE = re.compile(
    r"^[（(【\[]?(?:本报|本网|中新社|新华社|总台央视|潮新闻|[\u4e00-\u9fff]{2,8}?)?(?:首席|特约|见习|"
    r"实习|全媒体)?记者\s*[：:丨|/]?\s*"
    r"([\u4e00-\u9fff·、 　]{2,40}?)[)）】\]]?$"
)


def outlet(value: str) -> str | None:
    """The outlet that a 来源 value names, or None where it names none. Pure.

    >>> outlet("《示例日报》 2023-07-06 17:31 字号")
    '示例日报'
    """
    value = value.strip().lstrip(":：").strip()
    for _, start, _ in find_stamps(value):
        value = value[:start]
        break
    if _NO_NAME_BEGINS.match(fold_line(value)):
        return None
    latin = _LATIN_NAME.match(value)
    kept = latin[0].strip() if latin else ""
    cut = _OUTLET_ENDS.search(value, len(kept) if len(kept) >= 2 else 1)
    value = (value[: cut.start()] if cut else value).strip(" \u3000,，、;；:：|-—_/（(【[")
    value = _PLACE.sub("", value)
    if value.startswith("《") and value.endswith("》") and value.count("《") == 1:
        value = value[1:-1]
    if not 2 <= len(value) <= 40 or _SENTENCE.search(value) or fold_line(value) in _NO_OUTLET or value.isdigit():
        return None
    return value


def chosen_outlet(value: str) -> str | None:
    """The outlet in the text of an element that a source's configuration points at, label or not. Pure.

    >>> chosen_outlet("发布时间：2023-07-06 来源：示例日报"), chosen_outlet("示例日报")
    ('示例日报', '示例日报')
    """
    return next(iter(outlets([value])), None) or outlet(value)


def outlets(lines: Iterable[str]) -> list[str]:
    """The outlets that these lines credit by a label, in order, each once. Pure."""
    found = (outlet(v.value) for line in lines for v in labelled(line) if v.label is Label.ORIGIN)
    return list(dict.fromkeys(name for name in found if name))


def outlet_beside_time(lines: Iterable[str]) -> str | None:
    """The outlet of a line that says nothing but when and where (2023-07-06 17:31 示例日报). Pure.

    >>> outlet_beside_time(["2023-07-06 17:31 示例日报", "示例网"])
    '示例日报'
    """
    for line in lines:
        stamp = next(find_stamps(line), None) if len(line) <= 60 else None
        if stamp is None or stamp[0].precision not in (Precision.MINUTE, Precision.SECOND):
            continue
        rest = _ADDRESS.sub(" ", f"{line[: stamp[1]]} {line[stamp[2] :]}").strip(" \u3000|·《》")
        if _OUTLET_NAME.fullmatch(rest) and (name := outlet(rest)) is not None:
            return name
    return None


def editors(lines: Iterable[str]) -> str | None:
    """责任编辑 (or 编辑) as names joined by 、. Pure."""
    found = [(v.value, line[v.start : v.end]) for line in lines for v in labelled(line) if v.label is Label.EDITOR]
    # 责任编辑 says more than 编辑, which may be the maker of a picture.
    found.sort(key=lambda pair: not pair[1].startswith("责"))
    return next((people for value, _ in found if (people := names(value))), None)


def authors(lines: Iterable[str]) -> str | None:
    """The writers whom lines name by a label (作者, 文丨, 记者). Pure."""
    found = (v.value for line in lines for v in labelled(line) if v.label is Label.AUTHOR)
    return next((people for value in found if len(value) <= 40 and (people := names(value))), None)


def byline(text: Sequence[str]) -> str | None:
    """The reporters named in the text's own first or last paragraphs: （记者 某甲 某乙）. Pure."""
    for line in (*text[:2], *text[-2:]):
        if (match := _BYLINE.search(line[:150] if line is not text[-1] else line[-150:])) is not None:
            return names(match[1])
    for line in text[-2:]:
        if len(line) <= 50 and (match := _TAIL_BYLINE.match(line)) is not None:
            return names(match[1])
    return None


def names(value: str) -> str | None:
    """The people in a value, joined by 、; roles and staff codes left out; None where it holds no name. Pure.

    >>> names("本报记者 某甲 通讯员 某乙")
    '某甲、某乙'
    >>> names("某丙_NE0011")
    '某丙'
    """
    value = value.strip().lstrip(":：/|丨").strip()
    if _SENTENCE.sub("", value[:60]) != value[:60] and "，" not in value[:60]:
        value = _SENTENCE.split(value)[0]
    people: list[str] = []
    for token in re.split(r"[\s、，,/|丨;；&_()（）\[\]【】]+", _ROLES.sub(" ", value[:80])):
        match = _NAME.fullmatch(token)
        if match and token not in _NO_NAME:
            people.append(token)
        elif people and token and not token.isascii():
            break
    if not people:
        first = re.split(r"[\s|丨、，,()（）\[\]【】]+", value)[0]
        if (
            2 <= len(first) <= 20
            and first not in _NO_NAME
            and not _ROLES.fullmatch(first)
            and not _HAS_DIGIT.search(first)
        ):
            return first
        return None
    return "、".join(dict.fromkeys(people[:8]))
