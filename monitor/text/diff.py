"""Says in sentences what changed between two texts, and in words what changed in a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from monitor.model import Change
from monitor.text.fingerprint import canonical
from monitor.text.fold import fold_text

#: A larger share of changed sentences is a rewrite: the texts are then shown whole.
REWRITTEN = 0.6
#: A few sentences are readable whatever changed in them.
_FEW = 10
#: Beyond these, matching costs seconds and helps nobody.
_MOST_SENTENCES = 2000
_MOST_WORDS = 2000

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
    """The changed sentences between two stored texts, whole, in order. Pure.

    What the fingerprint ignores (blanks, width, widgets, counters, `noise` lines) is no change. More than REWRITTEN of
    the sentences changed: one Change with both texts.
    """
    old, new = _sentences(before, noise), _sentences(after, noise)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_core, new_core = old[head : len(old) - tail], new[head : len(new) - tail]
    if not old_core and not new_core:
        return ()
    whole = (Change(field=field, op="replace", before=before.strip(), after=after.strip()),)
    if max(len(old_core), len(new_core)) > _MOST_SENTENCES:
        return whole
    opcodes = SequenceMatcher(None, [s.key for s in old_core], [s.key for s in new_core]).get_opcodes()
    changed = sum(max(i2 - i1, j2 - j1) for op, i1, i2, j1, j2 in opcodes if op != "equal")
    if max(len(old), len(new)) > _FEW and changed > REWRITTEN * max(len(old), len(new)):
        return whole
    found: list[Change] = []
    for op, i1, i2, j1, j2 in opcodes:
        if op == "equal":
            continue
        found.extend(_change(field, op, a, b) for a, b in _paired(old_core[i1:i2], new_core[j1:j2]))
    return tuple(found)


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


def _sentences(text: str, noise: Sequence[str]) -> list[_Sentence]:
    patterns = [re.compile(pattern) for pattern in noise]
    found = []
    for line in text.split("\n"):
        folded = fold_text(line)
        if any(pattern.search(line) or pattern.search(folded) for pattern in patterns) or not canonical(folded):
            continue
        ends = [0, *(stop.end() for stop in _STOP.finditer(line)), len(line)]
        sentences = [line[start:end].strip() for start, end in pairwise(ends)]
        keyed = [(sentence, canonical(fold_text(sentence))) for sentence in sentences]
        kept = [(sentence, key) for sentence, key in keyed if key]
        found += [_Sentence(sentence, key, at == len(kept) - 1) for at, (sentence, key) in enumerate(kept)]
    return found


def _common(old: list[_Sentence], new: list[_Sentence]) -> int:
    """How many sentences two lists begin with in common."""
    count = 0
    for a, b in zip(old, new, strict=False):
        if a.key != b.key:
            break
        count += 1
    return count


def _paired(old: list[_Sentence], new: list[_Sentence]) -> list[tuple[list[_Sentence], list[_Sentence]]]:
    """As many sentences as before are changed one by one; else the stretch stays one change."""
    if len(old) == len(new):
        return [([a], [b]) for a, b in zip(old, new, strict=True)]
    return [(old, new)]


def _change(field: str, op: str, old: list[_Sentence], new: list[_Sentence]) -> Change:
    return Change(field=field, op=op, before=_joined(old), after=_joined(new))


def _joined(sentences: list[_Sentence]) -> str:
    return "".join(sentence.text + ("\n" if sentence.ends_line else "") for sentence in sentences).strip()
