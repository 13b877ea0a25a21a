"""Withdrawals on sample sites with bad habits: `python -m tests.bench.withdrawals [--days 20] [--seed 1]`.

Four sites with some twenty articles go through days of challenges, outages and soft 404s, of single pages and of all
pages of a site; between them articles are really withdrawn in every way, and some are put back. A withdrawal that is
told while the article is there counts as false, one that is not told in time as missed. The clock is ours: a day is
24 looks.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.demo.sites import Column, Misbehaviour, Pace, SampleSites, Site, make_article
from tests.bench.figures import say, table
from tests.station import Station, running_crew

HOUR = timedelta(hours=1)
COLUMNS = (Column.CITY_NEWS, Column.PORTAL_NEWS, Column.OUTLET_NEWS, Column.CITY_NOTICES)
SITES = (Site.CITY, Site.PORTAL, Site.OUTLET)
PACE = Pace(every="1h", recheck="1h", confirm=3, confirm_every="1h")
#: What all pages of a site, its lists with them or not, may answer for a day.
OF_A_SITE = (
    Misbehaviour.ERROR_500,
    Misbehaviour.ALL_404,
    Misbehaviour.CHALLENGE_521,
    Misbehaviour.CHALLENGE_412,
    Misbehaviour.CHALLENGE_200,
    Misbehaviour.SOFT_404,
    Misbehaviour.STUB,
    Misbehaviour.TO_FRONT_PAGE,
    Misbehaviour.TRUNCATED,
    Misbehaviour.RESET,
)
#: What one page may answer for days without being withdrawn.
OF_A_PAGE = (
    Misbehaviour.ERROR_500,
    Misbehaviour.CHALLENGE_521,
    Misbehaviour.CHALLENGE_412,
    Misbehaviour.CHALLENGE_200,
    Misbehaviour.STUB,
    Misbehaviour.RESET,
    Misbehaviour.CUT_SHORT,
    Misbehaviour.MISLABELLED,
)
#: How a site says that an article is gone, beside 404 and 410.
GONE = (Misbehaviour.SOFT_404, Misbehaviour.TO_FRONT_PAGE, Misbehaviour.ALL_404)
#: So many looks at a healthy host, and some for the host to be vouched for, tell the most doubtful withdrawal.
IN_TIME = 12
#: A page that shows such an answer for so many looks and then itself again was never withdrawn.
WEATHER = 2


@dataclass
class Figures:
    """What came of it. missed, false: the articles."""

    looks: int = 0
    habits: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    found: int = 0
    returned: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


class Days:
    """The sites and what happens on them, drawn from a seed."""

    def __init__(self, sites: SampleSites, seed: int, articles: int) -> None:
        self._sites = sites
        self._draw = random.Random(seed)
        self.figures = Figures()
        self.ids: list[str] = []
        for number in range(articles):
            article = make_article(number, column=COLUMNS[number % len(COLUMNS)], seed=seed)
            sites.publish(article)
            self.ids.append(article.id)
        #: Articles that are away: the hours for which they have been so on a site that is well, and how.
        self._away: dict[str, int] = {}
        self._told: set[str] = set()
        #: What ends when: the hour, whose it is, and how to end it.
        self._ends: list[tuple[int, str, Callable[[], None]]] = []
        self._ill: set[str] = set()

    def hour(self, hour: int, station: Station) -> None:
        """Whatever begins and ends in this hour, a look at everything, and what was told of it."""
        for end in [each for each in self._ends if each[0] <= hour]:
            self._ends.remove(end)
            self._ill.discard(end[1])
            end[2]()
        if self._draw.random() < 0.1:
            self._site_falls_ill(hour)
        if self._draw.random() < 0.4:
            self._page_falls_ill(hour)
        if self._draw.random() < 0.15:
            self._withdraw(hour)
        station.round(after=HOUR)
        self.figures.looks += 1
        self._compare(station)

    def _site_falls_ill(self, hour: int) -> None:
        site, how = self._draw.choice(SITES), self._draw.choice(OF_A_SITE)
        if str(site) in self._ill:
            return
        lists_too = self._draw.random() < 0.5
        its = [key for key in self.ids if self._site_of(key) is site]
        pages = [key for key in its if key not in self._ill and key not in self._away]
        if not lists_too and pages != its:
            return  # beside a page that gets well meanwhile, nothing tells the others' 404 from a withdrawal
        for target in [site] if lists_too else pages:
            self._sites.misbehave(target, how)
        lasts = self._draw.choice((1, 6, 24))
        self._ill |= {str(site), *pages}
        self.figures.habits[f"{how}, {'site' if lists_too else 'all pages'}"] += 1

        def end() -> None:
            self._ill.difference_update(pages)
            for target in [site] if lists_too else pages:
                self._sites.behave(target)

        self._ends.append((hour + lasts, str(site), end))

    def _page_falls_ill(self, hour: int) -> None:
        key = self._draw.choice(self.ids)
        if key in self._ill or key in self._away or str(self._site_of(key)) in self._ill:
            return
        weather = self._draw.random() < 0.3
        how = self._draw.choice(GONE if weather else OF_A_PAGE)
        self._sites.misbehave(key, how)
        self._ill.add(key)
        self.figures.habits[f"{how}, one page"] += 1
        lasts = self._draw.randint(1, WEATHER) if weather else self._draw.choice((1, 6, 24, 48))
        self._ends.append((hour + lasts, key, lambda: self._sites.behave(key)))

    def _withdraw(self, hour: int) -> None:
        key = self._draw.choice(self.ids)
        if key in self._ill or key in self._away or str(self._site_of(key)) in self._ill:
            return
        how = self._draw.choice(("404", "410", *GONE[:2]))
        self._away[key] = 0
        self._ill.add(key)
        self.figures.withdrawn[str(how)] += 1
        if isinstance(how, Misbehaviour):
            self._sites.misbehave(key, how)
        else:
            self._sites.withdraw(key, status=int(how))

        def back() -> None:
            if isinstance(how, Misbehaviour):
                self._sites.behave(key)
            else:
                self._sites.restore(key)
            self._away.pop(key)

        self._ends.append((hour + self._draw.choice((30, 60, 100_000)), key, back))

    def _compare(self, station: Station) -> None:
        stored = station.articles()
        for key in self.ids:
            article = stored.get(self._sites.article_url(key))
            told = article is not None and article["status"] == "withdrawn"
            if told and key not in self._told and key not in self._away:
                self.figures.false.append(key)
            self.figures.found += told and key not in self._told
            self.figures.returned += not told and key in self._told
            (self._told.add if told else self._told.discard)(key)
            if key in self._away:
                # An outage begins the count anew, as it should.
                self._away[key] = 0 if str(self._site_of(key)) in self._ill else self._away[key] + 1
                if self._away[key] == IN_TIME and not told and article is not None:
                    self.figures.missed.append(f"{key}: {article['missing']}")

    def _site_of(self, key: str) -> Site:
        return self._sites.article(key).column.site


def run(
    station: Callable[[Path], Station], sites: SampleSites, folder: Path, *, seed: int, hours: int, articles: int = 20
) -> Figures:
    """So many looks at the sites through everything that the seed says."""
    days = Days(sites, seed, articles)
    sites.write_config(folder, columns=COLUMNS, channels={"desk": "json://127.0.0.1:9/nobody"}, pace=PACE)
    main = folder / "chaoxun.yaml"  # every article is looked at for as long as this lasts
    main.write_text(main.read_text(encoding="utf-8").replace("until: 1h", "until: 300d"), encoding="utf-8")
    desk = station(folder)
    desk.round(after=HOUR)
    for hour in range(hours):
        days.hour(hour, desk)
    return days.figures


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with running_crew() as crew, SampleSites(clock=crew.clock) as sites, tempfile.TemporaryDirectory() as folder:
        opened: list[Station] = []

        def station(configuration: Path) -> Station:
            opened.append(Station(crew, configuration))
            return opened[-1]

        figures = run(station, sites, Path(folder), seed=asked.seed, hours=24 * asked.days)
        opened[0].close()
    habits = [(habit, str(count)) for habit, count in sorted(figures.habits.items())]
    table("No withdrawal", ("habit", "times"), habits)
    gone = [(how, str(count)) for how, count in sorted(figures.withdrawn.items())]
    table("Really withdrawn", ("by", "times"), gone)
    say(f"{figures.looks} looks, seed {asked.seed}: {figures.found} withdrawals told, {figures.returned} returns")
    say(f"false: {len(figures.false)} {figures.false}; missed: {len(figures.missed)} {figures.missed}")
    return 1 if figures.false or figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
