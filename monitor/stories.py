"""Decides which articles tell one story, and which of them was first; pure, and in doubt it keeps them apart."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlsplit

from crawler.records import BEIJING, Precision
from monitor.text.clauses import wording_of
from monitor.text.divergence import Divergence, diverge
from monitor.text.fingerprint import key_of
from monitor.text.fold import fold_text
from monitor.text.headlines import TELLING_TITLE, TURNS, Titles, compare_headlines, headline_key
from monitor.text.similarity import containment, jaccard, shingles

#: Two headlines over one text: below this length the text may be a form whose facts stand in the headline.
LONG_TEXT = 300
#: A shorter text is that of many flashes and notices: it is a repost only where everything is the same.
SHORT_TEXT = 100
#: Texts that share this part of their shingles are one text, unless their facts differ.
REPOST = 0.5
#: Below REPOST an excerpt is one, too: the shorter text stands in the longer.
EXCERPT, RELATED = 0.8, 0.3
#: So many figures may differ in a copy of a text, which must share this much of its words and be so long.
_FIGURES, _VARIANT, _VARIANT_LENGTH = 3, 0.7, 150
#: One small edit is nothing, and one more for so many characters of text.
_PER_SLIP = 250
#: A paper prints today's dispatch tomorrow.
_DAYS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One article as its story sees it; `length` is that of its text.

    outlet: who published it. credited: whom it names as its source (来源).
    """

    article_id: int
    url: str
    title: str
    length: int
    published_at: datetime | None
    published_precision: str | None
    first_seen_at: datetime
    outlet: str | None = None
    credited: str | None = None

    @property
    def site(self) -> str:
        """The host that it stands on, with its port."""
        return urlsplit(self.url).netloc.lower()


class Likeness(StrEnum):
    """What one text is to another."""

    UNRELATED = "unrelated"
    APART = "apart"  # much the same words, other facts
    VARIANT = "variant"  # a copy that says something else: another figure, a correction
    COPY = "copy"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """An article with its text, to be compared with others.

    read: gives its canonical lines (monitor.text.fingerprint) when they are needed; most texts of a form that is filled
    a thousand times are told apart by their headlines.
    """

    telling: Telling
    read: Callable[[], Sequence[str]]

    @cached_property
    def lines(self) -> Sequence[str]:
        return self.read()

    @cached_property
    def key(self) -> str:
        return key_of(self.lines)

    @cached_property
    def exact(self) -> str:
        return wording_of(self.lines)

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles(self.key)

    @property
    def body(self) -> Sequence[str]:
        """The lines without those that repeat the headline, or a good part of it."""
        title = wording_of([fold_text(self.telling.title)])
        lines = ((line, wording_of([line])) for line in self.lines)
        return [line for line, said in lines if len(said) < TELLING_TITLE or said not in title]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """The story that an article belongs to, and what it says that the story's nearest article does not.

    added: stretches of its words (folded, without punctuation). variant: see Likeness.
    """

    story_id: int
    variant: bool = False
    added: tuple[str, ...] = ()


# -- texts that are the same to the last letter


def retells(new: Telling, old: Telling, key: str = "") -> bool:
    """Whether `new` is a repost of `old`, given that their texts are the same to the last letter. Pure.

    key: that text, as Wording.exact. Offices fill one form for many firms and put the firm into the headline alone, so
    the same text under another headline counts only where another site carries a long one, and the headlines are not of
    one form. A text below SHORT_TEXT counts only with the same headline, on another site, on the same day: the central
    bank's daily operation is told in the same words each day. Nor does a site repost itself on another day: it says it
    again.
    """
    one, other = headline_key(new.title), headline_key(old.title)
    elsewhere = new.site != old.site
    if not elsewhere and _days_between(new, old) > _DAYS:
        return False
    if min(new.length, old.length) < SHORT_TEXT:
        return elsewhere and one == other and len(one) >= TELLING_TITLE and _day(new) == _day(old)
    titles = compare_headlines(one, other, lambda: (key,))
    return titles is Titles.SAME or (titles is Titles.OTHER and elsewhere and min(new.length, old.length) >= LONG_TEXT)


