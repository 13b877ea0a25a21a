"""Makes texts of one form whose slot holds something else: every kind of fact that an office or a newsroom fills in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.bench.copies import DISTRICTS, NAMES, PLACES, TRADES, WHAT, Chance, Item, Pair, news

HOSTS = (("yw.example", "yw.example"), ("yw.example", "nb.example"))
GIVEN = (
    "建国",
    "志强",
    "秀英",
    "文博",
    "雨桐",
    "海燕",
    "伟",
    "敏",
    "静",
    "涛",
    "立新",
    "晓东",
    "丽华",
    "国庆",
    "明",
    "红梅",
)
SURNAMES = "王李张刘陈杨赵黄吴周徐孙胡朱高林何郭马罗贾夏侯丰聂阮闵柴覃游竺应楼骆"
FORM = (
    "为进一步规范{w}工作，根据有关法律法规和市政府常务会议精神，经研究决定，现将有关事项公告如下，请相关单位和个人遵照执行。",
    "本次{w}工作由市级牵头部门统一组织，各镇街负责具体落实，坚持公开、公平、公正的原则，接受社会各界和广大群众监督。",
    "申报单位应当如实提供材料，对材料的真实性、完整性负责；凡弄虚作假的，一经查实，取消资格并记入信用档案。",
    "主管部门将组织专家对申报材料进行评审，评审结果在门户网站公示，公示期为五个工作日，公示无异议后予以确认。",
    "有关单位要加强组织领导，明确责任分工，细化工作措施，确保各项任务按时保质完成，重要情况及时报告。",
    "本公告由牵头部门负责解释，未尽事宜另行通知。联系地址为市行政中心办公大楼，接待时间为工作日上班时间。",
)
SENTENCES = (
    "现就{x}有关事项说明如下，请予周知。",
    "经审查，结论为：{x}，特此说明。",
    "{x}",
    "据介绍，此次涉及的是{x}，各方对此高度关注。",
)
TITLES = ("{w}公告", "{w}结果公示", "{w}有关情况", "我市{w}工作有序推进", "{x}{w}公告", "关于{x}{w}的通知")


def person(chance: Chance) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def firm(chance: Chance) -> str:
    return f"{chance.choice(PLACES)}{chance.choice(NAMES)}{chance.choice(TRADES)}有限公司"


def _of(options: str) -> Callable[[Chance], list[str]]:
    return lambda chance: chance.sample(options.split(), 2)


def _numbered(form: str, numbers: Sequence[int]) -> Callable[[Chance], list[str]]:
    return lambda chance: [form.format(number) for number in chance.sample(numbers, 2)]


def _point(chance: Chance) -> list[str]:
    digits = chance.randint(111, 999)
    return chance.sample([f"{digits / 100:.2f}元", f"{digits / 10:.1f}元", f"{digits}元"], 2)


def _swapped(form: str, who: Callable[[Chance], str]) -> Callable[[Chance], list[str]]:
    def make(chance: Chance) -> list[str]:
        one, other = who(chance), who(chance)
        return [form.format(one, other), form.format(other, one)]

    return make


#: What may stand in a slot: two different fillings.
SLOTS: Mapping[str, Callable[[Chance], list[str]]] = {
    "month": _numbered("{}月", range(1, 13)),
    "months so far": _numbered("1-{}月", range(2, 13)),
    "a month or months": _of("1-2月 12月 1-1月 11月"),
    "year": _numbered("{}年", range(2019, 2027)),
    "part of a year": _of("一季度 二季度 上半年 下半年 上旬 中旬"),
    "ordinal": _of("第三批 第四批 第五批 第十批 第十一批"),
    "meeting": _of("第十次会议 第十一次会议 第二十次会议 第二十一次会议"),
    "issue": _numbered("第{}期", range(1, 60)),
    "count": _numbered("{}家", range(2, 400)),
    "amount": lambda chance: [f"{chance.uniform(1, 99):.1f}亿元" for _ in "ab"],
    "decimal point": _point,
    "sign": _of("-5.2% 5.2% +5.2%"),
    "percent or per mille": _of("12% 12‰"),
    "unit": _of("106元 106万元 106亿元 106万美元"),
    "number in words": _of("两项 三项 十项 上千项 数百项 十余项"),
    "firm": lambda chance: [firm(chance), firm(chance)],
    "firm, one character": _of(
        "浙江恒泰科技股份有限公司 浙江恒太科技股份有限公司 浙江桓泰科技股份有限公司 浙江永泰科技股份有限公司"
    ),
    "district": lambda chance: chance.sample(DISTRICTS, 2),
    "district, one character": _of("江湾镇 姜湾镇 江弯镇 蒋湾镇"),
    "town": lambda chance: [f"{place}市" for place in chance.sample(PLACES, 2)],
    "rank": _of("市级 省级 县级 国家级"),
    "person": lambda chance: [person(chance), person(chance)],
    "person, one character": _of("闵建国 闵健国 闵剑国 闵建过 敏建国"),
    "document number": _numbered("义政发〔2025〕{}号", range(1, 200)),
    "case number": _numbered("（2025）浙0782民初{}号", range(100, 9000)),
    "stock code": _numbered("证券代码：{}", range(600000, 603999)),
    "consent": _of("同意 不同意"),
    "tender": _of("中标 流标 废标"),
    "verdict": _of("通过 未通过 符合 不符合 有罪 无罪"),
    "direction": _of("上升 下降 上调 下调 增持 减持"),
    "stop": _of("恢复 暂停 停止 批准 驳回 受理"),
    "warning": _of("蓝色预警 黄色预警 橙色预警 红色预警"),
    "weather": _of("晴到多云 多云转阴 小雨 中到大雨 雷阵雨"),
    "clock": _of("8:30 18:30 20:15 上午八点 上午九点"),
    "day": _numbered("3月{}日", range(1, 29)),
    "telephone": _numbered("0579-85{}", range(100000, 100900)),
    "age": _of("享年八十一岁 享年八十二岁 享年81岁 享年79岁"),
    "post": _of("会计 护士 教师 司机 城市管理协管员 社区专职网格员"),
    "level": _of("Ⅰ级 Ⅱ级 Ⅲ级 Ⅳ级"),
    "rating": _of("评级AA 评级AA+ 评级AA-"),
    "tick": _of("√ × ☑"),
    "arrow": _of("▲5% ▼5% 5%"),
    "model": _of("5G iPhone H7N9 GPT-5"),
    "who sued whom": _swapped("{}起诉{}", firm),
    "who beat whom": _swapped("{}队3比1胜{}队", lambda chance: chance.choice(PLACES)),
    "who follows whom": _swapped("任命{}为局长，免去{}的局长职务", person),
}
#: Words that turn a sentence by coming into it.
TURNS = (
    *(
        "取消",
        "拟",
        "疑似",
        "涉嫌",
        "暂缓",
        "推迟",
        "终止",
        "驳回",
        "放弃",
        "避免",
        "反对",
        "仅",
        "预计",
        "原",
        "前",
        "副",
        "非",
    ),
    *(
        "未",
        "不",
        "曾",
        "将",
        "假",
        "候选",
        "临时",
        "延期",
        "被",
        "拒绝",
        "否认",
        "撤销",
        "可能",
        "网传",
        "并未",
        "叫停",
    ),
)
TURNED = (
    ("经研究，有关部门", "批准了该项目的用地申请，相关手续随后办理。"),
    ("会议决定", "举办下一届博览会，筹备工作已经启动。"),
    ("该男子", "驾驶货车驶入管制路段，民警随即处置。"),
    ("王明为市教育局", "局长，此前在乡镇工作。"),
)
ROLES = (
    "第一中标候选人：{}，第二中标候选人：{}。",
    "甲方：{}\n乙方：{}",
    "原告：{}\n被告：{}",
    "转让方\n{}\n受让方\n{}",
    "名次 | 单位\n第一名 | {}\n第二名 | {}",
)
#: More in a headline above the very same text.
TITLE_TURNS = (
    *(
        "（更正）",
        "（取消）",
        "流标",
        "（延期）",
        "补充",
        "终止",
        "（二次）",
        "王明",
        "（废止）",
        "暂停",
        "（B标段）",
        "不予通过",
    ),
    *("中标", "（南湖区）", "（恒泰公司）"),
)


def other_slot(chance: Chance) -> Pair:
    """A form, or an article, with one word or figure in its slot."""
    one, other = SLOTS[chance.choice(list(SLOTS))](chance)
    if one == other:
        return other_slot(chance)
    said, hosts = chance.choice(SENTENCES), chance.choice(HOSTS)
    what, title, place = chance.choice(WHAT), chance.choice(TITLES), chance.randint(0, 5)
    item = news(chance) if chance.random() < 0.4 else None
    paragraphs = item.paragraphs if item else [each.format(w=what) for each in FORM]
    if item is None and chance.random() < 0.3:
        paragraphs = paragraphs[:2]

    def filled(slot: str, host: str) -> Item:
        return Item(
            title=item.title if item else title.format(w=what, x=slot),
            paragraphs=(*paragraphs[:place], said.format(x=slot), *paragraphs[place:]),
            host=host,
        )

    return filled(one, hosts[0]), filled(other, hosts[1])


def other_title(chance: Chance) -> Pair:
    """The fact stands in the headline alone."""
    one, other = SLOTS[chance.choice(list(SLOTS))](chance)
    if one == other:
        return other_title(chance)
    item, hosts = news(chance), chance.choice(HOSTS)
    form = chance.choice(("{x}" + item.title, item.title + "（{x}）", "关于{x}有关事项的公告"))
    return replace(item, title=form.format(x=one), host=hosts[0]), replace(
        item, title=form.format(x=other), host=hosts[1]
    )


def longer_title(chance: Chance) -> Pair:
    item, hosts, more = news(chance), chance.choice(HOSTS), chance.choice(TITLE_TURNS)
    title = f"义乌市城中路改造工程{chance.choice(('招标公告', '公示', '通知', ''))}"
    longer = chance.choice((f"{title}{more}", f"{more}{title}"))
    return replace(item, title=title, host=hosts[0]), replace(item, title=longer, host=hosts[1])


def with_lines(item: Item, at: int, lines: str, host: str) -> Item:
    return replace(item, paragraphs=(*item.paragraphs[:at], *lines.split("\n"), *item.paragraphs[at:]), host=host)


def turned(chance: Chance) -> Pair:
    """One word more in one sentence."""
    item, hosts, (head, tail) = news(chance), chance.choice(HOSTS), chance.choice(TURNED)
    at = chance.randint(0, len(item.paragraphs))
    word = chance.choice(TURNS)
    return with_lines(item, at, head + tail, hosts[0]), with_lines(item, at, head + word + tail, hosts[1])


def other_roles(chance: Chance) -> Pair:
    """Two names have changed places."""
    item, hosts, form, one, other = news(chance), chance.choice(HOSTS), chance.choice(ROLES), firm(chance), firm(chance)
    if one == other:
        return other_roles(chance)
    return with_lines(item, 1, form.format(one, other), hosts[0]), with_lines(
        item, 1, form.format(other, one), hosts[1]
    )


def other_cell(chance: Chance) -> Pair:
    """A table with one other cell, two cells that have changed places, or a digit that has."""
    rows = [[name, str(chance.randint(10, 99)), f"{chance.uniform(1, 99):.1f}"] for name in chance.sample(DISTRICTS, 6)]
    others = [list(row) for row in rows]
    at = chance.randrange(5)
    match chance.randrange(3):
        case 0:
            others[at][1] = str(int(rows[at][1]) + 1)
        case 1:
            others[at][2], others[at + 1][2] = rows[at + 1][2], rows[at][2]
        case _:
            others[at][1:] = [rows[at][1][0], rows[at][1][1] + rows[at][2]]
    if others == rows:
        return other_cell(chance)
    item, hosts, border = news(chance), chance.choice(HOSTS), chance.choice((" | ", "\n"))
    one, other = ("\n".join(border.join(row) for row in table) for table in (rows, others))
    return with_lines(item, 1, one, hosts[0]), with_lines(item, 1, other, hosts[1])


def other_names(chance: Chance) -> Pair:
    """A list of persons with one more, one less, or another one."""
    names = [person(chance) for _ in range(8)]
    at = chance.randrange(8)
    others = chance.choice(([*names[:at], *names[at + 1 :]], [*names[:at], person(chance), *names[at + 1 :]]))
    if others == names:
        return other_names(chance)
    item, hosts = news(chance), chance.choice(HOSTS)
    one, other = (f"拟表彰名单：{chance.choice('、，').join(each)}" for each in (names, others))
    return with_lines(item, 2, one, hosts[0]), with_lines(item, 2, other, hosts[1])


def other_dateline(chance: Chance) -> Pair:
    """The same day of another month, or another day."""
    item, hosts = news(chance), chance.choice(HOSTS)
    form = chance.choice(("新华社杭州{}电（记者 李明）", "本报义乌{}讯 "))
    days = chance.choice((chance.sample([f"{month}月3日" for month in range(1, 13)], 2), ["3月3日", "3月9日"]))
    one, other = (
        replace(item, paragraphs=(form.format(day) + item.paragraphs[0], *item.paragraphs[1:]), host=host)
        for day, host in zip(days, hosts, strict=True)
    )
    return one, other


SLOT_PAIRS: Mapping[str, Callable[[Chance], Pair]] = {
    "one form, another slot": other_slot,
    "another slot in the headline alone": other_title,
    "one more word in the headline": longer_title,
    "one more word in a sentence": turned,
    "two names have changed places": other_roles,
    "a table with another cell": other_cell,
    "a list with another name": other_names,
    "another dateline": other_dateline,
}
