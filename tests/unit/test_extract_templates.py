"""Every field of pages in the structure of templates of news and government sites, none of which is anybody's page.

`expected.json` says what a careful reader takes from each; the texts are invented. No source configuration helps.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract
from crawler.extract.credits import outlet_beside_time
from crawler.extract.page import Line
from crawler.extract.title import cut_site
from crawler.extract.trim import ends_at
from crawler.records import Draft, Precision, Verdict, iso

TEMPLATES = Path(__file__).parent.parent / "fixtures" / "templates"
EXPECTED: dict[str, dict[str, Any]] = json.loads((TEMPLATES / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_template_is_read_as_a_careful_reader_would(name: str) -> None:
    expected = EXPECTED[name]
    draft = extract((TEMPLATES / f"{name}.html").read_bytes(), url=expected["url"])
    assert draft.quality.verdict is Verdict.ARTICLE
    assert _read(draft) | {"url": expected["url"]} == {k: v for k, v in expected.items() if k != "government"}
    government = expected.get("government", {})
    assert {key: draft.government.get(key) for key in government} == government


def test_every_page_of_the_folder_is_expected_to_say_something() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.html")} == set(EXPECTED)


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        (
            [
                Line("[延伸阅读]"),
                Line("另一座城市"),
                Line("首条航线连接码头和产业园，过去走公路要绕行四十公里，如今只有十六公里。"),
            ],
            False,
        ),
        (
            [
                Line("延伸阅读"),
                Line("码头夜间照明改造今日完工", 12),
                Line("首条航线连接码头和产业园，要绕行四十公里。"),
            ],
            True,
        ),
        ([Line("相关新闻"), Line("2024-03-05 某地农博会开幕首日迎客三万人次，市民踊跃参加，热闹非凡。")], True),
        ([Line("网友评论"), Line("坐过一次，很稳，就是声音有点大，希望晚上别飞，不然附近的人睡不着觉。")], True),
    ],
)
def test_a_box_ends_a_text_unless_prose_without_links_follows(lines: list[Line], ends: bool) -> None:
    assert ends_at(lines, 0) is ends


@pytest.mark.parametrize("line", ["2024-03-05 17:31 社会新闻", "2024-03-05 17:31 来自广东", "2024-03-05 17:31 听新闻"])
def test_what_stands_beside_a_time_and_is_no_outlet_is_none(line: str) -> None:
    assert outlet_beside_time([line]) is None


@pytest.mark.parametrize(
    ("tag", "title"),
    [
        ("低空经济｜示例市首批低空航线今起试飞", "低空经济｜示例市首批低空航线今起试飞"),
        ("今起试飞｜示例市融媒体中心新闻网", "今起试飞"),
        ("首批低空航线今起试飞 | 生活 | 示例通讯社", "首批低空航线今起试飞"),
    ],
)
def test_a_series_before_a_bar_is_part_of_the_headline_and_a_site_behind_it_is_not(tag: str, title: str) -> None:
    assert cut_site(tag) == title


def _read(draft: Draft) -> dict[str, Any]:
    at = iso(draft.published_at)
    day_alone = draft.published_precision is Precision.DAY
    return {
        "title": draft.title,
        "published": None if at is None else at[: 10 if day_alone else 16],
        "origin": draft.origin,
        "editor": draft.editor,
        "author": draft.author,
        "attachments": [file.url.rpartition("/")[2].partition("?")[0] for file in draft.attachments],
        "text": draft.text.split("\n"),
    }
