"""The shape of chaoxun.yaml, watches.yaml and channels.yaml, and what stands where a key is left out; reads no file."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawler.policy import CrawlSection, Length, Line, listed, mapped
from crawler.yamlfile import Checked, nearest
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
    parse_quiet,
    parse_rate,
)

Item = TypeVar("Item")


def _one_of(kinds: Iterable[StrEnum]) -> BeforeValidator:
    known = [str(kind) for kind in kinds]

    def checked(value: object) -> object:
        if value not in known:
            raise ValueError(f"{value!r} is not known here; {nearest(str(value), known, 'values')}")
        return value

    return BeforeValidator(checked)


def _not_empty(value: tuple[Item, ...]) -> tuple[Item, ...]:
    if not value:
        raise ValueError("must not be empty; leave the key out for its default")
    return value


def _deliver(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('write: at once, or: digest "08:30, 17:30"')
    digest_times(value)
    return value.strip()


def _spoken(value: object) -> object:
    """An entry of a watch's channels: a name, or a name with how it is delivered there."""
    if not isinstance(value, dict):
        return (value, None)
    if len(value) != 1:
        raise ValueError('write one channel an entry, a list of times in quotes: - desk-mail: digest "08:30, 17:30"')
    [(name, deliver)] = value.items()
    return (name, _deliver(deliver))


def _one_way_each(channels: tuple[tuple[str, str | None], ...]) -> tuple[tuple[str, str | None], ...]:
    ways: dict[str, str | None] = {}
    for name, deliver in channels:
        if ways.setdefault(name, deliver) != deliver:
            raise ValueError(f"{name!r} is named twice with other deliveries; name it once")
    return channels


Names = Annotated[tuple[Line, ...], BeforeValidator(listed)]
Spoken = Annotated[tuple[Line, str | None], BeforeValidator(_spoken)]


class _Web(Checked):
    bind: Annotated[tuple[str, int], BeforeValidator(parse_bind)] = ("127.0.0.1", 8787)


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
    crawl: CrawlSection = CrawlSection()
    recheck: _Recheck = _Recheck()
    operator: Names = ()


class WatchEntry(Checked):
    name: Line
    rule: str
    on: Annotated[
        tuple[Annotated[AlertKind, _one_of(kind for kind in AlertKind if kind is not AlertKind.OPERATOR)], ...],
        AfterValidator(_not_empty),
    ] = tuple(kind for kind in AlertKind if kind is not AlertKind.OPERATOR)
    channels: Annotated[tuple[Spoken, ...], BeforeValidator(listed), AfterValidator(_one_way_each)] = ()
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
            channels=tuple(dict.fromkeys(name for name, _ in self.channels)),
            deliver=self.deliver,
            delivers=tuple((name, deliver) for name, deliver in self.channels if deliver is not None),
            scope=frozenset(self.scope),
            min_importance=self.min_importance,
            severity=self.severity,
            reposts=self.reposts,
            where=where,
        )


class WatchesFile(Checked):
    """watches.yaml."""

    watches: Annotated[tuple[WatchEntry, ...], BeforeValidator(listed)] = ()


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

    channels: Annotated[dict[str, ChannelEntry], BeforeValidator(mapped)] = Field(default_factory=dict)
