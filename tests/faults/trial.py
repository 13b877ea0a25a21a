"""A whole chaoxun in the tests' own process, under weeks of bad weather: sites, receivers and a clock that jumps."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from monitor.corpus import outbox
from monitor.demo.receivers import HookReceiver, MailReceiver, Mishap, Reply
from monitor.demo.sites import Column, Misbehaviour, Pace, SampleSites, Site
from tests.faults.checker import violations
from tests.faults.editor import Editor
from tests.faults.ledgers import History, Stored, mails_said, posts_said, stored
from tests.station import Crew, Station

#: One recipient of the mail channel does not exist.
NOBODY = "gone@example.org"
CHANNELS = frozenset({"desk:desk@example.org", f"desk:{NOBODY}", "hook"})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: What a site may do for a day. Not among them: what takes the time of a time-out at every request.
WEATHERS = (
    Misbehaviour.ERROR_500,
    Misbehaviour.ALL_404,
    Misbehaviour.RESET,
    Misbehaviour.TRUNCATED,
    Misbehaviour.CUT_SHORT,
    Misbehaviour.CHALLENGE_521,
    Misbehaviour.CHALLENGE_412,
    Misbehaviour.CHALLENGE_200,
    Misbehaviour.SOFT_404,
    Misbehaviour.STUB,
    Misbehaviour.EMPTY_LISTING,
    Misbehaviour.TO_FRONT_PAGE,
    Misbehaviour.MISLABELLED,
)
_MAIL_ANSWERS: tuple[str | Mishap, ...] = ("451 try later", "421 too busy", Mishap.CLOSE, Mishap.DROP_AFTER_DATA)
_HOOK_ANSWERS: tuple[Reply | Mishap, ...] = (
    Reply(status=429, body="slow down", headers={"Retry-After": "90"}),
    Reply(status=500, body="oops"),
    Reply(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
    Mishap.CLOSE,
    Mishap.DROP_AFTER_DATA,
)


class Trial:
    """Sites and receivers around a station, all on the crew's clock."""

    def __init__(
        self,
        folder: Path,
        crew: Crew,
        draw: random.Random,
        *,
        sites: SampleSites,
        mail: MailReceiver,
        hook: HookReceiver,
        open_station: Callable[[Path], Station],
    ) -> None:
        self._crew, self._draw = crew, draw
        self.sites, self.mail, self.hook = sites, mail, hook
        self._baseline_until = float("inf")
        self.mishaps: Counter[str] = Counter()
        mail.refuse(NOBODY, "550 no such user")
        sites.publish_backlog()
        sites.write_config(
            folder,
            channels={"desk": mail.url("desk@example.org", NOBODY), "hook": hook.url()},
            pace=Pace(recheck="13h"),
        )
        main = folder / "chaoxun.yaml"
        main.write_text(main.read_text(encoding="utf-8").replace("until: 1h", "until: 90d"), encoding="utf-8")
        self.station = open_station(folder)
        self.editor = Editor(sites, draw, self.history)
        self._database = self.station.settings.database

    def history(self) -> History:
        return History(
            articles=self.sites.ledger.articles(),
            said=[*mails_said("desk", self.mail.accepted.all()), *posts_said("hook", self.hook.posted.all())],
            channels=CHANNELS,
            starts=(0.0,),
            baseline_until=self._baseline_until,
            refusing=frozenset({f"desk:{NOBODY}"}),
            troubled=True,
        )

    def held(self) -> Stored:
        return stored(self._database)

    def begin(self) -> None:
        """The first polls: what they find is baseline."""
        for _ in range(3):
            self.station.round()
        assert not self.station.pending()
        self._baseline_until = time.monotonic()

    def day(self, *, weather: Misbehaviour | None, where: Site | Column, acts: int) -> None:
        """A day of three visits, on which one site or column is as the weather says and any delivery may fail."""
        if weather is not None:
            self.sites.misbehave(where, weather)
            self.mishaps[f"{where}: {weather}"] += 1
        for _ in range(3):
            for _ in range(acts):
                self.editor.act()
            self.station.round(after=8 * HOUR)
            self.deliver(calm=False)
        self.sites.behave()

    def jump(self, span: timedelta) -> None:
        """Somebody sets the clock."""
        self._crew.clock.at += span
        self.mishaps[f"clock {'forward' if span > timedelta() else 'back'}"] += 1

    def deliver(self, *, calm: bool) -> None:
        """What is due is sent; unless it is calm, some of it meets a receiver in trouble."""
        if not calm:
            self._trouble_receivers()
        self.station.deliver()

    def settle(self, *, rounds: int = 12) -> list[str]:
        """Fair weather until all is well; what is wrong at its end."""
        self.sites.behave()
        for _ in range(rounds):
            self.station.round(after=8 * HOUR)
            with self.station.corpus.begin() as tx:  # a person has seen to the channels
                outbox.retry_dead(tx, self._crew.clock())
            self.deliver(calm=True)
            if not self._wrong():
                break
        self.station.round(after=8 * HOUR)  # what it should not say would come now
        self.deliver(calm=True)
        return self._wrong()

    def _wrong(self) -> list[str]:
        return violations(self.history(), self.held())

    def _trouble_receivers(self) -> None:
        draw = self._draw
        for _ in range(4):
            self.mail.script(draw.choice(_MAIL_ANSWERS) if draw.random() < 0.3 else "250 OK")
            self.hook.script(draw.choice(_HOOK_ANSWERS) if draw.random() < 0.3 else Reply())
