"""Who is credited with an article: the outlet (来源), the writers, the editor. Never one for the other."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from crawler.extract.labels import Label, cell_label, fold_line, labelled
from crawler.extract.times import find_stamps
from crawler.records import Precision

#: What follows an outlet's name in one line, without a label of its own.
_OUTLET_ENDS = re.compile(
    r"\s*(?:[|｜丨【\[•·]\s|[|｜【\[]|\s{2,}|\s(?=[\u4e00-\u9fff（(])|参与互动|参与评论|我要评论|"
    r"我要纠错|发表评论|网友评论|(?<=[网报社台刊])记者|手机看新闻|字号|T\|T|分享到?|点击|浏览|阅读|举报"
    r"|微博|微信|关注|用手机|打印|收藏|大中小|[大小]字[体號号]|原标题|（?责任?编辑?|\d+\s*(?:条)?评论|http)"
)
#: 《示例月刊》2023年第7期.
_ISSUE = re.compile(r"(?<=》)\s*[(（]?(?:\d{4}\s*年)?\s*(?:总?第\s*\d+\s*期|\d+\s*月刊?|第\s*\d+\s*卷).*$")
#: No name of an outlet with all that stands behind it in its line is longer; what is, was made to be slow.
_LONGEST_VALUE = 300
_HAS_DIGIT = re.compile(r"\d")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 .&'’-]*")
# fmt: off
_NO_OUTLET = frozenset({
    "网络", "互联网", "网络综合", "综合", "本站", "未知", "其他", "其它",
    "网上", "不详", "网友", "转载", "admin", "原创", "本站原创", "转载文章", "网络转载", "本网", "本网站", "网站"
})
# fmt: on
#: 163 names the place behind the paper: 示例日报(广州), 示例网上海.
_PLACE = re.compile(
    r"\s*[(（][\u4e00-\u9fff]{2,3}[)）]$|(?<=[网报社刊站经])(?:北京|上海|天津|重庆|广东|浙江|江苏|山东|河南|"
    r"河北|湖南|湖北|四川|福建|安徽|辽宁|陕西|江西|云南|广西|山西|贵州|"
    r"黑龙江|吉林|甘肃|海南|内蒙古|新疆|宁夏|青海|西藏|香港)$"
)
#: Markup that a template left in the text (size="20").
_NO_LETTERS = re.compile(r"""[="'<>{}\\;]|^[^\w《“「『]""")
_SENTENCE = re.compile(r"[。！？；，!?;]")
#: What a name without a label must look like to be an outlet's.
_OUTLET_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,12}(?:网|報|报|社|电视台|周刊|在线|新闻|客户端|杂志|频道)")
#: Sections of a site are called like outlets.
_SECTION = re.compile(
    r"(?:社会|国内|国际|时政|财经|经济|体育|娱乐|科技|本地|地方|民生|综合|公司|行业|热点|最新|今日|图片|滚动|政务|部门|区县|基层|工作|"
    r"校园|学院|媒体|头条|产业|教育|健康|文化|要闻|视频|原创|首页|本站|更多|相关|听|看)+(?:新闻|频道|在线|网)?"
)
_PAGE = re.compile(r"\s*[（(【\[]?\s*第?\s*[A-Z]?\d{1,3}\s*版[)）】\]]?$")
_FROM = re.compile(r"来源于|(?:来源|转自|稿源) ")
_WITHOUT_YEAR = re.compile(r"(?<!\d)\d{1,2}\s?[-/.月]\s?\d{1,2}日?\s{0,3}\d{1,2}:\d\d(?::\d\d)?(?!\d)")
#: The commoner family names: a name behind a role without a colon must begin with one (编辑 出版 发行 are no people).
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农"
    "司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池昌"
)
_PERSON = rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,3}}"
_PEOPLE = rf"{_PERSON}(?:[ 、,\u3000]{{1,3}}{_PERSON}){{0,5}}"
_EDITOR = r"(?:责任|值班|网络|新媒体|本期|执行)?编辑|责编"
_AUTHOR = r"(?:本报|本网|本刊|首席|全媒体|特约|见习|实习)?记者|通讯员|作者|撰文|撰稿|文字"
_HAND = r"校对|审核|审校|审读|摄影|监制|统筹|制图|设计|编审|初审|终审|主编|视频|海报"
_OUTLET_OF = r"(?:[\u4e00-\u9fff·]{1,8}(?:新闻|财经|[报网社刊端台]))?"
_APART = r"(?: {1,3}| ?[|丨/] ?)"
#: 编辑 某甲 校对 某乙: who did what, without a colon. 潮新闻 记者 某丙. 示例新闻编辑 | 某丁.
_ROLE = re.compile(
    rf"(?:^|(?<=[ |丨/])){_OUTLET_OF}(?:(?P<editor>{_EDITOR})|(?P<author>{_AUTHOR})){_APART}(?P<names>{_PEOPLE})"
    r"(?=[ |丨/)]|$)"
)
#: Not 示例日报记者 某戊: such a line is the text's own.
_ROLES_ONLY = re.compile(
    rf"(?:[^ ]{{2,8}} {{1,3}})?(?:(?:(?:{_EDITOR}|{_AUTHOR}|{_HAND}) {{1,3}}"
    rf"|{_OUTLET_OF}(?:{_EDITOR}|{_AUTHOR}|{_HAND}) ?[|丨/] ?){_PEOPLE}(?: {{1,3}}|$))+"
)
_LONGEST_ROLES = 80
_PARTS = re.compile(r"[/|／｜丨]")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,8}")
_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")
_NO_NAME_BEGINS = re.compile(r"(?:发布|发表|更新)?时间")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?:[·•][\u4e00-\u9fff]{1,8})?")
#: 王　某: two characters set as wide as three.
_SPACED_NAME = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000\xa0]{1,2}([\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)
_ROLES = re.compile(
    r"本报|本网|本刊|本台|全媒体|融媒体|首席|特约|实习生|实习|见习|新媒体|驻[\u4e00-\u9fff]{2,4}?(?=记者)|记者|"
    r"通讯员|编辑|编译|责任|撰文|撰稿|作者|评论员|"
    r"特派员|报道员|综合|整理|文字|摄影|报道|供稿|主编|责编|摄|攝"
)
# fmt: off
_NO_NAME = frozenset({
    "佚名", "未知", "网络", "匿名", "管理员", "编辑", "本站",
    "记者", "作者", "不详", "小编", "暂无", "原创", "转载", "综合", "连线", "admin", "administrator", "root"
})
# fmt: on
_BYLINE = re.compile(
    r"[（(\[]\s*(?:本报|本网|本刊|新华社|央视|总台|[\u4e00-\u9fff]{2,8}?)?(?:首席|特约|见习|实习|"
    r"全媒体)?(?:记者|通讯员)\s*"
    r"([\u4e00-\u9fff·、，, 　]{2,60}?)(?:/[\u4e00-\u9fff]{2,8})?[)）\]]"
)
_ANYBODY = r"[\u4e00-\u9fff]{2,4}(?:[·•][\u4e00-\u9fff]{1,8})?"
#: A line that only names its reporters: □ 本报记者 某甲; 示例日报·示例端记者 某乙 某丙; 本报记者某丁发自北京.
#: Where nothing parts the name from its role it must begin as names do (记者会今天举行).
_LINE_BYLINE = re.compile(
    r"[□■●○◆▲◎ \u3000(（【\[]*(?:整合|综合|采写|撰文)? ?(?:[\u4e00-\u9fff·]{1,13}[报刊网社台视闻讯端志道媒点])?"
    r"(?:驻[\u4e00-\u9fff]{2,6})?(?:首席|特约|见习|实习|全媒体)?记者"
    rf"(?:[ \u3000]*[ \u3000：:丨|/][ \u3000]*(?P<apart>{_ANYBODY}(?:[ 、,\u3000]{{1,3}}{_ANYBODY}){{0,5}})"
    rf"|(?P<joined>{_PERSON}(?:(?:[ 、,\u3000]{{0,3}}(?:通讯员|实习生) ?|[ 、,\u3000]{{1,3}}|){_PERSON}){{0,5}}))"
    r"(?:发自[\u4e00-\u9fff]{2,8}|[ \u3000/][\u4e00-\u9fff]{0,6}(?:报道|文)|[\u4e00-\u9fff]{2,4}报道)?[)）】\]]?"
)
#: What the names of places and offices end with, whose first characters may be family names (江某市文某局).
_NO_PERSON_ENDS = frozenset("省市县区镇乡村局厅委办部院社报网台站处科室队所组司")
#: (示例社记者某甲台北5日电): the place behind the name has two characters at least.
_AGENCY_BYLINE = re.compile(rf"记者([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})[\u4e00-\u9fff]{{2,4}}\d{{1,2}}日(?:专|外)?电")
#: 本文来自某号，作者：某甲，题图来自某处.
_INSIDE = re.compile(rf"(?:^|[,(\s|])作者 ?: ?({_PERSON}(?:[ 、,]{_PERSON}){{0,3}})(?=[,。)\s|]|$)")
#: （某甲 北京报道） behind the last sentence.
_END_BYLINE = re.compile(rf"[（(]({_PEOPLE})[ \u3000]+[\u4e00-\u9fff]{{2,6}}报道[)）]$")


def outlet(value: str) -> str | None:
    """The outlet that a 来源 value names, or None where it names none. Pure.

    >>> outlet("《示例日报》 2023-07-06 17:31 字号")
    '示例日报'
    """
    value = value[:_LONGEST_VALUE].strip().lstrip(":：").strip()
    for _, start, _ in find_stamps(value):
        value = value[:start]
        break
    if _NO_NAME_BEGINS.match(fold_line(value)):
        return None
    latin = _LATIN_NAME.match(value)
    kept = latin[0].strip() if latin else ""
    value = _ISSUE.sub("", value)
    cut = _OUTLET_ENDS.search(value, len(kept) if len(kept) >= 2 else 1)
    value = (value[: cut.start()] if cut else value).strip(" \u3000,，、;；:：|-—_/（(【[")
    value = _PLACE.sub("", _PAGE.sub("", value))
    if value.startswith("《") and value.endswith("》") and value.count("《") == 1:
        value = value[1:-1]
    if (
        not 2 <= len(value) <= 40
        or _NO_LETTERS.search(value)
        or _SENTENCE.search(value)
        or fold_line(value) in _NO_OUTLET
        or value.isdigit()
    ):
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
    lines = list(lines)
    found: list[str | None] = []
    for line, following in pairwise([*lines, ""]):
        found += [outlet(v.value) for v in labelled(line) if v.label is Label.ORIGIN]
        if cell_label(line) is Label.ORIGIN and len(following) <= 30 and not labelled(following):
            found.append(outlet(following))  # a template that sets label and name in lines of their own
    return list(dict.fromkeys(name for name in found if name))


def outlet_beside_time(lines: Iterable[str]) -> str | None:
    """The outlet of a line that says nothing but when and where (2023-07-06 17:31 示例日报). Pure.

    >>> outlet_beside_time(["2023-07-06 17:31 示例日报", "示例网"])
    '示例日报'
    """
    lines = list(lines)
    for i, line in enumerate(lines):
        rest = _without_time(line) if len(line) <= 60 else None
        if rest is None:
            continue
        bare = _ADDRESS.sub(" ", rest)
        parts = [part.strip(" \u3000·《》") for part in re.split(r"[|｜丨／/]| [·•] ", bare)]
        if (said := next((name for part in parts if (name := _said_from(part))), None)) is not None:
            return said
        # Behind its own address (http://ent.example.cn 2009年11月09日13:56 示例娱乐) a site names itself.
        named = parts if bare != rest and len(parts) == 1 and _HAN_NAME.fullmatch(parts[0]) else []
        around = [near.strip() for near in (*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2])]
        words = (word for part in parts for word in (part, *part.split()))
        names_here = [name for word in words if (name := outlet(word)) and (_is_outlet(name) or word in named)]
        beside = [name for part in around if _is_outlet(part) and (name := outlet(part))]
        if names_here or beside:
            return [*names_here, *beside][0]
    return None


