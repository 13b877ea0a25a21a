"""Holds what the sites did against what was stored and what was said: the one checker of every fault test; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from monitor.demo.sites import ArticleRecord, Event, EventKind
from monitor.model import AlertKind, ArticleStatus, DeliveryState
from tests.faults.ledgers import History, Said, Stored, StoredArticle, Topic

_TELLS = {
    EventKind.PUBLISHED: AlertKind.NEW,
    EventKind.REPOSTED: AlertKind.NEW,
    EventKind.EDITED: AlertKind.CHANGED,
    EventKind.WITHDRAWN: AlertKind.WITHDRAWN,
    EventKind.RESTORED: AlertKind.RETURNED,
}


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


def settled(record: ArticleRecord, history: History) -> bool:
    """Whether the corpus is known to hold the article as it stands: the alert on its last step has come, or it is an
    untouched article of the baseline. What happens to it next must be told. Pure.
    """
    steps = _steps(record)
    if len(steps) == 1 and _is_baseline(record, history):
        return True
    return _was_told(record, history, steps, len(steps) - 1, before=float("inf"))


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
    required, allowed = expected(history)
    if history.troubled:
        allowed["", "", AlertKind.OPERATOR] = len(history.said)
    for channel in sorted(history.channels - history.refusing):
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


def expected(history: History) -> tuple[Counter[Topic], Counter[Topic]]:
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
        if channel in history.refusing:
            if state is not DeliveryState.DEAD:
                yield f"the delivery of {number} to {channel}, which refuses it, is left as {state}"
        elif state is not DeliveryState.SENT:
            yield f"the delivery of {number} to {channel} is left as {state}"
        elif (number, channel) not in taken:
            yield f"lost: {number} is marked as sent to {channel}, which never got it"
    for number in sorted({said.id for said in history.said} - held.alerts):
        yield f"{number} was sent, and the database does not know it"


def _repeats(history: History) -> Iterator[str]:
    """A repeat is right for one message on each channel for each violent end, or where no answer could be given."""
    in_doubt: Counter[tuple[str, int]] = Counter()
    for (channel, number), several in copies(history).items():
        for first, again in pairwise(several):
            run = run_number(first, history)
            if not first.answered:
                continue
            if run == run_number(again, history):
                yield f"{channel} got {number} twice from one process"
            elif run in history.orderly:
                yield f"{channel} got {number} again, though process {run} had ended in good order"
            else:
                in_doubt[channel, run] += 1
    for (channel, run), count in in_doubt.items():
        if count > 1:
            yield f"{channel} got {count} alerts of process {run} again, where one may have been in flight"


def _names(history: History) -> Iterator[str]:
    """Every alert on a channel has one Message-ID of its own, however often it comes."""
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (channel, number), several in copies(history).items():
        names = {said.name for said in several}
        if len(names) > 1:
            yield f"{channel} got {number} under several Message-IDs"
        for name in names - {""}:
            owners[name].add((channel, number))
    for name, alerts in owners.items():
        if len(alerts) > 1:
            yield f"the Message-ID {name} stands on different alerts"


def copies(history: History) -> Mapping[tuple[str, str], list[Said]]:
    """Every message by channel and alert, in the order of its arrival."""
    copies: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in sorted(history.said, key=lambda said: said.at):
        copies[said.channel, said.id].append(said)
    return copies


def run_number(said: Said, history: History) -> int:
    """Which process sent it. A message may be read after its process died, but a new one takes longer to start."""
    return sum(1 for start in history.starts if start <= said.at)


def _words(topic: Topic) -> str:
    watch, url, kind = topic
    return f"{kind} {watch} {url}".replace("  ", " ")
