"""The volatile lines of each source, suspected and learned (see monitor.volatile): reads and writes them."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import iso
from monitor.corpus.tables import volatile
from monitor.volatile import Suspect


def suspects(connection: Connection, slug: str) -> tuple[Suspect, ...]:
    """Everything that is suspected or learned of a source."""
    return tuple(_suspect(row) for row in connection.execute(_OF_SOURCE, {"of": slug}).mappings())


def save(tx: Connection, slug: str, before: Sequence[Suspect], after: Sequence[Suspect]) -> None:
    """Write what has become of the suspects of a source. before: as they were read in this transaction."""
    old, new = ({each.template: each for each in several} for several in (before, after))
    gone = old.keys() - new.keys()
    if gone:
        tx.execute(sa.delete(volatile).where(volatile.c.source == slug, volatile.c.template.in_(gone)))
    for template, suspect in new.items():
        if template not in old:
            tx.execute(_INSERT, {"source": slug, "template": template, **_values(suspect)})
        elif suspect != old[template]:
            tx.execute(_UPDATE, {"of": slug, "wanted": template, **_values(suspect)})


def by_source(connection: Connection, slug: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """What is learned, by source, as `health --json` shows it: template, the last values, since when."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = _LEARNED if slug is None else _LEARNED.where(volatile.c.source == slug)
    for row in connection.execute(query).mappings():
        suspect = _suspect(row)
        line = {
            "template": suspect.template,
            "values": [value for value in suspect.values if value][-3:],
            "articles": len(suspect.flips),
            "learned_at": iso(suspect.learned_at),
            "flipped_at": iso(suspect.flipped_at),
        }
        found.setdefault(row["source"], []).append(line)
    return found


_OF_SOURCE = sa.select(volatile).where(volatile.c.source == sa.bindparam("of")).order_by(volatile.c.template)
_LEARNED = (
    sa.select(volatile)
    .where(volatile.c.learned_at.is_not(None))
    .order_by(volatile.c.source, volatile.c.learned_at, volatile.c.template)
)
_INSERT = sa.insert(volatile)
_UPDATE = sa.update(volatile).where(
    volatile.c.source == sa.bindparam("of"), volatile.c.template == sa.bindparam("wanted")
)


def _values(suspect: Suspect) -> dict[str, Any]:
    return {
        "score": suspect.score,
        "since": suspect.since,
        "flipped_at": suspect.flipped_at,
        "learned_at": suspect.learned_at,
        "evidence": {
            "flips": _pairs(suspect.flips.items()),
            "values": _pairs(suspect.values.items()),
            "seen": _pairs(suspect.seen.items()),
            "moves": _pairs(suspect.moves.items()),
            "agreed": suspect.agreed,
            "differed": suspect.differed,
            "last": suspect.last,
        },
    }


def _pairs(items: Iterable[tuple[object, object]]) -> list[list[object]]:
    """A list, since the order counts and the keys are numbers: JSON keeps neither of an object."""
    return [list(pair) for pair in items]


def _suspect(row: sa.RowMapping) -> Suspect:
    evidence = row["evidence"]
    return Suspect(
        template=row["template"],
        score=row["score"],
        since=row["since"],
        flipped_at=row["flipped_at"],
        flips=dict(evidence["flips"]),
        values={value: tuple(articles) for value, articles in evidence["values"]},
        seen=dict(evidence["seen"]),
        moves={value: tuple(articles) for value, articles in evidence["moves"]},
        agreed=evidence["agreed"],
        differed=evidence["differed"],
        last=None if evidence["last"] is None else (evidence["last"][0], evidence["last"][1]),
        learned_at=row["learned_at"],
    )
