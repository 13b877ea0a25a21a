"""How much a change weighs, 0 to 100, as the sum of stated parts; pure, and the same for the same change."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from monitor.model import Change
from monitor.text.altered import Altered

MOST = 100


class Part(StrEnum):
    """What a change is weighed by, in the order in which it is told."""

    TITLE = "title"  # the headline is another one
    FIGURES = "figures"  # figures, dates or times: another one in place of one; half of it where one came or went
    NAMES = "names"  # people, organisations, places, 《documents》, the issuer
    SHARE = "share"  # of the text that was touched
    WATCHED = "watched"  # words of the rules that the article meets or met
    ATTACHMENTS = "attachments"
    FACTS = "facts"  # what the page states beside title and text


#: What a person calls a part.
WORDS: Mapping[Part, str] = {
    Part.TITLE: "标题",
    Part.FIGURES: "数字",
    Part.NAMES: "名称",
    Part.SHARE: "篇幅",
    Part.WATCHED: "监控词",
    Part.ATTACHMENTS: "附件",
    Part.FACTS: "信息",
}
POINTS: Mapping[Part, int] = {
    Part.TITLE: 40,
    Part.FIGURES: 30,
    Part.NAMES: 20,
    Part.SHARE: 50,
    Part.WATCHED: 30,
    Part.ATTACHMENTS: 20,
    Part.FACTS: 10,
}
#: Any change of a text weighs so much, and one of it all POINTS[SHARE].
LEAST_SHARE = 10

Parts = Mapping[Part, int]


def total(parts: Parts) -> int:
    """The importance: the parts together, at most 100. Pure."""
    return min(MOST, sum(parts.values()))


def together(several: Iterable[Parts]) -> dict[Part, int]:
    """Each part once, as heavy as the heaviest of them, in the order of Part. Pure."""
    heaviest: dict[Part, int] = {}
    for parts in several:
        for part, points in parts.items():
            heaviest[part] = max(points, heaviest.get(part, 0))
    return {part: heaviest[part] for part in Part if heaviest.get(part)}


def of_wording(read: Sequence[Altered]) -> dict[Part, int]:
    """What changed figures and names weigh, in whatever they stand. Pure.

    Half where one only came or went: a sentence more names somebody, a sentence that says another name corrects one.
    """
    figures = max((_figures(each) for each in read), default=0)
    named = [pair for each in read for pair in each.names]
    names = POINTS[Part.NAMES] if any(all(pair) for pair in named) else POINTS[Part.NAMES] // 2 if named else 0
    return together([{Part.FIGURES: figures, Part.NAMES: names}])


def _figures(read: Altered) -> int:
    if not read.other_figures:
        return 0
    return POINTS[Part.FIGURES] if read.figures or read.change.rewritten else POINTS[Part.FIGURES] // 2


def of_share(changes: Sequence[Change], length: int) -> dict[Part, int]:
    """What the touched part of a text weighs. length: of both texts together. Pure."""
    touched = sum(len(change.before) + len(change.after) for change in changes if not change.moved)
    most = POINTS[Part.SHARE]
    return {Part.SHARE: LEAST_SHARE + min(most - LEAST_SHARE, 2 * (most - LEAST_SHARE) * touched // max(1, length))}


def of_words(before: Counter[str], after: Counter[str]) -> dict[Part, int]:
    """What watched words weigh. before, after: how often each stands there. Pure.

    All of it where a word came or is gone, half of it where it stands there more or less often.
    """
    words = before.keys() | after.keys()
    most = POINTS[Part.WATCHED]
    if any(bool(before[word]) != bool(after[word]) for word in words):
        return {Part.WATCHED: most}
    return {Part.WATCHED: most // 2} if any(before[word] != after[word] for word in words) else {}


def in_words(parts: Mapping[str, int] | Parts) -> str:
    """The parts as a person reads them, as they are stored. Pure.

    >>> in_words({"figures": 30, "share": 10})
    '数字 30、篇幅 10'
    """
    stored = {str(part): points for part, points in parts.items()}
    return "、".join(f"{WORDS[part]} {stored[part]}" for part in Part if stored.get(part))
