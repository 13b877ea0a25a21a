"""The glossary as frozen records and enums; imports nothing of ours and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """What we know of a source."""

    NEW = "new"  # never polled
    OK = "ok"
    QUIET = "quiet"  # nothing new for much longer than usual
    BROKEN = "broken"  # fetching fails, or the listing lost its rows
    BLOCKED = "blocked"  # a challenge page answers
    STALE = "stale"  # the same newest item for much longer than usual
    GARBLED = "garbled"  # bytes that make no text
    DISABLED = "disabled"  # by configuration


class ArticleStatus(StrEnum):
    LIVE = "live"
    WITHDRAWN = "withdrawn"


class RevisionKind(StrEnum):
    FIRST = "first"
    BODY = "body"
    TITLE = "title"
    METADATA = "metadata"
    ATTACHMENTS = "attachments"
    REORDERED = "reordered"
    REEXTRACTED = "reextracted"


class AlertKind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    OPERATOR = "operator"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # leased to a dispatcher; past its lease nobody knows whether it arrived
    SENT = "sent"
    RETRYING = "retrying"
    DEAD = "dead"  # refused, or given up; `alert retry` sends it again
    HELD = "held"  # unknown whether it arrived, and the channel says on_unknown: hold


class OnUnknown(StrEnum):
    RESEND = "resend"
    HOLD = "hold"


class HitField(StrEnum):
    TITLE = "title"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where a rule met a stored text: code points of the original, end exclusive; `context` is a line around it."""

    term: str
    field: HitField
    start: int
    end: int
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One changed stretch between two revisions. op: insert, delete or replace; before/after hold whole sentences.

    field: title, body, attachments or metadata. moved: what stands elsewhere now; before and after are the same then.
    rewritten: so much differs that both texts stand whole.
    """

    field: str
    op: str
    before: str
    after: str
    moved: bool = False
    rewritten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A named rule, its scope and the channels it speaks to, as watches.yaml says it.

    delivers: (channel, how) of those channels that have it otherwise than `deliver`.
    """

    name: str
    rule: str
    on: frozenset[AlertKind] = frozenset({AlertKind.NEW, AlertKind.CHANGED, AlertKind.WITHDRAWN, AlertKind.RETURNED})
    channels: tuple[str, ...] = ()
    deliver: str = "at once"
    delivers: tuple[tuple[str, str], ...] = ()
    scope: frozenset[HitField] = frozenset({HitField.TITLE, HitField.BODY})
    min_importance: int = 0
    severity: Severity = Severity.INFO
    reposts: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to say. `id` is made from what it is about, so that a repeat of it is recognised."""

    id: str
    kind: AlertKind
    title: str
    text: str
    created_at: datetime
    watch: str | None = None
    source: str | None = None
    article_id: int | None = None
    revision: int | None = None
    url: str | None = None
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One row's worth of a channel: the channel's name and, for mail, one recipient ("" elsewhere)."""

    channel: str
    recipient: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert to one destination, with its state, as the outbox holds it. `id` is an integer."""

    id: int
    alert: Alert
    channel: str
    recipient: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    #: The names of those parts of its message that the receiver has taken.
    taken: frozenset[str] = frozenset()
    #: The message that it is part of, where that holds more or is a digest of set times; the time that it was meant
    #: for, and when it first went out.
    digest: str | None = None
    digest_at: datetime | None = None
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What a digest says of the copies of a story that an alert told; watch and title are the alert's.

    outlets: who carried it since, each once, in the order in which they came.
    """

    alert_id: str
    watch: str | None
    title: str
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is given to say. Every text in it is plain; a channel escapes it as its receiver needs.

    message_id: deterministic from alert, channel and recipient; a repeat carries the same one.
    """

    alert_ids: tuple[str, ...]
    kind: AlertKind
    title: str
    text: str
    message_id: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The receiver took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retryable:
    """Not taken now; it is tried again."""

    why: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Refused for good; a person must act."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No answer came: it may have arrived."""

    why: str


SendResult = Sent | Retryable | Rejected | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the corpus knows of one source's visits."""

    slug: str
    state: Health = Health.NEW
    since: datetime | None = None
    why: str = ""
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    next_poll_at: datetime | None = None
    listed: int = 0
    failures: int = 0
    empty_polls: int = 0
    baseline_at: datetime | None = None
    #: The request that the three after it belong to.
    asked: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    #: The adaptive schedule: the wait between two polls is the configured one times this.
    pace: float = 1.0
    #: Of the last listing that was read: its newest entry, and how many entries carried a time.
    newest_url: str | None = None
    newest_at: datetime | None = None
    dated: int = 0
    #: When a listing was last longer than we may read: what stands below may have been missed.
    gap_at: datetime | None = None
    #: The daily walk further back: when it last ran, and how many entries it found that no poll had seen, in all.
    reconciled_at: datetime | None = None
    missed: int = 0
    #: What the configuration allows that it should not for long: `certificate not verified`, `legacy TLS`.
    tls: str = ""
    #: The outage of its host that keeps the listing from us since its last poll; "" where nothing does.
    outage: str = ""
    #: How many rows the listing has, at the least; it collapses where it has far fewer.
    usual_listed: int = 0
    #: The trouble that the last poll showed for the first time, which may be weather.
    suspected: Health | None = None
    #: Polls in a row that showed a trouble, and that showed none; how many troubles ended within a day.
    bad_polls: int = 0
    good_polls: int = 0
    relapses: int = 0
    #: When the bytes of the listing last were others than before.
    moved_at: datetime | None = None
    #: The rhythm of the source as it was learned (see monitor.rhythm), and until when a silence is usual.
    rhythm: Mapping[str, Any] | None = None
    quiet_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPlan:
    """`recheck` of chaoxun.yaml: first look after `first`, then ever rarer by `factor` until `until` has passed.

    A withdrawal needs `confirm` checks in a row, `confirm_every` apart.
    """

    first: timedelta = timedelta(minutes=30)
    factor: float = 2.0
    until: timedelta = timedelta(days=30)
    confirm: int = 3
    confirm_every: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the day, Beijing, in which a channel keeps still; minutes since midnight, may pass midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """The options of one channel in channels.yaml beside its URL.

    robot: channels with the same one lead to the same receiver, which counts what they say together; "": nobody's else.
    """

    quiet: Quiet | None = None
    rate_per_minute: float | None = None
    storm: int | None = None
    on_unknown: OnUnknown = OnUnknown.RESEND
    robot: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """One entry of channels.yaml. `url` holds secrets: it is never printed."""

    name: str
    url: str = field(repr=False)
    options: ChannelOptions = ChannelOptions()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """What an alert says about an article."""

    id: int
    url: str
    title: str
    source: str
    source_name: str | None
    origin: str | None
    region: str | None
    published_at: datetime | None
    published_precision: str | None
    revision: int
