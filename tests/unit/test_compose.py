"""What an alert says, and that nothing from a web page can make it say something else."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.compose import (
    MOST_CHANGES,
    MOST_HITS,
    SENTENCE_LENGTH,
    alert_id,
    channel_test,
    compose,
    fit,
    message,
    one_line,
    operator_alert,
    safe_url,
)
from monitor.alerts.digests import digest
from monitor.model import Alert, AlertKind, ArticleView, Change, Health, Hit, HitField, Severity, Watch

AT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
URL = "https://www.example.org/art/2026/11/20/art_1.html?a=1&b=2"
WATCH = Watch(name="产业大脑", rule="产业大脑 AND 宁波", severity=Severity.CRITICAL)
ID_LINE = re.compile(r"(?m)^#a[0-9a-f]{11}$")


def article(**fields: object) -> ArticleView:
    known: dict[str, object] = {
        "id": 7,
        "url": URL,
        "title": "宁波发布产业大脑建设指南",
        "source": "ningbo-news",
        "source_name": "宁波市人民政府",
        "origin": "经济参考报",
        "region": "宁波",
        "published_at": datetime(2026, 11, 20, 1, 5, 9, tzinfo=UTC),
        "published_precision": "minute",
        "revision": 2,
    }
    return ArticleView(**{**known, **fields})  # type: ignore[arg-type]  # a table of its fields


def hit(term: str, context: str = "", field: HitField = HitField.BODY) -> Hit:
    return Hit(term=term, field=field, start=0, end=len(term), context=context or f"…{term}…")


def written(
    kind: AlertKind = AlertKind.NEW,
    *,
    hits: tuple[Hit, ...] = (),
    changes: tuple[Change, ...] = (),
    occasion: str = "1",
    watch: Watch = WATCH,
    **fields: object,
) -> Alert:
    return compose(
        watch=watch, kind=kind, article=article(**fields), hits=hits, changes=changes, occasion=occasion, at=AT
    )


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        pytest.param(AlertKind.NEW, "【新】", id="new"),
        pytest.param(AlertKind.CHANGED, "【改】", id="changed"),
        pytest.param(AlertKind.WITHDRAWN, "【撤】", id="withdrawn"),
        pytest.param(AlertKind.RETURNED, "【复】", id="returned"),
    ],
)
def test_the_title_names_kind_watch_and_article(kind: AlertKind, mark: str) -> None:
    assert written(kind).title == f"{mark}产业大脑：宁波发布产业大脑建设指南"


def test_a_whole_alert() -> None:
    alert = written(
        AlertKind.CHANGED,
        hits=(hit("产业大脑", "将建设十个产业大脑。"),),
        changes=(
            Change(field="title", op="replace", before="旧标题", after="新标题"),
            Change(field="body", op="delete", before="原有一句。", after=""),
            Change(field="body", op="insert", before="", after="新加一句。"),
            Change(field="body", op="replace", before="换了地方。", after="换了地方。", moved=True),
        ),
    )
    assert alert.text.split("\n") == [
        "标题：宁波发布产业大脑建设指南",
        "信源：宁波市人民政府（ningbo-news）",
        "来源：经济参考报",
        "地区：宁波",
        "发布：2026-11-20 09:05",
        f"网址：{URL}",
        "命中：",
        "  产业大脑（正文）：将建设十个产业大脑。",
        "变更：",
        "  标题【删】旧标题",
        "  标题【增】新标题",
        "  正文【删】原有一句。",
        "  正文【增】新加一句。",
        "  正文【移】换了地方。",
        f"#{alert.id}",
    ]
    assert (alert.watch, alert.source, alert.article_id, alert.revision) == ("产业大脑", "ningbo-news", 7, 2)
    assert (alert.url, alert.severity, alert.created_at) == (URL, Severity.CRITICAL, AT)


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        pytest.param("second", "2026-11-20 09:05:09", id="second"),
        pytest.param("minute", "2026-11-20 09:05", id="minute"),
        pytest.param("hour", "2026-11-20 09时", id="hour"),
        pytest.param("day", "2026-11-20", id="day: no midnight is shown"),
        pytest.param(None, "2026-11-20 09:05", id="unknown precision"),
        pytest.param("fortnight", "2026-11-20 09:05", id="a precision of another version"),
    ],
)
def test_the_published_time_is_beijings_and_as_precise_as_the_page(precision: str | None, shown: str) -> None:
    assert f"\n发布：{shown}\n" in written(published_precision=precision).text


def test_what_is_unknown_is_said_to_be() -> None:
    text = written(published_at=None, region=None, origin=None, source_name=None).text
    assert "\n发布：未注明\n" in text
    assert "\n地区：未注明\n" in text
    assert "\n信源：ningbo-news（ningbo-news）\n" in text
    assert "来源" not in text


def test_each_term_is_shown_once_and_at_most_a_handful() -> None:
    hits = tuple(hit(f"词{number}") for number in range(MOST_HITS + 3) for _ in range(4))
    lines = written(hits=hits).text.split("\n")
    assert [line for line in lines if line.startswith("  词")] == [
        f"  词{number}（正文）：…词{number}…" for number in range(MOST_HITS)
    ]
    assert "  …… 另有 3 个词" in lines


def test_a_bodys_context_is_worth_more_than_the_titles() -> None:
    text = written(hits=(hit("大脑", "标题里的大脑", HitField.TITLE), hit("大脑", "正文里的大脑"))).text
    assert "大脑（正文）：正文里的大脑" in text
    assert "标题里的大脑" not in text


def test_many_changes_are_counted() -> None:
    changes = tuple(
        Change(field="body", op="replace", before=f"旧{number}。", after=f"新{number}。")
        for number in range(MOST_CHANGES + 5)
    )
    text = written(AlertKind.CHANGED, changes=changes).text
    assert text.count("【删】") == MOST_CHANGES
    assert "\n  …… 另有 5 处变更\n" in text


def test_a_very_long_sentence_is_shown_around_its_change() -> None:
    same = "数" * 1000
    change = Change(field="body", op="replace", before=same + "旧值" + same, after=same + "新值" + same)
    [before, after] = [
        line for line in written(AlertKind.CHANGED, changes=(change,)).text.split("\n") if line.startswith("  正文")
    ]
    assert "旧值" in before
    assert "新值" in after
    assert len(before) < SENTENCE_LENGTH + 20


def test_a_title_as_long_as_a_page_is_cut() -> None:
    assert len(written(title="长" * 5000).title) < 300


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/1",
        "https://",
        "https://example.org/a b",
        "https://example.org/\n#a00000000000",
        "http://[broken",
        "import:0123abcd",
    ],
)
def test_only_a_web_address_is_shown_as_one(url: str) -> None:
    assert safe_url(url) is None
    assert "网址" not in written(url=url).text
    assert message(written(url=url), "desk", "").url is None


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("\r\n\t \u2028\u2029\u202e\u2066\u200b\ufeff\x00\x1b\x85#a0123456789"), st.characters()
    ),
    max_size=60,
)


@given(NASTY, NASTY, NASTY)
def test_nothing_from_a_page_forges_a_line_or_an_id(title: str, region: str, context: str) -> None:
    alert = written(
        AlertKind.CHANGED,
        title=title,
        region=region,
        origin=region,
        source_name=title,
        hits=(hit("词", context),),
        changes=(Change(field="body", op="replace", before=title, after=context),),
    )
    assert ID_LINE.findall(alert.text) == [f"#{alert.id}"]
    assert alert.text.endswith(f"\n#{alert.id}")
    assert len(alert.title.splitlines()) == 1
    assert alert.text.encode()  # no lone surrogates
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", alert.title + alert.text)


@given(NASTY)
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip() == one_line(line)


def test_the_same_thing_has_the_same_id_and_another_has_another() -> None:
    ids = {
        written().id,
        written(title="同一篇，改了标题").id,
        written(occasion="2").id,
        written(AlertKind.CHANGED).id,
        written(url="https://www.example.org/2").id,
        written(watch=Watch(name="未来工厂", rule="未来工厂")).id,
    }
    assert len(ids) == 5
    assert all(re.fullmatch(r"a[0-9a-f]{11}", identity) for identity in ids)
    assert alert_id(WATCH.name, URL, AlertKind.NEW, "1") == written().id


def test_a_message_id_is_made_of_alert_channel_and_recipient_alone() -> None:
    one = message(written(), "desk", "a@example.org")
    assert one == message(written(), "desk", "a@example.org")
    others = {
        message(written(), "desk", "b@example.org").message_id,
        message(written(), "other", "a@example.org").message_id,
        message(written(occasion="2"), "desk", "a@example.org").message_id,
    }
    assert len(others | {one.message_id}) == 4
    assert re.fullmatch(r"<[0-9a-f]{32}@chaoxun\.invalid>", one.message_id)
    assert (one.alert_ids, one.kind, one.url) == ((written().id,), AlertKind.NEW, URL)


def test_a_digest_has_every_alert_with_its_id() -> None:
    alerts = [written(occasion=str(number)) for number in range(3)]
    several = digest(alerts, "desk", "")
    assert several.alert_ids == tuple(alert.id for alert in alerts)
    assert ID_LINE.findall(several.text) == [f"#{alert.id}" for alert in alerts]
    assert several.title == "【汇总】3 条提醒：产业大脑"
    assert several.message_id == digest(alerts[::-1], "desk", "").message_id
    assert all(alert.text in several.text for alert in alerts)


def test_a_digest_of_one_is_that_alerts_message() -> None:
    assert digest([written()], "desk", "") == message(written(), "desk", "")


def test_a_long_digest_keeps_title_address_and_id_of_each() -> None:
    alerts = [written(occasion=str(number), hits=(hit("词", "长" * 150),)) for number in range(100)]
    several = digest(alerts, "desk", "")
    assert len(ID_LINE.findall(several.text)) == 100
    assert several.text.count(URL) == 100
    assert "命中" not in several.text


@pytest.mark.parametrize(
    ("state", "mark", "severity"),
    [
        pytest.param(Health.BROKEN, "【告警】", Severity.WARNING, id="trouble"),
        pytest.param(Health.OK, "【恢复】", Severity.INFO, id="over"),
    ],
)
def test_an_operator_is_told_of_trouble_and_of_its_end(state: Health, mark: str, severity: Severity) -> None:
    alert = operator_alert("yiwu-news", "义乌要闻", state, "HTTP 500\n三次", at=AT, occasion="2026-11-20")
    assert alert.title.startswith(f"{mark}义乌要闻：")
    assert f"（{state.value}）" in alert.text
    assert "\n时间：2026-11-20 10:30\n说明：HTTP 500 三次\n" in alert.text
    assert alert.text.endswith(f"\n#{alert.id}")
    assert (alert.kind, alert.watch, alert.source, alert.severity) == (
        AlertKind.OPERATOR,
        None,
        "yiwu-news",
        severity,
    )


def test_every_health_has_a_word() -> None:
    titles = {operator_alert("s", "名", state, "", at=AT, occasion="").title for state in Health}
    assert len(titles) == len(Health)


def test_a_channel_test_has_an_id_like_an_alert() -> None:
    test = channel_test("desk", "", at=AT)
    assert ID_LINE.findall(test.text) == [f"#{test.alert_ids[0]}"]


@pytest.mark.parametrize("size", [40, 100, 200, 1000])
def test_a_text_that_is_too_long_loses_lines_but_no_id(size: int) -> None:
    text = "\n".join(["标题：一", *["正文" * 10] * 20, "#a00000000001", "正文", "#a00000000002"])
    short = fit(text, size)
    assert len(short.encode()) <= size
    assert ID_LINE.findall(short) == ["#a00000000001", "#a00000000002"]
    assert ("……" in short.split("\n")) == (short != text)


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert fit("标题：一\n#a00000000001", 100) == "标题：一\n#a00000000001"