def _is_outlet(name: str) -> bool:
    folded = fold_line(name)
    return _OUTLET_NAME.fullmatch(folded) is not None and _SECTION.fullmatch(folded) is None


def _said_from(part: str) -> str | None:
    """The outlet behind a label that lost its colon: 来源于 示例网."""
    match = _FROM.match(fold_line(part))
    return None if match is None else outlet(part[match.end() :])


def _without_time(line: str) -> str | None:
    """What a line says beside the minute that it shows, or None where it shows none."""
    for stamp, start, end in find_stamps(line):
        exact = stamp.precision in (Precision.MINUTE, Precision.SECOND)
        return f"{line[:start]} {line[end:]}" if exact else None
    undated = _WITHOUT_YEAR.search(line)
    return None if undated is None else f"{line[: undated.start()]} {line[undated.end() :]}"


def editors(lines: Iterable[str]) -> str | None:
    """责任编辑 (or 编辑) as names joined by 、. Pure."""
    lines = list(lines)
    found = [(v.value, line[v.start : v.end]) for line in lines for v in labelled(line) if v.label is Label.EDITOR]
    found += [(names, role) for line in lines for role, names in _roles(line, "editor")]
    # 责任编辑 says more than 编辑, which may be the maker of a picture.
    found.sort(key=lambda pair: not pair[1].startswith("责"))
    return next((people for value, _ in found if (people := names(value))), None)


