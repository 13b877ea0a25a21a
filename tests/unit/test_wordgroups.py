"""Word groups of TrendRadar become watches that load and mean the same."""

import re
from pathlib import Path

import pytest
import yaml

from crawler.yamlfile import ConfigError
from monitor.model import HitField, Watch
from monitor.rules import Subject, parse
from monitor.settings import load_settings
from monitor.wordgroups import watches_yaml


def loaded(folder: Path, text: str, *channels: str) -> dict[str, Watch]:
    """The watches as the configuration has them."""
    (folder / "sources").mkdir()
    (folder / "chaoxun.yaml").write_text(f"database: sqlite:///{folder}/x.db\n", encoding="utf-8")
    (folder / "channels.yaml").write_text("channels:\n  desk: {url: 'json://127.0.0.1/x'}\n", encoding="utf-8")
    (folder / "watches.yaml").write_text(watches_yaml(text, "words.txt", channels), encoding="utf-8")
    return {watch.name: watch for watch in load_settings(folder, {}).watches}


def rules(text: str) -> dict[str, str]:
    return {entry["name"]: entry["rule"] for entry in yaml.safe_load(watches_yaml(text, "words.txt"))["watches"]}


def comments(text: str) -> list[str]:
    """What is said of groups."""
    return [line.strip() for line in watches_yaml(text, "words.txt").splitlines() if line.startswith("  #")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("华为\n鸿蒙", {"华为 / 鸿蒙": "华为 OR 鸿蒙"}, id="any of"),
        pytest.param("华为\n鸿蒙\n+发布\n+手机", {"华为 / 鸿蒙 / 发布 / 手机": "(华为 OR 鸿蒙) 发布 手机"}, id="must"),
        pytest.param("+发布\n+手机", {"发布 / 手机": "发布 手机"}, id="only must"),
        pytest.param("ai\n!gai\n人工智能", {"ai / 人工智能": "(ai OR 人工智能) -gai"}, id="excluded"),
        pytest.param("华为\n!水果", {"华为": "华为 -水果"}, id="one word needs no brackets"),
        pytest.param("华为\n\n\n  \n小米", {"华为": "华为", "小米": "小米"}, id="blank lines part groups"),
        pytest.param("华为\r\n\r\n小米\r\n", {"华为": "华为", "小米": "小米"}, id="lines of Windows"),
        pytest.param("\ufeff华为", {"华为": "华为"}, id="a byte order mark"),
        pytest.param("# 手机\n华为\n# 也要\n小米\n\n# 只有注释\n", {"华为 / 小米": "华为 OR 小米"}, id="comments"),
        pytest.param("华为\n\n华为", {"华为": "华为", "华为 (2)": "华为"}, id="the same name twice"),
        pytest.param("[手机]\n华为\n小米", {"手机": "华为 OR 小米"}, id="a named group"),
        pytest.param("华为 => 菊厂\n小米=>", {"菊厂 / 小米": "华为 OR 小米"}, id="a name to show"),
        pytest.param("/京东|刘强东/ => 京东\n/gpt-?\\d/i", None, id="regexes"),
        pytest.param("Tesla Model 3\nA-B", {"Tesla Model 3 / A-B": '"Tesla Model 3" OR "A-B"'}, id="phrases"),
        pytest.param("OR\nNOT\n-x\n=y", {"OR / NOT / -x / =y": '"OR" OR "NOT" OR "-x" OR "=y"'}, id="operators"),
        pytest.param('他说"好"', {'他说"好"': '「他说"好"」'}, id="quotes"),
        pytest.param("华为\n\n!招聘\n\n小米", {"华为": "华为 -招聘", "小米": "小米 -招聘"}, id="a group of exclusions"),
        pytest.param(
            "[GLOBAL_FILTER]\n震惊\n/标.党/\n\n[WORD_GROUPS]\n[手机]\n华为\n!震惊",
            {"手机": "华为 -震惊 -/标.党/"},
            id="a filter for all",
        ),
        pytest.param(
            "[global_filter]\n震惊\n\n网传\n\n[word_groups]\n华为", {"华为": "华为 -震惊 -网传"}, id="sections"
        ),
        pytest.param("[手机[新]]\nand\nNear", {"手机[新]": '"and" OR "Near"'}, id="brackets in a name"),
        pytest.param("华" * 70, {"华" * 59 + "…": "华" * 70}, id="an endless name"),
    ],
)
def test_each_group_becomes_a_rule(text: str, expected: dict[str, str] | None) -> None:
    found = rules(text)
    assert found == (expected or {"京东 / /gpt-?\\d/i": "/京东|刘强东/ OR /gpt-?\\d/"})
    assert all(parse(rule) for rule in found.values())


