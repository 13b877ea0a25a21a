"""Every field of pages in the structure of templates of news and government sites, none of which is anybody's page.

`expected.json` says what a careful reader takes from each; the texts are invented. No source configuration helps.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract
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
