"""The figures of fault runs: what was published, stored, told and told again, and how long it took; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.figures import percentile
from tests.faults.checker import copies, expected, run_number, violations
from tests.faults.ledgers import History, Stored

HEADER = (
    "run",
    "seed",
    "ends",
    "published",
    "stored",
    "lost",
    "alerts owed",
    "accepted",
    "again",
    "p50",
    "p99",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run. ends: how processes were ended, by kind. again: messages that came once more, by reason.

    owed: alerts that had to come, one for each channel and recipient. delays: seconds from the publication of an
    article to the acceptance of its first alert, ascending.
    """

    run: str
    seed: int
    ends: Mapping[str, int]
    published: int
    stored: int
    lost: int
    owed: int
    accepted: int
    again: Mapping[str, int]
    delays: tuple[float, ...]

    def row(self) -> tuple[str, ...]:
        """The cells under HEADER."""
        seconds = [f"{percentile(self.delays, share):.2f} s" if self.delays else "-" for share in (0.5, 0.99)]
        counts = (self.published, self.stored, self.lost, self.owed, self.accepted)
        return (self.run, str(self.seed), _words(self.ends), *map(str, counts), _words(self.again), *seconds)


def figures(run: str, *, seed: int, ends: Mapping[str, int], history: History, held: Stored) -> Figures:
    """Of a run that is over."""
    urls = {row.url for row in held.articles}
    owed, _ = expected(history)
    told = [said for said in history.said if said.watch]
    return Figures(
        run=run,
        seed=seed,
        ends=ends,
        published=len(history.articles),
        stored=sum(1 for record in history.articles.values() if record.url in urls),
        lost=sum(1 for line in violations(history, held) if line.startswith("lost")),
        owed=owed.total() * len(history.channels - history.refusing),
        accepted=len({(said.channel, said.id) for said in told}),
        again=_again(history),
        delays=_delays(history),
    )


def page(runs: Sequence[Figures]) -> str:
    """A Markdown table of the runs."""
    rows = [HEADER, ("---",) * len(HEADER), *(run.row() for run in runs)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _again(history: History) -> Mapping[str, int]:
    reasons: Counter[str] = Counter()
    for several in copies(history).values():
        for first, again in pairwise(several):
            if not first.answered:
                reasons["no answer could be given"] += 1
            elif run_number(first, history) != run_number(again, history):
                reasons["in flight at the end"] += 1
            else:
                reasons["without a reason"] += 1
    return reasons


def _delays(history: History) -> tuple[float, ...]:
    firsts: dict[tuple[str, str], float] = {}
    for said in history.said:
        if said.watch and said.kind.value == "new":
            place = (said.url, said.channel)
            firsts[place] = min(said.at, firsts.get(place, said.at))
    published = {record.url: record.published_at_run for record in history.articles.values()}
    return tuple(sorted(at - published[url] for (url, _), at in firsts.items() if url in published))


def _words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number) or "0"
