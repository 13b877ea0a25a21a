"""Holds what the sites did against what was stored and what was said: the one checker of every fault test; pure but for
`stored`, and told by ledgers that the daemon has no hand in.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import sqlalchemy as sa

from monitor.corpus import Corpus
from monitor.corpus.maintenance import check
from monitor.corpus.tables import alert, article, delivery, pending, revision
from monitor.demo.receivers import Mail, Posted
from monitor.demo.sites import TOPICS, ArticleRecord, Event, EventKind
from monitor.model import AlertKind, ArticleStatus, DeliveryState

_MARKS = {
    "【新】": AlertKind.NEW,
    "【改】": AlertKind.CHANGED,
    "【撤】": AlertKind.WITHDRAWN,
    "【复】": AlertKind.RETURNED,
}
_TELLS = {
    EventKind.PUBLISHED: AlertKind.NEW,
    EventKind.REPOSTED: AlertKind.NEW,
    EventKind.EDITED: AlertKind.CHANGED,
    EventKind.WITHDRAWN: AlertKind.WITHDRAWN,
    EventKind.RESTORED: AlertKind.RETURNED,
}
_TITLE = re.compile(r"(?P<mark>【.】)(?P<watch>[^：]+)：.*")
_URL = re.compile(r"^网址：(\S+)$", re.MULTILINE)
_ID = re.compile(r"^#(a[0-9a-f]{11})$", re.MULTILINE)

#: Who speaks of what: watch, URL, kind.
Topic = tuple[str, str, AlertKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One alert that a receiver took. An operator's alert has no watch and no URL.

    name: the mail's Message-ID, "" elsewhere. answered: whether the receiver could say that it took it.
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
    starts: when each daemon process was started; the end of all but the last was violent.
    watches: their names; each is a topic that the articles know to be about.
    """

    articles: Mapping[str, ArticleRecord]
    said: Sequence[Said]
    channels: frozenset[str]
    starts: Sequence[float]
    baseline_until: float
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
    """What the database holds. deliveries: (alert, channel, state). damage: what its own check says."""

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
                    (row.alert_id, row.channel, DeliveryState(row.state))
                    for row in connection.execute(sa.select(delivery).order_by(delivery.c.id))
                ),
                pending=tuple(connection.execute(sa.select(pending.c.url).order_by(pending.c.url)).scalars()),
                damage=(),
            )
        return replace(found, damage=tuple(check(corpus)))
    finally:
        corpus.close()


def violations(history: History, held: Stored) -> list[str]:
    """Every promise that was not kept, one line each; [] where all is well. Pure.

    Call it once the daemon has had the time to settle: nothing published, edited or withdrawn for some polls.
    """
    return [
        *held.damage,
        *_storage(history, held),
        *_outbox(history, held),
        *_speech(history),
        *_repeats(history),
        *_names(history),
    ]


def mails_said(channel: str, mails: Iterable[Mail]) -> list[Said]:
    """The mails that the receiver took, read as a person would; raises ValueError for one that nobody could read."""
    found = []
    for mail in mails:
        subject = str(mail.parsed["Subject"])
        said = _said(channel, subject, mail.text, at=mail.at, name=mail.message_id, answered=mail.answered)
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


def settled(record: ArticleRecord, history: History) -> bool:
    """Whether the corpus is known to hold the article as it stands: the alert on its last step has come, or it is an
    untouched article of the baseline. What happens to it next must be told. Pure.
    """
    steps = _steps(record)
    if len(steps) == 1 and _is_baseline(record, history):
        return True
    return _was_told(record, history, steps, len(steps) - 1, before=float("inf"))


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


# -- what is stored


def _storage(history: History, held: Stored) -> Iterator[str]:
    rows: dict[str, list[StoredArticle]] = defaultdict(list)
    for row in held.articles:
        rows[row.url].append(row)
    known = {record.url: record for record in history.articles.values()}
    for url in rows.keys() - known.keys():
        yield f"stored, but never published: {url}"
    for url, record in known.items():
        if not rows[url]:
            # nobody can store what was gone before it was ever given out
            if record.live or record.first_served is not None:
                yield f"lost: {record.id} is not stored ({url})"
            continue
        if len(rows[url]) > 1:
            yield f"stored {len(rows[url])} times: {url}"
        yield from _article(record, rows[url][0])
    for url in held.pending:
        yield f"still pending: {url}"


def _article(record: ArticleRecord, row: StoredArticle) -> Iterator[str]:
    wanted = ArticleStatus.LIVE if record.live else ArticleStatus.WITHDRAWN
    if row.status is not wanted:
        yield f"{record.id} is {row.status}, and should be {wanted}"
    if [n for n, _, _ in row.revisions] != list(range(1, row.revision + 1)):
        yield f"{record.id} has the revisions {[n for n, _, _ in row.revisions]}, its latest being {row.revision}"
    versions = [(version.title, version.text) for version in record.versions]
    strange = [n for n, title, text in row.revisions if (title, text) not in versions]
    if strange:
        yield f"{record.id} never read as its revisions {strange} say"
        return
    told = [versions.index((title, text)) for _, title, text in row.revisions]
    if any(later <= earlier for earlier, later in pairwise(told)):
        yield f"{record.id} has revisions of its versions {[index + 1 for index in told]}, in this order"
    if record.live and told and told[-1] != len(versions) - 1:
        yield f"{record.id} is stored as version {told[-1] + 1}, and stands at version {len(versions)}"