def story_of(new: Telling, candidates: Iterable[tuple[int, Telling]], key: str = "") -> int | None:
    """The story that `new` belongs to; candidates: (story id, one of its articles), oldest first. None: its own."""
    return next((story for story, old in candidates if retells(new, old, key)), None)


# -- texts that share most of their words


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two texts compare; `added` as in Retelling, `dropped` the other way round; `why` for people who ask.

    otherwise: the words of the new one that make a variant of it.
    """

    likeness: Likeness
    why: str
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether one says nothing that the other does not."""
        return self.likeness is Likeness.COPY and not self.added and not self.dropped


def compare(new: Wording, old: Wording) -> Comparison:
    """Whether `new` is a repost of `old`. Pure.

    A repost shares half of its words with the other text, or is an excerpt of it; and where the two differ, nothing
    stands in the place of something else: paragraphs and words may be missing or added, but on one side only.
    """
    share = jaccard(new.shingles, old.shingles)
    if share < REPOST and (share < RELATED or containment(new.shingles, old.shingles) < EXCERPT):
        return Comparison(likeness=Likeness.UNRELATED, why=f"they share {share:.0%} of their words")
    titles = compare_titles(new, old)
    if titles is Titles.APART:
        return Comparison(likeness=Likeness.APART, why="their headlines name other things")
    found = diverge(old.body, new.body)
    why = "they differ too much to be compared" if found is None else _doubt(new, old, titles, share, found)
    if found is None or why:
        return Comparison(likeness=Likeness.APART, why=why)
    kind, why, otherwise = Likeness.COPY, f"they share {share:.0%} of their words", found.added
    if found.figures:
        kind, why = Likeness.VARIANT, f"figures differ: {_shown(found.figures)}"
        otherwise = [after for _, after in found.figures]
    elif found.added and new.telling.site == old.telling.site:
        kind, why = Likeness.VARIANT, "the same site says more"
    elif any(map(TURNS.search, found.added)):
        kind, why = Likeness.VARIANT, "what it adds may turn the news"
    return Comparison(
        likeness=kind,
        why=why,
        added=tuple(found.added),
        dropped=tuple(found.dropped),
        otherwise=tuple(otherwise) if kind is Likeness.VARIANT else (),
    )


