"""Weighs a change by the words of the rules that the article meets or met; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from monitor import importance
from monitor.differences import Revised
from monitor.rules import Evaluation, Subject
from monitor.telling import watched_words
from monitor.text.fold import fold_text


def weighed(
    revised: Revised, old: Subject, new: Subject, met: Mapping[str, Evaluation], meets: Mapping[str, Evaluation]
) -> Revised:
    """The revision with what watched words add to it. met, meets: the watches that meet the one and the other. Pure."""
    words = sorted({hit.term for found in (met, meets) for each in found.values() for hit in each.hits})
    if not words or not revised.parts:
        return revised
    before, after = (_counted(words, subject) for subject in (old, new))
    added = [word for word in words if not before[word] and after[word]]
    removed = [word for word in words if before[word] and not after[word]]
    said = watched_words(added, removed)
    return replace(
        revised,
        parts=importance.together([revised.parts, importance.of_words(before, after)]),
        summary="；".join(part for part in (revised.summary, said) if part),
    )


def _counted(words: Iterable[str], subject: Subject) -> Counter[str]:
    """How often each word stands in title and text. A regex, which never stands there as written, counts nothing."""
    text = fold_text(f"{subject.title}\n{subject.text}")
    return Counter({word: text.count(folded) for word in words if (folded := fold_text(word).strip())})
