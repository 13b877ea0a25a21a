"""What came of the two days: the corpus held against what the fleet published, showed and withdrew. Pure."""

import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.records import PollStatus
from monitor.demo.sites.failures import Failure
from monitor.demo.sites.fleet_ledger import FleetEventKind, FleetRequest
from monitor.model import Health, RecheckPlan
from tests.bench.two_days.plan import EXPECTED, HOUR, Outage, Plan, Trouble
from tests.bench.two_days.run import PollRecord
from tests.bench.two_days.site import Played

#: An item that was published, or shown, so shortly before the end may be under way still.
MARGIN = timedelta(minutes=30)
_WELL = (Health.NEW, Health.OK)
#: These say something after the learned rhythm of a source, not after a number of polls.
_BY_RHYTHM = (Failure.FROZEN, Outage.QUIET)
POLLS = 2
#: So many checks in a row confirm a withdrawal, by default.
CHECKS = RecheckPlan().confirm


@dataclass(frozen=True, slots=True)
class Stored:
    """An article of the corpus."""

    source: str
    title: str
    first_seen_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """An operator alert of the outbox."""

    source: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Items published in these days, by key, but for those so young at the end that they may be under way.

    shown: by any answer that polls read. waiting: noted, their page not yet had. fleeting: withdrawn before anybody
    asked for their page. archived: back-dated behind all that stood there at the start, where polls read nothing and
    the daily walk takes what it finds for the archive. lost: shown, and the corpus neither holds nor notes them.
    unasked: not shown, and their column gave no good answer while they were there. buried: not shown, though it did.
    backlog, backlog_archived, backlog_lost: the same of what was there before, archived being what is older than all
    that the first poll of its column was shown: a later one that reads deeper takes it for the archive.
    """

    published: frozenset[str]
    shown: frozenset[str]
    stored: frozenset[str]
    waiting: frozenset[str]
    fleeting: frozenset[str]
    archived: frozenset[str]
    lost: frozenset[str]
    unasked: frozenset[str]
    buried: frozenset[str]
    backlog: frozenset[str]
    backlog_archived: frozenset[str]
    backlog_lost: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Noticed:
    """The sources that one kind of trouble befell: how many were polled often enough to tell, and how that went.

    late: slugs that said it later, or never, with what they said instead. hours, polls: until it was said. unjudged:
    the trouble was too short, or none for this source.
    """

    how: Failure | Outage
    judged: int = 0
    in_time: int = 0
    unjudged: int = 0
    late: list[str] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawals:
    real: int
    found: int
    false: tuple[str, ...]


def serial(title: str) -> str | None:
    """The number that every title of the fleet's carries, also after an edit, or cut by its site."""
    _, found, rest = title.partition("观察之")
    return rest.partition("：")[0] if found else None


def recall(
    plan: Plan,
    played: Played,
    stored: Collection[str],
    noted: Collection[str],
    good_polls: Mapping[str, list[datetime]],
) -> Recall:
    """stored, noted: serials of the articles and of the entries that wait. good_polls: see there."""
    items = Items(played)
    until = plan.end - MARGIN
    fresh = {key for key, at in items.published.items() if plan.start < at <= until}
    backlog = {key for key, at in items.published.items() if at <= plan.start and key in items.shown}
    shown = {key for key in fresh if items.shown.get(key, plan.end) <= until}
    held = {key for key in items.published if items.serials[key] in stored}
    waiting = {key for key in shown - held if items.serials[key] in noted}
    fleeting = {key for key in shown - held if key in items.gone and key not in items.given}
    archived = {key for key in shown - held if items.dates[key] < items.oldest[items.columns[key]]}
    unseen = fresh - items.shown.keys()
    absent = {key for key in backlog - held if items.serials[key] not in noted}
    first = items.oldest_at_first(good_polls, plan.end)
    behind = {key for key in absent if items.dates[key] < first.get(items.columns[key], items.dates[key])}
    buried = {key for key in unseen if items.had_its_chance(key, good_polls, until)}
    return Recall(
        published=frozenset(fresh),
        shown=frozenset(shown),
        stored=frozenset(shown & held),
        waiting=frozenset(waiting),
        fleeting=frozenset(fleeting),
        archived=frozenset(archived),
        lost=frozenset(shown - held - waiting - fleeting - archived),
        unasked=frozenset(unseen - buried),
        buried=frozenset(buried),
        backlog=frozenset(backlog),
        backlog_archived=frozenset(behind),
        backlog_lost=frozenset(absent - behind),
    )


