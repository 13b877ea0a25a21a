"""Makes articles and their copies, as outlets, mirrors and keyboards make them; with fixed seeds."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from crawler.text.table import fold_table

PLACES = (
    "义乌",
    "宁波",
    "绍兴",
    "嘉兴",
    "台州",
    "衢州",
    "丽水",
    "湖州",
    "金华",
    "舟山",
    "诸暨",
    "慈溪",
    "余姚",
    "海宁",
)
DISTRICTS = ("城东街道", "北苑街道", "江湾镇", "后山乡", "临港区", "南湖区", "新桥镇", "古塘街道", "云溪区", "石浦镇")
NAMES = ("恒泰", "鑫源", "华美", "远洋", "金鼎", "博瑞", "中顺", "佳和", "凯旋", "盛达", "嘉宏", "天成", "永固", "瑞丰")
TRADES = ("塑料制品", "五金机械", "纺织印染", "电子科技", "生物医药", "食品加工", "建材", "包装材料", "汽车配件")
WHO = ("市政府", "市发改委", "市经信局", "市统计局", "市生态环境局", "市交通运输局", "市教育局", "市人社局", "市商务局")
WHAT = (
    *("产业大脑建设", "未来工厂培育", "跨境电商试点", "老旧小区改造", "污水零直排创建", "农贸市场提升", "数字乡村建设"),
    *("港口岸电改造", "职业技能培训", "公共充电桩布局", "中小学食堂整治", "河道清淤", "人才公寓分配", "绿色工厂评价"),
)
HOW = (
    *("在现场会上作出部署", "近期完成首轮评估", "进入攻坚阶段", "面向社会公开征求意见", "被列入年度民生实事"),
    *("得到省级专项资金支持", "首次引入第三方核查", "已覆盖全部乡镇街道", "与企业签订了合作协议", "组织专家逐一会诊"),
)
WHY = (
    *(
        "为破解要素制约",
        "围绕群众反映集中的问题",
        "按照年初确定的目标",
        "针对基层力量不足的情况",
        "结合安全生产专项行动",
    ),
    *("为巩固前期成果", "借助大数据比对", "在总结去年经验的基础上", "考虑到梅雨季节临近", "着眼长远发展需要"),
)
SAYS = (
    *(
        "相关负责人介绍说",
        "多位参会代表认为",
        "记者在走访中了解到",
        "业内人士指出",
        "当地居民告诉记者",
        "从公布的方案看",
    ),
    *("项目负责人坦言", "有专家提醒", "根据最新部署", "工作专班负责人表示"),
)
DOES = (
    *(
        "流程压缩后办理时间明显缩短",
        "设备更新带动了上下游企业改造",
        "还要防止重复建设和数据孤岛",
        "资金拨付与绩效评价直接挂钩",
    ),
    *(
        "沿线商户的生意渐渐好了起来",
        "培训名额向偏远乡村倾斜",
        "最难的是让各部门的系统连到一起",
        "下一步将建立常态化巡查机制",
    ),
    *("过去靠人跑的环节如今在线上完成", "老人和孩子的出行更加方便", "违规行为将记入信用档案", "整改情况会向社会公布"),
)
THEN = (
    *(
        "后续工作仍需久久为功",
        "有关细则将另行发布",
        "更多企业表示愿意参与",
        "相关经验正在周边推广",
        "效果还有待进一步观察",
    ),
    *("部门之间的配合更加顺畅", "基层干部的负担有所减轻", "市场反应总体平稳", "监督电话已同步开通", "首批名单已经确定"),
)
READINGS = {
    character: reading
    for reading, _, characters in (
        line.partition(" ") for line in files("crawler.text").joinpath("readings.txt").read_text("utf-8").split("\n")
    )
    for character in characters
}
TRADITIONAL = {simple: chr(code) for code, simple in fold_table().items() if "\u4e00" <= simple <= "\u9fff"}
#: What pinyin keyboards confuse.
TYPOS = {"的": "地", "在": "再", "做": "作", "已": "以", "和": "合", "与": "予", "及": "即", "进": "近", "对": "队"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article that is made up."""

    title: str
    paragraphs: tuple[str, ...]
    host: str = "yw.example"

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


Pair = tuple[Item, Item]
Chance = random.Random


def sentence(chance: Chance) -> str:
    pick = chance.choice
    forms: Sequence[Callable[[], str]] = (
        lambda: f"{pick(WHY)}，{pick(PLACES)}{pick(WHO)}牵头的{pick(WHAT)}{pick(HOW)}，{pick(THEN)}。",
        lambda: f"{pick(SAYS)}，{pick(WHAT)}推进以来，{pick(DOES)}，{pick(DOES)}。",
        lambda: f"截至目前，{pick(WHAT)}累计投入{chance.uniform(1, 90):.1f}亿元，惠及{chance.randint(2, 900)}家单位。",
        lambda: f"{pick(SAYS)}，{pick(DOES)}；{pick(WHY)}，{pick(WHAT)}{pick(HOW)}。",
        lambda: f"在{pick(PLACES)}{pick(DISTRICTS)}，{chance.randint(11, 99)}个点位{pick(HOW)}，{pick(DOES)}。",
    )
    return pick(forms)()


