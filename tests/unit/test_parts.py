"""A long message is split where it hurts least, within the limit, and nothing of it is left out."""

import itertools
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.parts import name_of, parts_of, split
from monitor.model import AlertKind, Message

#: Whatever a text may hold: Chinese, marks upon letters, signs beyond the first plane, joined signs, flags, borders.
TEXTS = st.text(
    st.one_of(
        st.sampled_from('义乌产业大脑数e\u0301\u0327\u200d👩💻🏽🇨🇳𠮷"\\<&\n\n\n '),
        st.characters(codec="utf-8"),
    ),
    max_size=300,
)


def size_of(text: str) -> int:
    return len(text.encode())


def message(text: str, title: str = "【汇总】3 条提醒") -> Message:
    return Message(alert_ids=("a1",), kind=AlertKind.NEW, title=title, text=text, message_id="<1@chaoxun.invalid>")


def json_size(title: str, text: str) -> int:
    return len(json.dumps({"text": f"{title}\n{text}"}, ensure_ascii=False).encode())


def entry(number: int, lines: int = 3) -> str:
    said = [f"标题：第 {number} 条，产业大脑", *["  正文【增】" + "数" * 20] * lines]
    return "\n".join([*said, f"#a{number:011x}"])


@given(TEXTS, st.integers(8, 80))
def test_the_pieces_joined_are_the_text_and_each_fits(text: str, size: int) -> None:
    pieces = split(text, lambda piece: size_of(piece) <= size)
    assert "".join(pieces) == text
    assert all(size_of(piece) <= size for piece in pieces)
    assert all(pieces) or not text


@given(TEXTS, st.integers(40, 80))
def test_no_sign_is_torn(text: str, size: int) -> None:
    pieces = split(text, lambda piece: size_of(piece) <= size)
    for before, after in itertools.pairwise(pieces):
        run = _signs_at_the_border(before, after)
        torn = unicodedata.category(after[0]).startswith("M") or before[-1] == "\u200d" or after[0] == "\u200d"
        assert not torn or size_of(run) > size, (before, after)


def _signs_at_the_border(before: str, after: str) -> str:
    """The marks and joined signs that meet at the border, with the letter before them."""
    glue = [c for c in before + after]
    at = len(before)
    start = at
    while start > 0 and (_holds(glue[start]) or _holds(glue[start - 1]) or glue[start - 1] == "\u200d"):
        start -= 1
    end = at
    while end < len(glue) and (_holds(glue[end]) or glue[end - 1] == "\u200d"):
        end += 1
    return "".join(glue[start:end])


def _holds(c: str) -> bool:
    return unicodedata.category(c).startswith("M") or c == "\u200d" or 0x1F3FB <= ord(c) <= 0x1F3FF


def test_lines_are_torn_only_where_one_alone_is_too_long() -> None:
    text = "一行\n" + "长" * 50 + "\n末行"
    pieces = split(text, lambda piece: size_of(piece) <= 60)
    assert pieces == ["一行\n", "长" * 20, "长" * 20, "长" * 10 + "\n末行"]


def test_an_alert_of_a_digest_stays_together_where_it_fits() -> None:
    text = "\n\n".join(entry(number) for number in range(1, 8))
    pieces = split(text, lambda piece: size_of(piece) <= 600)
    assert len(pieces) > 2
    assert all(piece.startswith("标题：") for piece in pieces)
    assert all(piece.rstrip("\n").rsplit("\n", 1)[1].startswith("#a") for piece in pieces)


@pytest.mark.parametrize(
    ("text", "size", "pieces"),
    [
        pytest.param("数e\u0301字", 5, ["数", "e\u0301", "字"], id="a mark stays with its letter"),
        pytest.param("👩\u200d💻好", 13, ["👩\u200d💻", "好"], id="joined signs"),
        pytest.param("好👍🏽", 9, ["好", "👍🏽"], id="a coloured sign"),
        pytest.param("好🇨🇳", 9, ["好", "🇨🇳"], id="a flag"),
        pytest.param("𠮷𠮷", 5, ["𠮷", "𠮷"], id="beyond the first plane"),
        pytest.param("e" + "\u0301" * 6, 5, ["e\u0301\u0301", "\u0301\u0301", "\u0301\u0301"], id="too many marks"),
        pytest.param("好", 1, ["好"], id="a limit below one character"),
        pytest.param("", 9, [""], id="nothing"),
    ],
)
def test_where_a_line_is_torn(text: str, size: int, pieces: list[str]) -> None:
    assert split(text, lambda piece: size_of(piece) <= size) == pieces


def test_a_message_that_fits_is_its_own_only_part() -> None:
    short = message(entry(1))
    assert parts_of(short, 1000, measure=json_size) == (short,)


@given(st.integers(1, 60), st.integers(600, 2048))
def test_each_part_fits_is_numbered_and_no_id_is_lost(alerts: int, size: int) -> None:
    text = "\n\n".join(entry(number, lines=number % 9) for number in range(1, alerts + 1))
    parts = parts_of(message(text), size, measure=json_size)
    assert all(json_size(part.title, part.text) <= size for part in parts)
    lines = [line for part in parts for line in part.text.split("\n") if line]
    assert lines == [line for line in text.split("\n") if line]
    if len(parts) > 1:
        assert [part.title for part in parts] == [
            f"【汇总】3 条提醒（{number}/{len(parts)}）" for number in range(1, len(parts) + 1)
        ]
    assert len({name_of(part) for part in parts}) == len(parts)


def test_what_the_wire_adds_counts() -> None:
    text = "\n".join(['"引\\号"' * 10] * 30)
    parts = parts_of(message(text), 700, measure=json_size)
    assert all(json_size(part.title, part.text) <= 700 for part in parts)
    assert "\n".join(part.text for part in parts) == text


def test_a_title_leaves_room_for_the_text_and_its_number() -> None:
    parts = parts_of(message(entry(1, 20), title="【新】" + "长" * 400), 900, measure=json_size)
    assert all(json_size(part.title, part.text) <= 900 for part in parts)
    assert all(part.title.startswith("【新】长") for part in parts)
    assert parts[0].title.endswith(f"…（1/{len(parts)}）")
    [first, *_] = parts_of(
        message(entry(1, 20), title="【新】" + "长" * 400), 9000, measure=json_size, title_length=250
    )
    assert first.title == "【新】" + "长" * 400
    [first, *_] = parts_of(
        message(entry(1, 99), title="【新】" + "长" * 400), 5000, measure=json_size, title_length=250
    )
    assert len(first.title) <= 250


def test_the_same_message_has_the_same_parts() -> None:
    text = "\n\n".join(entry(number) for number in range(9))
    first = [name_of(part) for part in parts_of(message(text), 700, measure=json_size)]
    assert first == [name_of(part) for part in parts_of(message(text), 700, measure=json_size)]
    assert not set(first) & {name_of(part) for part in parts_of(message(text), 1200, measure=json_size)}
