"""`chaoxun watch`, `health` and `alert list`: what people and programs read of rules, sources and the outbox."""

from pathlib import Path

import pytest
import yaml

from tests.commands import Chaoxun
from tests.shelf import DOCUMENT, EDITED, STOCK, WITHDRAWN, stocked, write_config


@pytest.fixture(scope="module")
def chaoxun(tmp_path_factory: pytest.TempPathFactory) -> Chaoxun:
    return stocked(tmp_path_factory.mktemp("shelf") / "config")


def test_watch_test_answers_hits_with_offsets_into_title_and_text(chaoxun: Chaoxun) -> None:
    done = chaoxun("watch", "test", "产业大脑", "--json")

    assert (done.code, done.err) == (0, "")
    assert (done.json["rule"], done.json["matched"]) == ("产业大脑", 2)
    for item in done.json["items"]:
        assert set(item) >= {"id", "url", "title", "hits"}
        text = chaoxun.here("show", item["id"], "--json").json["text"]
        for hit in item["hits"]:
            assert set(hit) == {"term", "field", "start", "end", "context"}
            whole = item["title"] if hit["field"] == "title" else text
            assert whole[hit["start"] : hit["end"]] == "产业大脑"
            assert hit["context"]


def test_watch_test_says_how_often_a_rule_would_tell_and_what_is_doubtful(chaoxun: Chaoxun) -> None:
    tried = chaoxun.here("watch", "test", "产业大脑 OR 未来工长", "--json").json
    shown = chaoxun.here("watch", "test", "产业大脑 OR 未来工长")

    assert tried["alerts_per_week"] >= 0
    assert tried["warnings"] == ["未来工长 stands in no stored article; check how it is written"]
    assert shown.err.splitlines() == tried["warnings"]
    assert shown.out.splitlines()[-1] == f"2 articles match; of late {tried['alerts_per_week']:g} alerts a week"
    within = chaoxun.here("watch", "test", "产业大脑 OR 产业 OR 大脑")
    assert len(within.out.splitlines()) == 7, "two articles, of each title and line once, and the sum"


def test_watch_test_and_search_agree(chaoxun: Chaoxun) -> None:
    rule = "(示例 OR 产业大脑) -招聘"

    tested = chaoxun.here("watch", "test", rule, "--json").json

    searched = chaoxun.here("search", rule, "--limit", "1000", "--json").json
    assert {item["id"] for item in tested["items"]} == {item["id"] for item in searched["items"]}
    assert tested["matched"] == len(tested["items"]) > 2


def test_watch_test_since_leaves_older_articles_out(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("watch", "test", "年报 OR 数字经济", "--since", "2026-01-01", "--json")

    assert [item["id"] for item in done.json["items"]] == [DOCUMENT]


def test_watch_test_takes_a_rule_that_begins_with_an_exclusion(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("watch", "test", "--json", "--", "-招聘 示例")

    assert (done.code, [item["id"] for item in done.json["items"]]) == (0, [STOCK])


def test_word_groups_are_printed_as_watches(chaoxun: Chaoxun, tmp_path: Path) -> None:
    words = tmp_path / "frequency_words.txt"
    words.write_text("华为\n+发布会\n\n小米\n@5\n", encoding="utf-8")

    done = chaoxun.here("watch", "import", words, "--channel", "mail")

    assert (done.code, done.err) == (0, "")
    assert [(w["name"], w["rule"], w["channels"]) for w in yaml.safe_load(done.out)["watches"]] == [
        ("华为 / 发布会", "华为 发布会", ["mail"]),
        ("小米", "小米", ["mail"]),
    ]


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        pytest.param("华为\n+\n".encode(), 78, "words.txt:2: '' names no word", id="a sign alone"),
        pytest.param("华为".encode("gbk"), 2, "byte 0 is no UTF-8; save the file as UTF-8", id="another charset"),
        pytest.param(None, 2, "No such file", id="no file"),
    ],
)
def test_word_groups_that_are_none_are_refused(
    chaoxun: Chaoxun, tmp_path: Path, content: bytes | None, code: int, why: str
) -> None:
    words = tmp_path / "words.txt"
    if content is not None:
        words.write_bytes(content)

    done = chaoxun.here("watch", "import", words)

    assert (done.code, done.out) == (code, "")
    assert why in done.err


@pytest.mark.parametrize(
    "command", [pytest.param(["search"], id="search"), pytest.param(["watch", "test"], id="watch")]
)
@pytest.mark.parametrize(
    ("rule", "place"),
    [
        pytest.param("产业大脑 (宁波", "line 1, column 6", id="a group never closed"),
        pytest.param("义乌 OR -招聘", "line 1, column 7", id="a branch that only excludes"),
        pytest.param("titel:产业", "line 1, column 1", id="an unknown field"),
        pytest.param("产业\n/(/", "line 2, column 1", id="a bad pattern on the second line"),
        pytest.param("", "line 1, column 1", id="nothing"),
    ],
)
def test_a_refused_rule_is_wrong_usage_with_line_and_column(
    chaoxun: Chaoxun, command: list[str], rule: str, place: str
) -> None:
    done = chaoxun.here(*command, "--json", "--", rule)

    assert (done.code, done.out) == (2, "")
    assert place in done.err


