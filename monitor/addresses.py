"""Decides whether an entry is an article that we hold, at another address; pure, and in doubt it is not.

A site that moves gives its articles new addresses: the same headline, the same day and the same text stand elsewhere,
and the old address is gone or leads there. Two notices of one form have all that in common, too, but for their facts,
and the alert for the second would be lost: so whatever speaks against it keeps them apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crawler.records import BEIJING, Answer, Capture, Precision
from monitor.stories import SHORT_TEXT, Wording, compare
from monitor.text.fingerprint import SHORTEST_STORY, key_of
from monitor.text.fold import fold_text
from monitor.urls import Kinship, bare_host, better, canonical_url, kinship

#: Numbers that an office gives to one document alone.
_NUMBERS = ("doc_number", "index_number")
_EXACT = {Precision.SECOND, Precision.MINUTE}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One article, or one that may be new, where it stands.

    fingerprint: of title and text. facts: the article JSON. gone: its address has failed it, or it is withdrawn.
    """

    source: str
    wording: Wording
    fingerprint: str
    facts: Mapping[str, Any]
    gone: bool = False

    @property
    def url(self) -> str:
        return self.wording.telling.url


class OldAddress(StrEnum):
    """What the address at which we hold an article says now."""

    NOT_ASKED = "not asked"
    ALIVE = "alive"  # or it said nothing: an outage proves nothing
    GONE = "gone"
    LEADS_HERE = "leads here"


class Relation(StrEnum):
    """What an entry is to an article that we hold."""

    APART = "apart"
    ASK = "ask"  # one article, if its old address is gone
    ONE = "one"


def relation(new: Standing, old: Standing, *, asked: OldAddress) -> Relation:
    """Whether `new` is `old` at another address. Pure. asked: what the old address said, where it was asked."""
    kin = kinship(new.url, old.url)
    if not is_same(new, old, kin):
        return Relation.APART
    length = min(new.wording.telling.length, old.wording.telling.length)
    if kin is Kinship.SAME or old.gone or (kin is Kinship.PLATFORM and length >= SHORT_TEXT):
        return Relation.ONE
    if asked is OldAddress.NOT_ASKED:
        return Relation.ASK
    return Relation.APART if asked is OldAddress.ALIVE else Relation.ONE


def is_same(new: Standing, old: Standing, kin: Kinship | None = None) -> bool:
    """Whether the two say the same of the same day on the same site, whatever their addresses answer. Pure."""
    if kin is None:
        kin = kinship(new.url, old.url)
    if new.source != old.source and bare_host(new.url) != bare_host(old.url):
        return False
    if not _same_title(new, old) or not _same_time(new, old, kin) or not _same_facts(new, old):
        return False
    if kin is not Kinship.SAME and min(len(new.wording.key), len(old.wording.key)) < SHORTEST_STORY:
        return False  # "see the attachment" says nothing of what it is
    return new.fingerprint == old.fingerprint or compare(new.wording, old.wording).same


def _same_title(new: Standing, old: Standing) -> bool:
    one, other = (key_of([fold_text(each.wording.telling.title)]) for each in (new, old))
    return one == other != ""


def _same_time(new: Standing, old: Standing, kin: Kinship) -> bool:
    """The same day, and the same minute where both show one. Without a day only the address can tell."""
    one, other = new.wording.telling, old.wording.telling
    if one.published_at is None or other.published_at is None:
        return kin is Kinship.SAME and one.published_at == other.published_at
    a, b = (moment.astimezone(BEIJING) for moment in (one.published_at, other.published_at))
    if one.published_precision in _EXACT and other.published_precision in _EXACT:
        return a.replace(second=0, microsecond=0) == b.replace(second=0, microsecond=0)
    return a.date() == b.date()


def _same_facts(new: Standing, old: Standing) -> bool:
    """The same attachments by name, and no other number of the document."""
    names = [sorted(item["name"] for item in each.facts.get("attachments") or ()) for each in (new, old)]
    one, other = (each.facts.get("government") or {} for each in (new, old))
    return names[0] == names[1] and all(one[key] == other[key] for key in _NUMBERS if one.get(key) and other.get(key))


def stays(new: Standing, old: Standing, *, asked: OldAddress) -> bool:
    """Of an article that stands at both: whether it is asked for at its old address all the same. Pure."""
    if old.gone or asked in (OldAddress.GONE, OldAddress.LEADS_HERE):
        return False
    return not better(old.url, new.url)


def said(answer: Answer, new_url: str) -> OldAddress:
    """What an old address has answered, with regard to the new one. Pure."""
    if not isinstance(answer, Capture):
        return OldAddress.ALIVE
    if answer.status in (404, 410):
        return OldAddress.GONE
    led = canonical_url(answer.final_url)
    if led != canonical_url(answer.url) and (led == new_url or kinship(led, new_url) is Kinship.SAME):
        return OldAddress.LEADS_HERE
    return OldAddress.ALIVE
