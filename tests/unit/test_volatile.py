"""Which lines are taken for volatile: those that flip from fetch to fetch, and no line that an editor edits."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import volatile
from monitor.volatile import Look, Suspect, is_text, learned, lines_of, observe, still, template_of, without

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = "示例会议今天在义乌召开，共有120人参加。\n会议提出，到2027年建成未来工厂30家。\n市民可以到场参观。"


def page(*more: str) -> str:
    return "\n".join([TEXT, *more])


def looks(*texts: str, article: int = 1, every: timedelta = HOUR, start: datetime = NOW) -> Iterator[Look]:
    """One fetch of an article after the other."""
    for n, (before, after) in enumerate(pairwise(texts)):
        yield Look(article=article, before=lines_of(before), after=lines_of(after), at=start + n * every)


def after(several: Sequence[Look], suspects: Sequence[Suspect] = ()) -> tuple[Suspect, ...]:
    for look in several:
        suspects = observe(suspects, look)
    return tuple(suspects)


def learnt(*texts: str) -> tuple[str, ...]:
    return learned(after(list(looks(*texts))))


@pytest.mark.parametrize(
    ("lines", "template"),
    [
        pytest.param([f"热点：{n}号线开工" for n in "甲乙丙丁戊"], "热点:*", id="words behind a label"),
        pytest.param([f"页面生成于 2026-03-02 10:0{n}:17" for n in range(5)], "页面生成于#", id="a time"),
        pytest.param([f"当前在线：{n * 37}" for n in range(1, 8)], "当前在线:#", id="a number"),
        pytest.param(
            ["欢迎关注本网客户端", ""] * 2 + ["欢迎关注本网客户端"],
            "欢迎关注本网客户端",
            id="a line that comes and goes",
        ),
        pytest.param([f"今日天气：{n}" for n in ("晴", "多云", "阴", "小雨", "晴")], "今日天气:*", id="the weather"),
    ],
)
def test_a_line_that_flips_at_every_fetch_is_learned_as_it_stands_but_for_what_varies(
    lines: list[str], template: str
) -> None:
    texts = [page(line) for line in lines]
    assert learnt(*texts) == (template,)
    assert learnt(*texts[:-1]) == ()
    for text in texts:
        assert without(text, [template]).rstrip() == TEXT


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([f"截至{n}时，已有{n * 12}人获救。" for n in range(9, 19)], id="a sentence whose figures grow"),
        pytest.param([f"全市营收 {n * 12}.5 亿元" for n in range(9, 19)], id="a figure with its unit"),
        pytest.param([f"累计确诊 {n * 12}" for n in range(9, 19)], id="a total"),
        pytest.param([f"A组 | {n} | {n * 2}" for n in range(10)], id="a row of a table"),
        pytest.param([f"责任编辑：{n}某" for n in "张王李赵刘陈杨黄"], id="a credit"),
        pytest.param([f"联系电话：0579-8512340{n}" for n in range(9)], id="a telephone"),
        pytest.param([f"截止日期：2026-03-1{n}" for n in range(9)], id="a deadline"),
        pytest.param([f"第{n}稿的全文在此，{n}处有改动" for n in "一二三四五六七八"], id="a clause"),
    ],
)
def test_content_is_never_learned_however_often_it_changes(lines: list[str]) -> None:
    assert after(list(looks(*[page(line) for line in lines]))) == ()


@pytest.mark.parametrize("flips", [1, 2, 3])
def test_a_line_that_is_edited_a_few_times_is_not_learned(flips: int) -> None:
    lines = [page(f"会场：第{n}会议厅") for n in "一二三四"[: flips + 1]]
    assert learnt(*lines) == ()
    assert learnt(*lines, *[lines[-1]] * 9) == ()


def test_looks_that_find_the_line_as_it_was_speak_against_it() -> None:
    def halting(n: int) -> list[str]:
        return [page(f"会场：{each}厅") for each in "一一二二三三四四五五六六七七八八"[:n]]

    assert learnt(*halting(16)) == ()


def test_the_same_wordings_in_several_articles_are_the_site_s_own_however_seldom_they_change() -> None:
    """A line of the day: each article is looked at several times before it changes, in all of them."""
    suspects: tuple[Suspect, ...] = ()
    for day, (old, new) in enumerate([("甲", "乙"), ("乙", "丙"), ("丙", "丁")]):
        for article in (1, 2, 3):
            texts = [page(f"热点：{word}地通车") for word in (old, new, new, new)]
            suspects = after(list(looks(*texts, article=article, start=NOW + day * 24 * HOUR)), suspects)
    assert learned(suspects) == ("热点:*",)


def test_one_edit_of_the_same_line_in_many_articles_is_not_learned() -> None:
    suspects: tuple[Suspect, ...] = ()
    for article in range(1, 30):
        texts = (page("会场：东厅"), page("会场：西厅"), page("会场：西厅"))
        suspects = after(list(looks(*texts, article=article)), suspects)
    assert learned(suspects) == ()


def test_what_was_learned_leaves_other_lines_alone() -> None:
    templates = learnt(*[page(f"热点：{n}地通车") for n in "甲乙丙丁戊"])
    for line in ("热点新闻的标题", "热点：甲地通车。乙地开工。", "甲热点：乙", "热点：", TEXT):
        assert without(page(line), templates) == page(line)


def test_what_stops_flipping_is_forgotten_after_some_looks_and_days() -> None:
    texts = [page(f"热点：{n}地通车") for n in "甲乙丙丁戊"]
    suspects = after(list(looks(*texts)))
    quiet = list(looks(*[texts[-1]] * 12, start=NOW + 5 * HOUR))
    assert learned(after(quiet, suspects)) == ("热点:*",), "half a day of silence"
    late = list(looks(*[texts[-1]] * 12, start=NOW + 60 * HOUR))
    assert after(late, suspects) == ()


def test_a_learned_line_is_compared_with_what_the_last_look_saw() -> None:
    """The stored text keeps the line of long ago: differing from that is no flip."""
    texts = [page(f"热点：{n}地通车") for n in "甲乙丙丁戊"]
    suspects = after(list(looks(*texts)))
    stopped = Look(article=1, before=lines_of(texts[0]), after=lines_of(texts[-1]), at=NOW + 60 * HOUR)
    several = [replace(stopped, at=stopped.at + n * HOUR) for n in range(volatile.QUIET_LOOKS + 1)]
    assert learned(after(several[:-1], suspects)) == ("热点:*",)
    assert after(several, suspects) == ()


def test_a_page_that_answers_304_speaks_against_its_lines() -> None:
    texts = [page(f"热点：{n}地通车") for n in "甲乙丙丁戊"]
    suspects = after(list(looks(*texts, texts[0])))
    assert learned(suspects) == ("热点:*",)
    for n in range(9):
        suspects = still(suspects, 1, lines_of(texts[0]), NOW + 60 * HOUR + n * HOUR)
    assert suspects == ()


def test_nothing_is_known_for_longer_than_a_month() -> None:
    suspects = after(list(looks(page("热点：甲"), page("热点：乙"))))
    assert suspects
    assert still(suspects, 9, [], NOW + timedelta(days=31)) == ()


def test_a_page_made_anew_teaches_nothing() -> None:
    old, new = ([f"第{n}条：{word}{n}" for n in range(volatile.MOST_CHANGED + 1)] for word in "甲乙")
    assert after(list(looks(*["\n".join(lines) for lines in (old, new, old, new, old, new)]))) == ()


def test_endless_pages_are_not_compared_line_by_line() -> None:
    """Where more than so many lines lie between the first and the last that changed, nothing is learned of them."""
    rows = ["示例行"] * 2_000
    texts = ["\n".join([f"热点：{n}地通车", *rows, f"今日天气：{n}级风"]) for n in "甲乙丙丁戊"]
    assert after(list(looks(*texts))) == ()
    assert learnt(*["\n".join([*rows, f"热点：{n}地通车"]) for n in "甲乙丙丁戊"]) == ("热点:*",)


def test_what_is_known_is_bounded() -> None:
    suspects: tuple[Suspect, ...] = ()
    for label in range(80):
        name = "".join(chr(0x4E00 + 20 * label + k) for k in range(3))
        texts = [page(f"{name}：{word}") for word in "甲乙丙丁戊"]
        suspects = after(list(looks(*texts, start=NOW + label * HOUR)), suspects)
    assert len(learned(suspects)) == volatile.MOST_LEARNED
    assert len(suspects) <= volatile.MOST_LEARNED + volatile.MOST_SUSPECTS
    many: tuple[Suspect, ...] = ()
    for article in range(200):
        texts = [page(f"热点：{word}{article}") for word in "甲乙丙"]
        many = after(list(looks(*texts, article=article)), many)
    assert max(len(each.seen) for each in many) <= volatile.MOST_ARTICLES
    assert max(len(each.flips) for each in many) <= volatile.MOST_ARTICLES


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="甲乙丙:：12.,。 -|#*", max_size=12), st.text(alphabet="甲乙丙:：12.,。 -|#*", max_size=12))
def test_a_template_fits_both_wordings_and_no_text(before: str, after: str) -> None:
    old, new = lines_of(before), lines_of(after)
    if len(old) != 1 or len(new) != 1 or old == new:
        return
    template = template_of(old[0], new[0])
    if template is None:
        return
    assert without(before, [template]) == without(after, [template]) == ""
    assert not is_text(old[0])
    assert without(TEXT, [template]) == TEXT


EDITABLE = ("会场：{}厅", "主讲：{}先生", "规模 {} 平方", "开放时间 {}:30", "票数 {}", "{}号馆开放", "本馆第 {} 次展出")
WORDS = "一二三四五六七八九"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EDITABLE), st.integers(1, 9)), max_size=2), st.integers(0, 8), st.randoms())
def test_no_line_that_is_edited_once_or_twice_is_ever_learned(
    edits: list[tuple[str, int]], quiet: int, draw: random.Random
) -> None:
    """Whatever the line, however many looks lie between, and beside a line that does flip at every look."""
    line = EDITABLE[0].format(1)
    states = [line]
    for shape, number in edits:
        states += [states[-1]] * draw.randrange(quiet + 1) + [shape.format(number)]
    states += [states[-1]] * quiet
    texts = [page(state, f"热点：{WORDS[n % 9]}地通车") for n, state in enumerate(states)]
    assert set(learnt(*texts)) <= {"热点:*"}


#: Short lines that articles really have, each with what an editor may change in it.
CONTENT = (
    "题图：{}街夜景",
    "一、主要目标{}",
    "示例办法第{}条",
    "甲组成绩：{}分",
    "开放时间：{}:30",
    "地铁{}号线",
    "气温 {} 度",
    "第 {} 名 示例队",
    "上证指数 30{}1.2",
    "（图片由{}某提供）",
)


def histories(count: int, draw: random.Random) -> Iterator[tuple[int, list[str]]]:
    """Articles with some such lines, each looked at ten times and edited up to three times in between."""
    for article in range(1, count + 1):
        shapes = draw.sample(CONTENT, k=3)
        numbers = [draw.randrange(1, 99) for _ in shapes]
        states = []
        edits = sorted(draw.sample(range(1, 10), k=draw.choice((0, 0, 1, 1, 2, 3))))
        for look in range(10):
            if look in edits:
                numbers[draw.randrange(3)] = draw.randrange(1, 99)
            states.append(page(*(shape.format(number) for shape, number in zip(shapes, numbers, strict=True))))
        yield article, states


@pytest.mark.parametrize("seed", range(4))
def test_a_source_whose_articles_are_edited_by_hand_teaches_nothing(seed: int) -> None:
    """300 articles, 3,000 looks and some 350 edits of the same kinds of lines in every one of them."""
    suspects: tuple[Suspect, ...] = ()
    wrong: set[str] = set()
    told = list(histories(300, random.Random(seed)))
    flat = [look for article, states in told for look in looks(*states, article=article)]
    for look in sorted(flat, key=lambda each: each.at):
        suspects = observe(suspects, look)
        wrong |= set(learned(suspects))
    assert wrong == set()
