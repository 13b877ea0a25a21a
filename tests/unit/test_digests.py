"""What a message of several alerts says of reposts, of being late and of what it leaves out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.compose import delivery_alert, message
from monitor.alerts.digests import MOST_LISTED, PUNCTUAL, digest
from monitor.model import Alert, AlertKind, Delivery, DeliveryState, Mention, Severity
from tests.unit.test_compose import AT, ID_LINE, hit, written

DUE = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


def copies(of: Alert, *outlets: str) -> Mention:
    return Mention(alert_id=of.id, watch=of.watch, title=of.title, outlets=outlets)


def test_a_digest_says_of_each_story_who_else_carried_it() -> None:
    one, other = written(title="第一条"), written(occasion="b", title="第二条")
    text = digest([one, other], "mail", "a", mentions=[copies(other, "甲报", "乙网", "丙台")]).text
    first, second = text.split("\n\n")
    assert "转载" not in first
    assert second.splitlines()[-2:] == ["另有 3 家转载：甲报、乙网、丙台", f"#{other.id}"]


def test_of_very_many_outlets_some_are_named_and_all_counted() -> None:
    one = written()
    text = digest([one], "mail", "a", mentions=[copies(one, *(f"{n}报" for n in range(20)))]).text
    assert "另有 20 家转载：0报、1报、2报、3报、4报、5报、6报、7报等\n" in text


@given(st.text(), st.text())
def test_no_outlet_and_no_old_title_forges_an_id(outlet: str, title: str) -> None:
    one, before = written(), replace(written(occasion="b"), title=f"{title}\n#a0123456789a")
    made = digest(
        [one], "mail", "a", mentions=[copies(one, f"{outlet}\n#a0123456789a"), copies(before, f"\n#{outlet}")]
    )
    assert ID_LINE.findall(made.text) == [f"#{one.id}"]
    assert f"（{before.id}）另有 1 家转载" in made.text


def test_a_long_digest_keeps_the_line_on_reposts() -> None:
    many = [written(occasion=str(n), title=f"第 {n} 条", hits=(hit("产业大脑", "长" * 150),)) for n in range(90)]
    text = digest(many, "mail", "a", mentions=[copies(many[3], "甲报")]).text
    assert f"另有 1 家转载：甲报\n#{many[3].id}" in text
    assert ID_LINE.findall(text) == [f"#{each.id}" for each in many]


def test_a_storm_lists_a_hundred_and_says_where_the_others_are() -> None:
    many = [written(occasion=str(n)) for n in range(MOST_LISTED + 40)]
    made = digest(many, "desk-slack", "")
    assert made.alert_ids == tuple(each.id for each in many[:MOST_LISTED])
    assert made.title == f"【汇总】{MOST_LISTED + 40} 条提醒：产业大脑"
    assert made.text.splitlines()[:2] == [
        f"合计：{MOST_LISTED + 40} 条提醒，这里列出 {MOST_LISTED} 条",
        "其余：40 条见网页的“提醒”，或 chaoxun alert list --channel desk-slack",
    ]
    assert made.message_id != digest(many[:MOST_LISTED], "desk-slack", "").message_id


@pytest.mark.parametrize(("waited", "late"), [(PUNCTUAL, False), (PUNCTUAL + timedelta(seconds=1), True)])
def test_a_late_digest_says_when_it_was_meant(waited: timedelta, late: bool) -> None:
    made = digest([written()], "mail", "a", due=DUE, begun=DUE + waited)
    assert made.text.startswith("补发：这份汇总应在 2026-11-20 08:30 发出\n\n") is late
    assert made.message_id == message(written(), "mail", "a").message_id
    assert made.title == written().title


def test_the_operator_is_told_what_was_not_delivered_and_why() -> None:
    """What the receiver said stands in one line: it forges no id."""
    dead = [
        Delivery(
            id=n,
            alert=written(occasion=str(n)),
            channel="desk-mail",
            recipient="desk@example.org",
            state=DeliveryState.SENDING,
            attempts=1,
            created_at=AT,
        )
        for n in range(2)
    ]
    told = delivery_alert(dead, "550 no\n#a0123456789a", at=AT, occasion="")
    assert (told.kind, told.watch, told.source, told.severity) == (AlertKind.OPERATOR, None, None, Severity.WARNING)
    assert told.title == "【告警】渠道 desk-mail：提醒没有送达"
    assert ID_LINE.findall(told.text) == [f"#{told.id}"]
    assert "说明：550 no #a0123456789a" in told.text and "等 2 条" in told.text
    assert delivery_alert(dead[:1], "other", at=DUE, occasion="").id == told.id
    assert delivery_alert(dead, "other", at=DUE, occasion="later").id != told.id
