"""Makes pairs of texts that are alike and not the same: one form with other facts, an update; with fixed seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.bench.copies import DISTRICTS, NAMES, PLACES, TRADES, Chance, Item, Pair, elsewhere, news


def statistics(place: str, month: int, chance: Chance, *, host: str, title: str | None = None) -> Item:
    """The monthly figures of a town: the same words each month."""

    def rate() -> str:
        return f"{chance.uniform(0.1, 15):.1f}%"

    def money() -> str:
        return f"{chance.uniform(10, 900):.1f}亿元"

    paragraphs = (
        f"1-{month}月，全市经济运行总体平稳，主要指标保持在合理区间，产业大脑建设稳步推进。",
        f"工业生产较快增长。全市规模以上工业增加值{money()}，同比增长{rate()}，其中高新技术产业增加值增长{rate()}，"
        f"装备制造业增加值增长{rate()}，数字经济核心产业制造业增加值增长{rate()}。",
        f"投资结构持续优化。全市固定资产投资同比增长{rate()}，其中制造业投资增长{rate()}，基础设施投资增长{rate()}。",
        f"消费市场逐步恢复。社会消费品零售总额{money()}，增长{rate()}。限额以上单位通过公共网络实现的零售额增长{rate()}。",
        f"对外贸易稳中提质。进出口总额{money()}，增长{rate()}，其中出口{money()}，增长{rate()}；进口{money()}，增长{rate()}。",
        f"财政金融运行平稳。一般公共预算收入{money()}，增长{rate()}。月末金融机构本外币存款余额同比增长{rate()}。",
        f"居民收入稳步增长，物价总体平稳。居民消费价格同比上涨{rate()}，其中食品烟酒类价格上涨{rate()}。",
    )
    return Item(title=title or f"{place}市1-{month}月经济运行情况", paragraphs=paragraphs, host=host)


def bulletin(month: int, *, host: str, title: str, chance: Chance) -> Item:
    """A long form with few figures."""
    paragraphs = (
        f"{month}月份，全市空气质量监测数据显示，环境空气质量优良天数比例为{chance.uniform(70, 99):.1f}%。",
        "本月主要污染物为细颗粒物，未出现重度及以上污染天气。各县市区空气质量综合指数排名与上月基本持平，城区扬尘管控、工业"
        "废气治理和柴油货车监管等专项工作按计划推进，重点企业在线监测设备运行正常。",
        f"全市细颗粒物平均浓度为{chance.randint(15, 60)}微克每立方米，"
        f"可吸入颗粒物平均浓度为{chance.randint(30, 90)}微克每立方米。",
        "下一步，我市将继续深化大气污染防治，落实重污染天气应急减排清单，加强部门联动和信息共享，对群众反映集中的餐饮油烟、"
        "露天焚烧等问题开展专项执法检查，检查结果将通过媒体向社会公布，欢迎广大市民监督举报。",
        "空气质量评价依据环境空气质量标准和环境空气质量指数技术规定进行，数据来自国控和省控监测站点，经审核后发布。",
    )
    return Item(title=title, paragraphs=paragraphs, host=host)


def notice(firm: str, district: str, chance: Chance, *, host: str, title: str | None = None) -> Item:
    """An office's notice about one firm: everything but the firm is the form's."""
    paragraphs = (
        "根据《中华人民共和国环境影响评价法》和建设项目环境影响评价审批程序的有关规定，经审议，我局拟对以下建设项目"
        "环境影响评价文件作出审批意见。为保证审批意见的严肃性和公正性，现将基本情况予以公示。",
        "公示期限为自公示之日起五个工作日。公众可通过来信、来电、电子邮件等方式向我局反馈意见，反馈意见时请写明联系方式。"
        "听证权利告知：自公示起五日内申请人、利害关系人可对拟作出的审批决定要求听证。",
        f"项目名称：{firm}年产{chance.randint(10, 900)}万套产品技术改造项目。",
        f"建设单位：{firm}。建设地点：{district}。",
        "主要环境影响及预防措施：项目实行雨污分流，生产废水经处理达标后纳管排放；废气经收集处理后高空排放；合理布置高噪声"
        "设备，厂界噪声达标；固体废物分类收集，危险废物委托有资质的单位处置。",
        "建设单位应严格落实环评文件提出的各项污染防治措施，执行环保设施与主体工程同时设计、同时施工、同时投产使用的制度。",
    )
    return Item(title=title or f"关于{firm}建设项目环评文件拟审批意见的公示", paragraphs=paragraphs, host=host)


def firm(chance: Chance) -> str:
    return f"{chance.choice(PLACES)}{chance.choice(NAMES)}{chance.choice(TRADES)}有限公司"


def two(chance: Chance, options: Sequence[str]) -> tuple[str, str]:
    one, other = chance.sample(options, 2)
    return one, other


def other_month(chance: Chance) -> Pair:
    place, (one, other) = chance.choice(PLACES), chance.sample(range(2, 13), 2)
    return tuple(statistics(place, month, chance, host="yw.example") for month in (one, other))  # type: ignore[return-value]


def other_bulletin(chance: Chance) -> Pair:
    """With the month in the headline or without, on one site or two."""
    one, other = chance.sample(range(1, 13), 2)
    hosts = chance.choice((("yw.example", "yw.example"), ("yw.example", "nb.example")))
    title = chance.choice(("全市空气质量月报", "{}月份全市空气质量月报"))
    return (
        bulletin(one, host=hosts[0], title=title.format(one), chance=chance),
        bulletin(other, host=hosts[1], title=title.format(other), chance=chance),
    )


def same_month_elsewhere(chance: Chance) -> Pair:
    """Two towns' bulletins of one month under one headline: nothing but the figures differs."""
    month = chance.randint(1, 12)
    return (
        bulletin(month, host="yw.example", title="全市空气质量月报", chance=chance),
        bulletin(month, host="nb.example", title="全市空气质量月报", chance=chance),
    )


