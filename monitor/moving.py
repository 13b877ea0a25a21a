"""Carries out what is decided of an article's addresses, in a visit's transaction; see monitor.addresses."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from crawler.records import Capture, ChaoxunError, Verdict, Visit
from monitor.addresses import OldAddress, Relation, Standing, is_same, relation, stays
from monitor.content import held, telling
from monitor.corpus import Connection, aliases, index, pending, storing
from monitor.corpus.storing import Content, Stored
from monitor.model import ArticleStatus
from monitor.rules import Subject
from monitor.stories import Telling, Wording
from monitor.text.fingerprint import canonical_lines
from monitor.urls import Kinship, bare_host, better, canonical_url, kinship

log = structlog.get_logger()

#: A new article is compared with so many that look like it.
MOST_COMPARED = 30


class AskOldAddress(ChaoxunError):
    """The entry may be an article that we hold: `url`, its address so far, has to be asked first."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url} has to be asked whether its article has moved")
        self.url = url


def standing(source: str, content: Content, mine: Telling, noise: Sequence[str], *, gone: bool = False) -> Standing:
    """What the decision sees of a content at an address."""
    wording = Wording(telling=mine, read=lambda: canonical_lines(content.text, noise))
    return Standing(source=source, wording=wording, fingerprint=content.fingerprint, facts=content.facts, gone=gone)


def _standing_of(item: Stored, noise: Sequence[str]) -> Standing:
    content = held(item)
    mine = telling(content, url=item.url, first_seen_at=item.first_seen_at, number=item.id)
    gone = item.known.status is ArticleStatus.WITHDRAWN or item.known.misses > 0
    return standing(item.source, content, mine, noise, gone=gone)


def moved(
    tx: Connection, new: Standing, stories: Sequence[int], noise: Sequence[str], *, asked: OldAddress
) -> tuple[Stored, bool] | None:
    """The article that stands here, too, and whether it is asked for at its old address all the same; None: it is new.

    stories: those that tell the same. Raises AskOldAddress where that alone can tell.
    """
    ask = ""
    for item in _candidates(tx, new, stories):
        old = _standing_of(item, noise)
        match relation(new, old, asked=asked):
            case Relation.ONE:
                return item, stays(new, old, asked=asked)
            case Relation.ASK:
                ask = ask or item.url
            case Relation.APART:
                pass
    if ask:
        raise AskOldAddress(ask)
    return None


def _candidates(tx: Connection, new: Standing, stories: Sequence[int]) -> list[Stored]:
    """Those of the same source or site that look like it."""
    found = aliases.alike(tx, new.fingerprint, stories, most=MOST_COMPARED)
    near = [url for url, source in found if source == new.source or bare_host(url) == bare_host(new.url)]
    return [item for url in near if url != new.url and (item := storing.stored(tx, url)) is not None]


def settle(
    tx: Connection, item: Stored, url: str, *, stay: bool, read: Callable[[Stored], Subject], now: datetime
) -> Stored:
    """Note that the article stands at `url`, too; unless it stays, it is asked for there from now on.

    read: the article as rules read it.
    """
    log.info(
        "article has another address",
        source=item.source,
        url=item.url if stay else url,
        other=url if stay else item.url,
    )
    pending.drop(tx, url)
    if stay:
        aliases.add(tx, item.id, url, now)
    else:
        aliases.move(tx, item.id, old=item.url, new=url, now=now)
        item = replace(item, url=url)
    index.set_facts(tx, item.id, read(item))
    return item


def follow(tx: Connection, item: Stored, visit: Visit, *, read: Callable[[Stored], Subject], now: datetime) -> None:
    """Where the site leads to another address of the article, which has answered there, that one is asked from now."""
    led = led_to(tx, item, visit)
    if led is not None:
        settle(tx, item, led, stay=False, read=read, now=now)


def led_to(tx: Connection, item: Stored, visit: Visit) -> str | None:
    """Where the site sends whoever asks for the article, if it is asked for there from now on.

    To be called where the page that answered is the article. Other sites and other articles are left alone.
    """
    page, draft = visit.answer, visit.draft
    if not isinstance(page, Capture) or draft is None or draft.quality.verdict is not Verdict.ARTICLE:
        return None
    led = canonical_url(page.final_url)
    if led == item.url or canonical_url(visit.url) != item.url or bare_host(led) != bare_host(item.url):
        return None
    if kinship(led, item.url) is Kinship.SAME and not better(item.url, led):
        return None
    is_taken = storing.sources_of(tx, [led]) or aliases.sources_of(tx, [led]).keys() - aliases.of(tx, item.id)
    return None if is_taken else led


def held_at(tx: Connection, url: str) -> Stored | None:
    """The article that stands at `url`, or stood there, and is asked for elsewhere."""
    asked = aliases.article_of(tx, url)
    return None if asked is None else storing.stored(tx, asked)


def heir(tx: Connection, item: Stored, noise: Sequence[str]) -> str | None:
    """Where another article that we hold, and that is there, says the same as one that is gone."""
    gone = _standing_of(item, noise)
    for other in _candidates(tx, gone, [item.story_id]):
        there = _standing_of(other, noise)
        if other.id != item.id and not there.gone and is_same(there, gone):
            return other.url
    return None