# -- what was said


def _speech(history: History) -> Iterator[str]:
    """Required alerts that a channel never got, and alerts about what never happened."""
    required, allowed = _expected(history)
    for channel in sorted(history.channels):
        ids: dict[Topic, set[str]] = defaultdict(set)
        for said in history.said:
            if said.channel == channel:
                ids[said.topic].add(said.id)
        for topic, count in required.items():
            if len(ids[topic]) < count:
                yield f"lost: {channel} got {len(ids[topic])} of {count} alerts on {_words(topic)}"
        for topic, several in ids.items():
            if len(several) > allowed[topic]:
                yield f"{channel} got {len(several)} alerts on {_words(topic)}, where {allowed[topic]} would be right"


def _expected(history: History) -> tuple[Counter[Topic], Counter[Topic]]:
    """How many different alerts every topic must raise at least, and may raise at most."""
    required: Counter[Topic] = Counter()
    allowed: Counter[Topic] = Counter()
    for record in history.articles.values():
        steps = _steps(record)
        for index, step in enumerate(steps):
            if index == 0 and _is_baseline(record, history):
                continue
            surely = index == 0 or _was_known(record, history, steps, index)
            for watch in _watches(record, steps, index, history):
                topic = (watch, record.url, _TELLS[step.kind])
                allowed[topic] += 1
                required[topic] += surely
    return required, allowed


def _was_known(record: ArticleRecord, history: History, steps: Sequence[Event], index: int) -> bool:
    """Whether the corpus surely held the state that the step changed."""
    at = steps[index].monotonic
    if index == 1 and _is_baseline(record, history):
        return at >= history.baseline_until
    return _was_told(record, history, steps, index - 1, before=at)


def _was_told(record: ArticleRecord, history: History, steps: Sequence[Event], index: int, *, before: float) -> bool:
    """Whether the alert on that step, as the count of its kind says, had come before that time."""
    kind = _TELLS[steps[index].kind]
    first = 1 if _is_baseline(record, history) else 0
    count = sum(1 for step in steps[first : index + 1] if _TELLS[step.kind] is kind)
    for watch in _watches(record, steps, index, history):
        topic = (watch, record.url, kind)
        if len({said.id for said in history.said if said.topic == topic and said.at < before}) >= count:
            return True
    return False


def _watches(record: ArticleRecord, steps: Sequence[Event], index: int, history: History) -> list[str]:
    """The watches that speak of that step: for an edit also those that only the version before had met."""
    step = steps[index]
    if step.kind is EventKind.REPOSTED:
        return []
    contents = [step.article]
    if step.kind is EventKind.EDITED:
        contents.append(record.versions[step.version - 2])
    return [watch for watch in history.watches if any(watch in content.topics for content in contents)]


def _steps(record: ArticleRecord) -> list[Event]:
    """What happened to the article, without what is no news."""
    return [event for event in record.events if event.kind in _TELLS]


def _is_baseline(record: ArticleRecord, history: History) -> bool:
    return record.published_at_run < history.baseline_until


# -- the outbox, and repeats


def _outbox(history: History, held: Stored) -> Iterator[str]:
    taken = {(said.id, said.channel) for said in history.said}
    for number, channel, state in held.deliveries:
        if state is not DeliveryState.SENT:
            yield f"the delivery of {number} to {channel} is left as {state}"
        elif (number, channel) not in taken:
            yield f"lost: {number} is marked as sent to {channel}, which never got it"
    for number in sorted({said.id for said in history.said} - held.alerts):
        yield f"{number} was sent, and the database does not know it"


def _repeats(history: History) -> Iterator[str]:
    """A repeat is right for one message on each channel for each violent end, or where no answer could be given."""
    in_doubt: Counter[tuple[str, int]] = Counter()
    for (channel, number), copies in _copies(history).items():
        for first, again in pairwise(copies):
            run = _run(first, history)
            if not first.answered:
                continue
            if run == _run(again, history):
                yield f"{channel} got {number} twice from one process"
            else:
                in_doubt[channel, run] += 1
    for (channel, run), count in in_doubt.items():
        if count > 1:
            yield f"{channel} got {count} alerts of process {run} again, where one may have been in flight"


def _names(history: History) -> Iterator[str]:
    """Every alert on a channel has one Message-ID of its own, however often it comes."""
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (channel, number), copies in _copies(history).items():
        names = {said.name for said in copies}
        if len(names) > 1:
            yield f"{channel} got {number} under several Message-IDs"
        for name in names - {""}:
            owners[name].add((channel, number))
    for name, alerts in owners.items():
        if len(alerts) > 1:
            yield f"the Message-ID {name} stands on different alerts"


def _copies(history: History) -> Mapping[tuple[str, str], list[Said]]:
    """Every message by channel and alert, in the order of its arrival."""
    copies: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in sorted(history.said, key=lambda said: said.at):
        copies[said.channel, said.id].append(said)
    return copies


def _run(said: Said, history: History) -> int:
    """Which process sent it. A message may be read after its process died, but a new one takes longer to start."""
    return sum(1 for start in history.starts if start <= said.at)


def _words(topic: Topic) -> str:
    watch, url, kind = topic
    return f"{kind} {watch} {url}".replace("  ", " ")
