"""Runs the daemon's regular jobs on its loop; the only file that imports apscheduler.

One short tick asks the corpus what is due (notes: thousands of APScheduler jobs would only copy what the source table
already says, and would forget it at a restart).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Job = Callable[[], Awaitable[None]]


class Schedule:
    """Jobs at a fixed pace; a job that is still running when its time comes again is not started twice."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[None] | None] = set()

    def every(self, pace: timedelta, job: Job, name: str) -> None:
        """Runs the job as soon as the schedule is started, and at that pace from then on."""

        async def run() -> None:
            task = asyncio.current_task()
            self._running.add(task)
            try:
                await job()
            finally:
                self._running.discard(task)

        self._scheduler.add_job(
            run,
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

    async def stop(self) -> None:
        """No job starts any more; one that runs is waited for, where apscheduler would cancel it."""
        self._scheduler.pause()
        await asyncio.gather(*(task for task in self._running if task is not None), return_exceptions=True)
        self._scheduler.shutdown(wait=False)
