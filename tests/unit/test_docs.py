"""The documentation keeps its word: commands, keys, files, rules and statements that it names exist and work."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel

from crawler.engines import ENGINES
from crawler.records import ArticleKind, Group
from crawler.sources import load_source_file
from crawler.yamlfile import Checked
from monitor.cli import app
from monitor.configuration import ChannelsFile, MainFile, WatchesFile
from monitor.corpus import Corpus
from monitor.rules import RuleError, parse

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
CONFIG = sorted((ROOT / "config").rglob("*.yaml"))
SOURCES = [*(ROOT / "crawler").rglob("*.py"), *(ROOT / "monitor").rglob("*.py")]

FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
#: Words of a command line that say whose it is and no more.
PREFIX = re.compile(r"^(?:\S*/)?chaoxun(?: --config \S+)? ")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pages(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", [pytest.param(path, id=name_of(path)) for path in paths])


def spans(page: Path) -> list[str]:
    """What stands between backticks on a line, code blocks left out."""
    return SPAN.findall(FENCE.sub("", page.read_text(encoding="utf-8")))


def blocks(page: Path) -> list[str]:
    return [block for _, block in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)]


# -- commands


def known_commands() -> dict[str, set[str]]:
    """Every command with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        parts = getattr(command, "commands", None)
        if parts:
            for name, part in parts.items():
                walk(part, (*words, name))
        else:
            found[" ".join(words)] = {option for parameter in command.params for option in parameter.opts}

    walk(typer.main.get_command(app), ())
    return found


KNOWN = known_commands()


def named_commands(page: Path) -> Iterator[str]:
    """The command lines that a page names, each without `chaoxun` and what follows a comment sign."""
    for line in [*spans(page), *(line for block in blocks(page) for line in block.splitlines())]:
        if PREFIX.match(line):
            yield PREFIX.sub("", line).split(" #")[0].strip()


def words_of(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def mistake_in(line: str) -> str | None:
    """What is wrong with a command line; None where it could be typed."""
    words = words_of(line.replace("…", " "))
    if words[:1] == ["--help"]:
        return None
    names = [" ".join(words[:length]) for length in (2, 1)]
    command = next((name for name in names if name in KNOWN), None)
    if command is None:
        groups = {name.split()[0] for name in KNOWN if " " in name}
        return (
            None if words and words[0].partition("|")[0] in groups and len(words) == 1 else f"no such command: {line}"
        )
    for word in words:
        if word.startswith("--") and len(word) > 2 and word.partition("=")[0] not in {*KNOWN[command], "--help"}:
            return f"{command} has no option {word}"
    return None


@pages(PAGES)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    assert [wrong for line in named_commands(page) if (wrong := mistake_in(line))] == []


@pages(CONFIG)
def test_every_command_that_the_configuration_names_exists(page: Path) -> None:
    named = re.findall(r"`chaoxun ([^`]+)`", page.read_text(encoding="utf-8"))

    assert [wrong for line in named if (wrong := mistake_in(line))] == []


def test_every_remedy_in_a_message_is_a_command_that_exists() -> None:
    named = [
        (name_of(path), line)
        for path in SOURCES
        for line in re.findall(r"`chaoxun ([^`{]+?)(?:\{[^`]*)?`", path.read_text(encoding="utf-8"))
    ]

    assert len(named) > 10
    assert [(place, wrong) for place, line in named if (wrong := mistake_in(line))] == []


def test_every_command_is_in_the_documentation() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)

    assert [command for command in KNOWN if not re.search(rf"\b{command}\b", text)] == []


def test_the_help_says_of_everything_what_it_is_and_cuts_no_summary_short() -> None:
    dumb: list[str] = []

    def walk(command: Any, name: str) -> None:
        shown = command.get_help(typer.Context(command, info_name=name, terminal_width=80))
        summaries = shown.partition("Commands:")[2]
        dumb.extend(f"{name}: {line.strip()}" for line in summaries.splitlines() if line.endswith("..."))
        dumb.extend(f"{name}: {each.name}" for each in command.params if not getattr(each, "help", None))
        for part, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{name} {part}")

    walk(typer.main.get_command(app), "chaoxun")

    assert dumb == []


@pages(PAGES)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [*spans(page), *(line for block in blocks(page) for line in block.splitlines())]
    named = {target for line in lines for target in re.findall(r"^make ([a-z]+)", line)}

    assert named <= targets


