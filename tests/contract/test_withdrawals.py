"""Withdrawals and returns in both databases: the evidence, who vouches for a host, and pages that come and go."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import Capture, MadeUp, Odd, Oddity, Outcome, Verdict, Visit
from monitor.corpus import Corpus, outbox, tables
from monitor.corpus.search import Query, search
from monitor.desk import Desk
from monitor.ingest import Document, import_drafts, ingest, register_sources
from monitor.model import AlertKind, RecheckPlan
from monitor.rules import parse
from tests.contract.desk import NOW, SOURCE, TEXT, URL, desk, draft, gone, page, unreachable, visit, watch
from tests.contract.reading import shown

MINUTES = timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER_URL = "https://yw.example/a/2.html"
EDITED = TEXT.replace("30家", "40家")
MADE_UP = "https://yw.example/a/9999999.html"


@pytest.fixture
def filled(corpus: Corpus) -> Corpus:
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - HOUR))
    ingest(corpus, visit(draft()), desk=desk(watch()), now=NOW)
    return corpus


def odd(how: Oddity = Oddity.SOFT_404, made_up: MadeUp = MadeUp.SAME) -> Visit:
    said = Odd(how=how, said="HTTP 200; 提示\u202e信息", made_up=made_up, made_up_url=MADE_UP, made_up_said="HTTP 200")
    return replace(visit(draft("提示信息", "", verdict=Verdict.SOFT404)), odd=said)


def look(corpus: Corpus, visited: Visit, after: timedelta, told: Desk | None = None) -> Outcome:
    return ingest(corpus, visited, desk=told or desk(watch()), now=NOW + after)


def said(corpus: Corpus, *kinds: AlertKind) -> list[str]:
    with corpus.read() as connection:
        rows = outbox.list_deliveries(connection)[::-1]
        texts = {row.id: row.text for row in connection.execute(sa.select(tables.alert))}
    return [texts[row.id] for row in rows if row.kind in kinds]


def due(corpus: Corpus, number: int = 1) -> datetime | None:
    with corpus.read() as connection:
        found: datetime | None = connection.execute(
            sa.select(tables.article.c.next_check_at).where(tables.article.c.id == number)
        ).scalar()
    return found


def test_a_withdrawal_is_an_event_with_all_that_was_seen(filled: Corpus) -> None:
    look(filled, visit(draft()), HOUR)
    assert look(filled, gone(), 2 * HOUR) is Outcome.MISSING
    missing = shown(filled)["missing"]
    assert (missing["since"], missing["last_good_at"]) == ("2026-03-02T12:00:00+08:00", "2026-03-02T11:00:00+08:00")
    assert look(filled, odd(), 3 * HOUR) is Outcome.MISSING
    assert look(filled, odd(Oddity.FRONT_PAGE), 4 * HOUR) is Outcome.WITHDRAWN
    article = shown(filled)
    assert (article["status"], article["text"], article["missing"] is None) == ("withdrawn", TEXT, False)
    (event,) = article["events"]
    assert (event["kind"], event["at"], event["count"]) == ("withdrawn", "2026-03-02T14:00:00+08:00", 3)
    assert (event["since"], event["last_good_at"]) == ("2026-03-02T12:00:00+08:00", "2026-03-02T11:00:00+08:00")
    assert [(check["by"], check["status"]) for check in event["checks"]] == [
        ("not found", 404),
        ("soft 404", 200),
        ("front page", 200),
    ]
    assert event["checks"][1]["said"] == "HTTP 200; 提示信息", "nothing that steers a screen"
    assert event["checks"][1]["made_up_url"] == MADE_UP
    (text,) = said(filled, AlertKind.WITHDRAWN)
    assert "最后正常：2026-03-02 11:00\n核查：3 次均不可见，自 2026-03-02 12:00 起\n" in text
    assert f"\n对照：同站虚构网址 {MADE_UP} 的回应：HTTP 200\n" in text
    with filled.read() as connection:
        assert search(connection, Query(rule=parse("产业大脑"), status="withdrawn")).total == 1


def test_the_history_of_an_article_that_comes_and_goes_stays_listed(filled: Corpus) -> None:
    plan = desk(watch(), plan=RecheckPlan(confirm=1))
    visits = [gone(), visit(draft()), gone(), visit(draft(text=EDITED))]
    for n, each in enumerate(visits, 1):
        look(filled, each, n * HOUR, plan)
    article = shown(filled)
    assert [event["kind"] for event in article["events"]] == ["withdrawn", "returned", "withdrawn", "returned"]
    returns = [event for event in article["events"] if event["kind"] == "returned"]
    assert [(event["seconds"], event["differs"]) for event in returns] == [(3600, False), (3600, True)]
    assert (article["status"], article["missing"]) == ("live", None)
    first, second = said(filled, AlertKind.RETURNED)
    assert "离线：1 小时（2026-03-02 11:00 撤下）；内容与撤下前相同" in first
    assert "内容有改动" in second


def test_doubtful_signs_need_twice_as_many_looks(filled: Corpus) -> None:
    doubtful = odd(Oddity.FRONT_PAGE, MadeUp.OTHER)
    outcomes = [look(filled, doubtful, n * HOUR) for n in range(1, 7)]
    assert outcomes == [Outcome.MISSING] * 5 + [Outcome.WITHDRAWN]


def test_a_page_with_nothing_to_compare_it_with_is_no_sign_and_ends_a_count(filled: Corpus) -> None:
    visits = [gone(), gone(), odd(made_up=MadeUp.UNCLEAR), gone(), gone()]
    assert Outcome.WITHDRAWN not in [look(filled, each, n * HOUR) for n, each in enumerate(visits, 1)]
    assert shown(filled)["missing"]["since"] == "2026-03-02T14:00:00+08:00"


# -- who vouches for the host


def test_without_another_article_that_answers_nothing_is_counted(filled: Corpus) -> None:
    """The other one is asked at once; while it does not answer, the host may have lost all its articles."""
    other = visit(draft("另一篇", TEXT.replace("义乌", "宁波")), url=OTHER_URL)
    look(filled, other, 2 * HOUR)
    assert due(filled, 2) != NOW + 2 * HOUR
    look(filled, gone(), 2 * HOUR)
    assert due(filled, 2) == NOW + 2 * HOUR
    for n in range(3, 9):
        assert look(filled, gone(), n * HOUR) is Outcome.MISSING
        look(filled, gone(OTHER_URL), n * HOUR)
    assert shown(filled)["status"] == shown(filled, 2)["status"] == "live"
    waited = due(filled)
    assert waited is not None
    assert waited - (NOW + 8 * HOUR) >= RecheckPlan().first, "an outage is not asked in haste"
    look(filled, other, 9 * HOUR)
    assert look(filled, gone(), 9 * HOUR) is Outcome.WITHDRAWN
    assert shown(filled, 2)["status"] == "live"


def test_an_article_of_another_host_vouches_for_nothing(filled: Corpus) -> None:
    """Its own host shows nothing but this article; that the listing is on it is enough."""
    look(filled, visit(draft("另一篇", TEXT * 2), url="https://cdn.example/a/2.html"), HOUR)
    for n in range(2, 8):
        look(filled, gone("https://cdn.example/a/2.html"), n * HOUR)
    assert shown(filled, 2)["status"] == "live", "the host of that one shows neither a listing nor another article"
    assert [look(filled, gone(), n * HOUR) for n in range(8, 11)][-1] is Outcome.WITHDRAWN


def test_a_source_whose_listing_cannot_be_read_withdraws_nothing(filled: Corpus) -> None:
    with filled.begin() as tx:
        tx.execute(sa.update(tables.source).values(failures=1))
    assert {look(filled, gone(), n * HOUR) for n in range(1, 9)} == {Outcome.MISSING}


# -- pages that come and go


def test_a_page_that_flaps_for_months_is_told_a_few_times_a_month_and_its_end_at_last(filled: Corpus) -> None:
    """404 every other day, looked at every six hours: at most three withdrawals in 30 days, not fifteen."""
    told = desk(watch(), plan=RecheckPlan(confirm=3, confirm_every=MINUTES))
    for hour in range(6, 44 * 24, 6):
        away = hour // 24 % 2 == 0
        look(filled, gone() if away else visit(draft()), hour * HOUR, told)
    kinds = [event["kind"] for event in shown(filled)["events"]]
    assert kinds == ["withdrawn", "returned"] * (len(kinds) // 2)
    assert len(kinds) // 2 <= 2 * 3
    assert len(said(filled, AlertKind.WITHDRAWN)) == len(kinds) // 2
    for hour in range(44 * 24, 64 * 24, 12):
        look(filled, gone(), hour * HOUR, told)
    assert shown(filled)["status"] == "withdrawn"
    assert len(said(filled, AlertKind.WITHDRAWN)) == len(kinds) // 2 + 1


def test_a_failing_look_at_a_withdrawn_article_brings_nothing_back(filled: Corpus) -> None:
    for n in range(1, 4):
        look(filled, gone(), n * HOUR)
    challenge = visit(draft("安全验证", "", verdict=Verdict.CHALLENGE))
    soft = odd(made_up=MadeUp.UNCLEAR)
    for n, each in enumerate([odd(), soft, challenge, visit(answer=page(status=502)), unreachable(**NO_ROUTE)], 4):
        assert look(filled, each, n * HOUR) is not Outcome.RETURNED
    assert shown(filled)["status"] == "withdrawn"
    assert [event["kind"] for event in shown(filled)["events"]] == ["withdrawn"]


NO_ROUTE: dict[str, Any] = {"trouble": "refused", "detail": "no route"}


def test_a_document_that_is_handed_in_brings_nothing_back(filled: Corpus) -> None:
    """What somebody has kept of it says nothing about the site."""
    for n in range(1, 4):
        look(filled, gone(), n * HOUR)
    handed = Document(source=SOURCE, draft=draft(url=URL), body=b"<html></html>")
    (imported,) = import_drafts(filled, [handed], desk=desk(watch()), now=NOW + 9 * HOUR)
    assert imported.outcome is Outcome.UNCHANGED
    assert shown(filled)["status"] == "withdrawn"


def test_validators_of_a_page_that_stands_for_nothing_are_not_kept(filled: Corpus) -> None:
    """A 304 to them would bring the article back."""
    for n in range(1, 4):
        look(filled, gone(), n * HOUR)
    later = odd()
    assert isinstance(later.answer, Capture)
    look(filled, replace(later, answer=replace(later.answer, etag='"nothing"')), 5 * HOUR)
    with filled.read() as connection:
        assert connection.execute(sa.select(tables.article.c.etag)).scalar() is None
