"""Which articles tell one story. A false merge silences an alert, so in doubt they stay apart."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.stories import Telling, origin, retells, story_of

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
YIWU, NINGBO = "https://yw.example/a/1.html", "https://nb.example/b/2.html"


def telling(
    title: str = "产业大脑推进会召开",
    url: str = YIWU,
    *,
    length: int = 800,
    published_at: datetime | None = NOW,
    precision: str = "minute",
    number: int = 1,
    seen: timedelta = timedelta(0),
) -> Telling:
    return Telling(
        article_id=number,
        url=url,
        title=title,
        length=length,
        published_at=published_at,
        published_precision=precision,
        first_seen_at=NOW + seen,
    )


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(telling(url=NINGBO), telling(), True, id="the same headline elsewhere"),
        pytest.param(telling("产业大脑 推进会召开！", NINGBO), telling(), True, id="the same but for punctuation"),
        pytest.param(telling("產業大腦推進會召開", NINGBO), telling(), True, id="the same in traditional script"),
        pytest.param(
            telling("产业大脑推进会召开_宁波网", NINGBO, length=120), telling(), True, id="a site's name behind"
        ),
        pytest.param(telling("义乌开了一次大会", NINGBO), telling(), True, id="another headline over a long text"),
        pytest.param(telling("义乌开了一次大会", NINGBO, length=150), telling(), False, id="and over a short one"),
        pytest.param(telling("义乌开了一次大会"), telling(), False, id="another headline on the same site"),
        pytest.param(
            telling("关于乙公司环评的公示", NINGBO, length=200),
            telling("关于甲公司环评的公示", length=200),
            False,
            id="one form, two firms",
        ),
        pytest.param(
            telling("公示", NINGBO, length=200), telling("甲公司公示", length=200), False, id="a title too short"
        ),
        pytest.param(
            telling("2月全市经济运行情况发布", NINGBO), telling("1月全市经济运行情况发布"), False, id="another month"
        ),
        pytest.param(
            telling("产业大脑推进会召开第2次", NINGBO, length=200), telling(), False, id="a number behind the headline"
        ),
    ],
)
def test_a_text_is_a_repost(new: Telling, old: Telling, expected: bool) -> None:
    assert retells(new, old) is expected


def test_a_new_telling_joins_the_oldest_story_that_it_retells() -> None:
    candidates = [(4, telling("不相干的标题")), (7, telling(number=2)), (9, telling(number=3))]
    assert story_of(telling(), candidates) == 7
    assert story_of(telling(), candidates[:1]) is None
    assert story_of(telling(), []) is None


@pytest.mark.parametrize(
    ("tellings", "first"),
    [
        pytest.param([telling(number=1), telling(number=2, published_at=NOW - timedelta(hours=1))], 2, id="earliest"),
        pytest.param(
            [telling(number=1, published_at=NOW - timedelta(hours=10), precision="day"), telling(number=2)],
            2,
            id="a mere day is no earlier than an hour of it",
        ),
        pytest.param(
            [telling(number=1, published_at=NOW - timedelta(days=1), precision="day"), telling(number=2)],
            1,
            id="the day before is",
        ),
        pytest.param(
            [telling(number=1, seen=timedelta(hours=1)), telling(number=2)], 2, id="published together: first seen"
        ),
        pytest.param(
            [telling(number=1, published_at=None, seen=timedelta(hours=-1)), telling(number=2)],
            1,
            id="without a time: when it was seen",
        ),
    ],
)
def test_the_origin_is_who_told_it_first(tellings: list[Telling], first: int) -> None:
    assert origin(tellings).article_id == first
    assert origin(tellings[::-1]).article_id == first
