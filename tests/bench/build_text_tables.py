"""Builds the data files of crawler/text from OpenCC, pypinyin and jieba, which nothing needs at run time.

    pip install opencc pypinyin jieba && python tests/bench/build_text_tables.py [FILE …]

FILE: the names of those to be made, fold_table.txt first if it is one of them; all without.

Raise FOLD_VERSION in crawler/text/table.py when the fold table changes: a corpus then asks for `chaoxun db reindex`.
"""

import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from crawler.text.han import HAN
from crawler.text.table import fold_table

FOLDER = Path(__file__).resolve().parents[2] / "crawler" / "text"

_PAIRS = """瞭了 覆复 乾干 著着 藉借 徵征 麽么 馀余 鍾钟 锺钟 划画 沈沉 甦苏 钜巨
祇只 衹只 牠它 妳你 菓果 鎗枪 甯宁 噁恶 迳径 彷仿
姪侄 戸户 淸清 靑青 鄕乡 値值 鑛矿 砲炮 氷冰 汚污"""
#: Radicals that the text of a PDF file has in place of the characters they look like; NFKC knows those of Kangxi alone.
_RADICALS = """⺁厂 ⺇几 ⺌小 ⺍小 ⺎兀 ⺒巳 ⺓幺 ⺝月 ⺠民 ⺧牛 ⺩王 ⺪疋 ⺬示 ⺮竹 ⺶羊 ⺻聿 ⺼肉 ⺽臼 ⻁虎
⻄西 ⻅见 ⻆角 ⻇角 ⻉贝 ⻊足 ⻋车 ⻑长 ⻓长 ⻔门 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞食 ⻡首
⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫齐 ⻬齐 ⻭齿 ⻮齿 ⻯龙 ⻰龙 ⻱龟 ⻲龟"""
#: Characters that a spelling keeps apart by context (瞭望 but 了解, 計畫 for 计划): both sides fold to one.
VARIANTS = {pair[0]: pair[1] for pair in f"{_PAIRS} {_RADICALS}".split()}

#: tw2s reads 么 as 幺, which would carry 什麼 away from 什么.
UNTOUCHED = ("么", "\n", " ")

#: Punctuation that NFKC leaves alone or spells in several characters.
PUNCTUATION = {
    ".": "。｡",
    ",": "、､",
    '"': "“”„‟「」『』﹁﹂﹃﹄〝〞〟«»",
    "'": "‘’‚‛′",
    "<": "《〈‹",
    ">": "》〉›",
    "[": "【〔〖〘〚",
    "]": "】〕〗〙〛",
    "-": "‐‑‒–—―─−﹣",
    "~": "〜～∼",
    "·": "•・･‧∙⋅",
    ":": "∶",
}

#: Deleted by the fold, never a target of the table (monitor/text/fold.py).
IGNORABLE = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)

#: Pairs and characters that are met less often in some ten million words are left out.
FEWEST_PAIRS = 50


def assigned() -> Iterator[str]:
    for point in (*range(0xD800), *range(0xE000, 0x34000)):
        if unicodedata.category(chr(point)) not in ("Cn", "Co", "Cs"):
            yield chr(point)


def steps() -> dict[str, str]:
    """One step of folding for every character that has one; later rules win over earlier ones."""
    import opencc  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # build time only

    table: dict[str, str] = {}
    for character in assigned():
        if character.isspace() or IGNORABLE.match(character):
            continue
        plain = unicodedata.normalize("NFKC", character)
        small = (plain if len(plain) == 1 else character).lower()
        if len(small) == 1 and small != character and not small.isspace():
            table[character] = small
    converters = [opencc.OpenCC(name) for name in ("tw2s", "hk2s", "t2s")]
    for character in assigned():
        if unicodedata.category(character) == "Lo" and ord(character) >= 0x3400:
            for converter in converters:
                simple = converter.convert(character)
                if len(simple) == 1 and simple != character:
                    table[character] = simple
    table |= VARIANTS
    for target, characters in PUNCTUATION.items():
        table |= dict.fromkeys(characters, target)
    return {source: target for source, target in table.items() if source not in UNTOUCHED}


def fold_groups() -> dict[str, str]:
    """target -> every character that folds to it, in as many steps as it takes."""
    table = steps()
    groups: dict[str, list[str]] = defaultdict(list)
    for source in table:
        target, seen = source, {source}
        while target in table and table[target] not in seen:
            target = table[target]
            seen.add(target)
        if target != source:
            groups[target].append(source)
    return {target: "".join(sorted(groups[target])) for target in sorted(groups)}


def reading_groups() -> dict[str, str]:
    """reading -> the characters that may be read so; NFC, with the plain letters g and a."""
    from pypinyin.constants import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # build time only
        PINYIN_DICT,
    )

    groups: dict[str, list[str]] = defaultdict(list)
    for point, readings in PINYIN_DICT.items():
        for reading in readings.split(","):
            plain = unicodedata.normalize("NFC", reading).replace("ɡ", "g").replace("ɑ", "a")
            if not plain.isascii():
                groups[plain].append(chr(point))
    return {reading: "".join(sorted(set(groups[reading]))) for reading in sorted(groups)}


def pair_lines() -> Iterator[str]:
    """What crawler/text/byteshift.py reads, counted in jieba's words by their frequencies; see there."""
    found = find_spec("jieba")
    assert found is not None and found.origin is not None, "pip install jieba"
    stands: Counter[str] = Counter()
    starts: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for line in Path(found.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
        written, frequency, *_ = line.split(" ")
        word = written.translate(fold_table())
        if not re.fullmatch(f"[{HAN}]+", word):
            continue
        starts[word[0]] += int(frequency)
        stands.update(dict.fromkeys(word, 0))
        for character in word:
            stands[character] += int(frequency)
        for pair in pairwise(word):
            pairs[pair] += int(frequency)
    followers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (one, other), count in sorted(pairs.items()):
        if count >= FEWEST_PAIRS:
            followers[one][level(count)].append(other)
    for character, count in sorted(stands.items(), key=lambda item: (-item[1], item[0])):
        if count >= FEWEST_PAIRS:
            groups = (f"{mark}{''.join(others)}" for mark, others in sorted(followers[character].items()))
            yield f"{character}{level(count)}{level(starts[character])}{''.join(groups)}"


def level(count: int) -> str:
    """A number as one letter: two more double it; @ is none."""
    return chr(ord("A") + round(2 * math.log2(count))) if count else "@"


def main() -> int:
    made = {
        "fold_table.txt": lambda: [target + sources for target, sources in fold_groups().items()],
        "readings.txt": lambda: [f"{reading} {characters}" for reading, characters in reading_groups().items()],
        "pairs.txt": lambda: list(pair_lines()),
    }
    for name in sys.argv[1:] or made:
        lines = made[name]()
        (FOLDER / name).write_bytes("\n".join([*lines, ""]).encode())
        sys.stdout.write(f"{name}: {len(lines)} lines\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
