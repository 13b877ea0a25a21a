"""Says in sentences what changed between two texts, and in words what changed in a sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from monitor.model import Change
from monitor.text.fewedits import few_edits
from monitor.text.fingerprint import canonical
from monitor.text.fold import fold_text

#: A larger share of changed sentences is a rewrite: the texts are then shown whole.
REWRITTEN = 0.6
#: A few sentences are readable whatever changed in them.
_FEW = 10
#: Beyond these, matching costs seconds and helps nobody.
_MOST_SENTENCES = 2000
_MOST_WORDS = 2000
#: Of more lines than these sentences, so many may be others; looking for more takes seconds.
_MOST_LINE_EDITS = 1200

#: Behind it a sentence ends. An ASCII stop counts where no figure or name goes on: a mirror writes `.` for 。
_STOP = re.compile(r"(?:[。！？；!?;]|[.．](?![0-9A-Za-z０-９]))+[”’」』）)\"]*")
#: Numbers stay whole: 2674.3 -> 2764.3 is one change, not two digits.
_WORD = re.compile(r"\d+(?:[.,]\d+)*%?|[A-Za-z]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    key: str
    ends_line: bool


def changes(before: str, after: str, *, field: str = "body", noise: Sequence[str] = ()) -> tuple[Change, ...]:
    """The changed sentences between two stored texts, whole, in order; moved ones last. Pure.

    What the fingerprint ignores (blanks, width, widgets, counters, `noise` lines) is no change. Sentences that stand
    elsewhere now are one change with the same text before and after (Change.moved). More than REWRITTEN of the
    sentences changed: one Change with both texts (Change.rewritten).
    """
    places, common = _differing(before.split("\n"), after.split("\n"))
    cut: dict[str, list[_Sentence]] = {}
    cores = [(_sentences(a, noise, cut), _sentences(b, noise, cut)) for a, b in places]
    old, new = (sum(len(core[side]) for core in cores) for side in (0, 1))
    stretches = [stretch for core in cores for stretch in _stretches(*core)]
    if not stretches:
        return ()
    whole = (Change(field=field, op="replace", before=before.strip(), after=after.strip(), rewritten=True),)
    if sum(max(len(a), len(b)) for a, b in stretches) > _MOST_SENTENCES:
        return whole
    moved, rest = _moved([a for a, _ in stretches], [b for _, b in stretches])
    changed = sum(max(len(a), len(b)) for a, b in rest)
    held = common + max(old, new)
    if held > _FEW and changed > REWRITTEN * held:
        return whole
    found = [_change(field, a, b) for pair in rest for a, b in _paired(*pair)]
    return (*found, *(_change(field, stretch, stretch, moved=True) for stretch in moved))


def marked(before: str, after: str) -> str:
    """One text that shows both: `[-removed-]{+added+}`, word by word; numbers are never torn. Pure.

    Where little is common, both stand whole.

    >>> marked("营收2674.3亿元，总量位居第二。", "营收2764.3亿元，总量居第二位。")
    '营收[-2674.3-]{+2764.3+}亿元，总量[-位-]居第二{+位+}。'
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        return _both(before, after)
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    kept = sum(i2 - i1 for op, i1, i2, _, _ in opcodes if op == "equal")
    if kept < (1 - REWRITTEN) * max(len(old), len(new)):
        return _both(before, after)
    parts = []
    for op, i1, i2, j1, j2 in opcodes:
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        parts.append(gone if op == "equal" else _both(gone, come))
    return "".join(parts)


def _both(before: str, after: str) -> str:
    return (f"[-{before}-]" if before else "") + (f"{{+{after}+}}" if after else "")


