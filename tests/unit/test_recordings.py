"""Every recording in tests/recordings is still read as it was; and what recordings themselves promise."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from crawler.recording import EXCHANGES, EXPECTED, SOURCE, RecordingError, differences, read, record, replay, write
from crawler.records import Source
from monitor.demo.sites.kinds.registry import KINDS
from tests.listpages import long_navigation, rows
from tests.offline import NOW, Here, Page, Web

RECORDINGS = Path(__file__).parents[1] / "recordings"
FOLDERS = sorted(folder for folder in RECORDINGS.iterdir() if folder.is_dir())
URL = "https://www.example.gov.cn/xw/index.html"
SOURCE_OF_URL = Source(slug="example", name="示例", engine="html_list", url=URL, headers={"Authorization": "secret"})


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_a_recording_is_still_read_as_it_was(folder: Path) -> None:
    recording, expected = read(folder)

    found = json.loads(json.dumps(asyncio.run(replay(recording, Here()))))

    changes = "\n".join(differences(expected, found))
    assert not changes, (
        f"{folder.name} is read otherwise than it was:\n{changes}\n"
        f"If that is right: chaoxun source record {folder} --update (an obsolete recording may be deleted)"
    )


def test_every_kind_of_site_has_its_recording() -> None:
    assert {name.replace("_", "-") for name in KINDS} <= {folder.name for folder in FOLDERS}, (
        "a kind is not recorded; run: python -m tests.record_samples KIND"
    )


# -- making them


def site() -> Web:
    listed = rows(8)
    body = "".join(
        f"<p>　　记者从示例县了解到，这一项工作已经进入第{n}个阶段，预计今年内全部完成。</p>" for n in range(6)
    )
    article = (
        f'<html><head><meta charset="utf-8"><title>{listed[0].title}</title></head><body><h1>{listed[0].title}</h1>'
        f"<div>发布时间：2026-11-20 09:00 来源：示例日报</div><div>{body}</div></body></html>"
    )
    return Web({URL: Page(long_navigation(listed)), f"https://www.example.gov.cn{listed[1].path}": Page(article)})


def recorded(web: Web, folder: Path) -> None:
    async def visit() -> None:
        made = await record(SOURCE_OF_URL, fetch=web.fetch, parser=Here(), now=lambda: NOW)
        write(made, await replay(made, Here()), folder)

    asyncio.run(visit())


def test_a_recording_holds_the_list_and_the_first_entry_that_is_an_article(tmp_path: Path) -> None:
    recorded(site(), tmp_path / "example")

    recording, expected = read(tmp_path / "example")

    assert [exchange.request.url for exchange in recording.exchanges] == [URL, recording.article]
    assert recording.article is not None and recording.article.endswith(rows(8)[1].path)
    assert [entry["title"] for entry in expected["entries"]] == [row.title for row in rows(8)]
    assert expected["article"]["origin"] == "示例日报"


def test_what_a_source_is_asked_with_in_secret_is_not_recorded(tmp_path: Path) -> None:
    recorded(site(), tmp_path)

    files = list(tmp_path.iterdir())
    assert files and all(b"secret" not in path.read_bytes() for path in files)


def test_recording_anew_leaves_nothing_of_the_earlier_one(tmp_path: Path) -> None:
    recorded(site(), tmp_path)
    recorded(Web({URL: site().pages[URL]}), tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {SOURCE, EXCHANGES, EXPECTED, "1.html"}


def test_a_folder_of_something_else_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(RecordingError, match="--into"):
        recorded(site(), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_site_without_a_list_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="404"):
        recorded(Web({}), tmp_path)


# -- replaying them


def test_a_change_in_what_is_read_is_told_by_its_place(tmp_path: Path) -> None:
    recorded(site(), tmp_path)
    body = tmp_path / "1.html"
    body.write_text(
        body.read_text(encoding="utf-8").replace(rows(1)[0].title, "另一个标题在这里出现"), encoding="utf-8"
    )

    recording, expected = read(tmp_path)
    found = asyncio.run(replay(recording, Here()))

    assert list(differences(expected, found)) == [
        f"entries[0].title: {rows(1)[0].title!r} is now '另一个标题在这里出现'"
    ]


def test_a_request_that_was_never_made_is_told(tmp_path: Path) -> None:
    recorded(site(), tmp_path)
    head = json.loads((tmp_path / EXCHANGES).read_text(encoding="utf-8"))
    head["exchanges"] = head["exchanges"][1:]
    (tmp_path / EXCHANGES).write_text(json.dumps(head), encoding="utf-8")

    recording, _ = read(tmp_path)
    found = asyncio.run(replay(recording, Here()))

    assert found["unanswered"] == [f"GET {URL}"]
    assert "is not in the recording" in found["error"]


@pytest.mark.parametrize("name", [SOURCE, EXCHANGES, EXPECTED, "1.html"])
def test_a_recording_that_lost_a_file_says_what_to_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "example"
    shutil.copytree(FOLDERS[0], folder)
    (folder / name).unlink()

    with pytest.raises(RecordingError, match="record it again"):
        read(folder)
