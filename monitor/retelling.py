"""Finds the story of an article, in the transaction that stores it, and what of a repost is news to its readers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.text.byteshift import mend
from monitor.corpus import Connection, bands, stories
from monitor.model import HitField
from monitor.rules import Evaluation, RuleSet, Subject
from monitor.stories import Retelling, Telling, Wording, retold, story_of
from monitor.text.fingerprint import canonical_lines, key_of, story_key_of
from monitor.text.fold import fold_text, fold_to_match
from monitor.text.similarity import bands as bands_of

#: So many articles are compared with a new one, those that share most bands.
MOST_COMPARED = 6

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an article belongs. joined: others told its story before; `retelling` says in which words, if others."""

    story_id: int
    joined: bool
    hashes: Sequence[int]
    retelling: Retelling | None = None


def place(tx: Connection, mine: Telling, text: str, noise: Sequence[str], now: datetime) -> Place:
    """The story of a new article: that of a text that it retells, else a new one."""
    key, wording, hashes = _read(mine, text, noise)
    told = None if key is None else story_of(mine, stories.tellings(tx, key), wording.exact)
    if told is not None:
        return Place(story_id=told, joined=True, hashes=hashes)
    retelling = _retold(tx, wording, hashes)
    if retelling is not None:
        return Place(story_id=retelling.story_id, joined=True, hashes=hashes, retelling=retelling)
    return Place(story_id=stories.new_story(tx, key, now), joined=False, hashes=hashes)


def replace_text(tx: Connection, mine: Telling, story_id: int, *, before: str, text: str, noise: Sequence[str]) -> None:
    """A known article says something else now: alone in its story, it takes that story along; a repost stays one."""
    key, wording, hashes = _read(mine, text, noise)
    if text != before:
        bands.remove(tx, mine.article_id, _read(mine, before, noise)[2])
        bands.put(tx, mine.article_id, hashes)
    if not stories.is_alone(tx, story_id):
        return
    others = [] if key is None else stories.tellings(tx, key)
    told = story_of(mine, [other for other in others if other[0] != story_id], wording.exact)
    if told is None:
        retelling = _retold(tx, wording, hashes)
        told = retelling.story_id if retelling else None
    if told is None:
        stories.set_key(tx, story_id, key)
    else:
        stories.move(tx, mine.article_id, old=story_id, new=told)


def news(
    found: Mapping[str, Evaluation], told: set[str], retelling: Retelling | None, subject: Subject, rules: RuleSet
) -> set[str]:
    """Those of the watches that heard of the story already whom this article tells something new. Pure.

    A copy with another figure is news to all of them: nobody knows which figure is right, and which one they wait for.
    A copy that says more is news to those whom the added sentences meet by themselves.
    """
    heard = told & found.keys()
    if retelling is None or not heard:
        return set()
    if retelling.variant:
        return heard
    added = added_sentences(subject.text, retelling.added)
    if not added:
        return set()
    said = "\n".join(added)
    met = rules.evaluate(
        replace(subject, title="", folded_title=fold_to_match(""), text=said, folded_text=fold_to_match(said))
    )
    return {name for name in heard & met.keys() if any(hit.field is HitField.BODY for hit in met[name].hits)}


def added_sentences(text: str, added: Sequence[str]) -> list[str]:
    """The sentences of a text that stand in one of the added stretches, or hold one. Pure."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if added]
    keyed = [(sentence.strip(), key_of([fold_text(sentence)])) for sentence in sentences]
    stretches = [key_of([stretch]) for stretch in added]
    return [said for said, key in keyed if key and any(key in each or each in key for each in stretches)]


def _read(mine: Telling, text: str, noise: Sequence[str]) -> tuple[str | None, Wording, Sequence[int]]:
    # as the index holds the texts that it is compared with
    wording = Wording(telling=mine, read=lambda: canonical_lines(mend(text), noise))
    return story_key_of(wording.key, wording.exact), wording, bands_of(wording.key)


def _retold(tx: Connection, wording: Wording, hashes: Sequence[int]) -> Retelling | None:
    alike = bands.alike(tx, hashes, but=wording.telling.article_id, most=MOST_COMPARED)
    return retold(wording, stories.wordings(tx, alike))
