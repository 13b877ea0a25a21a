"""The copies of a story that a watch was told of already: remembered for the digests that mention them; no alerts."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from monitor.corpus.tables import alert, article, delivery, repost, source
from monitor.model import AlertKind, Destination, Mention

#: A copy that no digest took along for so long is no news.
STALE = timedelta(days=7)


def told_by(connection: Connection, story_id: int, watches: Collection[str]) -> dict[str, str]:
    """The alert by which each of the watches first spoke of the story; those that never did are not in it."""
    query = (
        sa.select(alert.c.watch, alert.c.id)
        .join_from(alert, article, alert.c.article_id == article.c.id)
        .where(article.c.story_id == story_id, alert.c.watch.in_(sorted(watches)), alert.c.kind == AlertKind.NEW)
        .order_by(alert.c.created_at.desc(), alert.c.id.desc())
    )
    return {row.watch: row.id for row in connection.execute(query)}


def remember(
    tx: Connection,
    alert_id: str,
    article_id: int,
    destinations: Sequence[tuple[Destination, datetime | None]],
    now: datetime,
) -> None:
    """A copy has come of the story that the alert told. destinations: each with its next digest, None where the watch
    speaks there at once; there it is mentioned only if the alert itself has yet to leave in a digest."""
    rows = [
        {
            "alert_id": alert_id,
            "article_id": article_id,
            "channel": destination.channel,
            "recipient": destination.recipient,
            "at": now,
            "digest_at": digest_at,
        }
        for destination, digest_at in destinations
    ]
    if rows:
        insert = postgresql.insert(repost) if tx.dialect.name == "postgresql" else sqlite.insert(repost)
        tx.execute(insert.on_conflict_do_nothing(), rows)


def attach(tx: Connection, digest: str, deliveries: Sequence[int], *, late: bool, now: datetime) -> None:
    """What the digest with these deliveries mentions from now on, also when it is tried again.

    That is the copies of what it tells; and, if `late`, those of what was told before, whose digest is due.
    """
    of_it = sa.select(delivery.c.alert_id).where(delivery.c.id.in_(deliveries)).scalar_subquery()
    place = sa.select(delivery.c.channel, delivery.c.recipient).where(delivery.c.id == deliveries[0])
    channel, recipient = tx.execute(place).one()
    wanted: sa.ColumnElement[bool] = repost.c.alert_id.in_(of_it)
    if late:
        wanted = sa.or_(wanted, sa.and_(repost.c.digest_at <= now, repost.c.at > now - STALE))
    open_here = (repost.c.digest.is_(None), repost.c.channel == channel, repost.c.recipient == recipient)
    tx.execute(sa.update(repost).where(*open_here, wanted).values(digest=digest))


def mentioned(connection: Connection, digest: str) -> list[Mention]:
    """What the digest mentions, in the order of the copies."""
    query = (
        sa.select(
            repost.c.alert_id,
            alert.c.watch,
            alert.c.title,
            sa.func.coalesce(sa.func.nullif(article.c.source_name, ""), source.c.name).label("outlet"),
        )
        .join_from(repost, alert, repost.c.alert_id == alert.c.id)
        .join(article, repost.c.article_id == article.c.id)
        .join(source, article.c.source == source.c.slug)
        .where(repost.c.digest == digest)
        .order_by(repost.c.id)
    )
    found: dict[str, Mention] = {}
    for row in connection.execute(query):
        before = found[row.alert_id].outlets if row.alert_id in found else ()
        outlets = before if row.outlet in before else (*before, row.outlet)
        found[row.alert_id] = Mention(alert_id=row.alert_id, watch=row.watch, title=row.title, outlets=outlets)
    return list(found.values())
