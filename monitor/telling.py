"""Says in a line what changed in a text: 营收 2674.3→2764.3 亿元, rather than how much of it; pure."""

from collections.abc import Iterable, Sequence

from monitor.model import Change
from monitor.text.altered import Altered

#: So many changes are told by their words; of the others, how many there are.
MOST_TOLD = 3
#: Words of so many characters are told; longer ones are for the diff.
_LONGEST, _SHORTEST = 8, 2
#: And of a sentence that came or went, so much.
_SENTENCE = 24


def body_words(changes: Sequence[Change], read: Sequence[Altered]) -> str:
    """The changes of a text in a line. read: the same with their words (monitor.text.altered). Pure."""
    if any(change.rewritten for change in changes):
        return "正文重写"
    moved = sum(change.moved for change in changes)
    edited = len(changes) - moved
    told, silent = _told(read)
    also = f"，另有 {moved} 处移动" if moved else ""
    if not told:
        return f"正文改动 {max(1, edited)} 处{also}" if edited or not moved else f"语句移动 {moved} 处"
    more = len(told[MOST_TOLD:]) + silent + edited - len(read)
    return "，".join([*told[:MOST_TOLD], *([f"另有 {more} 处改动"] if more else [])]) + also


def watched_words(added: Iterable[str], removed: Iterable[str]) -> str:
    """Which words of the rules came and went; "" where none did. Pure.

    >>> watched_words(["未来工厂"], [])
    '新出现监控词：未来工厂'
    """
    said = [
        f"{label}：{'、'.join(words[:MOST_TOLD])}{'等' if len(words) > MOST_TOLD else ''}"
        for label, words in (("新出现监控词", list(added)), ("不再出现监控词", list(removed)))
        if words
    ]
    return "，".join(said)


def _told(read: Sequence[Altered]) -> tuple[list[str], int]:
    """Figures first, then names, then single words and sentences, each once; and how many changes are not told."""
    figures: list[str] = []
    names: list[str] = []
    words: list[str] = []
    silent = 0
    for each in read:
        said = [pair.words() for pair in each.figures]
        named = [_name(*pair) for pair in each.names if each.change.op == "replace"]
        plain = [] if said or named else _word(each)
        figures += said
        names += named
        words += plain
        silent += not (said or named or plain)
    return list(dict.fromkeys([*figures, *names, *words])), silent


def _name(before: str, after: str) -> str:
    if before and after:
        return f"{before}→{after}"
    return f"新增“{after}”" if after else f"删去“{before}”"


def _word(read: Altered) -> list[str]:
    """The sentence that came or went; or the one word that another one took the place of."""
    change, comparison = read.change, read.comparison
    if change.op != "replace":
        said = " ".join((change.after or change.before).split())
        shown = said if len(said) <= _SENTENCE else f"{said[: _SENTENCE - 1]}…"
        return [f"{'新增' if change.after else '删去'}“{shown}”"]
    if len(comparison.spans) != 1:
        return []
    ((gone, come),) = comparison.spans
    before = "".join(comparison.old[at].text for at in gone)
    after = "".join(comparison.new[at].text for at in come)
    if all(_SHORTEST <= len(word) <= _LONGEST and word.isalnum() for word in (before, after)):
        return [f"“{before}”→“{after}”"]
    return []
