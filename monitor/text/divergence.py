"""Tells in which facts two texts differ that share most of their words: a copy of one text, or one form filled twice.

Nothing here knows what a fact is; it only knows which differences cannot be one. A word more or less, a homophone typed
wrongly, another dateline, a paragraph left out: these an editor makes. Whatever else stands in the place of something
(a figure, a date, a name, any other word) is taken as another fact, since the copy that is missed costs a second alert,
and the notice for another firm that is taken for a copy costs the only one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from monitor.text.clauses import clauses_of, is_number, words
from monitor.text.slips import OF_TIME, counts, is_filler, is_particle, is_typed

#: An insertion of so many words or characters says something of its own; a shorter one belongs to its clause.
STATEMENT = 8
#: Texts with more differing clauses are not compared.
_MOST_CLAUSES = 1500
#: Nor are stretches in which so many pairs of words would have to be looked at.
_MOST_PAIRS = 250_000
#: Two stretches with less in common have nothing to do with each other.
_RELATED = 0.4
#: Edits with no more than this between them are one: 张三丰 -> 李三.
_GAP = 2


@dataclass(slots=True, kw_only=True)
class Divergence:
    """What of `new` is not in `old`, and the other way round, as folded words without punctuation.

    facts: (before, after) of which one cannot be an edit of the other; the comparison ends at the first. figures: the
    same of two mere figures. slips: small edits that say nothing. added, dropped: what only one of them says.
    days: by how many the datelines differ.
    """

    facts: list[tuple[str, str]] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    slips: list[tuple[str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    days: int = 0


def diverge(old: Sequence[str], new: Sequence[str]) -> Divergence | None:
    """Compare two texts by their canonical lines (monitor.text.fingerprint). None: too much differs. Pure."""
    found = Divergence()
    one, other = clauses_of(old), clauses_of(new)
    if one.day and other.day:
        found.days = one.day.days_from(other.day)
        if one.day.place and other.day.place and one.day.place != other.day.place:
            found.facts.append((one.day.place, other.day.place))
            return found
    head = _common(one.clauses, other.clauses)
    tail = _common(one.clauses[head:][::-1], other.clauses[head:][::-1])
    before, after = one.clauses[head : len(one.clauses) - tail], other.clauses[head : len(other.clauses) - tail]
    if max(len(before), len(after)) > _MOST_CLAUSES:
        return None
    for op, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal" or (
            one.may_have_moved(head + i1, head + i2, other) and other.may_have_moved(head + j1, head + j2, one)
        ):
            continue
        _compare(words(before[i1:i2]), words(after[j1:j2]), found)
        if found.facts:
            return found
    # a name that is one character off is off wherever it stands; a slip of the pen happens once
    found.facts += [
        edit for edit, times in Counter(found.slips).items() if times > 1 and all(edit) and not is_particle(edit)
    ]
    return found


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _compare(old: list[str], new: list[str], found: Divergence) -> None:
    """Two stretches that stand in one place; either may be empty."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    if not gone or not come:
        around = old[max(0, head - 2) : head], old[len(old) - tail :][:3]
        _judge_extra(gone or come, *around, found, ("".join(gone), "".join(come)))
        return
    if len(old) * len(new) > _MOST_PAIRS:
        _unrelated(old, new, found)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks() if block.size > 1)
    if shared < _RELATED * min(len(old), len(new)):
        _unrelated(old, new, found)
        return
    for i1, i2, j1, j2 in _edits(matcher):
        _judge(old[i1:i2], new[j1:j2], old[max(0, i1 - 2) : i1], old[i2 : i2 + 3], found)


def _unrelated(old: list[str], new: list[str], found: Divergence) -> None:
    if len(old) < STATEMENT or len(new) < STATEMENT:
        found.facts.append(("".join(old), "".join(new)))
    else:
        found.dropped.append("".join(old))
        found.added.append("".join(new))


def _edits(matcher: "SequenceMatcher[str]") -> Iterator[tuple[int, int, int, int]]:
    """The differing stretches, those close together as one."""
    edit: tuple[int, int, int, int] | None = None
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            continue
        if edit and i1 - edit[1] <= _GAP:
            edit = (edit[0], i2, edit[2], j2)
            continue
        if edit:
            yield edit
        edit = (i1, i2, j1, j2)
    if edit:
        yield edit


def _judge(old: list[str], new: list[str], before: list[str], after: list[str], found: Divergence) -> None:
    """One edit with what stands around it."""
    edit = ("".join(old), "".join(new))
    if not old or not new:
        _judge_extra(old or new, before, after, found, edit)
    elif any(map(counts, (*old, *new))):
        alone = len(old) == len(new) == 1 and all(map(is_number, edit))
        of_time = any(word in OF_TIME for word in (*before[-1:], *after[:1])) or any(":" in word for word in edit)
        (found.figures if alone and not of_time else found.facts).append(edit)
    else:
        (found.slips if is_typed(edit, before, after) else found.facts).append(edit)


def _judge_extra(
    said: list[str], before: list[str], after: list[str], found: Divergence, edit: tuple[str, str]
) -> None:
    """Words that one side has and the other has not."""
    if len(said) >= STATEMENT:
        (found.added if edit[1] else found.dropped).append("".join(said))
    else:
        (found.slips if is_filler(said, before, after) else found.facts).append(edit)