def authors(lines: Iterable[str]) -> str | None:
    """The writers whom lines name by a label (作者, 文丨, 记者). Pure."""
    lines = list(lines)
    labels = [[v.value for v in labelled(line) if v.label is Label.AUTHOR] for line in lines]
    found = [" ".join(who) for who in labels if who]
    found += [" ".join(who) for line in lines if (who := [names for _, names in _roles(line, "author")])]
    found += [
        named for line in lines if len(line) <= _LONGEST_ROLES for part in _PARTS.split(line) if (named := _named(part))
    ]
    return next((people for value in found if len(value) <= 40 and (people := names(value))), None)


def _roles(line: str, kind: str) -> list[tuple[str, str]]:
    """Role and names of a line of credits that sets no colon between them."""
    folded = fold_line(line)
    if len(line) > _LONGEST_ROLES or _SENTENCE.search(folded):
        return []
    return [(match[kind], line[slice(*match.span("names"))]) for match in _ROLE.finditer(folded) if match[kind]]


def is_outlet_name(line: str) -> bool:
    """Whether a line is nothing but what looks like the name of an outlet. Pure."""
    return len(line) <= 16 and _is_outlet(line)


def is_roles(line: str) -> bool:
    """Whether a line says nothing but who did what. Pure.

    >>> is_roles("编辑 王某某 校对 李某"), is_roles("编辑 出版 发行")
    (True, False)
    """
    return len(line) <= _LONGEST_ROLES and _ROLES_ONLY.fullmatch(fold_line(line).strip()) is not None


