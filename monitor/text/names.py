"""Finds names in a sentence, and those that others took the place of; precise rather than greedy, and pure.

A name is what stands in 《》, a person beside an office, a run of characters between borders that ends like an
organisation or a place, or a well-known place. What no rule is sure of is no name.
"""

import re
from dataclasses import dataclass

from monitor.text.fold import fold_text
from monitor.text.wording import Comparison

_TITLE = re.compile(r"<[^<>\n]{1,40}>")  # 《》 as the fold writes them
#: Characters that a person's name may begin with.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦"
    "白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤楼骆应童盛竺屠"
)
_OFFICE = (
    "书记|市长|县长|区长|镇长|乡长|省长|部长|厅长|局长|处长|科长|主任|主席|院长|校长|行长|会长|秘书长|理事长|董事长|总经理|总裁|教授|院士|记者|发言人"
    "|检察长|司长|署长|站长|所长|研究员|工程师|负责人"
)
_AFTER_NAME = '在说表介指出率主宣为与和及等率陪前到出报参致讲强要向对认告提赴会调检带代一分\\s,.;:!?、()“”"\u3001]'
_PERSON = re.compile(
    rf"(?:{_OFFICE})(?P<name>[{SURNAMES}](?:[\u4e00-\u9fff]{{2}}(?=[{_AFTER_NAME}|$)|[\u4e00-\u9fff](?=[{_AFTER_NAME}|$)))"
)
#: What neither an organisation nor a place has within: its name begins behind it.
_BORDER = (
    r"[^\u4e00-\u9fff]|[由在向与和及的了到从对据经被是让把将以为并或]"
    "|今天|昨天|昨日|今日|日前|近日|会议|其中|记者|通过|包括|支持|根据|按照"
)
_ENDING = (
    "公司|集团|银行|大学|学院|医院|法院|检察院|委员会|管委会|研究院|研究所|协会|学会|商会|基金会"
    "|商务局|公安局|财政局|教育局|税务局|统计局|监管局|管理局|环境局|规划局|交通局|发改委|经信局|科技局|人社局|住建局"
    "|政府|人大|政协|工商联|开发区|经开区|高新区|新区|街道|产业园|工业园"
)
_LONGEST, _SHORTEST = 16, 3
_KNOWN = (
    "北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾"
    "|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|义乌|永康|东阳|兰溪|诸暨|嵊州|慈溪|余姚|奉化|瑞安|乐清|海宁|桐乡|平湖|德清|长兴|安吉|温岭|临海|玉环|龙泉"
    "|深圳|广州|苏州|南京|武汉|成都|西安|青岛|大连|厦门|郑州|长沙|合肥|福州|济南|无锡"
)
_KNOWN_PLACE = re.compile(_KNOWN)
_ORGANISATION = re.compile(rf"[\u4e00-\u9fff]+?(?:{_ENDING})(?!长|[\u4e00-\u9fff]{{0,2}}(?:{_ENDING}))")
_SPLIT = re.compile(_BORDER)


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A name and where it stands in the folded text, end exclusive."""

    start: int
    end: int
    text: str


def names(text: str) -> list[Name]:
    """The names of a text in their order; one that lies within another is left out. Pure.

    >>> [name.text for name in names("义乌市商务局局长王小明表示，《示例办法》由示例集团起草。")]
    ['义乌市商务局', '王小明', '《示例办法》', '示例集团']
    """
    folded = fold_text(text)
    shown = text if len(text) == len(folded) else folded
    found = [Name(*match.span(), match[0]) for match in _TITLE.finditer(folded)]
    found += [Name(*match.span("name"), match["name"]) for match in _PERSON.finditer(folded)]
    found += _bodies(folded)
    found += [Name(*match.span(), match[0]) for match in _KNOWN_PLACE.finditer(folded)]
    kept: list[Name] = []
    for name in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(Name(name.start, name.end, shown[name.start : name.end]))
    return kept


def _bodies(folded: str) -> list[Name]:
    """Organisations: from a border to their ending."""
    found, begin = [], 0
    for end in [*(match.span() for match in _SPLIT.finditer(folded)), (len(folded), len(folded))]:
        stretch = folded[begin : end[0]]
        match = _ORGANISATION.match(stretch)
        if match and _SHORTEST <= len(match[0]) <= _LONGEST:
            found.append(Name(begin, begin + len(match[0]), match[0]))
        begin = end[1]
    return found


def replaced_names(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """The names that changed between two sentences, as (before, after); "" where one only came or went. Pure.

    A name changed where a changed word stands in it and the other sentence has no such name.

    >>> from monitor.text.wording import compared
    >>> replaced_names(compared("副市长王小明在会上讲话。", "副市长李大力在会上讲话。"))
    (('王小明', '李大力'),)
    >>> replaced_names(compared("今天在义乌召开。", "昨天在义乌召开。"))
    ()
    """
    old, new = names(comparison.before), names(comparison.after)
    old_known, new_known = {name.text for name in old}, {name.text for name in new}
    if old_known == new_known:
        return ()
    found: dict[tuple[str, str], None] = {}
    for gone, come in comparison.spans:
        lost = _within(old, new_known, [(comparison.old[at].start, comparison.old[at].end) for at in gone])
        won = _within(new, old_known, [(comparison.new[at].start, comparison.new[at].end) for at in come])
        one_by_one = len(lost) == len(won)
        pairs = zip(lost, won, strict=True) if one_by_one else (*((a, "") for a in lost), *(("", b) for b in won))
        found.update(dict.fromkeys(pairs))
    return tuple(found)


def _within(found: list[Name], known: set[str], spans: list[tuple[int, int]]) -> list[str]:
    return [
        name.text
        for name in found
        if name.text not in known and any(start < name.end and name.start < end for start, end in spans)
    ]
