"""One visit, one transaction: what is stored, who is alerted, and that nothing is half done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.records import BREAKS_OFF, Capture, Entry, Outcome, Precision, Source, Trouble, Verdict, Visit
from monitor.corpus import Connection, Corpus, articles, outbox, tables
from monitor.corpus.search import Query, search
from monitor.ingest import Desk, Document, import_drafts, ingest, note_entries, register_sources
from monitor.model import AlertKind, HitField, RecheckPlan
from monitor.recheck import MOST_GONE, MOST_TRIES
from monitor.rules import Evaluation, RuleSet, Subject, parse
from tests.contract.desk import (
    MAIL,
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

HOUR = timedelta(hours=1)
EDITED = TEXT.replace("30家", "40家")


@pytest.fixture
def filled(corpus: Corpus) -> Corpus:
    """Two sources that are past their baseline."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - HOUR))
    return corpus


def alerts(corpus: Corpus) -> list[tuple[str, str | None]]:
    """Kind and watch of every delivery, in the order of their making."""
    with corpus.read() as connection:
        return [(row.kind.value, row.watch) for row in reversed(outbox.list_deliveries(connection))]


def shown(corpus: Corpus, number: int = 1) -> dict[str, Any]:
    with corpus.read() as connection:
        found = articles.view(connection, number)
    assert found is not None
    return found


def rows(connection: Connection) -> dict[str, Sequence[Any]]:
    """Everything that the corpus holds, but for when an article was last looked at and what looks taught."""
    moving = {"checked_at", "good_at", "checks", "next_check_at", "etag", "last_modified"}
    return {
        table.name: connection.execute(
            sa.select(*(column for column in table.c if column.name not in moving)).order_by(*table.primary_key)
        ).all()
        for table in tables.metadata.sorted_tables
        if table is not tables.volatile
    }


def everything(corpus: Corpus) -> dict[str, Sequence[Any]]:
    with corpus.read() as connection:
        return rows(connection)


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


# -- laws


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


# -- documents that are handed in

IMPORT = Source(slug="import", name="import", engine="import")


def document(made: Any, body: bytes = b"---\n") -> Document:
    return Document(source=IMPORT, draft=made, body=body)


def hand_in(corpus: Corpus, *documents: Document, alerting: bool = False) -> list[str]:
    results = import_drafts(corpus, documents, desk=desk(watch()), now=NOW, alerting=alerting)
    return [result.outcome.value for result in results]


def test_documents_are_stored_in_order_with_their_numbers(corpus: Corpus) -> None:
    handed = [document(draft(f"第{n}篇", url=f"https://a.example/{n}")) for n in range(3)]
    results = import_drafts(corpus, handed, desk=desk(watch()), now=NOW)
    assert [(result.outcome, result.id) for result in results] == [(Outcome.NEW, n) for n in (1, 2, 3)]
    again = import_drafts(corpus, handed, desk=desk(watch()), now=NOW)
    assert [(result.outcome, result.id) for result in again] == [(Outcome.UNCHANGED, n) for n in (1, 2, 3)]
    assert alerts(corpus) == []


def test_documents_alert_where_that_is_asked_for(corpus: Corpus) -> None:
    hand_in(corpus, document(draft()), alerting=True)
    assert alerts(corpus) == [("new", "产业大脑")]


def test_a_document_without_a_url_is_known_by_its_bytes(corpus: Corpus) -> None:
    same, other = document(draft(), b"one"), document(draft("另一篇"), b"two")
    assert hand_in(corpus, same, other, same) == ["new", "new", "unchanged"]
    assert shown(corpus)["url"].startswith("urn:sha256:")


def test_several_files_of_one_url_are_revisions_and_settle(corpus: Corpus) -> None:
    files = [document(draft("题", text, url=URL)) for text in ("甲文。", "乙文。", "甲文。", "丙文。")]
    assert hand_in(corpus, *files) == ["new", "changed", "unchanged", "changed"]
    before = everything(corpus)
    assert hand_in(corpus, *files) == ["unchanged"] * 4
    assert everything(corpus) == before


@pytest.mark.parametrize("text", ["甲文。", TEXT], ids=["other text", "the same"])
def test_a_document_of_a_watched_page_leaves_the_page_watched(filled: Corpus, text: str) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    due = next_looks(filled)
    assert due != {URL: None}
    hand_in(filled, document(draft(text=text, url=URL)))
    assert next_looks(filled) == due


def next_looks(corpus: Corpus) -> dict[str, Any]:
    article = tables.article
    with corpus.read() as connection:
        rows = connection.execute(sa.select(article.c.url, article.c.next_check_at))
        return {row.url: row.next_check_at for row in rows}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(draft(None, "", verdict=Verdict.LIST), "no article but: list", id="a list"),
        pytest.param(draft("题", "", verdict=Verdict.STUB), "no article but: stub", id="no text"),
    ],
)
def test_a_document_that_is_no_article_fails_with_its_reason(corpus: Corpus, made: Any, why: str) -> None:
    (result,) = import_drafts(corpus, [document(made)], desk=desk(), now=NOW)
    assert (result.outcome, result.id, result.why) == (Outcome.FAILED, None, why)


class Allergic(RuleSet):
    """Rules that cannot bear one title."""

    def __init__(self, title: str) -> None:
        super().__init__({})
        self._title = title

    def evaluate(self, subject: Subject) -> dict[str, Evaluation]:
        if subject.title == self._title:
            raise RuntimeError("a mistake in a rule")
        return super().evaluate(subject)


def test_one_bad_document_spoils_none_of_the_others(corpus: Corpus) -> None:
    handed = [document(draft(f"第{n}篇", url=f"https://a.example/{n}")) for n in range(4)]
    results = import_drafts(corpus, handed, desk=replace(desk(), rules=Allergic("第2篇")), now=NOW)
    assert [result.outcome.value for result in results] == ["new", "new", "failed", "new"]
    assert results[2].why == "RuntimeError: a mistake in a rule"
    assert hand_in(corpus, *handed) == ["unchanged", "unchanged", "new", "unchanged"]


def test_handed_in_articles_are_not_looked_at_again(corpus: Corpus) -> None:
    hand_in(corpus, document(draft(url=URL)))
    hand_in(corpus, document(draft(url=URL, text=EDITED)))
    with corpus.read() as connection:
        assert connection.execute(sa.select(tables.article.c.next_check_at)).scalars().all() == [None]


def test_an_upgraded_extractor_is_told_from_an_edit_by_the_stored_page(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    with filled.read() as connection:
        assert articles.outdated(connection, URL, "1") is None
        kept = articles.outdated(connection, URL, "2")
    assert isinstance(kept, Capture)
    assert kept.body == page().body
    before, made = draft(extractor="2", text=f"{TEXT}\n脚注。"), draft(extractor="2", text=f"{EDITED}\n脚注。")
    ingest(filled, visit(made), desk=desk(watch()), now=NOW + HOUR, before=before)
    assert alerts(filled) == [("new", "产业大脑"), ("changed", "产业大脑")]