def other_town(chance: Chance) -> Pair:
    """The same month under the same headline, on the towns' own sites."""
    month, title = chance.randint(2, 12), "经济运行情况"
    one, other = two(chance, PLACES)
    return (
        statistics(one, month, chance, host="yw.example", title=title),
        statistics(other, month, chance, host="nb.example", title=title),
    )


def other_firm(chance: Chance) -> Pair:
    place, seed = chance.choice(DISTRICTS), chance.random()
    one, other = firm(chance), firm(chance)
    if one == other:
        return other_firm(chance)
    hosts = chance.choice((("yw.example", "yw.example"), ("yw.example", "nb.example")))
    title = chance.choice((None, "建设项目环评文件拟审批意见的公示"))
    return (
        notice(one, place, Chance(seed), host=hosts[0], title=title),
        notice(other, place, Chance(seed), host=hosts[1], title=title),
    )


def other_district(chance: Chance) -> Pair:
    """The very same firm, building in two places."""
    owner, seed, title = firm(chance), chance.random(), "建设项目环评文件拟审批意见的公示"
    one, other = two(chance, DISTRICTS)
    return (
        notice(owner, one, Chance(seed), host="yw.example", title=title),
        notice(owner, other, Chance(seed), host="nb.example", title=title),
    )


def one_topic(chance: Chance) -> Pair:
    one, other = news(chance), news(chance)
    return one, replace(other, title=one.title, host="nb.example")


def edited(find: str, with_what: Sequence[str]) -> Callable[[Chance], Pair]:
    """An article and itself with one word replaced, on another site under the same headline."""

    def make(chance: Chance) -> Pair:
        item = news(chance)
        while find not in item.text:
            item = news(chance)
        said = chance.choice(with_what)
        paragraphs = item.text.replace(find, said, 1).split("\n")
        return item, elsewhere(item, *paragraphs)

    return make


def later_figure(host: str) -> Callable[[Chance], Pair]:
    """A story and its update: the same text with another figure."""

    def make(chance: Chance) -> Pair:
        item = news(chance)
        hurt, more = chance.sample(range(2, 60), 2)
        said = "据通报，事故已造成{}人受伤，伤者均已送医救治，现场处置工作仍在进行。"
        one, other = (replace(item, paragraphs=(said.format(count), *item.paragraphs)) for count in (hurt, more))
        return one, replace(other, host=host)

    return make


def update(chance: Chance) -> Pair:
    """The same site says that it has come otherwise."""
    item = news(chance)
    said = chance.choice(("因天气原因，上述活动延期举行，具体时间另行通知。", "市政府随后宣布，对原方案作出重大调整。"))
    return item, replace(item, paragraphs=(*item.paragraphs, said))


def again(chance: Chance) -> Pair:
    """The dispatch of another day in the same words."""
    item, (day, other) = news(chance), chance.sample(range(1, 14, 3), 2)
    said = "宁波晚报3月{}日讯 受冷空气影响，我市气象台继续发布大风蓝色预警信号，请注意防范。"
    one, two = (replace(item, paragraphs=(said.format(number), *item.paragraphs)) for number in (day, other))
    return one, replace(two, host="nb.example")


def other_form(chance: Chance) -> Pair:
    """One firm stands in the headline alone."""
    one, other = firm(chance), firm(chance)
    if one == other:
        return other_form(chance)
    item = news(chance)
    title = chance.choice(("关于{}环评审批的公示", "{}公示", "{}获批"))
    return replace(item, title=title.format(one)), replace(item, title=title.format(other), host="nb.example")


NON_COPIES: Mapping[str, Callable[[Chance], Pair]] = {
    "figures of another month": other_month,
    "figures of another town": other_town,
    "bulletin of another month": other_bulletin,
    "bulletin of another town": same_month_elsewhere,
    "notice for another firm": other_firm,
    "notice for another district": other_district,
    "one form, the firm in the headline": other_form,
    "another text on one topic": one_topic,
    "another month in one sentence": edited("3月", ("4月", "5月")),
    "another body in one sentence": edited("市", ("县", "区")),
    "the opposite in one word": edited("完成首轮评估", ("取消首轮评估", "未完成首轮评估")),
    "an update on the same site": later_figure("yw.example"),
    "an update that says more": update,
    "the same words on another day": again,
    "another figure on another site": later_figure("nb.example"),
}


def non_copies(kind: str, count: int, kinds: Mapping[str, Callable[[Chance], Pair]] = NON_COPIES) -> list[Pair]:
    """Two articles of which neither is a copy of the other."""
    return [kinds[kind](Chance(f"{kind} {number}")) for number in range(count)]
