"""Which articles are due for another look, and what of each host's time their re-checks have used; decides nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import article, host
from monitor.recheck import Backlog


def waiting(connection: Connection, now: datetime) -> dict[str, int]:
    """The sources that have articles due, with how many."""
    return {row.source: row.due for row in connection.execute(WAITING, {"now": now})}


def backlog(connection: Connection, now: datetime) -> Backlog:
    """All that is due, of every source."""
    row = connection.execute(_BACKLOG, {"now": now}).one()
    return Backlog(due=row.due, since=row.since)


def due(connection: Connection, slug: str, now: datetime, most: int) -> list[sa.RowMapping]:
    """The source's articles that are due: of those that are looked at closely, and of the others, `most` each, the
    longest waiting first. Rows of url, etag, last_modified, title, closely, checked_at, next_check_at."""
    asked = ({"of": slug, "closely": closely, "now": now, "most": most} for closely in (True, False))
    return [row for values in asked for row in connection.execute(DUE, values).mappings()]


#: As a text that is no column: SQLite would group by the index of the sources, through every article, at each tick.
_SOURCE = article.c.source.concat("")
_IS_DUE = article.c.next_check_at <= sa.bindparam("now")
WAITING = sa.select(_SOURCE.label("source"), sa.func.count().label("due")).where(_IS_DUE).group_by(_SOURCE)
_BACKLOG = sa.select(sa.func.count().label("due"), sa.func.min(article.c.next_check_at).label("since")).where(_IS_DUE)
DUE = (
    sa.select(
        article.c.url,
        article.c.etag,
        article.c.last_modified,
        article.c.title,
        article.c.closely,
        article.c.checked_at,
        article.c.next_check_at,
    )
    .where(article.c.source == sa.bindparam("of", type_=sa.Text), article.c.closely == sa.bindparam("closely"), _IS_DUE)
    .order_by(article.c.next_check_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def postpone(tx: Connection, urls: Collection[str], until: datetime) -> None:
    """The articles are not due before `until`."""
    if urls:
        tx.execute(_POSTPONE, {"urls": list(urls), "next_check_at": until})


_POSTPONE = sa.update(article).where(article.c.url.in_(sa.bindparam("urls", expanding=True)))


def spent(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The hosts whose re-checks have used their share of its time for some while to come: until when."""
    return {row.name: row.rechecks_until for row in connection.execute(_SPENT, {"now": now})}


_SPENT = sa.select(host.c.name, host.c.rechecks_until).where(host.c.rechecks_until > sa.bindparam("now"))


def spend(tx: Connection, until: Mapping[str, datetime]) -> None:
    """Note until when hosts have given re-checks their share."""
    for name, moment in until.items():
        if not tx.execute(_SPEND, {"of": name, "rechecks_until": moment}).rowcount:
            tx.execute(sa.insert(host), {"name": name, "rechecks_until": moment})


_SPEND = sa.update(host).where(host.c.name == sa.bindparam("of"))
