"""Puts into the outbox what the watches have to say about an article, in the transaction that stores it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.alerts.compose import compose
from monitor.corpus import Connection, reposts
from monitor.corpus.outbox import enqueue
from monitor.desk import Desk
from monitor.model import AlertKind, ArticleView, Change, Hit
from monitor.rules import Evaluation

#: Evidence that is kept of one match; a rule like 的 meets a text a thousand times.
MOST_HITS = 100

_NO_LONGER = Change(field="命中", op="delete", before="修改后不再符合此关注的规则", after="")


def announce(
    tx: Connection,
    desk: Desk,
    kind: AlertKind,
    article: ArticleView,
    hits: Mapping[str, Sequence[Hit]],
    *,
    occasion: str,
    now: datetime,
    changes: Sequence[Change] = (),
    lines: Sequence[str] = (),
) -> set[str]:
    """Let the named watches speak, as far as they speak of this kind; answers which did.

    lines: what else the alert says, each with a label or a blank before it.
    hits: the evidence by watch; none of it where only the revision before met the rule, which the alert then says.
    """
    told = set()
    for name, evidence in hits.items():
        watch = desk.watches[name]
        if kind not in watch.on:
            continue
        said = changes if evidence or not changes else (_NO_LONGER, *changes)
        alert = compose(
            watch=watch,
            kind=kind,
            article=article,
            hits=evidence,
            changes=said,
            lines=lines,
            occasion=occasion,
            at=now,
        )
        for due, destinations in desk.routes(watch, now).items():
            enqueue(tx, alert, destinations, now, not_before=due)
        told.add(name)
    return told


def mention(
    tx: Connection, desk: Desk, *, story_id: int, article_id: int, heard: Collection[str], now: datetime
) -> None:
    """A copy has come of a story that these watches heard of, and they raise no alert of it: their digests mention it.

    A watch that met the story and told nobody of it, as in a first poll, mentions nothing either.
    """
    for name, alert in reposts.told_by(tx, story_id, heard).items() if heard else ():
        routes = desk.routes(desk.watches[name], now)
        destinations = [(each, due) for due, places in routes.items() for each in places]
        reposts.remember(tx, alert, article_id, destinations, now)


def match_rows(
    desk: Desk, article_id: int, revision: int, found: Mapping[str, Evaluation], *, alerted: set[str], now: datetime
) -> list[dict[str, Any]]:
    """The matches of one revision as the table keeps them. Pure."""
    return [
        {
            "watch": name,
            "article_id": article_id,
            "revision": revision,
            "rule": desk.watches[name].rule,
            "hits": [_hit(hit) for hit in evaluation.hits[:MOST_HITS]],
            "at": now,
            "alerted": name in alerted,
        }
        for name, evaluation in found.items()
    ]


def _hit(hit: Hit) -> dict[str, Any]:
    return {"term": hit.term, "field": hit.field, "start": hit.start, "end": hit.end, "context": hit.context}
