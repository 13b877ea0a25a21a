"""What the configuration says: a source, where its list keeps its parts, and how gently everything is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from crawler.records.article import ArticleKind


class Group(StrEnum):
    SINA = "sina"
    GOVERNMENT = "government"
    ZHEJIANG = "zhejiang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    verify: bool = True
    legacy: bool = False

    @property
    def accepted(self) -> str:
        """What is let pass that should not be for long, for a person; "" where nothing is."""
        named = (("certificate not verified", not self.verify), ("legacy TLS", self.legacy))
        return ", ".join(name for name, accepted in named if accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS or XPath (starts with `/` or `./`) where our readers need help with an article."""

    title: str | None = None
    body: str | None = None
    published: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFields:
    """Where a row of a listing keeps its parts: CSS for html_list and for rows that are HTML, else JMESPath."""

    url: str | None = None
    title: str | None = None
    published: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKeys:
    """How a json_list asks for its following pages: `param` counts from `first`; fewer rows than `size` end it."""

    param: str
    first: int = 1
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Where an article is JSON, not a page: JMESPath of its parts. With POST, the URL's query is sent as a form."""

    method: str = "GET"
    title: str | None = None
    body: str | None = None
    published: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A column, feed or catalogue that we visit on a schedule; `where` is the file:line that declares it."""

    slug: str
    name: str
    engine: str
    url: str | None = None
    group: Group = Group.GOVERNMENT
    region: str | None = None
    column: str | None = None
    kind: ArticleKind | None = None
    every: timedelta | None = None
    #: Outside the policy's hours; None: `every` holds round the clock where the source says one.
    off_hours_every: timedelta | None = None
    interval: tuple[timedelta, timedelta] | None = None
    gap: timedelta | None = None
    charset: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: bool = False
    noise: tuple[str, ...] = ()
    max_pages: int = 3
    tls: Tls = Tls()
    disabled: str | None = None
    article: Selectors = Selectors()
    params: Mapping[str, str] = field(default_factory=dict)
    tag: str | None = None
    fallback: Mapping[str, str] = field(default_factory=dict)
    rows: str | None = None
    fields: RowFields = RowFields()
    next: str | None = None
    method: str = "GET"
    form: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    page: PageKeys | None = None
    detail: Detail | None = None
    where: str = ""


#: Bounds of the adaptive schedule where the configuration names none.
INTERVAL = (timedelta(minutes=2), timedelta(hours=6))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPolicy:
    """`crawl` of chaoxun.yaml: how often and how gently we ask. hours: minutes since midnight, Beijing."""

    user_agent: str = "chaoxun (+https://example.org/contact)"
    every: timedelta = timedelta(minutes=30)
    hours: tuple[int, int] = (8 * 60, 20 * 60)
    off_hours_every: timedelta = timedelta(hours=4)
    gap: timedelta = timedelta(seconds=3)
    allow_private: tuple[str, ...] = ()
    #: Bounds of the adaptive schedule that the operator wrote down; None: INTERVAL, as far as it suits a source.
    interval: tuple[timedelta, timedelta] | None = None
    #: Two trees of government sites stand on one platform each, so each counts as one host.
    host_groups: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"zj.gov.cn": ("*.zj.gov.cn",), "hangzhou.gov.cn": ("*.hangzhou.gov.cn",)}
    )