def byline(text: Sequence[str]) -> str | None:
    """The reporters named in the text's own first or last paragraphs: （记者 某甲 某乙）, 本报记者 某甲. Pure."""
    for line in (*text[:2], *text[-2:]):
        part = line[:150] if line is not text[-1] else line[-150:]
        folded = fold_line(part)
        match = _BYLINE.search(folded) or _AGENCY_BYLINE.search(folded[:40]) or _INSIDE.search(folded)
        if match is not None:
            return names(part[slice(*match.span(1))])
    for line in (*text[:3], *text[-3:]):
        if len(line) <= 50 and (who := _named(line)) is not None:
            return names(who)
    end = text[-1][-30:] if text else ""
    return names(end[slice(*match.span(1))]) if (match := _END_BYLINE.search(fold_line(end))) else None


def _named(line: str) -> str | None:
    """The names of a line, or of a part of one, that only names its reporters."""
    line = line.strip()
    match = _LINE_BYLINE.fullmatch(fold_line(line)) or _LINE_BYLINE.fullmatch(line)  # a fold may leave the first plane
    return None if match is None else line[slice(*match.span("apart" if match["apart"] else "joined"))]


def only_people(line: str) -> str | None:
    """The people whom a line names that says nothing else, with their roles or without. Pure.

    >>> only_people("本报记者　王小明 李红"), only_people("市政府办公室")
    ('王小明、李红', None)
    """
    bare = _ROLES.sub(" ", fold_line(line)).strip()
    return names(line) if re.fullmatch(_PEOPLE, bare) and bare[-1] not in _NO_PERSON_ENDS else None


def names(value: str) -> str | None:
    """The people in a value, joined by 、; roles and staff codes left out; None where it holds no name. Pure.

    >>> names("本报记者 某甲 通讯员 某乙")
    '某甲、某乙'
    >>> names("某丙_NE0011")
    '某丙'
    >>> names("王小明李小红")
    '王小明、李小红'
    """
    value = value.strip().lstrip(":：/|丨").strip()
    value = next((value[:start] for _, start, _ in find_stamps(value[:80])), value)
    value = _SPACED_NAME.sub(r"\1\2", value)
    if _SENTENCE.sub("", value[:60]) != value[:60] and "，" not in value[:60]:
        value = _SENTENCE.split(value)[0]
    people: list[str] = []
    for token in re.split(r"[\s、，,/|丨;；&_()（）\[\]【】［］〔〕]+", _ROLES.sub(" ", value[:80])):
        match = _NAME.fullmatch(token)
        if match and token not in _NO_NAME:
            people.append(token)
        elif apart := _apart(token):
            people += apart
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


def _apart(token: str) -> list[str]:
    """Names of two or three characters that nothing parts, where they can be parted in one way alone; else []."""
    if not 5 <= len(token) <= 18:
        return []
    ways: list[list[list[str]]] = [[[]], *([] for _ in token)]
    for end in range(2, len(token) + 1):
        if token[end - 1] in _NO_PERSON_ENDS:
            continue
        for start in (end - 2, end - 3):
            if start >= 0 and token[start] in _SURNAMES and _HAN_NAME.fullmatch(token, start, end):
                ways[end] += [[*way, token[start:end]] for way in ways[start]][:2]
    return ways[-1][0] if len(ways[-1]) == 1 else []
