"""What happened, by ledgers that the daemon has no hand in, and what the database holds: the two sides that the checker
compares. Reads them; judges nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from monitor.corpus import Corpus
from monitor.corpus.maintenance import check
from monitor.corpus.tables import alert, article, delivery, pending, revision
from monitor.demo.receivers import Mail, Posted
from monitor.demo.sites import TOPICS, ArticleRecord
from monitor.model import AlertKind, ArticleStatus, DeliveryState

_MARKS = {
    "【新】": AlertKind.NEW,
    "【改】": AlertKind.CHANGED,
    "【撤】": AlertKind.WITHDRAWN,
    "【复】": AlertKind.RETURNED,
}
_TITLE = re.compile(r"(?P<mark>【.】)(?P<watch>[^：]+)：.*")
_URL = re.compile(r"^网址：(\S+)$", re.MULTILINE)
_ID = re.compile(r"^#(a[0-9a-f]{11})$", re.MULTILINE)

#: Who speaks of what: watch, URL, kind.
Topic = tuple[str, str, AlertKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One alert that a receiver took. An operator's alert has no watch and no URL.

    channel: its name, with the recipient where it has some: `desk:a@example.org`. name: the mail's Message-ID, ""
    elsewhere. answered: whether the receiver could say that it took it.
    """

    channel: str
    id: str
    watch: str
    url: str
    kind: AlertKind
    at: float
    name: str = ""
    answered: bool = True

    @property
    def topic(self) -> Topic:
        return self.watch, self.url, self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened, by the ledgers. Times are monotonic seconds of one process.

    baseline_until: when the first polls were known to be over; what was published before is baseline.
    starts: when each daemon process was started; the end of all but the last was violent, but for the `orderly` ones
    (the first is 1), which ended when told to.
    channels: those that every watch speaks to, as `Said` names them; `refusing` are those of them that take nothing.
    troubled: whether sites were down for long enough that the operator may have been told.
    watches: their names; each is a topic that the articles know to be about.
    """

    articles: Mapping[str, ArticleRecord]
    said: Sequence[Said]
    channels: frozenset[str]
    starts: Sequence[float]
    baseline_until: float
    orderly: frozenset[int] = frozenset()
    refusing: frozenset[str] = frozenset()
    troubled: bool = False
    watches: tuple[str, ...] = TOPICS


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """One article of the corpus. revisions: (number, title, text), in order."""

    url: str
    status: ArticleStatus
    revision: int
    revisions: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database holds. deliveries: alert, channel as in `Said`, state. damage: what its own check says."""

    articles: tuple[StoredArticle, ...]
    alerts: frozenset[str]
    deliveries: tuple[tuple[str, str, DeliveryState], ...]
    pending: tuple[str, ...]
    damage: tuple[str, ...]


def stored(database: str) -> Stored:
    """What the database at this URL holds now, in one state of it."""
    corpus = Corpus.open(database)
    try:
        with corpus.read() as connection:
            revisions = defaultdict(list)
            columns = (revision.c.article_id, revision.c.n, revision.c.title, revision.c.text)
            for row in connection.execute(sa.select(*columns).order_by(revision.c.n)):
                revisions[row.article_id].append((row.n, row.title, row.text))
            found = Stored(
                articles=tuple(
                    StoredArticle(
                        url=row.url,
                        status=ArticleStatus(row.status),
                        revision=row.revision,
                        revisions=tuple(revisions[row.id]),
                    )
                    for row in connection.execute(sa.select(article).order_by(article.c.id))
                ),
                alerts=frozenset(connection.execute(sa.select(alert.c.id)).scalars()),
                deliveries=tuple(
                    (row.alert_id, _place(row.channel, row.recipient), DeliveryState(row.state))
                    for row in connection.execute(sa.select(delivery).order_by(delivery.c.id))
                ),
                pending=tuple(connection.execute(sa.select(pending.c.url).order_by(pending.c.url)).scalars()),
                damage=(),
            )
        return replace(found, damage=tuple(check(corpus)))
    finally:
        corpus.close()


def mails_said(channel: str, mails: Iterable[Mail]) -> list[Said]:
    """The mails that the receiver took, read as a person would; raises ValueError for one that nobody could read."""
    found = []
    for mail in mails:
        subject = str(mail.parsed["Subject"])
        place = _place(channel, mail.recipient)
        said = _said(place, subject, mail.text, at=mail.at, name=mail.message_id, answered=mail.answered)
        if mail.alert_ids != (said.id,) or mail.kind != said.kind:
            raise ValueError(f"the headers of {subject!r} do not say what its text says")
        found.append(said)
    return found


def posts_said(channel: str, posts: Iterable[Posted]) -> list[Said]:
    """The posts that the receiver took, sent to a json:// channel."""
    return [
        _said(channel, post.json["title"], post.json["message"], at=post.at, name="", answered=post.status == 200)
        for post in posts
        if post.status < 300
    ]


def _place(channel: str, recipient: str) -> str:
    return f"{channel}:{recipient}" if recipient else channel


def _said(channel: str, title: str, text: str, *, at: float, name: str, answered: bool) -> Said:
    ids, urls = _ID.findall(text), _URL.findall(text)
    if len(ids) != 1:
        raise ValueError(f"a message that names {len(ids)} alerts: {title!r}")
    if title.startswith(("【告警】", "【恢复】")):
        watch, url, kind = "", "", AlertKind.OPERATOR
    else:
        parts = _TITLE.fullmatch(title)
        if parts is None or parts["mark"] not in _MARKS or len(urls) != 1:
            raise ValueError(f"a message that nobody could read: {title!r}: {text!r}")
        watch, url, kind = parts["watch"], urls[0], _MARKS[parts["mark"]]
    return Said(channel=channel, id=ids[0], watch=watch, url=url, kind=kind, at=at, name=name, answered=answered)