def test_the_check_of_commands_can_fail() -> None:
    assert mistake_in("serch 产业大脑") == "no such command: serch 产业大脑"
    assert mistake_in("search 产业大脑 --jsno") == "search has no option --jsno"
    assert mistake_in("watch test '数字经济{3} -招聘'") is None


# -- files


@pages(PAGES)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (page.parent / target).exists()] == []


@pages(PAGES)
def test_every_path_that_a_page_names_exists_and_holds_the_function(page: Path) -> None:
    named = [
        re.fullmatch(r"((?:crawler|monitor|config|systemd|docs|tests)/[\w/.-]*)(?:: (\w+))?", span)
        for span in spans(page)
    ]

    for found in filter(None, named):
        path, function = ROOT / found[1], found[2]
        assert path.exists(), found[0]
        if function is not None:
            assert re.search(rf"^(?:async )?(?:def|class) {function}\b", path.read_text(encoding="utf-8"), re.M), found[
                0
            ]


# -- configuration


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a model and of those inside it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in _models_in(field.annotation):
            yield from keys_of(part)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def source_keys() -> set[str]:
    """The keys of an entry of sources/*.yaml, from the model that checks it."""
    (model,) = [part for part in Checked.__subclasses__() if {"slug", "engine"} <= set(part.model_fields)]
    return set(keys_of(model))


MAIN_KEYS = {key for model in (MainFile, WatchesFile, ChannelsFile) for key in keys_of(model)}


@pages(sorted((ROOT / "docs").glob("*.md")))
def test_every_yaml_example_is_accepted(page: Path, tmp_path: Path) -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    for number, example in enumerate(examples):
        file = tmp_path / f"zhejiang-{number}.yaml"
        file.write_text(example, encoding="utf-8")
        assert load_source_file(file)


@pages([path for path in PAGES if path.name != "rules.md"])
def test_every_key_that_a_page_shows_with_a_value_exists(page: Path) -> None:
    keys = {found[1] for span in spans(page) if (found := re.match(r"([a-z_]+): \S", span))}

    assert keys - MAIN_KEYS - source_keys() == set()


def test_every_word_of_add_a_source_is_a_key_an_engine_or_a_group() -> None:
    words = {span for span in spans(ROOT / "docs" / "add-a-source.md") if re.fullmatch(r"[a-z_]+", span)}

    assert words - source_keys() - set(ENGINES) - set(Group) - set(ArticleKind) == set()
    assert source_keys() - words - _keys_in_text(ROOT / "docs" / "add-a-source.md") == set(), "not explained"


def _keys_in_text(page: Path) -> set[str]:
    return set(re.findall(r"[a-z_]+", page.read_text(encoding="utf-8")))


def test_every_key_of_the_other_files_is_shown_in_the_shipped_ones() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "config").glob("*.yaml"))

    assert [key for key in sorted(MAIN_KEYS) if not re.search(rf"\b{key}\b", text)] == []


def test_adding_a_source_fits_one_screen() -> None:
    assert len((ROOT / "docs" / "add-a-source.md").read_text(encoding="utf-8").splitlines()) <= 50


# -- rules and statements


def rules_in_the_table() -> list[str]:
    lines = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    cells = [re.split(r"(?<!\\)\|", line)[1] for line in lines if line.startswith("| `")]
    return [span.replace("\\|", "|") for cell in cells for span in SPAN.findall(cell)]


@pytest.mark.parametrize("rule", rules_in_the_table())
def test_every_rule_in_the_documentation_is_one(rule: str) -> None:
    whole = f"{rule}示例" if rule.endswith(":") else rule
    try:
        parse(whole)
    except RuleError:
        parse(f"义乌 {whole}")  # what excludes stands beside something


def test_the_rules_of_the_commands_that_the_pages_show_are_right() -> None:
    shown = [words_of(line) for page in PAGES for line in named_commands(page)]
    rules = [words[-1] for words in shown if words[:2] == ["watch", "test"] and words[-1] != "RULE"]

    assert rules
    assert all(parse(rule) for rule in rules)


def test_the_sql_of_operations_runs(tmp_path: Path) -> None:
    (statements,) = re.findall(
        r"^```sql\n(.*?)^```", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    corpus = Corpus.open(f"sqlite:///{tmp_path}/corpus.db")
    with corpus.read() as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.exec_driver_sql(statement).all()
    corpus.close()