def news(chance: Chance) -> Item:
    """An article of some hundred characters that shares little with any other."""
    place, what = chance.choice(PLACES), chance.choice(WHAT)
    lead = f"{chance.choice(WHY)}，{place}{chance.choice(WHO)}3月{chance.randint(1, 28)}日召开{what}推进会。"
    body = ["".join(sentence(chance) for _ in range(chance.randint(2, 4))) for _ in range(chance.randint(5, 8))]
    return Item(title=f"{place}召开{what}推进会", paragraphs=(lead + sentence(chance), *body))


# -- copies


def elsewhere(item: Item, *paragraphs: str, title: str | None = None) -> Item:
    return replace(item, host="nb.example", paragraphs=paragraphs or item.paragraphs, title=title or item.title)


def drops_paragraph(item: Item, chance: Chance) -> Item:
    gone = chance.randrange(1, len(item.paragraphs))
    return elsewhere(item, *item.paragraphs[:gone], *item.paragraphs[gone + 1 :])


def adds_lead(item: Item, chance: Chance) -> Item:
    return elsewhere(item, "编者按：" + sentence(chance) + sentence(chance), *item.paragraphs)


def adds_tail(item: Item, chance: Chance) -> Item:
    return elsewhere(
        item,
        *item.paragraphs,
        f"（来源：{chance.choice(PLACES)}发布 编辑：小{chance.choice('王李陈')}）",
        "版权声明：转载请注明出处。",
    )


def changes_head(item: Item, chance: Chance) -> Item:
    heads = ("本报讯（记者 李明）", "中新网杭州3月5日电 ", "义乌融媒体中心讯 ", "新华社杭州3月4日电（记者王静、赵强）")
    return elsewhere(item, chance.choice(heads) + item.paragraphs[0], *item.paragraphs[1:])


def truncated(item: Item, share: float) -> Item:
    length, kept = 0, []
    for paragraph in item.paragraphs:
        kept.append(paragraph)
        length += len(paragraph)
        if length >= share * len(item.text):
            break
    return elsewhere(item, *kept)


def retitled_a_little(item: Item, chance: Chance) -> Item:
    place, what = item.title[:2], item.title[4:-3]
    titles = (
        f"{item.title}_宁波新闻网",
        f"{what}推进会在{place}召开",
        f"【关注】{item.title}",
        f"{item.title}（附图）",
    )
    return elsewhere(item, title=chance.choice(titles))


def retitled(item: Item, chance: Chance) -> Item:
    return elsewhere(
        item, title=chance.choice(("这件民生实事，有了新进展", "一线观察：改革如何落到实处", "现场直击：干部怎么说"))
    )


def traditional(item: Item, chance: Chance) -> Item:
    """A mirror's copy: traditional script with readings behind some characters."""
    glossed = set(chance.sample(sorted(READINGS.keys() & set(item.text)), 20))

    def shown(text: str) -> str:
        return "".join(
            TRADITIONAL.get(each, each) + (f"({READINGS[each]})" if each in glossed and each in TRADITIONAL else "")
            for each in text
        )

    return elsewhere(item, *map(shown, item.paragraphs), title=shown(item.title))


def punctuated(item: Item, chance: Chance) -> Item:
    table = str.maketrans({"，": ",", "；": "。", "。": chance.choice(("。", ". ", "！")), "：": ":"})
    return elsewhere(item, *(paragraph.translate(table) for paragraph in item.paragraphs))


def mistyped(item: Item, chance: Chance) -> Item:
    """Two slips of a keyboard, and one character twice."""
    text = list(item.text)
    places = [at for at, each in enumerate(text) if each in TYPOS]
    for at in chance.sample(places, min(2, len(places))):
        text[at] = TYPOS[text[at]]
    at = chance.choice([at for at, each in enumerate(text) if each in "的了并将还更"])
    text[at] *= 2
    return elsewhere(item, *"".join(text).split("\n"))


def reparagraphed(item: Item, chance: Chance) -> Item:
    lines = item.text.replace("\n", "").replace("。", "。\n").strip().split("\n")
    return elsewhere(item, *lines)


def headed_and_cut(item: Item, chance: Chance) -> Item:
    return drops_paragraph(changes_head(item, chance), chance)


COPIES: Mapping[str, Callable[[Item, Chance], Item]] = {
    "a paragraph dropped": drops_paragraph,
    "a lead added": adds_lead,
    "source and editor added": adds_tail,
    "another head line": changes_head,
    "cut to 60 %": lambda item, chance: truncated(item, 0.6),
    "cut to 40 % (excerpt)": lambda item, chance: truncated(item, 0.4),
    "headline changed a little": retitled_a_little,
    "another headline": retitled,
    "traditional with glosses": traditional,
    "other punctuation": punctuated,
    "slips of the keyboard": mistyped,
    "other paragraphs": reparagraphed,
    "head line and a paragraph": headed_and_cut,
}


def copies(kind: str, count: int, kinds: Mapping[str, Callable[[Item, Chance], Item]] = COPIES) -> list[Pair]:
    """An article and its copy."""
    made = []
    for number in range(count):
        chance = Chance(f"{kind} {number}")
        item = news(chance)
        made.append((item, kinds[kind](item, chance)))
    return made