@pytest.mark.parametrize(
    ("watch", "number", "matched"),
    [
        pytest.param("产业大脑", EDITED, True, id="a hit"),
        pytest.param("产业大脑", STOCK, False, id="a miss"),
    ],
)
def test_watch_explain_gives_reasons(chaoxun: Chaoxun, watch: str, number: int, matched: bool) -> None:
    done = chaoxun.here("watch", "explain", watch, number, "--json")

    assert done.code == 0
    assert set(done.json) == {"watch", "article", "matched", "reasons"}
    assert (done.json["watch"], done.json["article"], done.json["matched"]) == (watch, number, matched)
    assert any("产业大脑" in reason for reason in done.json["reasons"])


def test_watch_explain_takes_an_address_or_a_file_for_an_article(chaoxun: Chaoxun, tmp_path: Path) -> None:
    stored = chaoxun.here("watch", "explain", "产业大脑", EDITED, "--json").json
    url = chaoxun.here("show", EDITED, "--json").json["url"]
    assert chaoxun.here("watch", "explain", "产业大脑", f"{url}#top", "--json").json == stored

    page = tmp_path / "page.md"
    page.write_text("---\ntitle: 產業大腦上線\n---\n\n首批接入企業五十家。\n", encoding="utf-8")
    told = chaoxun.here("watch", "explain", "产业大脑", page, "--json").json
    assert (told["article"], told["matched"]) == (str(page), True)
    assert told["reasons"] == ["hit: 产业大脑 (title 1): [產業大腦]上線"]

    several = tmp_path / "several.jsonl"
    several.write_text('{"title": "甲", "text": "乙"}\n' * 2, encoding="utf-8")
    assert chaoxun.here("watch", "explain", "产业大脑", several).code == 2
    empty = tmp_path / "empty.html"
    empty.touch()
    assert chaoxun.here("watch", "explain", "产业大脑", empty).code == 1


def test_watch_list_and_check_say_what_is_configured(chaoxun: Chaoxun) -> None:
    rows = chaoxun.here("watch", "list", "--json").json

    assert (rows[0]["name"], rows[0]["rule"], rows[0]["channels"]) == ("产业大脑", "产业大脑", ["mail"])
    assert chaoxun("watch", "check").out == "3 watches, all rules are right\n"
    assert chaoxun.here("watch", "check", "--json").json == {"watches": 3, "warnings": []}
    assert "产业大脑" in chaoxun.here("watch", "list").out


def test_a_refused_rule_of_the_configuration_is_bad_configuration_with_its_file(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "config")
    watches = folder / "watches.yaml"
    watches.write_text("watches:\n  - {name: 一, rule: 义乌}\n  - {name: 二, rule: 义乌 (宁波}\n", encoding="utf-8")

    done = Chaoxun(folder)("watch", "check", "--json")

    assert (done.code, done.out) == (78, "")
    assert f"{watches}:3: rule: line 1, column 4: " in done.err


# -- health and the outbox


def test_health_has_a_row_for_every_configured_source_polled_or_not(chaoxun: Chaoxun) -> None:
    rows = chaoxun("health", "--json").json

    assert [row["source"] for row in rows] == ["closed-news", "ningbo-news", "yiwu-news"]
    for row in rows:
        assert set(row) >= {
            *("source", "state", "since", "why", "last_ok_at", "last_new_at", "next_poll_at", "listed", "failures")
        }
    assert (rows[0]["state"], rows[0]["why"]) == ("disabled", "moved house")
    assert rows[1]["state"] == "new"
    (one,) = chaoxun.here("health", "yiwu-news", "--json").json
    assert one == rows[2]


def test_alert_list_has_a_row_per_delivery_newest_first(chaoxun: Chaoxun) -> None:
    rows = chaoxun("alert", "list", "--json").json

    for row in rows:
        assert set(row) >= {
            *("id", "delivery", "watch", "channel", "recipient", "kind", "article_id", "url", "title", "state"),
            *("attempts", "created_at", "sent_at", "next_try_at", "error", "alerts"),
        }
        assert row["alerts"] == [row["id"]]
        assert (row["channel"], row["recipient"], row["state"]) == ("mail", "desk@example.org", "pending")
    assert [(row["kind"], row["watch"], row["article_id"]) for row in rows] == [
        ("withdrawn", "招聘", WITHDRAWN),
        ("changed", "产业大脑", EDITED),
        ("changed", "产业大脑", EDITED),
        ("new", "招聘", WITHDRAWN),
        ("new", "产业大脑", EDITED),
    ]
    assert chaoxun.here("alert", "list", "--limit", "2", "--json").json == rows[:2]


def test_alert_list_of_a_state_has_no_other(chaoxun: Chaoxun) -> None:
    assert len(chaoxun.here("alert", "list", "--state", "pending", "--json").json) == 5
    assert chaoxun.here("alert", "list", "--state", "dead", "--json").json == []
    assert chaoxun.here("alert", "list", "--state", "dead").out == "There are no such deliveries.\n"
