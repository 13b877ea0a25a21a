"""Which articles tell one story. A false merge silences an alert, so in doubt they stay apart."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from monitor.stories import Likeness, Retelling, Telling, Wording, compare, origin, retells, retold, story_of
from monitor.text.fingerprint import canonical_lines, story_key
from tests.bench.copies import COPIES, Item, Pair, copies
from tests.bench.forms import NON_COPIES, non_copies
from tests.bench.reposts import REPOSTS
from tests.bench.slots import SLOT_PAIRS

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
    outlet: str | None = None,
    credited: str | None = None,
) -> Telling:
    return Telling(
        article_id=number,
        url=url,
        title=title,
        length=length,
        published_at=published_at,
        published_precision=precision,
        first_seen_at=NOW + seen,
        outlet=outlet,
        credited=credited,
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
        pytest.param(
            telling("甲公司获批", NINGBO), telling("乙公司获批"), False, id="one form over a long text, two firms"
        ),
        pytest.param(
            telling(published_at=NOW - timedelta(days=30)), telling(), False, id="a site says it again next month"
        ),
        pytest.param(telling(url=NINGBO, length=60), telling(length=60), True, id="a flash under the same headline"),
        pytest.param(telling(length=60), telling(length=60), False, id="a flash twice on one site"),
        pytest.param(
            telling(url=NINGBO, length=60, published_at=NOW + timedelta(days=1)),
            telling(length=60),
            False,
            id="a flash of another day",
        ),
        pytest.param(
            telling("产业大脑推进会召开_宁波网", NINGBO, length=60),
            telling(length=60),
            True,
            id="a flash and a site's name",
        ),
        pytest.param(
            telling("公示", NINGBO, length=60), telling("公示", length=60), False, id="a flash without a title"
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
        pytest.param(
            [
                telling(number=1, published_at=NOW - timedelta(minutes=1), outlet="宁波网", credited="义乌发布"),
                telling(number=2, outlet="义乌发布", credited="义乌发布"),
            ],
            1,
            id="never the outlet that it credits, when that one was a minute later",
        ),
        pytest.param(
            [
                telling(number=1, outlet="宁波网", credited="义乌发布"),
                telling(number=2, published_at=NOW + timedelta(seconds=20), outlet="义乌发布", length=100),
            ],
            2,
            id="within one minute: the outlet that the other credits",
        ),
        pytest.param(
            [
                telling(number=1, outlet="宁波网", credited="义乌发布"),
                telling(number=2, published_at=NOW, precision="day", outlet="义乌发布"),
            ],
            2,
            id="known to the day alone: the outlet that the other credits",
        ),
        pytest.param(
            [
                telling(number=1, outlet="宁波网", credited="义乌发布"),
                telling(number=2, published_at=NOW + timedelta(hours=1), precision="hour", outlet="义乌发布"),
            ],
            1,
            id="known to the hour: not when the hour was later",
        ),
        pytest.param(
            [
                telling(number=1, outlet="宁波网", credited="义乌发布"),
                telling(number=2, published_at=None, seen=timedelta(hours=1), outlet="义乌发布"),
            ],
            2,
            id="without a time: the outlet that the other credits",
        ),
        pytest.param(
            [
                telling(number=1, published_at=NOW - timedelta(days=1), outlet="宁波网", credited="义乌发布"),
                telling(number=2, outlet="义乌发布"),
            ],
            1,
            id="not when it was a day later",
        ),
        pytest.param([telling(number=1, length=300), telling(number=2)], 2, id="at the same minute: the longer"),
    ],
)
def test_the_origin_is_who_told_it_first(tellings: list[Telling], first: int) -> None:
    assert origin(tellings).article_id == first
    assert origin(tellings[::-1]).article_id == first


# -- texts that share most of their words


def worded(item: Item, number: int = 1) -> Wording:
    told = telling(item.title, f"https://{item.host}/{number}.html", length=len(item.text), number=number)
    return Wording(telling=told, read=partial(canonical_lines, item.text))


def likeness(pair: Pair) -> Likeness:
    return compare(worded(pair[1], 2), worded(pair[0])).likeness


def is_merged(pair: Pair) -> bool:
    """Whether the second raises no alert of its own."""
    old, new = worded(pair[0]), worded(pair[1], 2)
    same = story_key(pair[0].text) == story_key(pair[1].text)
    return (same and retells(new.telling, old.telling, new.exact)) or compare(new, old).likeness is Likeness.COPY


@pytest.mark.parametrize("kind", [*COPIES, *REPOSTS])
def test_a_copy_is_recognised(kind: str) -> None:
    """Some are missed, which costs their readers a second alert; the benchmark counts them."""
    found = [likeness(pair) for pair in copies(kind, 20, {**COPIES, **REPOSTS})]
    assert found.count(Likeness.COPY) >= 18


@pytest.mark.parametrize("kind", SLOT_PAIRS)
def test_one_form_with_something_else_in_its_slot_is_never_merged(kind: str) -> None:
    merged = [pair for one, other in non_copies(kind, 60, SLOT_PAIRS) for pair in ((one, other), (other, one))]
    assert not [pair for pair in merged if is_merged(pair)]


@pytest.mark.parametrize("kind", NON_COPIES)
def test_texts_of_one_form_with_other_facts_are_never_merged(kind: str) -> None:
    pairs = non_copies(kind, 40)
    assert Likeness.COPY not in {likeness(pair) for pair in pairs}
    if kind != "an update that says more":  # the text before it says nothing new
        assert Likeness.COPY not in {likeness((other, one)) for one, other in pairs}


FIRST = copies("a paragraph dropped", 1)[0][0]


def changed(before: str, after: str, *, host: str = "nb.example", title: str | None = None) -> Item:
    assert before in FIRST.text
    paragraphs = tuple(FIRST.text.replace(before, after, 1).split("\n"))
    return Item(title=title or FIRST.title, paragraphs=paragraphs, host=host)


def more(sentence: str, *, host: str = "nb.example") -> Item:
    return Item(title=FIRST.title, paragraphs=(*FIRST.paragraphs, sentence), host=host)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param(more("与会代表建议进一步降低用能成本。"), Likeness.COPY, id="another site says more"),
        pytest.param(more("与会代表建议降低用能成本。", host="yw.example"), Likeness.VARIANT, id="the same site does"),
        pytest.param(more("更正：会议因故延期，时间另行通知。"), Likeness.VARIANT, id="a correction"),
        pytest.param(more("数字化改造" * 200), Likeness.COPY, id="a chant"),
    ],
)
def test_what_a_copy_adds(new: Item, expected: Likeness) -> None:
    found = compare(worded(new, 2), worded(FIRST))
    assert found.likeness is expected
    assert found.added
    assert not found.same


def test_a_story_takes_a_copy_of_any_of_its_articles() -> None:
    """The oldest of several stories; and of its articles the one that leaves least to be added."""
    cut = Item(title=FIRST.title, paragraphs=FIRST.paragraphs[:-2], host="jx.example")
    known = [(3, worded(cut, 5)), (3, worded(FIRST, 6)), (8, worded(FIRST, 9))]
    assert retold(worded(more("（完）"), 10), known) == Retelling(story_id=3)
    assert retold(worded(FIRST, 10), []) is None


def test_another_figure_is_told_though_a_copy_lacks_the_figure() -> None:
    """Of a copy without the paragraph each of the two is a copy that says more."""
    at = next(place for place, paragraph in enumerate(FIRST.paragraphs) if place and "惠及" in paragraph)
    bare = Item(title=FIRST.title, paragraphs=(*FIRST.paragraphs[:at], *FIRST.paragraphs[at + 1 :]), host="jx.example")
    other = Item(
        title=FIRST.title,
        paragraphs=tuple(each.replace("惠及", "惠及1") for each in FIRST.paragraphs),
        host="nb.example",
    )
    found = retold(worded(other, 9), [(1, worded(FIRST, 1)), (1, worded(bare, 2))])
    assert found is not None
    assert found.variant
    lead = "编者按：改革怎么改，本报今天转发一篇报道。"
    led = Item(title=FIRST.title, paragraphs=(lead, *FIRST.paragraphs), host="tz.example")
    found = retold(worded(led, 9), [(1, worded(FIRST, 1)), (1, worded(other, 2))])
    assert found is not None
    assert not found.variant


def test_a_story_that_holds_other_facts_is_not_joined() -> None:
    """The excerpt that lacks the facts would bring two notices together that are about two firms."""
    one, other = next(pair for pair in non_copies("notice for another firm", 20) if pair[0].host != pair[1].host)
    bare = Item(title=one.title, paragraphs=(*one.paragraphs[:2], *one.paragraphs[4:]), host="jx.example")
    assert likeness((bare, Item(title=bare.title, paragraphs=other.paragraphs, host="nb.example"))) is Likeness.COPY
    same_title = Item(title=one.title, paragraphs=other.paragraphs, host="nb.example")
    assert retold(worded(same_title, 9), [(1, worded(one, 1)), (1, worded(bare, 2))]) is None
