"""What will happen in the two days, decided before they begin: the same for the same seed. Pure."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.records import BEIJING
from monitor.demo.sites.failures import Failure
from monitor.demo.sites.kinds.registry import KINDS
from monitor.model import Health

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: A Friday, so that the second day is another kind of day.
START = datetime(2026, 3, 13, 0, 0, tzinfo=BEIJING)
#: Items that a column had before the first visit.
BACKLOG = 18
#: Trees of hosts on one platform each, as the host groups of the policy name them, and how many hosts each has.
GROUPS: Mapping[str, int] = {"127.40.1": 5, "127.40.2": 3}


class Rhythm(StrEnum):
    WIRE = "wire"  # an agency: every quarter of an hour, until late
    PORTAL = "portal"  # a news portal: all day, less at the weekend
    OFFICE = "office"  # a city or a department: in office hours
    POLICY = "policy"  # a column of documents: some in a week
    PAPER = "paper"  # one issue a day, early in the morning


@dataclass(frozen=True, slots=True)
class _Pace:
    """How many items on a working day, at which hours (from, to), and the share of them on a day off."""

    a_day: float
    hours: tuple[int, int]
    day_off: float


_PACES: Mapping[Rhythm, _Pace] = {
    Rhythm.WIRE: _Pace(70, (6, 24), 0.7),
    Rhythm.PORTAL: _Pace(14, (7, 22), 0.6),
    Rhythm.OFFICE: _Pace(4, (9, 18), 0.05),
    Rhythm.POLICY: _Pace(0.6, (9, 18), 0.0),
}
_ISSUE = 10
_ISSUE_HOUR = 6
#: Which share of the columns of a kind that may have any rhythm has which.
_SHARES = ((Rhythm.PORTAL, 0.25), (Rhythm.OFFICE, 0.6), (Rhythm.POLICY, 0.15))
_OF_ENGINE = {"sina_roll": Rhythm.WIRE, "sina_live": Rhythm.WIRE, "epaper": Rhythm.PAPER}


class Outage(StrEnum):
    """What no Failure is: nobody listens, or nobody writes."""

    DOWN = "down"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One item to come. published: its date where that is not the moment; on_top: at the head all the same."""

    at: datetime
    published: datetime | None = None
    on_top: bool = False
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is done to an item, by its place in the order of publication of its column. status: of a withdrawal."""

    at: datetime
    column: int
    item: int
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A column (its number) or a host (its name) that fails from `start` to `end`."""

    where: int | str
    how: Failure | Outage
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """number: from 1, as the fleet counts. backlog: dates of what stands there at the start, the oldest first."""

    number: int
    kind: str
    host: str
    rhythm: Rhythm
    backlog: tuple[datetime, ...]
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    start: datetime
    end: datetime
    columns: tuple[ColumnPlan, ...]
    deeds: tuple[Deed, ...]
    troubles: tuple[Trouble, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


#: What health should say of each trouble. A source that shows nothing new may be called by either name.
EXPECTED: Mapping[Failure | Outage, frozenset[Health]] = {
    Outage.DOWN: frozenset({Health.BROKEN}),
    Failure.ERROR_500: frozenset({Health.BROKEN}),
    Failure.HANG: frozenset({Health.BROKEN}),
    Failure.SOFT_404: frozenset({Health.BROKEN}),
    Failure.TO_FRONT_PAGE: frozenset({Health.BROKEN}),
    Failure.ROWS_GONE: frozenset({Health.BROKEN}),
    Failure.DATES_GONE: frozenset({Health.BROKEN}),
    Failure.EMPTY: frozenset({Health.BROKEN}),
    Failure.CHALLENGE_521: frozenset({Health.BLOCKED}),
    Failure.CHALLENGE_412: frozenset({Health.BLOCKED}),
    Failure.CHALLENGE_200: frozenset({Health.BLOCKED}),
    Failure.GARBLED: frozenset({Health.GARBLED}),
    Failure.FROZEN: frozenset({Health.STALE, Health.QUIET}),
    Outage.QUIET: frozenset({Health.STALE, Health.QUIET}),
}
_OF_A_HOST = (Outage.DOWN, Failure.CHALLENGE_521, Failure.CHALLENGE_412, Failure.ERROR_500, Failure.HANG)
_OF_A_COLUMN = (
    Failure.ROWS_GONE,
    Failure.DATES_GONE,
    Failure.EMPTY,
    Failure.GARBLED,
    Failure.SOFT_404,
    Failure.CHALLENGE_200,
    Failure.TO_FRONT_PAGE,
)
_SILENT = (Failure.FROZEN, Outage.QUIET)


def plan(*, sources: int, hosts: int, days: float, seed: int) -> Plan:
    """sources: how many columns, of every kind in turn. hosts: at least as many as the groups have, and one more."""
    draw = random.Random(seed)
    start, end = START, START + DAY * days
    names = _hosts(hosts)
    kinds = sorted(KINDS)
    bare = [
        _column(number, kinds[(number - 1) % len(kinds)], names[(number - 1) % hosts], draw, (start, end))
        for number in range(1, sources + 1)
    ]
    troubles = tuple(_troubles(bare, names, draw, start, end))
    silences = {trouble.where: trouble for trouble in troubles if trouble.how is Outage.QUIET}
    columns = tuple(_silenced(column, silences.get(column.number)) for column in bare)
    return Plan(
        start=start,
        end=end,
        columns=columns,
        deeds=tuple(sorted(_deeds(columns, draw, end), key=lambda deed: deed.at)),
        troubles=troubles,
        groups={f"group {prefix}": (f"{prefix}.*",) for prefix in GROUPS},
    )


def moments(rhythm: Rhythm, start: datetime, end: datetime, draw: random.Random) -> Iterator[datetime]:
    """When a newsroom of that rhythm publishes, in order."""
    day = start.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        found = sorted(_of_day(rhythm, day, draw))
        yield from (moment for moment in found if start <= moment < end)
        day += DAY


def _of_day(rhythm: Rhythm, day: datetime, draw: random.Random) -> Iterator[datetime]:
    if rhythm is Rhythm.PAPER:
        yield from (day + HOUR * _ISSUE_HOUR + timedelta(minutes=page) for page in range(_ISSUE))
        return
    pace = _PACES[rhythm]
    first, last = pace.hours
    expected = pace.a_day * (pace.day_off if day.weekday() >= 5 else 1.0)
    at = 0.0
    while expected and (at := at + draw.expovariate(expected)) < 1:  # a Poisson process over the hours of work
        yield day + HOUR * (first + at * (last - first))


def _column(number: int, kind: str, host: str, draw: random.Random, span: tuple[datetime, datetime]) -> ColumnPlan:
    start, end = span
    rhythm = (
        _OF_ENGINE.get(KINDS[kind].engine)
        or draw.choices([rhythm for rhythm, _ in _SHARES], [share for _, share in _SHARES])[0]
    )
    back = start - DAY * 120
    before = list(moments(rhythm, start - DAY * 10 if rhythm is not Rhythm.POLICY else back, start, draw))
    publications = tuple(_publication(at, draw, rhythm) for at in moments(rhythm, start, end, draw))
    return ColumnPlan(
        number=number, kind=kind, host=host, rhythm=rhythm, backlog=tuple(before[-BACKLOG:]), publications=publications
    )


def _publication(at: datetime, draw: random.Random, rhythm: Rhythm) -> Publication:
    chance = draw.random()
    if rhythm is Rhythm.PAPER or chance > 0.05:
        return Publication(at=at)
    if chance < 0.01:
        return Publication(at=at, pinned=True)
    # Some software shows a back-dated item at the head of its list, other sorts it among the old ones.
    return Publication(at=at, published=at - DAY * draw.uniform(0.5, 4), on_top=chance < 0.03)


def _silenced(column: ColumnPlan, silence: Trouble | None) -> ColumnPlan:
    if silence is None:
        return column
    kept = tuple(p for p in column.publications if not silence.start <= p.at < silence.end)
    return ColumnPlan(
        number=column.number,
        kind=column.kind,
        host=column.host,
        rhythm=column.rhythm,
        backlog=column.backlog,
        publications=kept,
    )


def _deeds(columns: Sequence[ColumnPlan], draw: random.Random, end: datetime) -> Iterator[Deed]:
    """Edits of one item in twenty-five, some hours after; withdrawals of one in forty."""
    for column in columns:
        for place, publication in enumerate(column.publications, start=len(column.backlog)):
            chance, at = draw.random(), publication.at + HOUR * draw.uniform(1, 8)
            if at >= end or KINDS[column.kind].engine in ("sina_live", "epaper"):
                continue
            if chance < 0.04:
                yield Deed(at=at, column=column.number, item=place)
            elif chance < 0.065:
                yield Deed(at=at, column=column.number, item=place, status=draw.choice((404, 410)))


def _troubles(
    columns: Sequence[ColumnPlan], hosts: Sequence[str], draw: random.Random, start: datetime, end: datetime
) -> Iterator[Trouble]:
    """A sixth of the hosts fails once, then a sixth of the columns of the others; each in the daytime, for hours."""
    failing = draw.sample(list(hosts), max(1, len(hosts) // 6))
    for number, host in enumerate(failing):
        how = _OF_A_HOST[number % len(_OF_A_HOST)]
        yield _trouble(host, how, draw, start, end)
    well = [column for column in columns if column.host not in failing]
    busy = [column for column in well if column.rhythm in (Rhythm.WIRE, Rhythm.PORTAL)]
    silent = draw.sample(busy, min(len(busy) // 3, max(2, len(columns) // 40)))
    for number, column in enumerate(silent):
        begin = start + HOUR * draw.uniform(8, 14)
        yield Trouble(where=column.number, how=_SILENT[number % 2], start=begin, end=end)
    others = [column for column in well if column not in silent]
    for number, column in enumerate(draw.sample(others, max(1, len(columns) // 8))):
        yield _trouble(column.number, _OF_A_COLUMN[number % len(_OF_A_COLUMN)], draw, start, end)


def _trouble(where: int | str, how: Failure | Outage, draw: random.Random, start: datetime, end: datetime) -> Trouble:
    days = max(1, round((end - start) / DAY))
    begin = start + DAY * draw.randrange(days) + HOUR * draw.uniform(8, 12)
    return Trouble(where=where, how=how, start=begin, end=min(begin + HOUR * draw.uniform(6, 14), end))


def _hosts(count: int) -> list[str]:
    """Addresses: first those of the groups, then hosts of their own."""
    grouped = [f"{prefix}.{number}" for prefix, size in GROUPS.items() for number in range(1, size + 1)]
    if count <= len(grouped):  # a small run: one group, and the rest alone
        grouped = grouped[: max(2, count // 3)]
    return grouped + [f"127.41.{number // 200}.{number % 200 + 1}" for number in range(count - len(grouped))]
