"""`chaoxun search` and `show`, and wrong usage: what people and programs read of the corpus."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Chaoxun
from tests.shelf import COPY, DOCUMENT, EDITED, FORMULA, HOSTILE, STOCK, WITHDRAWN, stocked

B2 = [
    *("id", "url", "title", "published_at", "published_precision", "source", "source_name", "column", "origin"),
    *("author", "editor", "region", "language", "kind", "keywords", "text", "text_length", "stocks", "attachments"),
    *("government", "status", "first_seen_at", "checked_at", "revision", "revisions", "story", "quality"),
]


@pytest.fixture(scope="module")
def chaoxun(tmp_path_factory: pytest.TempPathFactory) -> Chaoxun:
    return stocked(tmp_path_factory.mktemp("shelf") / "config")


def found(chaoxun: Chaoxun, *words: str) -> list[int]:
    """The ids that a search answers, in its order."""
    done = chaoxun.here("search", *words, "--json")
    assert (done.code, done.err) == (0, "")
    return [item["id"] for item in done.json["items"]]


# -- search


def test_a_source_that_brought_nothing_is_told_from_one_without_a_hit(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("search", "产业大脑", "--source", "yiwu-newz", "--json")

    assert (done.code, done.json["total"]) == (0, 0)
    assert "no article is from a source 'yiwu-newz'; did you mean 'yiwu-news'?" in done.err


def test_a_search_that_finds_nothing_says_what_its_rule_is_doubted_for(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("search", "产业大脑 and 宁波", "--json")

    assert (done.code, done.json["total"]) == (0, 0)
    assert "and at column 6 is looked for as a word; the operator is AND" in done.err


def test_search_answers_total_more_and_items_with_the_article_json_and_a_snippet(chaoxun: Chaoxun) -> None:
    done = chaoxun("search", "产业大脑", "--json")

    assert (done.code, done.err) == (0, "")
    assert set(done.json) == {"total", "more", "items"}
    assert (done.json["total"], done.json["more"]) == (2, False)
    for item in done.json["items"]:
        assert set(item) >= {*B2, "snippet"} - {"text"}
        assert "text" not in item
        assert "产业大脑" in item["snippet"]


def test_a_search_loads_nothing_that_reads_pages_or_fetches_them(tmp_path: Path) -> None:
    code = (
        "import sys\nimport monitor.cli.queries\n"
        "print([name for name in ('crawler.engines', 'trafilatura', 'scrapy', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_search_is_newest_first(chaoxun: Chaoxun) -> None:
    times = [item["published_at"] for item in chaoxun.here("search", "一 OR 大脑", "--json").json["items"]]

    assert times == sorted(times, reverse=True)
    assert len(times) > 2


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        pytest.param(["產業大腦"], {EDITED, COPY}, id="traditional script"),
        pytest.param(["大"], {EDITED, COPY}, id="one character"),
        pytest.param(["落户", "--title"], {EDITED, COPY}, id="in the title"),
        pytest.param(["揭榜挂帅", "--title"], set(), id="in the text only"),
        pytest.param(["产业大脑", "--source", "ningbo-news"], {COPY}, id="of a source"),
        pytest.param(["产业大脑", "--region", "义乌"], {EDITED}, id="of a region"),
        pytest.param(["数字经济", "--issuer", "义乌市人民政府"], {DOCUMENT}, id="of an issuer"),
        pytest.param(["年报", "--stock", "600933"], {STOCK}, id="of a stock, bare code"),
        pytest.param(["年报", "--stock", "sh600933"], {STOCK}, id="of a stock, with its market"),
        pytest.param(["公告 OR 产业大脑", "--status", "withdrawn"], {WITHDRAWN}, id="withdrawn"),
        pytest.param(["示例 OR 产业大脑", "--until", "2026-01-01"], {STOCK}, id="until a day"),
        pytest.param(["示例", "--since", "2025-12-30", "--until", "2025-12-30"], {STOCK}, id="of one day"),
        pytest.param(["示例", "--until", "2025-12-30T09:30"], set(), id="until a minute, that minute excluded"),
        pytest.param(["数字经济 OR 年报", "--since", "2026-02-01"], {DOCUMENT}, id="since a day, that day included"),
        pytest.param(["数字经济", "--since", "2026-02-01T00:01"], set(), id="since a minute"),
        pytest.param(["docno:义政办发[2026]7号"], {DOCUMENT}, id="a document number"),
        pytest.param(["--", "-招聘 示例"], {STOCK}, id="a rule that begins with an exclusion"),
    ],
)
def test_search_finds(chaoxun: Chaoxun, words: list[str], ids: set[int]) -> None:
    done = chaoxun.here("search", "--json", *words)

    assert (done.code, done.err) == (0, "")
    assert {item["id"] for item in done.json["items"]} == ids
    assert done.json["total"] == len(ids)


def test_search_pages_with_limit_and_offset_and_counts_all(chaoxun: Chaoxun) -> None:
    everything = found(chaoxun, "示例 OR 产业大脑 OR 数字经济", "--limit", "1000")
    pages = [found(chaoxun, "示例 OR 产业大脑 OR 数字经济", "--limit", "2", "--offset", str(at)) for at in (0, 2, 4)]

    assert [number for part in pages for number in part] == everything[:6]
    one = chaoxun.here("search", "示例 OR 产业大脑 OR 数字经济", "--limit", "1", "--json").json
    assert (one["total"], len(one["items"])) == (len(everything), 1)


def test_facets_count_by_source_region_and_month(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("search", "产业大脑 OR 数字经济", "--facets", "--json")

    assert done.json["facets"] == {
        "source": {"yiwu-news": 2, "ningbo-news": 1},
        "region": {"义乌": 2, "宁波": 1},
        "month": {"2026-03": 2, "2026-02": 1},
    }
    assert "facets" not in chaoxun.here("search", "产业大脑", "--json").json
    assert "region: 义乌 2, 宁波 1" in chaoxun.here("search", "产业大脑 OR 数字经济", "--facets").out


def test_csv_has_its_columns_and_no_cell_that_a_spreadsheet_would_run(chaoxun: Chaoxun) -> None:
    done = chaoxun("search", "数字经济 OR 公式", "--csv")

    header, *rows = csv.reader(io.StringIO(done.out))
    assert header == ["id", "url", "title", "published_at", "source", "region", "issuer", "origin", "status"]
    by_id = {int(row[0]): row for row in rows}
    assert set(by_id) == {DOCUMENT, FORMULA}
    assert by_id[DOCUMENT] == [
        *(str(DOCUMENT), "https://yw.example/a/3.html", "关于推进数字经济的通知", "2026-02-01T00:00:00+08:00"),
        *("yiwu-news", "义乌", "义乌市人民政府办公室", "", "live"),
    ]
    assert by_id[FORMULA][2].startswith("'=")


def test_for_people_a_search_shows_id_title_place_and_how_many_there_are(chaoxun: Chaoxun) -> None:
    lines = chaoxun("search", "公告 OR 年报").out.splitlines()

    assert f"{WITHDRAWN}  招聘公告：示例中心招聘三人 [withdrawn]" in lines
    assert f"{STOCK}  示例公司发布年报" in lines
    assert lines[-1] == "2 found, 2 shown"


def test_nothing_found_is_no_failure(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("search", "不会出现的词", "--json")

    assert (done.code, done.json) == (0, {"total": 0, "more": False, "items": []})


def test_text_of_a_page_is_printed_as_text(chaoxun: Chaoxun, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = "标题里有 :warning: 和 [bold]方括号[/bold]，还有转义\x1b[31m。"
    page.write_text(f"<html><head><title>{text}</title></head><body><p>{text * 3}</p></body></html>", encoding="utf-8")

    out = chaoxun.here("extract", page).out

    assert ":warning: 和 [bold]方括号[/bold]" in out
    assert "\x1b" not in out


# -- show


def test_show_answers_the_whole_article_json(chaoxun: Chaoxun) -> None:
    done = chaoxun("show", EDITED, "--json")

    assert (done.code, done.err) == (0, "")
    assert set(done.json) >= set(B2)
    assert done.json["id"] == EDITED
    assert done.json["title"] == "产业大脑落户义乌（更正）"
    assert done.json["text_length"] == len(done.json["text"])
    assert [(line["n"], line["kind"]) for line in done.json["revisions"]] == [(1, "first"), (2, "body"), (3, "title")]
    weight = {"importance", "parts"}
    assert [set(line) - weight for line in done.json["revisions"]] == [{"n", "at", "kind", "summary"}] * 3
    assert [weight <= set(line) for line in done.json["revisions"]] == [False, True, True]
    assert done.json["revision"] == 3
    assert done.json["story"]["outlets"] == len(done.json["story"]["members"]) == 2
    assert all(
        set(member) == {"id", "url", "title", "source", "outlet", "published_at", "variant", "differs"}
        for member in done.json["story"]["members"]
    )
    assert done.json["status"] == "live"
    assert all(
        moment.endswith("+08:00")
        for moment in [done.json["published_at"], done.json["first_seen_at"], done.json["checked_at"]]
    )
    assert set(done.json["quality"]) == {"verdict", "repaired", "notes"}


def test_show_tells_in_which_words_a_repost_differs(chaoxun: Chaoxun) -> None:
    first, second = chaoxun.here("show", EDITED, "--json").json["story"]["members"]
    assert [(first["id"], first["variant"]), (second["id"], second["variant"])] == [(EDITED, False), (COPY, True)]
    assert [(change["op"], "30家" in change["after"]) for change in second["differs"]] == [("replace", True)]

    lines = chaoxun.here("show", COPY).out.splitlines()
    story = lines[lines.index("story: 2 outlets, the origin first") + 1 :]
    assert [line.split()[0] for line in story[:2]] == [str(EDITED), str(COPY)]
    assert "[-40-]{+30+}家" in story[2]


def test_show_a_document_has_its_government_facts_and_attachments(chaoxun: Chaoxun) -> None:
    shown = chaoxun.here("show", DOCUMENT, "--json").json

    assert shown["government"] == {"issuer": "义乌市人民政府办公室", "doc_number": "义政办发〔2026〕7号"}
    assert shown["attachments"] == [{"name": "任务表.xlsx", "url": "https://yw.example/f/1.xlsx", "type": "xlsx"}]
    assert (shown["published_at"], shown["published_precision"]) == ("2026-02-01T00:00:00+08:00", "day")
    assert chaoxun.here("show", STOCK, "--json").json["stocks"] == [{"code": "sh600933", "name": "爱柯迪"}]


def test_show_a_revision_is_the_article_as_it_was(chaoxun: Chaoxun) -> None:
    first, last = (chaoxun.here("show", EDITED, "--revision", n, "--json").json for n in (1, 3))

    assert ("30家" in first["text"], first["title"], first["revision"]) == (True, "产业大脑落户义乌", 1)
    assert last == chaoxun.here("show", EDITED, "--json").json
    assert set(first) == set(last)


@pytest.mark.parametrize(
    ("span", "document"),
    [
        pytest.param(
            [],
            {
                "from": 2,
                "to": 3,
                "changes": [
                    {
                        "field": "title",
                        "op": "replace",
                        "before": "产业大脑落户义乌",
                        "after": "产业大脑落户义乌（更正）",
                    }
                ],
            },
            id="the last two",
        ),
        pytest.param(
            ["1..2"],
            {
                "from": 1,
                "to": 2,
                "changes": [
                    {
                        "field": "body",
                        "op": "replace",
                        "before": "会议提出，到2027年建成未来工厂30家，全年投入12.5亿元。",
                        "after": "会议提出，到2027年建成未来工厂40家，全年投入12.5亿元。",
                    }
                ],
            },
            id="two of them",
        ),
        pytest.param(["2..2"], {"from": 2, "to": 2, "changes": []}, id="one with itself"),
    ],
)
def test_show_diff_answers_whole_sentences(chaoxun: Chaoxun, span: list[str], document: dict[str, Any]) -> None:
    done = chaoxun.here("show", EDITED, "--diff", *span, "--json")

    assert (done.code, {key: done.json[key] for key in document}) == (0, document)
    assert set(done.json) - set(document) == {"summary", "importance", "parts"}


def test_show_diff_across_revisions_has_title_and_body(chaoxun: Chaoxun) -> None:
    changes = chaoxun("show", EDITED, "--diff", "1..3", "--json").json["changes"]

    assert [change["field"] for change in changes] == ["title", "body"]


def test_for_people_a_diff_marks_what_went_and_what_came(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("show", EDITED, "--diff", "1..2")

    assert "30" in done.out and "40" in done.out
    assert "[-" in done.out and "{+" in done.out


def test_for_people_show_lists_revisions_and_the_outlets_of_the_story(chaoxun: Chaoxun) -> None:
    out = chaoxun.here("show", COPY).out

    assert "story: 2 outlets, the origin first" in out
    assert f"  {EDITED}  yiwu-news" in out


# -- wrong usage


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["show", "999"], 1, "there is no article 999", id="no such article"),
        pytest.param(["show", "one"], 2, "valid integer", id="no number"),
        pytest.param(["show", "0"], 2, "greater than or equal to 1", id="an article 0"),
        pytest.param(["show", "9" * 30], 2, "ID", id="a number that no database holds"),
        pytest.param(["show", "1", "--revision", "9" * 30], 2, "--revision", id="such a revision"),
        pytest.param(["show", "1", "--diff", "1.." + "9" * 30], 2, "1..3", id="such a span"),
        pytest.param(["search", "一", "--offset", "9" * 30], 2, "--offset", id="such an offset"),
        pytest.param(["watch", "explain", "产业大脑", "9" * 30], 2, "ID", id="explain such an article"),
        pytest.param(["alert", "retry", "9" * 30], 1, "99999", id="retry such a delivery"),
        pytest.param(["show", str(2**63 - 1)], 1, "there is no article", id="the greatest number"),
        pytest.param(["show", "1", "--revision", "9"], 2, "it has 1 to 3", id="no such revision"),
        pytest.param(["show", "1", "--diff", "1..9"], 2, "1..9", id="no such span"),
        pytest.param(["show", "1", "--diff", "1-2"], 2, "1..3", id="no span"),
        pytest.param(["show", "1", "1..2"], 2, "--diff", id="a span without --diff"),
        pytest.param(["search"], 2, "QUERY", id="no query"),
        pytest.param(["search", "一", "--limit", "0"], 2, "--limit", id="limit 0"),
        pytest.param(["search", "一", "--limit", "1001"], 2, "--limit", id="limit above 1000"),
        pytest.param(["search", "一", "--offset", "-1"], 2, "--offset", id="negative offset"),
        pytest.param(["search", "一", "--status", "gone"], 2, "withdrawn", id="unknown status"),
        pytest.param(["search", "一", "--since", "gestern"], 2, "2026-07-06", id="no date"),
        pytest.param(["search", "一", "--since", "0001-01-01"], 2, "--since", id="before all time"),
        pytest.param(["search", "一", "--json", "--csv"], 2, "--csv", id="two formats"),
        pytest.param(["watch", "explain", "产业大", "1"], 2, "did you mean '产业大脑'?", id="unknown watch"),
        pytest.param(["watch", "explain", "产业大脑", "999"], 1, "there is no article 999", id="explain: no article"),
        pytest.param(["watch", "explain", "产业大脑", "0"], 2, "1 to", id="explain an article 0"),
        pytest.param(["watch", "explain", "产业大脑", "https://a.example/no"], 1, "a.example/no", id="explain: no URL"),
        pytest.param(["watch", "explain", "产业大脑", "no.html"], 2, "its URL or a file", id="explain: no file"),
        pytest.param(["health", "yiwu"], 2, "did you mean 'yiwu-news'?", id="unknown source"),
        pytest.param(["alert", "list", "--state", "ded"], 2, "did you mean 'dead'?", id="unknown state"),
        pytest.param(["alert", "test", "male"], 2, "did you mean 'mail'?", id="unknown channel"),
        pytest.param(["alert", "retry"], 2, "--dead", id="retry of nothing"),
        pytest.param(["alert", "retry", "a0123"], 1, "a0123", id="retry of an unknown alert"),
        pytest.param(["serch", "一"], 2, "serch", id="unknown command"),
    ],
)
def test_what_cannot_be_done_is_said_on_stderr(chaoxun: Chaoxun, words: list[str], code: int, said: str) -> None:
    done = chaoxun.here(*words)

    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["search", "示例 OR 产业大脑", "--json"], id="json"),
        pytest.param(["search", "示例 OR 产业大脑", "--csv"], id="csv"),
        pytest.param(["search", "示例 OR 产业大脑"], id="for people"),
    ],
)
def test_a_reader_of_the_output_who_leaves_early_causes_no_traceback(chaoxun: Chaoxun, words: list[str]) -> None:
    command = [sys.executable, "-m", "monitor.cli", "--config", str(chaoxun.config), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()  # as `| head` does once it has its lines
        said = process.stderr.read().decode()

    assert process.returncode == 1
    assert said == ""


def test_a_terminal_of_another_encoding_gets_what_it_can_show(chaoxun: Chaoxun) -> None:
    people, csv_, program = (
        chaoxun("search", "数字经济 OR 公式", *words, env={"PYTHONIOENCODING": "ascii"})
        for words in ([], ["--csv"], ["--json"])
    )

    assert [done.code for done in (people, csv_, program)] == [0, 0, 0]
    assert "2 found, 2 shown" in people.out
    assert len(csv_.out.splitlines()) == 3
    assert {item["title"] for item in program.json["items"]} >= {"关于推进数字经济的通知"}


def test_hostile_text_stays_text_in_json(chaoxun: Chaoxun) -> None:
    shown = chaoxun.here("show", HOSTILE, "--json").json

    assert shown["title"].endswith("<script>alert(1)</script>")
    assert json.dumps(shown)
