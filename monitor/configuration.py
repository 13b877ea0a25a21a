"""The shape of chaoxun.yaml, watches.yaml and channels.yaml, and what stands where a key is left out; reads no file."""

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawler.records import CrawlPolicy
from crawler.yamlfile import Checked, Duration, nearest
from monitor.model import (
    AlertKind,
    ChannelOptions,
    HitField,
    OnUnknown,
    Quiet,
    RecheckPlan,
    Severity,
    Watch,
)
from monitor.notation import (
    digest_times,
    parse_bind,
    parse_channel_url,
    parse_database,
    parse_hours,
    parse_network,
    parse_quiet,
    parse_rate,
)

Item = TypeVar("Item")

NOTHING = timedelta()
_HOST_PATTERN = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)


def _one_of(kinds: Iterable[StrEnum]) -> BeforeValidator:
    known = [str(kind) for kind in kinds]

    def checked(value: object) -> object:
        if value not in known:
            raise ValueError(f"{value!r} is not known here; {nearest(str(value), known, 'values')}")
        return value

    return BeforeValidator(checked)


def _listed(value: object) -> object:
    """`key:` with nothing behind it, as in a file where every example is a comment, is an empty list."""
    return () if value is None else value


def _mapped(value: object) -> object:
    return {} if value is None else value


def _not_empty(value: tuple[Item, ...]) -> tuple[Item, ...]:
    if not value:
        raise ValueError("must not be empty; leave the key out for its default")
    return value


def _one_line(value: object) -> object:
    if isinstance(value, str) and (not value.strip() or len(value.splitlines()) > 1):
        raise ValueError("must be one line of text, and not empty")
    return value.strip() if isinstance(value, str) else value


def _some_time(value: timedelta) -> timedelta:
    if value <= NOTHING:
        raise ValueError("must be longer than nothing; write 30m for instance")
    return value


def _host_pattern(value: object) -> object:
    if isinstance(value, str) and _HOST_PATTERN.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not a host; write www.zj.gov.cn, or *.zj.gov.cn for all below it")
    return value


def _deliver(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('write: at once, or: digest "08:30, 17:30"')
    digest_times(value)
    return value.strip()


Line = Annotated[str, BeforeValidator(_one_line)]
Names = Annotated[tuple[Line, ...], BeforeValidator(_listed)]
Length = Annotated[Duration, AfterValidator(_some_time)]


class _Web(Checked):
    bind: Annotated[tuple[str, int], BeforeValidator(parse_bind)] = ("127.0.0.1", 8787)


class _Interval(Checked):
    min: Length = timedelta(minutes=2)
    max: Length = timedelta(hours=6)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is longer than max; exchange them")
        return self


class _Crawl(Checked):
    user_agent: Line = CrawlPolicy().user_agent
    every: Length = CrawlPolicy().every
    hours: Annotated[tuple[int, int], BeforeValidator(parse_hours)] = CrawlPolicy().hours
    off_hours_every: Length = CrawlPolicy().off_hours_every
    gap: Duration = CrawlPolicy().gap
    allow_private: Annotated[tuple[Annotated[str, BeforeValidator(parse_network)], ...], BeforeValidator(_listed)] = ()
    interval: _Interval = _Interval()
    host_groups: Annotated[
        dict[str, tuple[Annotated[str, BeforeValidator(_host_pattern)], ...]], BeforeValidator(_mapped)
    ] = Field(default_factory=lambda: dict(CrawlPolicy().host_groups))

    def policy(self) -> CrawlPolicy:
        return CrawlPolicy(
            user_agent=self.user_agent,
            every=self.every,
            hours=self.hours,
            off_hours_every=self.off_hours_every,
            gap=self.gap,
            allow_private=self.allow_private,
            interval=(self.interval.min, self.interval.max),
            host_groups=self.host_groups,
        )


class _Recheck(Checked):
    first: Length = RecheckPlan().first
    factor: Annotated[float, Field(ge=1, le=100)] = RecheckPlan().factor
    until: Length = RecheckPlan().until
    confirm: Annotated[int, Field(ge=1, le=100)] = RecheckPlan().confirm
    confirm_every: Length = RecheckPlan().confirm_every

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.until:
            raise ValueError("first is longer than until, so that nothing is ever looked at again; exchange them")
        return self

    def plan(self) -> RecheckPlan:
        return RecheckPlan(
            first=self.first,
            factor=self.factor,
            until=self.until,
            confirm=self.confirm,
            confirm_every=self.confirm_every,
        )


class MainFile(Checked):
    """chaoxun.yaml."""

    database: Annotated[str, BeforeValidator(parse_database)] = "sqlite:///var/chaoxun.db"
    web: _Web = _Web()
    crawl: _Crawl = _Crawl()
    recheck: _Recheck = _Recheck()
    operator: Names = ()


class WatchEntry(Checked):
    name: Line
    rule: str
    on: Annotated[
        tuple[Annotated[AlertKind, _one_of(kind for kind in AlertKind if kind is not AlertKind.OPERATOR)], ...],
        AfterValidator(_not_empty),
    ] = tuple(kind for kind in AlertKind if kind is not AlertKind.OPERATOR)
    channels: Names = ()
    deliver: Annotated[str, BeforeValidator(_deliver)] = "at once"
    scope: Annotated[tuple[Annotated[HitField, _one_of(HitField)], ...], AfterValidator(_not_empty)] = tuple(HitField)
    min_importance: Annotated[int, Field(ge=0, le=100)] = 0
    severity: Annotated[Severity, _one_of(Severity)] = Severity.INFO
    reposts: bool = False

    def watch(self, where: str) -> Watch:
        return Watch(
            name=self.name,
            rule=self.rule.strip(),
            on=frozenset(self.on),
            channels=tuple(dict.fromkeys(self.channels)),
            deliver=self.deliver,
            scope=frozenset(self.scope),
            min_importance=self.min_importance,
            severity=self.severity,
            reposts=self.reposts,
            where=where,
        )


class WatchesFile(Checked):
    """watches.yaml."""

    watches: Annotated[tuple[WatchEntry, ...], BeforeValidator(_listed)] = ()


class ChannelEntry(Checked):
    url: Annotated[str, BeforeValidator(parse_channel_url)]
    quiet: Annotated[Quiet | None, BeforeValidator(parse_quiet)] = None
    rate: Annotated[float | None, BeforeValidator(parse_rate)] = None
    storm: Annotated[int | None, Field(ge=1)] = None
    on_unknown: Annotated[OnUnknown, _one_of(OnUnknown)] = OnUnknown.RESEND

    def options(self) -> ChannelOptions:
        return ChannelOptions(quiet=self.quiet, rate_per_minute=self.rate, storm=self.storm, on_unknown=self.on_unknown)


class ChannelsFile(Checked):
    """channels.yaml."""

    channels: Annotated[dict[str, ChannelEntry], BeforeValidator(_mapped)] = Field(default_factory=dict)
