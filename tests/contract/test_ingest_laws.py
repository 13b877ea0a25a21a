"""Laws of ingest: nothing is half done, and the same visit taken twice changes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.records import Entry, Outcome, Precision, Visit
from monitor.corpus import Corpus
from monitor.ingest import Desk, ingest, note_entries
from monitor.model import HitField
from monitor.rules import Evaluation, RuleSet, Subject, parse
from tests.contract.desk import MAIL, NOW, SOURCE, TEXT, URL, desk, draft, gone, visit, watch
from tests.contract.reading import everything

HOUR = timedelta(hours=1)
EDITED = TEXT.replace("30家", "40家")


class Exploding(RuleSet):
    """A rule set that blows up on the n-th article: what a mistake of ours looks like."""

    def __init__(self, at: int) -> None:
        super().__init__({"产业大脑": (parse("产业大脑"), frozenset(HitField))})
        self._left = at

    def evaluate(self, subject: Subject) -> dict[str, Evaluation]:
        self._left -= 1
        if self._left == 0:
            raise RuntimeError("a mistake in a rule")
        return super().evaluate(subject)


def exploding(at: int) -> Desk:
    return replace(desk(watch()), rules=Exploding(at))


@pytest.mark.parametrize(
    ("after", "visited", "at"),
    [
        pytest.param([], visit(draft()), 1, id="new"),
        pytest.param([visit(draft())], visit(draft(text=EDITED)), 2, id="changed"),
        pytest.param([visit(draft()), gone(), gone()], gone(), 1, id="withdrawn"),
    ],
)
def test_a_failing_step_leaves_no_half_stored_article(
    filled: Corpus, after: Sequence[Visit], visited: Visit, at: int
) -> None:
    """The next poll must see it as if nothing had happened."""
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    for n, each in enumerate(after):
        ingest(filled, each, desk=desk(watch()), now=NOW + n * HOUR)
    before = everything(filled)
    with pytest.raises(RuntimeError):
        ingest(filled, visited, desk=exploding(at), now=NOW + 9 * HOUR)
    assert everything(filled) == before
    assert ingest(filled, visited, desk=desk(watch()), now=NOW + 9 * HOUR) in {
        Outcome.NEW,
        Outcome.CHANGED,
        Outcome.WITHDRAWN,
    }


def test_an_alert_that_cannot_be_composed_leaves_nothing_behind(filled: Corpus) -> None:
    unspeakable = replace(desk(watch()), destinations={"mail": (replace(MAIL, channel=None),)})  # type: ignore[arg-type]  # a NOT NULL column
    before = everything(filled)
    with pytest.raises(sa.exc.IntegrityError):
        ingest(filled, visit(draft()), desk=unspeakable, now=NOW)
    assert everything(filled) == before


DRAFTS = st.builds(
    draft,
    st.text(st.sampled_from("产业大脑ab1 \x00"), min_size=1, max_size=8).map(lambda s: f"题{s}"),
    st.lists(st.text(st.sampled_from("产业大脑数字经济，。12a 　\x00"), max_size=40), max_size=5).map("\n".join),
    origin=st.sampled_from([None, "新华社", "义乌发布"]),
    published_at=st.sampled_from([None, NOW, NOW - timedelta(days=3)]),
    published_precision=st.sampled_from(list(Precision)),
    government=st.sampled_from([{}, {"issuer": "义乌市人民政府"}]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=DRAFTS, url=st.integers(0, 3))
def test_taking_the_same_visit_twice_changes_nothing(filled: Corpus, made: Any, url: int) -> None:
    visited = visit(made, url=f"https://yw.example/{url}.html")
    ingest(filled, visited, desk=desk(watch()), now=NOW)
    before = everything(filled)
    assert ingest(filled, visited, desk=desk(watch()), now=NOW + HOUR) is Outcome.UNCHANGED
    assert everything(filled) == before