def _differing(old: list[str], new: list[str]) -> tuple[list[tuple[list[str], list[str]]], int]:
    """The lines of each place where the texts differ; and about how many sentences stand in the lines between."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    mine, theirs = old[head : len(old) - tail], new[head : len(new) - tail]
    common = old[:head] + old[len(old) - tail :]
    if max(len(mine), len(theirs)) > _MOST_SENTENCES:
        equal = few_edits(mine, theirs, most=_MOST_LINE_EDITS)
    else:
        equal = [(block.a, block.b, block.size) for block in SequenceMatcher(None, mine, theirs).get_matching_blocks()]
    places, at, other = [], 0, 0
    for i, j, size in [*equal, (len(mine), len(theirs), 0)]:
        if (at, other) != (i, j):
            places.append((mine[at:i], theirs[other:j]))
        common += mine[i : i + size]
        at, other = i + size, j + size
    return places, _stops(common)


def _stops(lines: Sequence[str]) -> int:
    return sum(max(1, len(_STOP.findall(line))) for line in lines if line)


def _stretches(old: list[_Sentence], new: list[_Sentence]) -> Iterator[tuple[list[_Sentence], list[_Sentence]]]:
    """The sentences of one place that differ, each stretch with what stands in its place."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    mine, theirs = old[head : len(old) - tail], new[head : len(new) - tail]
    if "".join(s.key for s in mine) == "".join(s.key for s in theirs):
        return
    if not mine or not theirs or max(len(mine), len(theirs)) > _MOST_SENTENCES:
        if mine or theirs:
            yield mine, theirs
        return
    for op, i1, i2, j1, j2 in SequenceMatcher(None, [s.key for s in mine], [s.key for s in theirs]).get_opcodes():
        gone, come = mine[i1:i2], theirs[j1:j2]
        if op != "equal" and "".join(s.key for s in gone) != "".join(
            s.key for s in come
        ):  # else a line breaks elsewhere
            yield gone, come


def _sentences(lines: Sequence[str], noise: Sequence[str], cut: dict[str, list[_Sentence]]) -> list[_Sentence]:
    """cut: the sentences of lines, as far as they are known; most lines stand in both texts."""
    patterns = [re.compile(pattern) for pattern in noise]
    found = []
    for line in lines:
        if line not in cut:
            cut[line] = _cut(line, patterns)
        found += cut[line]
    return found


def _cut(line: str, noise: Sequence[re.Pattern[str]]) -> list[_Sentence]:
    folded = fold_text(line)
    if any(pattern.search(line) or pattern.search(folded) for pattern in noise) or not canonical(folded):
        return []
    kept = []
    for start, end in pairwise([0, *(stop.end() for stop in _STOP.finditer(line)), len(line)]):
        # a fold that deleted nothing has every character where it was
        key = canonical(folded[start:end] if len(folded) == len(line) else fold_text(line[start:end]))
        if key:
            kept.append((line[start:end].strip(), key))
    return [_Sentence(sentence, key, at == len(kept) - 1) for at, (sentence, key) in enumerate(kept)]


def _common(old: list[_Sentence], new: list[_Sentence]) -> int:
    """How many sentences two lists begin with in common."""
    count = 0
    for a, b in zip(old, new, strict=False):
        if a.key != b.key:
            break
        count += 1
    return count


def _moved(
    gone: list[list[_Sentence]], come: list[list[_Sentence]]
) -> tuple[list[list[_Sentence]], list[tuple[list[_Sentence], list[_Sentence]]]]:
    """The stretches of sentences that only stand elsewhere now; and what is left of each changed place without them.

    gone, come: what each place held before and what it holds after.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    for number, stretch in enumerate(gone):
        for at, sentence in enumerate(stretch):
            places.setdefault(sentence.key, []).append((number, at))
    moved: list[list[_Sentence]] = []
    taken: set[tuple[int, int]] = set()
    kept: list[list[_Sentence]] = []
    for stretch in come:
        kept.append([])
        last: tuple[int, int] | None = None
        for sentence in stretch:
            free = [place for place in places.get(sentence.key, ()) if place not in taken]
            if not free:
                kept[-1].append(sentence)
                last = None
                continue
            after = (last[0], last[1] + 1) if last else None
            here = after if after in free else free[0]
            if here == after:
                moved[-1].append(sentence)
            else:
                moved.append([sentence])
            taken.add(here)
            last = here
    left = [
        [sentence for at, sentence in enumerate(stretch) if (number, at) not in taken]
        for number, stretch in enumerate(gone)
    ]
    return moved, [(a, b) for a, b in zip(left, kept, strict=True) if a or b]


def _paired(old: list[_Sentence], new: list[_Sentence]) -> list[tuple[list[_Sentence], list[_Sentence]]]:
    """As many sentences as before are changed one by one; else the stretch stays one change."""
    if len(old) == len(new):
        return [([a], [b]) for a, b in zip(old, new, strict=True)]
    return [(old, new)]


def _change(field: str, old: list[_Sentence], new: list[_Sentence], *, moved: bool = False) -> Change:
    op = "replace" if old and new else "delete" if old else "insert"
    return Change(field=field, op=op, before=_joined(old), after=_joined(new), moved=moved)


def _joined(sentences: list[_Sentence]) -> str:
    return "".join(sentence.text + ("\n" if sentence.ends_line else "") for sentence in sentences).strip()
