"""What came of the two days: the corpus held against what the fleet published, showed and withdrew. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.demo.sites.failures import Failure
from monitor.demo.sites.fleet_ledger import FleetEventKind
from monitor.model import Health
from tests.bench.two_days.plan import EXPECTED, HOUR, Outage, Plan, Trouble
from tests.bench.two_days.run import PollRecord
from tests.bench.two_days.site import Played

#: An item that was published, or shown, so shortly before the end may be under way still.
MARGIN = timedelta(minutes=30)
_WELL = (Health.NEW, Health.OK)
#: These say something after the learned rhythm of a source, not after a number of polls.
_BY_RHYTHM = (Failure.FROZEN, Outage.QUIET)
POLLS = 2


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
    """Items, counted. lost: an answer showed them, and the corpus neither holds nor notes them.

    published, shown, stored, waiting: since the start of the two days (not the backlog). waiting: noted, their page not
    yet had. fleeting: withdrawn before anybody asked for their page. delays: from publication to the first answer that
    showed the item, in hours.
    """

    published: int
    shown: int
    stored: int
    waiting: int
    fleeting: int
    lost: tuple[str, ...]
    backlog: int
    backlog_lost: tuple[str, ...]
    delays: tuple[float, ...]


@dataclass(slots=True, kw_only=True)
class Noticed:
    """The sources that one kind of trouble befell: how many were polled often enough to tell, and how that went.

    late: slugs that said it later, or never, with what they said instead. hours, polls: until it was said.
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


def recall(plan: Plan, played: Played, stored: Sequence[Stored], waiting: Collection[str]) -> Recall:
    """waiting: serials of the entries that are noted and not stored yet."""
    held = {serial(article.title) for article in stored}
    shown: dict[str, datetime] = {}
    given: set[str] = set()
    for request in played.requests:
        for key in request.listed:
            shown.setdefault(key, request.at)
        if request.version is not None and request.article is not None:
            given.add(request.article)
    published = {e.item.key: e for e in played.events if e.kind is FleetEventKind.PUBLISHED and e.item is not None}
    gone = {e.item.key for e in played.events if e.kind is FleetEventKind.WITHDRAWN and e.item is not None}
    until = plan.end - MARGIN
    fresh = {key for key, event in published.items() if plan.start < event.at <= until}
    seen = {key for key in fresh if shown.get(key, plan.end) <= until}
    old_seen = {key for key in shown.keys() - fresh if key in published and published[key].at <= plan.start}
    fleeting = {key for key in seen if key in gone and key not in given}
    number = {key: serial(event.item.title) for key, event in published.items() if event.item is not None}

    def lost(keys: set[str]) -> tuple[str, ...]:
        missing = [key for key in keys - fleeting if number[key] not in held and number[key] not in waiting]
        return tuple(f"{published[key].column} {number[key]}" for key in missing)

    return Recall(
        published=len(fresh),
        shown=len(seen),
        stored=sum(1 for key in seen if number[key] in held),
        waiting=sum(1 for key in seen if number[key] in waiting and number[key] not in held),
        fleeting=len(fleeting),
        lost=lost(seen),
        backlog=len(old_seen),
        backlog_lost=lost(old_seen),
        delays=tuple((shown[key] - published[key].at) / HOUR for key in seen),
    )


def withdrawals(plan: Plan, played: Played, stored: Sequence[Stored]) -> Withdrawals:
    """found: of those that were there long enough to be confirmed."""
    at = {
        serial(event.item.title): event.at
        for event in played.events
        if event.kind is FleetEventKind.WITHDRAWN and event.item is not None
    }
    said = {serial(article.title): article.withdrawn_at for article in stored if article.withdrawn_at is not None}
    held = {serial(article.title) for article in stored}
    early = {number for number, moment in at.items() if moment < plan.end - 12 * HOUR and number in held}
    return Withdrawals(
        real=len(early),
        found=sum(1 for number in early if number in said),
        false=tuple(str(number) for number, moment in said.items() if number not in at or moment < at[number]),
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
    """Whether the source said so by its second poll; by rhythm: at all, since only the source knows its rhythm."""
    during = [
        record
        for record in records
        if record.result.listing and trouble.start <= record.result.started_at < trouble.end
    ]
    place = next((n for n, record in enumerate(during, 1) if record.state in EXPECTED[trouble.how]), None)
    if place is not None:
        row.hours.append((during[place - 1].ended_at - trouble.start) / HOUR)
        row.polls.append(place)
    if trouble.how in _BY_RHYTHM:
        judged, in_time = True, place is not None
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
    wrong: dict[str, list[Trouble]] = {}
    for trouble in plan.troubles:
        for slug in _struck(plan, trouble, slugs):
            wrong.setdefault(slug, []).append(trouble)
    found = []
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


def asked(plan: Plan, played: Played) -> Asked:
    """The pages are those of items published since the start, so that a poller is not blamed for its first poll."""
    old = {
        event.item.key
        for event in played.events
        if event.kind is FleetEventKind.PUBLISHED and event.item is not None and event.at <= plan.start
    }
    lists = robots = again = 0
    pages: set[str] = set()
    for request in played.requests:
        if request.path == "/robots.txt":
            robots += 1
        elif request.article is None:
            lists += 1
        elif request.article in pages:
            again += 1
        else:
            pages.add(request.article)
    return Asked(lists=lists, pages=len(pages - old), rechecks=again, robots=robots)


def fixed(plan: Plan, requests: int, every: timedelta) -> int:
    """What a poller of a fixed interval would have asked for lists. requests: those of one round of all sources."""
    return round((plan.end - plan.start) / every * requests)


def _by_source(records: Sequence[PollRecord]) -> dict[str, list[PollRecord]]:
    found: dict[str, list[PollRecord]] = {}
    for record in sorted(records, key=lambda record: record.ended_at):
        found.setdefault(record.result.source, []).append(record)
    return found


def _struck(plan: Plan, trouble: Trouble, slugs: Sequence[str]) -> Iterator[str]:
    for column in plan.columns:
        if trouble.where in (column.host, column.number):
            yield slugs[column.number - 1]
