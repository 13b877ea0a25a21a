"""What a change of an article causes beside its revision: who is told of it, and of one that only flips back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.announce import announce
from monitor.comeback import Comeback, came_to_rest, change_lines, comeback, settled
from monitor.content import held, shown
from monitor.corpus import Connection, history
from monitor.corpus.storing import Content, Stored
from monitor.desk import Desk
from monitor.differences import Revised, Side, differences, together
from monitor.model import AlertKind
from monitor.rules import Evaluation, Subject
from monitor.watched import weighed

Met = Mapping[str, Evaluation]


def tell(
    tx: Connection,
    desk: Desk,
    kind: AlertKind,
    item: Stored,
    revised: Revised,
    *,
    content: Content,
    n: int,
    found: tuple[Met, Met],
    now: datetime,
    lines: Sequence[str] = (),
) -> set[str]:
    """Let the watches speak that meet revision `n` or met the one before, as far as the change weighs enough.

    content: what revision `n` says. found: what the state before met, and what this one meets. Answers who spoke.
    """
    met, meets = found
    hits = {name: meets[name].hits if name in meets else () for name in (*meets, *(met.keys() - meets.keys()))}
    least = {name: desk.watches[name].min_importance if kind is AlertKind.CHANGED else 0 for name in hits}
    return announce(
        tx,
        desk,
        kind,
        shown(item.id, content, url=item.url, source=item.source, region=item.region, revision=n),
        {name: evidence for name, evidence in hits.items() if revised.importance >= least[name]},
        occasion=f"revision {n}",
        now=now,
        changes=revised.changes,
        lines=[*lines, *change_lines(revised)],
    )


def comeback_of(
    tx: Connection, item: Stored, content: Content, *, noise: Sequence[str], volatile: Collection[str], now: datetime
) -> Comeback | None:
    """What the new content brings back of what the article said within a day."""
    return comeback(history.past(tx, item.id), side_of(content), noise=noise, volatile=volatile, now=now)


def side_of(content: Content) -> Side:
    """The content as it is compared. Pure."""
    return Side(title=content.title, text=content.text, facts=content.facts)


def settle(
    tx: Connection,
    desk: Desk,
    item: Stored,
    *,
    read: Callable[[Content], Subject],
    noise: Sequence[str],
    alerting: bool,
    now: datetime,
) -> None:
    """Tell of a flipping article that came to rest as something else than what was told of it last.

    read: a content of the article as the rules read it.
    """
    told = settled(item.change, item.changed_at, now)
    before = None if told is None else history.revision(tx, item.id, told)
    if item.change is None or before is None:
        return
    history.note(tx, item.id, item.revision, {**item.change, "quiet": False})
    content = held(item)
    parts = differences(before.side, side_of(content), noise)
    if not alerting or not parts:
        return
    old = read(replace(content, title=before.side.title, text=before.side.text, facts=before.side.facts))
    new = read(content)
    met, meets = desk.rules.evaluate(old), desk.rules.evaluate(new)
    revised = came_to_rest(weighed(together(parts), old, new, met, meets), item.change)
    found = met, meets
    tell(tx, desk, AlertKind.CHANGED, item, revised, content=content, n=item.revision, found=found, now=now)
