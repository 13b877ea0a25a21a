"""A checker that cannot fail proves nothing: every promise is broken once here, and the checker must say so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.demo.sites import ArticleRecord, Column, Event, EventKind, SampleArticle
from monitor.model import AlertKind, ArticleStatus, DeliveryState
from tests.faults.checker import settled, violations
from tests.faults.ledgers import History, Said, Stored, StoredArticle

ONE, OLD = "http://127.0.0.1/one", "http://127.0.0.1/old"
WATCH = "数字经济"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def article(key: str, *, title: str, topics: tuple[str, ...] = (WATCH,)) -> SampleArticle:
    return SampleArticle(id=key, column=Column.CITY_NEWS, title=title, paragraphs=(title,), topics=topics)


def record(url: str, *steps: tuple[EventKind, float, SampleArticle], live: bool = True) -> ArticleRecord:
    """An article's story: what was done to it, when, and how it read then."""
    versions: list[SampleArticle] = []
    events = []
    for kind, at, content in steps:
        if content not in versions:
            versions.append(content)
        events.append(
            Event(
                kind=kind,
                at=NOON,
                monotonic=at,
                url=url,
                version=len(versions),
                article=content,
            )
        )
    return ArticleRecord(
        id=steps[0][2].id,
        url=url,
        versions=tuple(versions),
        live=live,
        published_at_run=steps[0][1],
        events=tuple(events),
        first_listed=steps[0][1],
        first_served=steps[0][1],
    )


def said(number: str, kind: AlertKind, at: float, channel: str = "desk", *, url: str = ONE, watch: str = WATCH) -> Said:
    name = f"<{number}@{channel}>" if channel == "desk" else ""
    return Said(channel=channel, id=number, watch=watch, url=url, kind=kind, at=at, name=name)


def row(url: str, *versions: SampleArticle, status: ArticleStatus = ArticleStatus.LIVE) -> StoredArticle:
    revisions = tuple((n, version.title, version.text) for n, version in enumerate(versions, 1))
    return StoredArticle(url=url, status=status, revision=len(revisions), revisions=revisions)


OLD_TEXT, FIRST, SECOND = (
    article("old", title="旧闻"),
    article("one", title="第一版"),
    article("one", title="第二版"),
)
#: A backlog article that stays, and one that was published at 20, edited at 40, with a kill between; all told twice.
HISTORY = History(
    articles={
        "old": record(OLD, (EventKind.PUBLISHED, 1.0, OLD_TEXT)),
        "one": record(ONE, (EventKind.PUBLISHED, 20.0, FIRST), (EventKind.EDITED, 40.0, SECOND)),
    },
    said=(
        said("a1", AlertKind.NEW, 21.0),
        said("a1", AlertKind.NEW, 22.0, "hook"),
        said("a2", AlertKind.CHANGED, 41.0),
        said("a2", AlertKind.CHANGED, 42.0, "hook"),
    ),
    channels=frozenset({"desk", "hook"}),
    starts=(0.0, 30.0, 50.0),
    baseline_until=10.0,
)
STORED = Stored(
    articles=(row(OLD, OLD_TEXT), row(ONE, FIRST, SECOND)),
    alerts=frozenset({"a1", "a2"}),
    deliveries=tuple((number, channel, DeliveryState.SENT) for number in ("a1", "a2") for channel in ("desk", "hook")),
    pending=(),
    damage=(),
)


def with_said(*more: Said) -> History:
    return replace(HISTORY, said=(*HISTORY.said, *more))


def with_one(*versions: SampleArticle, status: ArticleStatus = ArticleStatus.LIVE) -> Stored:
    return replace(STORED, articles=(STORED.articles[0], row(ONE, *versions, status=status)))


def with_record(changed: ArticleRecord) -> History:
    return replace(HISTORY, articles={**HISTORY.articles, "one": changed})


def test_a_history_in_order_breaks_no_promise() -> None:
    assert violations(HISTORY, STORED) == []


@pytest.mark.parametrize(
    "more",
    [
        pytest.param((said("a1", AlertKind.NEW, 31.0),), id="one in flight at a kill"),
        pytest.param((said("a1", AlertKind.NEW, 31.0), said("a1", AlertKind.NEW, 32.0, "hook")), id="one a channel"),
        pytest.param((said("a1", AlertKind.NEW, 31.0), said("a2", AlertKind.CHANGED, 51.0)), id="one a kill"),
        pytest.param((said("a1", AlertKind.NEW, 31.0), said("a1", AlertKind.NEW, 51.0)), id="the same at two kills"),
    ],
)
def test_a_repeat_after_a_kill_is_right(more: tuple[Said, ...]) -> None:
    assert violations(with_said(*more), STORED) == []