@pytest.mark.parametrize(
    ("regex", "meets", "misses"),
    [
        pytest.param(
            r"(?<![a-z])ai(?![a-z])", ["AI", "用ai写", "AI2027"], ["OpenAI", "FAIR"], id="no letter beside it"
        ),
        pytest.param(
            r"大模型|(?<![a-z0-9])ai|gpt(?![0-9])", ["大模型", "ai", "GPT"], ["gai", "GPT4"], id="one of some"
        ),
        pytest.param(r"[\u4e00-\u9fa5]{2}/\d", ["日期/5"], ["日/5"], id="code points and a slash"),
        pytest.param(r"甲/ 乙|丙／|丁", ["甲/ 乙", "丙／", "丁"], ["甲", "丙/"], id="slashes that would end it"),
        pytest.param(r"甲\/乙\\u", ["甲/乙\\u"], ["甲乙"], id="what is escaped already"),
        pytest.param(r" 甲", ["一 甲"], ["一甲"], id="a blank at the beginning"),
        pytest.param(r"^突发|快讯$", ["突发：甲", "甲 快讯"], ["又突发", "快讯：甲"], id="at the beginning or the end"),
    ],
)
def test_a_regex_of_python_meets_the_same_titles(regex: str, meets: list[str], misses: list[str]) -> None:
    (rule,) = rules(f"/{regex}/ => 名").values()
    for titles, wanted in ((meets, True), (misses, False)):
        for title in titles:
            assert bool(re.search(regex, title, re.IGNORECASE)) is wanted
            assert parse(rule).matches(Subject.of(title=title, text="")) is wanted, title


def test_what_is_printed_loads_as_the_watches_of_a_configuration(tmp_path: Path) -> None:
    text = "[GLOBAL_FILTER]\n震惊: '{}'\n\n[WORD_GROUPS]\n[手机: #1]\n华为\n+\"新 品\"\n@10\n\n/(?=x)y/\n小米\n- 'x'\n"
    watches = loaded(tmp_path, text, "desk")
    assert list(watches) == ["手机: #1", "小米 / - 'x'"]
    phone = watches["手机: #1"]
    assert phone.channels == ("desk",)
    assert phone.scope == {HitField.TITLE}
    meets = parse(phone.rule).matches
    assert meets(Subject.of(title='华为"新 品"发布', text=""))
    assert not meets(Subject.of(title="华为新品", text=""))
    assert not meets(Subject.of(title="震惊: '{}'华为\"新 品\"", text=""))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "华为\n@10", ["# line 2: @10 is left out: a watch has no limit; a digest keeps it short"], id="limit"
        ),
        pytest.param(
            "华为\n/(?<!北)京东/",
            [
                "# line 2: /(?<!北)京东/: look-around (?<! is not possible in linear time; say it with AND, NOT or "
                "NEAR; it is left out"
            ],
            id="a regex that is not possible",
        ),
        pytest.param(
            "华为\n/((?<![a-z])ai)东/",
            [
                "# line 2: /((?<![a-z])ai)东/: look-around (?<! is not possible in linear time; "
                "say it with AND, NOT or NEAR; it is left out"
            ],
            id="a look-around in a group",
        ),
        pytest.param("华为\n${HOME}", ["# line 2: ${HOME} would be read as a setting; it is left out"], id="a setting"),
    ],
)
def test_what_is_not_carried_over_stands_in_a_comment(text: str, said: list[str]) -> None:
    assert comments(text) == said
    assert rules(text) == {"华为": "华为"}


@pytest.mark.parametrize("text", ["华为\n+/(?=x)y/", "/(?=x)y/", "/(?=x)y/\n+手机"])
def test_a_group_that_would_tell_of_other_things_is_left_out(text: str) -> None:
    assert rules(f"小米\n\n{text}") == {"小米": "小米"}
    assert comments(text)[-1].endswith("is left out: without that it would tell of other things")
    assert rules(text) == {}


def test_a_name_that_stands_behind_a_word_is_read_as_a_word_and_said() -> None:
    assert rules("华为\n[手机]") == {"华为 / [手机]": '华为 OR "[手机]"'}
    assert "# line 2: [手机] is read as a word" in comments("华为\n[手机]")[0]


def test_what_has_no_meaning_among_the_filters_is_said() -> None:
    printed = watches_yaml("[GLOBAL_FILTER]\n!震惊\n@5\n/(?=x)y/\n\n[WORD_GROUPS]\n华为", "words.txt")
    assert "# line 2: !震惊 means nothing under [GLOBAL_FILTER], and is left out" in printed
    assert "# line 3: @5 means nothing" in printed
    assert "# line 4: /(?=x)y/: look-around" in printed
    assert yaml.safe_load(printed)["watches"][0]["rule"] == "华为"


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        pytest.param("", ["words.txt: there is no word group in it"], id="nothing"),
        pytest.param("# 注释\n\n[手机]\n\n!招聘", ["words.txt: there is no word group in it"], id="no word"),
        pytest.param(
            "华为\n+\n!", ["words.txt:2: '' names no word", "words.txt:3: '' names no word"], id="signs alone"
        ),
        pytest.param("=> 京东", ["words.txt:1: '=> 京东' names no word"], id="a name alone"),
        pytest.param("华为\n\u200b", ["words.txt:2: '\\u200b' names no word"], id="nothing that can be seen"),
        pytest.param("华为\n@很多", ["words.txt:2: @很多 is no limit; write @ and a number"], id="a limit in words"),
        pytest.param("[GLOBAL_FILTER]\n=>", ["words.txt:2: '=>' names no word"], id="among the filters"),
    ],
)
def test_a_line_that_is_none_of_the_format_is_named(text: str, mistakes: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        watches_yaml(text, "words.txt")
    lines = str(raised.value).splitlines()
    assert len(lines) == len(mistakes)
    for line, mistake in zip(lines, mistakes, strict=True):
        assert line.startswith(mistake)