def _doubt(new: Wording, old: Wording, titles: Titles, share: float, found: Divergence) -> str:
    """Why the two must stay apart; empty where they need not. In the order of what is said first to people."""
    one_site = new.telling.site == old.telling.site
    length = min(new.telling.length, old.telling.length)
    doubts = (
        (bool(found.facts), f"facts differ: {_shown(found.facts)}"),
        (bool(found.added and found.dropped), "each says something that the other does not"),
        (found.days > (0 if one_site else _DAYS), "their datelines are of other days"),
        (one_site and _days_between(new.telling, old.telling) > _DAYS, "one site published them on other days"),
        (len(found.slips) > 1 + length // _PER_SLIP, f"too many words differ: {_shown(found.slips)}"),
        (titles is Titles.OTHER and one_site, "one site has them under two headlines"),
        (titles is Titles.OTHER and length < LONG_TEXT, "short texts under two headlines"),
        (titles is Titles.OTHER and share < REPOST, "an excerpt under another headline"),
    )
    figures = (
        (one_site, "one site has them with other figures"),
        (
            titles is not Titles.SAME or length < _VARIANT_LENGTH,
            "other figures under another headline, or in a short text",
        ),
        (len(found.figures) > _FIGURES or share < _VARIANT, f"many figures differ: {_shown(found.figures)}"),
        (len(found.figures) * 3 > _figures(new), "too great a part of their figures differs"),
    )
    return next((why for holds, why in (*doubts, *(figures if found.figures else ())) if holds), "")


def retold(new: Wording, candidates: Iterable[tuple[int, Wording]]) -> Retelling | None:
    """The story that `new` retells; candidates: (story id, one of its articles). None: a story of its own. Pure.

    Of several the oldest; never one that holds an article with other facts: an excerpt that lacks the facts would
    else bring two together that are not the same.
    """
    others: dict[int, list[Wording]] = {}
    for story, old in candidates:
        others.setdefault(story, []).append(old)
    for story in sorted(others):
        told_apart, left = _parted(new, others[story])
        compared = [compare(new, old) for old in left]
        copies = [each for each in compared if each.likeness is Likeness.COPY]
        variants = [each for each in compared if each.likeness is Likeness.VARIANT]
        if not (alike := copies or variants) or any(each.likeness is Likeness.APART for each in compared):
            continue
        if any(compare(new, old).likeness is Likeness.APART for old in told_apart):
            continue
        nearest = min(alike, key=lambda each: sum(map(len, each.added)))
        # an article that lacks the figure is copied by each that has one, whichever
        variant = not all(any(_covers(copied, other) for copied in copies) for other in variants)
        return Retelling(story_id=story, variant=variant, added=nearest.added)
    return None


def _covers(copied: Comparison, other: Comparison) -> bool:
    """Whether an article of which the new one is a copy says, too, what makes the new one a variant of another."""
    return not any(words in added for words in other.otherwise for added in copied.added)


def compare_titles(new: Wording, old: Wording) -> Titles:
    """What the headlines say, given that the texts are much the same. Pure."""
    return compare_headlines(
        headline_key(new.telling.title), headline_key(old.telling.title), lambda: (new.exact, old.exact)
    )


def _parted(new: Wording, others: Iterable[Wording]) -> tuple[list[Wording], list[Wording]]:
    """Those whose headlines name other things, and the rest."""
    parted: tuple[list[Wording], list[Wording]] = ([], [])
    for old in others:
        parted[compare_titles(new, old) is not Titles.APART].append(old)
    return parted


def _figures(wording: Wording) -> int:
    return len(re.findall(r"\d+", "\n".join(wording.lines)))


def _shown(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{before or '-'} -> {after or '-'}" for before, after in pairs[:3])


# -- who was first


def origin(tellings: Sequence[Telling]) -> Telling:
    """The article that told the story first, as far as one can tell. tellings: at least one. Pure.

    The earliest published. Where the times leave that open (two in one minute, one known to the day alone, or none but
    when it was seen): the one whose outlet the others credit (来源); else the earliest, a mere day or hour counting as
    its end, since an outlet that copies shows less, not more; else the longest, since an excerpt is no origin; else the
    one that was seen first.
    """
    spans = [(telling, *_published(telling)) for telling in tellings]
    certain = min(latest for _, _, latest in spans)
    early = [(telling, latest) for telling, earliest, latest in spans if earliest <= certain]
    credited = Counter(_name(telling.credited) for telling in tellings if telling.credited)

    def order(entry: tuple[Telling, datetime]) -> tuple[int, datetime, int, datetime, int]:
        telling, latest = entry
        named = credited[_name(telling.outlet)] if telling.outlet else 0
        return -named, latest, -telling.length, telling.first_seen_at, telling.article_id

    return min(early, key=order)[0]


def _published(telling: Telling) -> tuple[datetime, datetime]:
    """Between which two moments it was published, as far as it says."""
    moment = _moment(telling)
    if telling.published_at is None:
        return datetime.combine(moment, time.min, BEIJING), moment
    match telling.published_precision:
        case Precision.DAY:
            start, length = datetime.combine(moment, time.min, BEIJING), timedelta(days=1)
        case Precision.HOUR:
            start, length = moment.replace(minute=0, second=0, microsecond=0), timedelta(hours=1)
        case _:
            start, length = moment.replace(second=0, microsecond=0), timedelta(minutes=1)
    return start, start + length - timedelta.resolution


def _moment(telling: Telling) -> datetime:
    return (telling.published_at or telling.first_seen_at).astimezone(BEIJING)


def _day(telling: Telling) -> date:
    return _moment(telling).date()


def _days_between(one: Telling, other: Telling) -> int:
    """0 where one of them bears no date."""
    return abs((_day(one) - _day(other)).days) if one.published_at and other.published_at else 0


def _name(outlet: str | None) -> str:
    return "".join(fold_text(outlet or "").split())