def test_a_channel_that_refuses_is_owed_nothing_and_its_rows_are_dead() -> None:
    refused = tuple((number, "gone:b@example.org", DeliveryState.DEAD) for number in ("a1", "a2"))
    history = replace(
        HISTORY, channels=HISTORY.channels | {"gone:b@example.org"}, refusing=frozenset({"gone:b@example.org"})
    )
    assert violations(history, replace(STORED, deliveries=STORED.deliveries + refused)) == []
    stuck = (*refused[:1], ("a2", "gone:b@example.org", DeliveryState.RETRYING))
    assert "refuses it, is left as retrying" in "\n".join(
        violations(history, replace(STORED, deliveries=STORED.deliveries + stuck))
    )


def test_the_operator_may_hear_of_sites_that_were_down() -> None:
    told = said("a3", AlertKind.OPERATOR, 43.0, url="", watch="")
    held = replace(
        STORED, alerts=STORED.alerts | {"a3"}, deliveries=(*STORED.deliveries, ("a3", "desk", DeliveryState.SENT))
    )
    assert violations(replace(with_said(told), troubled=True), held) == []


def test_a_repeat_of_what_could_not_be_answered_is_right() -> None:
    unanswered = tuple(replace(each, answered=each.id != "a1") for each in HISTORY.said)
    history = replace(HISTORY, said=(*unanswered, said("a1", AlertKind.NEW, 23.0)))
    assert violations(history, STORED) == []


def test_what_was_gone_before_anybody_could_fetch_it_may_be_missing() -> None:
    steps = (EventKind.PUBLISHED, 20.0, FIRST), (EventKind.WITHDRAWN, 20.1, FIRST)
    unseen = replace(record(ONE, *steps, live=False), first_served=None)
    history = replace(with_record(unseen), said=())
    held = replace(STORED, articles=STORED.articles[:1], alerts=frozenset(), deliveries=())
    # its first alert is still owed: only the harness may publish what it takes off at once
    assert [line for line in violations(history, held) if "not stored" in line] == []


@pytest.mark.parametrize(
    ("held", "words"),
    [
        pytest.param(replace(STORED, articles=STORED.articles[:1]), "one is not stored", id="an article lost"),
        pytest.param(replace(STORED, articles=STORED.articles[1:]), "old is not stored", id="a backlog article lost"),
        pytest.param(
            replace(STORED, articles=(*STORED.articles, STORED.articles[0])), "stored 2 times", id="stored twice"
        ),
        pytest.param(
            replace(STORED, articles=(*STORED.articles, row("http://127.0.0.1/strange", FIRST))),
            "never published",
            id="an article out of nowhere",
        ),
        pytest.param(with_one(FIRST), "stored as version 1, and stands at version 2", id="an edit lost"),
        pytest.param(with_one(SECOND, FIRST), "versions [2, 1]", id="revisions the wrong way round"),
        pytest.param(with_one(FIRST, SECOND, SECOND), "versions [1, 2, 2]", id="a revision without a change"),
        pytest.param(with_one(FIRST, OLD_TEXT, SECOND), "never read as its revisions [2]", id="another one's text"),
        pytest.param(
            with_one(FIRST, SECOND, status=ArticleStatus.WITHDRAWN), "is withdrawn, and should be live", id="gone"
        ),
        pytest.param(
            replace(STORED, articles=(STORED.articles[0], replace(STORED.articles[1], revision=3))),
            "its latest being 3",
            id="a number without its revision",
        ),
        pytest.param(replace(STORED, pending=(ONE,)), "still pending", id="an entry left"),
        pytest.param(replace(STORED, damage=("the file is damaged",)), "damaged", id="damage"),
        pytest.param(
            replace(STORED, deliveries=(*STORED.deliveries[:3], ("a2", "hook", DeliveryState.SENDING))),
            "left as sending",
            id="a delivery in flight for ever",
        ),
        pytest.param(
            replace(STORED, deliveries=(*STORED.deliveries, ("a3", "hook", DeliveryState.SENT))),
            "marked as sent to hook, which never got it",
            id="marked and not sent",
        ),
        pytest.param(
            replace(STORED, alerts=frozenset({"a1"})), "a2 was sent, and the database", id="sent before it was stored"
        ),
    ],
)
def test_what_is_stored_wrongly_is_found(held: Stored, words: str) -> None:
    assert words in "\n".join(violations(HISTORY, held))


