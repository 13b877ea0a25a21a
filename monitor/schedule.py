"""Runs the daemon's regular jobs on its loop; the only file that imports apscheduler.

One short tick asks the corpus what is due (notes: thousands of APScheduler jobs would only copy what the source table
already says, and would forget it at a restart).
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Job = Callable[[], Awaitable[None]]


class Schedule:
    """Jobs at a fixed pace; a job that is still running when its time comes again is not started twice."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, pace: timedelta, job: Job, name: str) -> None:
        """Runs the job as soon as the schedule is started, and at that pace from then on."""
        self._scheduler.add_job(
            job,
            "interval",
            seconds=pace.total_seconds(),
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            # A clock that jumps must delay no job for ever: late ones run at once.
            misfire_grace_time=None,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
