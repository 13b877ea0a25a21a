"""One visit, one transaction: what is stored, who is alerted, and that nothing is half done."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import BREAKS_OFF, Entry, Outcome, Source, Trouble, Verdict, Visit
from monitor.corpus import Corpus, articles, outbox, tables
from monitor.corpus.search import Query, search
from monitor.ingest import ingest, note_entries, register_sources
from monitor.model import AlertKind, RecheckPlan
from monitor.recheck import MOST_GONE, MOST_TRIES
from monitor.rules import parse
from tests.contract.desk import (
    NOW,
    OTHER,
    SOURCE,
    TEXT,
    URL,
    desk,
    draft,
    gone,
    not_modified,
    page,
    unreachable,
    visit,
    watch,
)
from tests.contract.reading import alerts, everything, shown

HOUR = timedelta(hours=1)
EDITED = TEXT.replace("30家", "40家")


# -- new


def test_a_new_article_is_stored_with_its_capture_its_match_and_its_alert(filled: Corpus) -> None:
    made = draft(origin="义乌发布", government={"issuer": "义乌市人民政府", "doc_number": "义政发〔2026〕3号"})
    assert ingest(filled, visit(made), desk=desk(watch()), now=NOW) is Outcome.NEW
    stored = shown(filled)
    assert stored["text"] == TEXT
    assert (stored["title"], stored["origin"], stored["source_name"]) == ("产业大脑落户义乌", "义乌发布", "义乌要闻")
    assert stored["published_at"] == "2026-03-02T08:00:00+08:00"
    assert stored["government"]["doc_number"] == "义政发〔2026〕3号"
    assert stored["revisions"] == [{"n": 1, "at": "2026-03-02T10:00:00+08:00", "kind": "first", "summary": "首次收录"}]
    assert stored["story"] == {"id": 1, "origin_id": 1, "outlets": 1}
    with filled.read() as connection:
        capture = articles.capture_of(connection, 1, 1)
        match = connection.execute(sa.select(tables.match)).one()
    assert capture is not None
    assert capture.body == page().body
    assert (match.watch, match.revision, match.alerted) == ("产业大脑", 1, True)
    assert match.hits[0]["term"] == "产业大脑"
    assert alerts(filled) == [("new", "产业大脑")]


def test_an_article_that_no_watch_meets_raises_no_alert(filled: Corpus) -> None:
    assert ingest(filled, visit(draft()), desk=desk(watch(rule="桥梁")), now=NOW) is Outcome.NEW
    assert alerts(filled) == []


def test_a_watch_that_leaves_a_kind_out_stores_its_match_and_keeps_silent(filled: Corpus) -> None:
    silent = watch(on=frozenset({AlertKind.WITHDRAWN}))
    ingest(filled, visit(draft()), desk=desk(silent), now=NOW)
    assert alerts(filled) == []
    with filled.read() as connection:
        assert connection.execute(sa.select(tables.match.c.alerted)).scalars().all() == [False]


def test_a_digest_waits_for_its_hour(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch(deliver='digest "08:30, 17:30"')), now=NOW)
    with filled.read() as connection:
        assert outbox.next_due(connection) == datetime.fromisoformat("2026-03-02T17:30:00+08:00")


def test_the_first_poll_is_baseline_stored_and_searchable_without_an_alert(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE], now=NOW)
    note_entries(corpus, SOURCE, [Entry(url=URL)], now=NOW)
    with corpus.begin() as tx:  # the poll ended meanwhile; what it had noted is baseline nevertheless
        tx.execute(sa.update(tables.source).values(baseline_at=NOW))
    ingest(corpus, visit(draft()), desk=desk(watch()), now=NOW)
    assert alerts(corpus) == []
    with corpus.read() as connection:
        assert search(connection, Query(rule=parse("产业大脑"))).total == 1
        assert connection.execute(sa.select(tables.article.c.baseline)).scalar_one() is True
    ingest(corpus, visit(draft(text=EDITED)), desk=desk(watch()), now=NOW + HOUR)
    assert alerts(corpus) == [("changed", "产业大脑")], "an edit of an old article is news"


def test_without_alerting_an_article_is_stored_as_baseline(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW, alerting=False)
    ingest(filled, visit(draft(text=EDITED)), desk=desk(watch()), now=NOW + HOUR, alerting=False)
    assert alerts(filled) == []
    assert shown(filled)["revision"] == 2


def test_an_unknown_source_is_made_for_its_article(corpus: Corpus) -> None:
    handed_in = Source(slug="import", name="import", engine="import", region="金华")
    ingest(corpus, visit(draft(), source=handed_in), desk=desk(), now=NOW)
    assert (shown(corpus)["source"], shown(corpus)["region"]) == ("import", "金华")


def test_what_no_database_takes_is_taken_out(filled: Corpus) -> None:
    made = draft("产业\n大脑\x00\u202e落户", f"{TEXT}\x00\ud800", origin="义乌\r\n发布", keywords=("桥\x00",))
    ingest(filled, visit(made), desk=desk(watch()), now=NOW)
    stored = shown(filled)
    assert (stored["title"], stored["text"], stored["origin"]) == ("产业 大脑落户", TEXT, "义乌 发布")
    assert stored["keywords"] == ["桥"]


# -- no article


@pytest.mark.parametrize(
    ("visited", "outcome", "why"),
    [
        pytest.param(
            visit(draft(None, "", verdict=Verdict.SOFT404)), Outcome.REJECTED, "no article but: soft404", id="soft 404"
        ),
        pytest.param(
            visit(draft(None, "", verdict=Verdict.LIST)), Outcome.REJECTED, "no article but: list", id="a list"
        ),
        pytest.param(
            visit(draft(None, "", verdict=Verdict.CHALLENGE)),
            Outcome.BLOCKED,
            "a challenge page (HTTP 200)",
            id="challenge",
        ),
        pytest.param(visit(answer=page(status=503)), Outcome.FAILED, "HTTP 503", id="outage"),
        pytest.param(
            unreachable(trouble=Trouble.TIMEOUT, detail="no answer in 30 s"),
            Outcome.FAILED,
            "timeout: no answer in 30 s",
            id="timeout",
        ),
        pytest.param(gone(), Outcome.MISSING, "the site says that there is no such page", id="404"),
    ],
)
def test_what_is_no_article_is_not_stored_and_tried_again(
    filled: Corpus, visited: Visit, outcome: Outcome, why: str
) -> None:
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    assert ingest(filled, visited, desk=desk(watch()), now=NOW) is outcome
    with filled.read() as connection:
        waiting = connection.execute(sa.select(tables.pending)).one()
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.article)).scalar_one() == 0
    assert (waiting.attempts, waiting.error) == (1, why)
    assert waiting.next_try_at > NOW
    assert ingest(filled, visit(draft()), desk=desk(watch()), now=NOW + HOUR) is Outcome.NEW
    assert alerts(filled) == [("new", "产业大脑")]


@pytest.mark.parametrize("trouble", [Trouble.DOWN, Trouble.WAIT])
def test_an_entry_of_a_host_that_is_held_waits_for_it_and_is_never_given_up(filled: Corpus, trouble: Trouble) -> None:
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    held = unreachable(trouble=trouble, detail="not asked", retry_after=5 * HOUR)
    for _ in range(2 * MOST_TRIES):
        assert ingest(filled, held, desk=desk(), now=NOW) is Outcome.FAILED
    with filled.read() as connection:
        waiting = connection.execute(sa.select(tables.pending)).one()
    assert (waiting.attempts, waiting.next_try_at) == (0, NOW + 5 * HOUR)


def test_an_entry_whose_page_asks_for_patience_is_given_it(filled: Corpus) -> None:
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    ingest(filled, visit(answer=replace(page(status=429), retry_after=5 * HOUR)), desk=desk(), now=NOW)
    with filled.read() as connection:
        waiting = connection.execute(sa.select(tables.pending)).one()
    assert (waiting.attempts, waiting.next_try_at) == (1, NOW + 5 * HOUR)


def test_an_entry_whose_page_is_gone_is_given_up_with_its_reason(filled: Corpus) -> None:
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    for n in range(MOST_GONE):
        ingest(filled, gone(), desk=desk(), now=NOW + n * HOUR)
    with filled.read() as connection:
        waiting = connection.execute(sa.select(tables.pending)).one()
    assert waiting.next_try_at is None
    assert waiting.error == "the site says that there is no such page"
    assert note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW + 4 * HOUR) == ()


def test_a_new_page_that_breaks_off_is_taken_as_it_is_when_it_never_ends(filled: Corpus) -> None:
    """It may be half an article, or a site that never writes the end: two more looks, and nothing is lost."""
    note_entries(filled, SOURCE, [Entry(url=URL)], now=NOW)
    cut = draft()
    cut = replace(cut, quality=replace(cut.quality, notes=(BREAKS_OFF,)))
    outcomes = [ingest(filled, visit(cut), desk=desk(), now=NOW + n * HOUR) for n in range(3)]
    assert outcomes == [Outcome.FAILED, Outcome.FAILED, Outcome.NEW]


# -- changed


def test_a_change_is_a_revision_and_tells_the_changed_sentence(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    assert ingest(filled, visit(draft(text=EDITED)), desk=desk(watch()), now=NOW + HOUR) is Outcome.CHANGED
    assert alerts(filled) == [("new", "产业大脑"), ("changed", "产业大脑")]
    with filled.read() as connection:
        text = connection.execute(sa.select(tables.alert.c.text).where(tables.alert.c.kind == "changed")).scalar_one()
        first, second = (articles.revision_of(connection, 1, n) for n in (1, 2))
        found = {word: search(connection, Query(rule=parse(word))).total for word in ("30家", "40家")}
    assert "未来工厂30家" in text
    assert "未来工厂40家" in text
    assert first is not None
    assert second is not None
    assert (first.side.text, second.side.text, second.kind) == (TEXT, EDITED, "body")
    assert found == {"30家": 0, "40家": 1}, "the index follows the latest revision"


def test_a_change_that_ends_a_match_is_told_to_the_watch_that_met_before(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    other = draft("一个项目落户义乌", TEXT.replace("产业大脑", "一个项目"))
    ingest(filled, visit(other), desk=desk(watch()), now=NOW + HOUR)
    assert alerts(filled) == [("new", "产业大脑"), ("changed", "产业大脑")]
    with filled.read() as connection:
        text = connection.execute(sa.select(tables.alert.c.text).where(tables.alert.c.kind == "changed")).scalar_one()
    assert "不再符合" in text


def test_a_change_that_begins_a_match_is_told(filled: Corpus) -> None:
    ingest(filled, visit(draft("一个项目落户义乌", TEXT.replace("产业大脑", "一个项目"))), desk=desk(watch()), now=NOW)
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW + HOUR)
    assert alerts(filled) == [("changed", "产业大脑")]


@pytest.mark.parametrize(
    ("made", "importance", "told"),
    [
        pytest.param(draft(origin="新华社"), 20, False, id="metadata, below"),
        pytest.param(draft(text=EDITED), 20, True, id="a figure, above"),
        pytest.param(draft(text="\n".join(reversed(TEXT.split("\n")))), 0, False, id="moved paragraphs"),
        pytest.param(draft(extractor="2", text=EDITED), 0, False, id="another extractor"),
    ],
)
def test_who_hears_of_a_change(filled: Corpus, made: Any, importance: int, told: bool) -> None:
    careful = desk(watch(min_importance=importance))
    ingest(filled, visit(draft(origin="义乌发布")), desk=careful, now=NOW)
    assert ingest(filled, visit(made), desk=careful, now=NOW + HOUR) is Outcome.CHANGED
    assert alerts(filled) == [("new", "产业大脑"), *([("changed", "产业大脑")] if told else [])]


def test_a_304_is_no_change_and_makes_the_next_look_rarer(filled: Corpus) -> None:
    ingest(filled, visit(draft(), answer=page(etag='"1"')), desk=desk(), now=NOW)
    before = everything(filled)
    assert ingest(filled, not_modified(), desk=desk(), now=NOW + HOUR) is Outcome.UNCHANGED
    assert everything(filled) == before
    with filled.read() as connection:
        row = connection.execute(sa.select(tables.article)).one()
    assert (row.etag, row.checked_at, row.checks) == ('"1"', NOW + HOUR, 1)
    assert row.next_check_at == NOW + 2 * HOUR


# -- withdrawn and returned


def test_a_withdrawal_needs_confirmation_is_told_once_and_its_end_too(filled: Corpus) -> None:
    told = desk(watch(), watch("桥", "桥梁"))
    ingest(filled, visit(draft()), desk=told, now=NOW)
    outcomes = [ingest(filled, gone(), desk=told, now=NOW + n * HOUR) for n in range(1, 6)]
    assert outcomes == [Outcome.MISSING, Outcome.MISSING, Outcome.WITHDRAWN, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert shown(filled)["status"] == "withdrawn"
    assert shown(filled)["text"] == TEXT, "what was withdrawn is kept"
    assert ingest(filled, visit(draft()), desk=told, now=NOW + 9 * HOUR) is Outcome.RETURNED
    assert shown(filled)["status"] == "live"
    assert [kind for kind, _ in alerts(filled)] == ["new", "withdrawn", "returned"]


def test_an_outage_between_two_misses_begins_the_count_anew(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(), now=NOW)
    visits = [gone(), gone(), visit(answer=page(status=502)), gone(), gone()]
    outcomes = [ingest(filled, each, desk=desk(), now=NOW + n * HOUR) for n, each in enumerate(visits, 1)]
    assert Outcome.WITHDRAWN not in outcomes
    assert shown(filled)["status"] == "live"


def test_looks_in_quick_succession_confirm_nothing(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(), now=NOW)
    for n in range(10):
        assert ingest(filled, gone(), desk=desk(), now=NOW + HOUR + timedelta(seconds=n)) is Outcome.MISSING


def test_an_article_that_returns_with_another_text_says_so_in_one_alert(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    for n in range(1, 4):
        ingest(filled, gone(), desk=desk(watch()), now=NOW + n * HOUR)
    assert ingest(filled, visit(draft(text=EDITED)), desk=desk(watch()), now=NOW + 9 * HOUR) is Outcome.RETURNED
    assert [kind for kind, _ in alerts(filled)] == ["new", "withdrawn", "returned"]
    assert shown(filled)["revision"] == 2


def test_it_may_be_withdrawn_and_return_more_than_once(filled: Corpus) -> None:
    plan = RecheckPlan(confirm=1)
    told = desk(watch(), plan=plan)
    visits = [visit(draft()), gone(), visit(draft()), gone(), visit(draft())]
    for n, each in enumerate(visits):
        ingest(filled, each, desk=told, now=NOW + n * HOUR)
    assert [kind for kind, _ in alerts(filled)] == ["new", "withdrawn", "returned", "withdrawn", "returned"]


# -- stories

LONG = TEXT * 4
COPY = "https://nb.example/b/2.html"


def test_a_repost_joins_the_story_and_raises_no_second_alert(filled: Corpus) -> None:
    told = desk(watch(), watch("每一篇", "产业大脑", reposts=True))
    ingest(filled, visit(draft(text=LONG)), desk=told, now=NOW)
    copy = draft("产业大脑落户义乌（转载）", LONG, published_at=NOW + HOUR)
    assert ingest(filled, visit(copy, url=COPY, source=OTHER), desk=told, now=NOW + HOUR) is Outcome.NEW
    assert shown(filled, 2)["story"] == {"id": 1, "origin_id": 1, "outlets": 2}
    assert alerts(filled) == [("new", "产业大脑"), ("new", "每一篇"), ("new", "每一篇")]


def test_a_watch_that_met_no_other_copy_hears_of_a_repost(filled: Corpus) -> None:
    told = desk(watch("宁波的", "产业大脑 region:宁波"))
    ingest(filled, visit(draft(text=LONG)), desk=told, now=NOW)
    ingest(filled, visit(draft(text=LONG), url=COPY, source=OTHER), desk=told, now=NOW + HOUR)
    assert alerts(filled) == [("new", "宁波的")]


def test_one_form_for_two_firms_is_two_stories(filled: Corpus) -> None:
    for n, firm in enumerate(("甲", "乙")):
        made = draft(f"关于{firm}公司环境影响评价的公示", LONG)
        ingest(filled, visit(made, url=f"https://yw.example/{n}.html"), desk=desk(watch()), now=NOW)
    assert shown(filled, 2)["story"]["outlets"] == 1
    assert len(alerts(filled)) == 2


def test_an_article_that_is_filled_in_later_joins_its_story_then(filled: Corpus) -> None:
    ingest(filled, visit(draft(text=LONG)), desk=desk(), now=NOW)
    ingest(filled, visit(draft(text="内容更新中，请稍候。"), url=COPY, source=OTHER), desk=desk(), now=NOW)
    assert shown(filled, 2)["story"]["id"] == 2
    ingest(filled, visit(draft(text=LONG), url=COPY, source=OTHER), desk=desk(), now=NOW + HOUR)
    assert shown(filled, 2)["story"] == {"id": 1, "origin_id": 1, "outlets": 2}
    with filled.read() as connection:
        assert connection.execute(sa.select(tables.story.c.id)).scalars().all() == [1]


def test_a_repost_that_is_edited_stays_in_the_story(filled: Corpus) -> None:
    ingest(filled, visit(draft(text=LONG)), desk=desk(), now=NOW)
    ingest(filled, visit(draft(text=LONG), url=COPY, source=OTHER), desk=desk(), now=NOW)
    ingest(filled, visit(draft(text=LONG + "编者按。"), url=COPY, source=OTHER), desk=desk(), now=NOW + HOUR)
    assert shown(filled, 2)["story"]["outlets"] == 2
