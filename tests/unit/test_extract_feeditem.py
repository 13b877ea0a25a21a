"""Feed items as files: what their front matter may look like, and still be one."""

from datetime import datetime

import pytest

from crawler.extract import extract
from crawler.records import BEIJING, Draft

TEXT = "示例镇昨天开通两条夜间公交线路，首班车二十二时发出，沿途设站十九处，票价两元。"
URL = "https://news.example/2026/1.html"


def item(front: str, *, end: str = "---", tail: str = "") -> Draft:
    return extract(f"---\n{front}\n{end}\n\n<p>{TEXT}{tail}</p>\n".encode())


@pytest.mark.parametrize("end", ["---", "..."])
@pytest.mark.parametrize(
    "front",
    [
        pytest.param(f"title: 夜间公交开通\nurl: {URL}", id="as a feed's program writes it"),
        pytest.param(f"Title: 夜间公交开通\nURL: {URL}", id="capitals"),
        pytest.param(f"title: 夜间公交开通\nurl: [{URL}]", id="a list of one address"),
        pytest.param(f"title: 夜间公交开通\nurl: /2026/1.html\nlink: {URL}", id="a second key with an address"),
        pytest.param(
            f"extra: {{a: [1, {{b: c}}]}}\n'odd key': 1\ntitle: >-\n  夜间公交开通\nguid: {URL}", id="odd keys"
        ),
        pytest.param(f"title: <b>夜间公交</b>开通\nlink: {URL}", id="markup in the title"),
    ],
)
def test_title_and_address_are_found(front: str, end: str) -> None:
    draft = item(front, end=end)
    assert (draft.title, draft.url, draft.text) == ("夜间公交开通", URL, TEXT)


@pytest.mark.parametrize("title", ["甲 &amp; 乙", "甲 & 乙", "<i>甲</i> &#38; 乙"])
def test_entities_of_a_title_are_characters(title: str) -> None:
    assert item(f"title: '{title}'").title == "甲 & 乙"


@pytest.mark.parametrize("nothing", ["~", "null", "", "[]"])
def test_a_title_that_says_nothing_is_none(nothing: str) -> None:
    draft = item(f"title: {nothing}")
    assert draft.title is not None
    assert TEXT.startswith(draft.title[:8])  # made of the text, as for every document without one


@pytest.mark.parametrize(
    ("front", "author", "source_name"),
    [
        pytest.param("author: [王某某, 李某某]", "王某某、李某某", None, id="several people"),
        pytest.param("authors:\n  - 王某某\n  - 示例日报", "王某某", "示例日报", id="a person and an outlet"),
        pytest.param("author: 示例日报", None, "示例日报", id="an outlet"),
        pytest.param("author: 王某某\nsite: 示例网", "王某某", "示例网", id="a person and a site"),
    ],
)
def test_people_are_authors_and_all_else_is_the_source(front: str, author: str | None, source_name: str | None) -> None:
    draft = item(f"title: 夜间公交开通\n{front}")
    assert (draft.author, draft.source_name) == (author, source_name)


@pytest.mark.parametrize("key", ["date", "published", "pubDate", "published_at", "Created"])
@pytest.mark.parametrize(
    "value", ["2026-03-01T16:30:00Z", "'2026-03-02 00:30:00 +0800'", "Sun, 01 Mar 2026 16:30:00 GMT"]
)
def test_the_time_is_beijings_whatever_zone_it_is_told_in(key: str, value: str) -> None:
    assert item(f"title: 夜间公交开通\n{key}: {value}").published_at == datetime(2026, 3, 2, 0, 30, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://news.example/" + "x" * 3000, "https://news.example/ a"]
)
def test_what_is_no_address_is_passed_over(url: str) -> None:
    assert item(f"title: 夜间公交开通\nurl: '{url}'").url is None


def test_the_button_before_the_editor_goes_with_the_credit() -> None:
    draft = item("title: 夜间公交开通", tail=" 【纠错】    【责任编辑:李小红】    阅读下一篇：")
    assert (draft.text, draft.editor) == (TEXT, "李小红")
