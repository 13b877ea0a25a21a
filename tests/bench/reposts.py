"""Makes copies as portals and agencies make them: with their frame, their captions and codes, cut and joined."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.bench.copies import Chance, Item, elsewhere

PREFIXES = (
    *(
        "据义乌发布消息，",
        "据新华社报道，",
        "央视网消息：",
        "（义乌融媒体记者 王明）",
        "每经AI快讯，",
        "智通财经APP获悉，",
    ),
    *("格隆汇3月5日丨", "财联社3月5日电，", "【义乌发布】", "上证报中国证券网讯（记者 王明）", "来源：义乌发布 "),
)
HEADS = (
    *(
        "2025-03-05 10:20 来源：义乌发布",
        "来源：义乌发布 发布时间：2025-03-05 10:20 浏览次数：33",
        "2025年03月05日 10:20",
    ),
    *("○本报记者 王明", "□ 王明 李强", "文|王明", "本报记者 王明 通讯员 李强"),
)
TAILS = (
    *(
        "（责任编辑：王明）",
        "【纠错】 【责任编辑:王明】",
        "（完）",
        "- END -",
        "举报/反馈",
        "编辑 王明 校对 李强",
        "文/王明 图/李强",
    ),
    *("免责声明：本文仅代表作者观点，不构成投资建议。", "更多精彩内容，请关注义乌发布。", "原标题：义乌今天开会了"),
)
CAPTIONS = (
    *(
        "图为会议现场。",
        "会议现场 王明 摄",
        "▲改造后的街区面貌焕然一新",
        "资料图",
        "图1：项目效果图",
        "改造后的小区。义乌发布供图",
    ),
)


def prefixed(item: Item, chance: Chance) -> Item:
    return elsewhere(item, chance.choice(PREFIXES) + item.paragraphs[0], *item.paragraphs[1:])


def headed(item: Item, chance: Chance) -> Item:
    return elsewhere(item, chance.choice(HEADS), *item.paragraphs)


def tailed(item: Item, chance: Chance) -> Item:
    return elsewhere(item, *item.paragraphs, *chance.sample(TAILS, 2))


def captioned(item: Item, chance: Chance) -> Item:
    paragraphs = list(item.paragraphs)
    for caption in chance.sample(CAPTIONS, 2):
        paragraphs.insert(chance.randint(0, len(paragraphs)), caption)
    return elsewhere(item, *paragraphs)


def pictured(item: Item, chance: Chance) -> Item:
    picture = chance.choice(("（图）", "（资料图）", "[图片]", "（王明 摄）", "（下图）"))
    return _behind(item, chance.randrange(len(item.paragraphs)), picture)


def coded(item: Item, chance: Chance) -> Item:
    return _behind(item, 0, chance.choice(("（600933.SH）", "（300750）")))


def _behind(item: Item, at: int, words: str) -> Item:
    return elsewhere(item, *item.paragraphs[:at], item.paragraphs[at] + words, *item.paragraphs[at + 1 :])


def broken_off(item: Item, chance: Chance) -> Item:
    """In the middle of a sentence, not of a number."""
    end = int(len(item.text) * chance.uniform(0.6, 0.9))
    while item.text[end - 1] in "0123456789.":
        end -= 1
    return elsewhere(item, *(item.text[:end] + chance.choice(("……", "", "…（未完）"))).split("\n"))


def joined(item: Item, chance: Chance) -> Item:
    return elsewhere(item, "".join(item.paragraphs))


def summarised(item: Item, chance: Chance) -> Item:
    return elsewhere(item, f"摘要：{item.paragraphs[0][:60]}……", *item.paragraphs)


def reordered(item: Item, chance: Chance) -> Item:
    paragraphs = list(item.paragraphs)
    paragraphs.append(paragraphs.pop(chance.randrange(1, len(paragraphs) - 1)))
    return elsewhere(item, *paragraphs)


def smoothed(item: Item, chance: Chance) -> Item:
    at = chance.randrange(len(item.paragraphs))
    filler = chance.choice(("据悉，", "据了解，", "目前，", "同时，", "记者了解到，"))
    return elsewhere(item, *item.paragraphs[:at], filler + item.paragraphs[at], *item.paragraphs[at + 1 :])


def a_sentence_dropped(item: Item, chance: Chance) -> Item:
    at = chance.randrange(1, len(item.paragraphs))
    sentences = item.paragraphs[at].split("。")[:-1]
    del sentences[chance.randrange(len(sentences))]
    return elsewhere(
        item, *item.paragraphs[:at], "".join(f"{each}。" for each in sentences), *item.paragraphs[at + 1 :]
    )


def in_full_width(item: Item, chance: Chance) -> Item:
    wide = str.maketrans({each: chr(ord(each) + 0xFEE0) for each in "0123456789%."})
    return replace(elsewhere(item), paragraphs=tuple(each.translate(wide) for each in item.paragraphs))


REPOSTS: Mapping[str, Callable[[Item, Chance], Item]] = {
    "a publisher's prefix": prefixed,
    "a publisher's head line": headed,
    "a publisher's tail": tailed,
    "captions": captioned,
    "a picture in the text": pictured,
    "a stock code": coded,
    "broken off in a sentence": broken_off,
    "paragraphs joined": joined,
    "a summary before it": summarised,
    "a paragraph moved": reordered,
    "a filler": smoothed,
    "a sentence dropped": a_sentence_dropped,
    "full width": in_full_width,
}
