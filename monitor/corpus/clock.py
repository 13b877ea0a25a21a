"""Puts right what a clock that was ahead of the time has left in the corpus: moments that would be waited for."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import article, host, pending, source

#: A clock that a time server has set back by less than this is no event.
TOLERANCE = timedelta(minutes=5)
#: A host's re-checks have used up their share of its time for hours at most.
_LONGEST_SHARE = timedelta(days=1)


def put_right(tx: Connection, now: datetime) -> None:
    """What was last looked at later than `now` is due now: its next look was set by a clock that was ahead.

    Where nothing was, nothing changes. The outbox needs none of it: no message waits as long (claiming.FARTHEST).
    """
    wrong = now + TOLERANCE
    looked = sa.or_(source.c.last_poll_at.is_(None), source.c.last_poll_at > wrong)
    tx.execute(sa.update(source).where(source.c.next_poll_at > wrong, looked).values(next_poll_at=now))
    ahead = sa.and_(article.c.next_check_at > wrong, article.c.checked_at > wrong)
    tx.execute(sa.update(article).where(ahead).values(next_check_at=now))
    ahead = sa.and_(pending.c.next_try_at > wrong, pending.c.seen_at > wrong)
    tx.execute(sa.update(pending).where(ahead).values(next_try_at=now))
    tx.execute(sa.update(host).where(host.c.rechecks_until > now + _LONGEST_SHARE).values(rechecks_until=now))
