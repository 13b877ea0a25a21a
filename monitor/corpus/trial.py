"""Tries a rule on the stored articles: what it meets, how often it would have told, and what is doubtful about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from monitor.corpus.search import Found, replay, sample, times
from monitor.rules import EVERYWHERE, Evaluation, Rule
from monitor.rules.doubts import crossing
from monitor.rules.nodes import Word

#: How far back alerts are counted, so that an old backlog does not thin them out.
_LATELY = timedelta(weeks=8)
_WEEK = timedelta(weeks=1)
#: Articles that a term is looked at in, to see whether it stands across word borders.
_SAMPLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """met: the articles, newest first, with the evidence.

    alerts_per_week: over the last eight weeks that there are dated articles of, each story once as a watch tells it;
    None where nothing is stored. warnings: one line each.
    """

    met: Sequence[tuple[Found, Evaluation]]
    alerts_per_week: float | None
    warnings: tuple[str, ...]


def trial(connection: Connection, rule: Rule, *, since: datetime | None, now: datetime) -> Trial:
    """Try a rule on every stored article since then."""
    met = list(replay(connection, rule, since=since))
    known = times(connection)
    if known is None:
        return Trial(met=met, alerts_per_week=None, warnings=rule.warnings)
    first, last = known[0], min(known[1], now)
    begin = max(last - _LATELY, first, since or first)
    stories = {found.story for found, _ in met if found.at >= begin}
    rate = len(stories) / (max(last - begin, _WEEK) / _WEEK)
    return Trial(met=met, alerts_per_week=round(rate, 1), warnings=(*rule.warnings, *_doubts(connection, rule)))


def _doubts(connection: Connection, rule: Rule) -> Iterator[str]:
    for term in rule.terms():
        subjects = sample(connection, term, EVERYWHERE, _SAMPLE)
        if not subjects:
            alone = " as a word of its own" if isinstance(term.root, Word) and term.root.exact else ""
            yield f"{term.text} stands in no stored article{alone}; check how it is written"
        elif isinstance(term.root, Word):
            found = crossing(term.root, subjects)
            if found is not None and found.is_doubtful:
                yield (
                    f"{term.text} stands across word borders in {found.across} of {found.places} places, as in "
                    f"{'、'.join(found.examples)}; write ={term.root.shown} for the whole word, or a longer one"
                )