class Items:
    """What the fleet's ledger tells of each item, by key.

    published: when it appeared; dates: what it says of itself. oldest: the oldest date of each column's backlog.
    """

    def __init__(self, played: Played) -> None:
        self.published: dict[str, datetime] = {}
        self.dates: dict[str, datetime] = {}
        self.serials: dict[str, str] = {}
        self.columns: dict[str, str] = {}
        self.oldest: dict[str, datetime] = {}
        self.gone: dict[str, datetime] = {}
        for event in played.events:
            if event.item is None or event.column is None:
                continue
            key = event.item.key
            if event.kind is FleetEventKind.PUBLISHED:
                self.published[key], self.dates[key] = event.at, event.item.published
                self.serials[key] = serial(event.item.title) or ""
                self.columns[key] = event.column
                self.oldest.setdefault(event.column, event.item.published)
            elif event.kind is FleetEventKind.WITHDRAWN:
                self.gone[key] = event.at
        self.lists: dict[str, list[FleetRequest]] = defaultdict(list)
        self.shown: dict[str, datetime] = {}
        self.given: set[str] = set()
        for request in played.requests:
            for key in request.listed:
                self.shown.setdefault(key, request.at)
            if request.column is not None and request.listed:
                self.lists[request.column].append(request)
            if request.article is not None and request.version is not None:
                self.given.add(request.article)

    def had_its_chance(self, key: str, good_polls: Mapping[str, list[datetime]], until: datetime) -> bool:
        """Whether a good poll began while the item stood in its list."""
        polls = good_polls.get(self.columns[key], [])
        after = bisect(polls, self.published[key])
        return after < len(polls) and polls[after] < self.gone.get(key, until)

    def oldest_at_first(self, good_polls: Mapping[str, list[datetime]], end: datetime) -> dict[str, datetime]:
        """The oldest date that each column showed its first good poll."""
        found = {}
        for column, (first, *later) in good_polls.items():
            until = later[0] if later else end
            shown = [self.dates[key] for page in self.lists[column] if first <= page.at < until for key in page.listed]
            if shown:
                found[column] = min(shown)
        return found


def good_polls(plan: Plan, records: Sequence[PollRecord], slugs: Sequence[str]) -> dict[str, list[datetime]]:
    """When polls began that could read the list of their source while nothing was wrong with it, by slug."""
    wrong = _troubles_of(plan, slugs)
    found: dict[str, list[datetime]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.result.started_at):
        at, source = record.result.started_at, record.result.source
        read = record.result.listing and record.result.status in (PollStatus.OK, PollStatus.UNCHANGED)
        if read and not any(trouble.start <= at < trouble.end for trouble in wrong.get(source, ())):
            found[source].append(at)
    return found


def serials_of(played: Played, waiting: Mapping[str, str]) -> dict[str, str]:
    """The serials of entries that wait, whose titles may be garbled: by their URL, which was asked for.

    waiting: the title of each, by URL.
    """
    items = Items(played)
    keys = {(request.host, request.path): request.article for request in played.requests if request.article}
    found = {}
    for url, title in waiting.items():
        parts = urlsplit(url)
        key = keys.get((parts.hostname or "", f"{parts.path}?{parts.query}" if parts.query else parts.path))
        found[url] = items.serials[key] if key else serial(title) or ""
    return found


def withdrawals(played: Played, stored: Sequence[Stored]) -> Withdrawals:
    """found: of those whose page was asked for often enough since, and said each time that it is gone."""
    items = Items(played)
    by_serial = {items.serials[key]: at for key, at in items.gone.items()}
    answers = Counter(
        request.article
        for request in played.requests
        if request.article in items.gone and request.at > items.gone[request.article] and request.status in (404, 410)
    )
    held = {serial(article.title) for article in stored}
    said = {serial(article.title) or "": article.withdrawn_at for article in stored if article.withdrawn_at is not None}
    confirmed = {items.serials[key] for key, count in answers.items() if key and count >= CHECKS} & held
    return Withdrawals(
        real=len(confirmed),
        found=len(confirmed & said.keys()),
        false=tuple(number for number, at in said.items() if number not in by_serial or at < by_serial[number]),
    )


def noticed(plan: Plan, records: Sequence[PollRecord], slugs: Sequence[str]) -> list[Noticed]:
    """For each kind of trouble. `slugs`: of the columns, in the order of the plan."""
    found = {how: Noticed(how=how) for how in EXPECTED}
    by_source = _by_source(records)
    for trouble in plan.troubles:
        for slug in _struck(plan, trouble, slugs):
            _judge(found[trouble.how], trouble, slug, by_source.get(slug, []))
    return [row for row in found.values() if row.judged or row.unjudged]