@pytest.mark.parametrize(
    ("history", "words"),
    [
        pytest.param(replace(HISTORY, said=HISTORY.said[1:]), "desk got 0 of 1 alerts on new", id="a new alert lost"),
        pytest.param(replace(HISTORY, said=HISTORY.said[:3]), "hook got 0 of 1 alerts on changed", id="a change lost"),
        pytest.param(
            with_said(said("a3", AlertKind.NEW, 23.0)), "desk got 2 alerts on new", id="told twice under two ids"
        ),
        pytest.param(
            with_said(said("a3", AlertKind.NEW, 23.0, url=OLD)), f"new {WATCH} {OLD}, where 0", id="baseline told"
        ),
        pytest.param(
            with_said(said("a3", AlertKind.NEW, 23.0, watch="揭榜挂帅")), "where 0 would be right", id="wrong watch"
        ),
        pytest.param(with_said(said("a3", AlertKind.WITHDRAWN, 43.0)), "withdrawn", id="a withdrawal that never was"),
        pytest.param(
            with_said(said("a3", AlertKind.OPERATOR, 43.0, url="", watch="")), "operator", id="trouble out of nowhere"
        ),
        pytest.param(with_said(said("a1", AlertKind.NEW, 23.0)), "twice from one process", id="repeated at leisure"),
        pytest.param(
            replace(
                with_said(said("a1", AlertKind.NEW, 51.0), said("a2", AlertKind.CHANGED, 51.0)), starts=(0.0, 50.0)
            ),
            "2 alerts of process 1 again",
            id="two repeats after one kill",
        ),
        pytest.param(
            replace(with_said(said("a1", AlertKind.NEW, 31.0)), orderly=frozenset({1})),
            "a1 again, though process 1 had ended in good order",
            id="repeated after an orderly end",
        ),
        pytest.param(
            with_said(replace(said("a1", AlertKind.NEW, 31.0), name="<other@desk>")),
            "several Message-IDs",
            id="a repeat under another Message-ID",
        ),
        pytest.param(
            replace(HISTORY, said=tuple(replace(s, name="<same>") if s.name else s for s in HISTORY.said)),
            "stands on different alerts",
            id="one Message-ID for all",
        ),
        pytest.param(
            with_record(
                record(
                    ONE,
                    (EventKind.PUBLISHED, 20.0, FIRST),
                    (EventKind.EDITED, 40.0, SECOND),
                    (EventKind.WITHDRAWN, 45.0, SECOND),
                    live=False,
                )
            ),
            "desk got 0 of 1 alerts on withdrawn",
            id="a withdrawal lost",
        ),
        pytest.param(
            with_record(record(ONE, (EventKind.REPOSTED, 20.0, SECOND))), "where 0 would be right", id="a repost told"
        ),
    ],
)
def test_what_is_said_wrongly_is_found(history: History, words: str) -> None:
    assert words in "\n".join(violations(history, STORED))


def test_an_edit_of_what_may_never_have_been_seen_need_not_be_told() -> None:
    """Edited before its first alert came: either the daemon knew the first version, or it never will."""
    hasty = record(ONE, (EventKind.PUBLISHED, 20.0, FIRST), (EventKind.EDITED, 20.5, SECOND))
    told_once = replace(with_record(hasty), said=HISTORY.said[:2])
    held = replace(with_one(SECOND), alerts=frozenset({"a1"}), deliveries=STORED.deliveries[:2])
    assert violations(told_once, held) == []
    assert violations(with_record(hasty), STORED) == []


@pytest.mark.parametrize(
    ("key", "count", "expected"),
    [
        pytest.param("old", 4, True, id="untouched baseline"),
        pytest.param("one", 4, True, id="its edit has been told"),
        pytest.param("one", 2, False, id="its edit has not been told"),
    ],
)
def test_an_article_is_settled_once_its_last_step_is_told(key: str, count: int, expected: bool) -> None:
    assert settled(HISTORY.articles[key], replace(HISTORY, said=HISTORY.said[:count])) is expected
