"""`crawl` of chaoxun.yaml: how often and how gently we ask. For the daemon and for `scrapy crawl` alike."""

import ipaddress
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from crawler.records import INTERVAL, CrawlPolicy
from crawler.yamlfile import Checked, Duration, check, load

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
_HOST_PATTERN = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)


def parse_span(value: object, example: str) -> tuple[int, int]:
    """Two times of day as minutes since midnight, in whichever order. Raises ValueError that shows the example."""
    found = _SPAN.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is not a span of hours; write it as {example}")
    whole_day = 24 * 60
    return minutes_of(found[1], found[2], last=whole_day), minutes_of(found[3], found[4], last=whole_day)


def minutes_of(hours: str, minutes: str, *, last: int) -> int:
    """Minutes since midnight; raises ValueError for what is past `last`."""
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > last:
        raise ValueError(f"{hours}:{minutes} is no time of day; write 08:30 for instance")
    return total


def parse_hours(value: object) -> tuple[int, int]:
    """`08:00-20:00` as minutes since midnight; `00:00-24:00` is the whole day. Raises ValueError.

    >>> parse_hours("08:00-20:00")
    (480, 1200)
    """
    start, end = parse_span(value, "08:00-20:00")
    if start >= end:
        raise ValueError(f"{value!r} ends before it begins; write the earlier hour first, the whole day as 00:00-24:00")
    return start, end


def parse_network(value: object) -> str:
    """A network such as `127.0.0.0/8`, or one address. Raises ValueError."""
    try:
        return str(ipaddress.ip_network(str(value)))
    except ValueError as error:
        try:
            meant = ipaddress.ip_network(str(value), strict=False)
        except ValueError:
            raise ValueError(f"{value!r} is not a network; write an address and a mask: 127.0.0.0/8") from error
        raise ValueError(f"{value!r} is an address inside a network; write {meant}") from error


def some_time(value: timedelta) -> timedelta:
    """The duration; raises ValueError for none."""
    if value <= timedelta():
        raise ValueError("must be longer than nothing; write 30m for instance")
    return value


def one_line(value: object) -> object:
    """A text without blanks around it; raises ValueError for an empty one and for several lines."""
    if isinstance(value, str) and (not value.strip() or len(value.splitlines()) > 1):
        raise ValueError("must be one line of text, and not empty")
    return value.strip() if isinstance(value, str) else value


def listed(value: object) -> object:
    """`key:` with nothing behind it, as in a file where every example is a comment, is an empty list."""
    return () if value is None else value


def mapped(value: object) -> object:
    """The same where a key holds others."""
    return {} if value is None else value


def _host_pattern(value: object) -> object:
    if isinstance(value, str) and _HOST_PATTERN.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not a host; write www.zj.gov.cn, or *.zj.gov.cn for all below it")
    return value


Line = Annotated[str, BeforeValidator(one_line)]
Length = Annotated[Duration, AfterValidator(some_time)]


class _Interval(Checked):
    min: Length = INTERVAL[0]
    max: Length = INTERVAL[1]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is longer than max; exchange them")
        return self


class CrawlSection(Checked):
    """The keys of `crawl`."""

    user_agent: Line = CrawlPolicy().user_agent
    every: Length = CrawlPolicy().every
    hours: Annotated[tuple[int, int], BeforeValidator(parse_hours)] = CrawlPolicy().hours
    off_hours_every: Length = CrawlPolicy().off_hours_every
    gap: Duration = CrawlPolicy().gap
    allow_private: Annotated[tuple[Annotated[str, BeforeValidator(parse_network)], ...], BeforeValidator(listed)] = ()
    interval: _Interval | None = None
    host_groups: Annotated[
        dict[str, tuple[Annotated[str, BeforeValidator(_host_pattern)], ...]], BeforeValidator(mapped)
    ] = Field(default_factory=lambda: dict(CrawlPolicy().host_groups))

    def policy(self) -> CrawlPolicy:
        return CrawlPolicy(
            user_agent=self.user_agent,
            every=self.every,
            hours=self.hours,
            off_hours_every=self.off_hours_every,
            gap=self.gap,
            allow_private=self.allow_private,
            interval=(self.interval.min, self.interval.max) if self.interval else None,
            host_groups=self.host_groups,
        )


class _MainFile(Checked):
    """chaoxun.yaml as the crawler sees it; the rest of it is the monitor's to judge."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    crawl: CrawlSection = CrawlSection()


def load_policy(folder: Path) -> CrawlPolicy:
    """`crawl` of the folder's chaoxun.yaml, the defaults where it has none. Raises ConfigError naming every mistake."""
    path = folder / "chaoxun.yaml"
    return check(load(path, environ=os.environ), _MainFile).crawl.policy() if path.exists() else CrawlPolicy()