def _judge(row: Noticed, trouble: Trouble, slug: str, records: Sequence[PollRecord]) -> None:
    """Whether the source said so by its second poll; of a silence: once it was no longer usual for the source."""
    during = [
        record
        for record in records
        if record.result.listing and trouble.start <= record.result.started_at < trouble.end
    ]
    if trouble.how is Failure.DATES_GONE and any(record.result.dated for record in during):
        row.unjudged += 1  # its addresses carry the day, so that no date is gone
        return
    place = next((n for n, record in enumerate(during, 1) if record.state in EXPECTED[trouble.how]), None)
    if place is not None:
        row.hours.append((during[place - 1].ended_at - trouble.start) / HOUR)
        row.polls.append(place)
    if trouble.how in _BY_RHYTHM:
        last = during[-1] if during else None
        usual = last is None or last.known.quiet_at is None or last.known.quiet_at > last.result.started_at
        judged, in_time = not usual, place is not None
    else:
        judged, in_time = len(during) >= POLLS, place is not None and place <= POLLS
    if not judged and place is None:
        row.unjudged += 1
        return
    row.judged += 1
    row.in_time += in_time
    if not in_time:
        said = during[POLLS - 1] if len(during) >= POLLS else None
        row.late.append(f"{slug} ({said.state if said else 'too few polls'})")


def false_alarms(plan: Plan, records: Sequence[PollRecord], slugs: Sequence[str]) -> list[PollRecord]:
    """Polls after which a source was worse than before while nothing was wrong with it, nor had been since its last."""
    wrong, found = _troubles_of(plan, slugs), []
    for slug, polls in _by_source(records).items():
        before, since = Health.NEW, plan.start
        for record in polls:
            worse = before in _WELL and record.state not in _WELL
            if worse and not any(t.start <= record.ended_at and since <= t.end for t in wrong.get(slug, ())):
                found.append(record)
            before, since = record.state, record.result.started_at
    return found


def doubled(plan: Plan, told: Sequence[Told]) -> list[str]:
    """Operator alerts that repeat the one before them about the same source: the same words but for the time."""
    last: dict[str, str] = {}
    found = []
    for alert in sorted(told, key=lambda alert: alert.at):
        if last.get(alert.source) == alert.title:
            found.append(f"{alert.source}: {alert.title}")
        last[alert.source] = alert.title
    return found


def states(records: Sequence[PollRecord]) -> Counter[Health]:
    """In which state each source was left."""
    return Counter(polls[-1].state for polls in _by_source(records).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the fleet was asked for. lists: every page on the way to entries; pages: an article for the first time."""

    lists: int
    pages: int
    rechecks: int
    robots: int


def asked(plan: Plan, played: Played, columns: Collection[str]) -> Asked:
    """Of these columns. Pages are those of items published since the start: a first poll is no measure of the later."""
    items = Items(played)
    lists = robots = again = 0
    pages: set[str] = set()
    for request in played.requests:
        if request.path == "/robots.txt":
            robots += 1
        elif request.column not in columns:
            continue
        elif request.article is None:
            lists += 1
        elif request.article in pages:
            again += 1
        else:
            pages.add(request.article)
    fresh = {key for key in pages if items.published[key] > plan.start}
    return Asked(lists=lists, pages=len(fresh), rechecks=again, robots=robots)


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a poller that learns nothing would have asked for lists, and its mean delay in hours. Computed."""

    lists: int
    delay: float


def fixed(plan: Plan, items: Iterable[datetime], round_of: int, schedule: Callable[[datetime], timedelta]) -> Fixed:
    """schedule: the wait after a poll at that moment. round_of: requests of one round of all sources. items: when they
    appeared, each in a column whose first poll fell on a moment of its own."""
    moments = [plan.start]
    while (after := moments[-1] + schedule(moments[-1])) < plan.end:
        moments.append(after)
    draw = random.Random(1)
    delays = []
    for at in items:
        phase = schedule(plan.start) * draw.random()
        place = bisect(moments, at - phase)
        if place < len(moments):
            delays.append((moments[place] + phase - at) / HOUR)
    return Fixed(len(moments) * round_of, sum(delays) / max(1, len(delays)))


def well(plan: Plan, slugs: Sequence[str]) -> frozenset[str]:
    """The sources that nothing befell."""
    return frozenset(slugs) - _troubles_of(plan, slugs).keys()


def _by_source(records: Sequence[PollRecord]) -> dict[str, list[PollRecord]]:
    found: dict[str, list[PollRecord]] = {}
    for record in sorted(records, key=lambda record: record.ended_at):
        found.setdefault(record.result.source, []).append(record)
    return found


def _troubles_of(plan: Plan, slugs: Sequence[str]) -> dict[str, list[Trouble]]:
    found: dict[str, list[Trouble]] = {}
    for trouble in plan.troubles:
        for slug in _struck(plan, trouble, slugs):
            found.setdefault(slug, []).append(trouble)
    return found


def _struck(plan: Plan, trouble: Trouble, slugs: Sequence[str]) -> Iterator[str]:
    for column in plan.columns:
        if trouble.where in (column.host, column.number):
            yield slugs[column.number - 1]
