"""What a log line looks like, and what it may never hold."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr

import pytest
import structlog

from monitor.logs import StrikeSecrets, configure, passwords_of, secrets_of

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/canarycanarycanarycanary"
MAIL = "mailtos://chaoxun:p%40ss%2Fword@smtp.example.org:465?to=desk@example.org"
DATABASE = "postgresql+psycopg://chaoxun:geheim12@db.example/chaoxun"

Said = Callable[[], str]


@pytest.fixture
def said() -> Iterator[Callable[..., Said]]:
    """`said(secrets=…, environ=…)` sets logging up; what it answers gives the lines written since."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def begin(*secrets: str, journal: bool = False) -> Said:
        written = io.StringIO()
        with redirect_stderr(written):
            configure(secrets=secrets, environ={"JOURNAL_STREAM": "8:1"} if journal else {})
        return written.getvalue

    yield begin
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_event_is_one_line_with_its_fields(said: Callable[..., Said]) -> None:
    lines = said()

    structlog.get_logger().info("poll finished", source="yiwu-news", new=3, why="two words")

    line = lines()
    assert line.endswith('info    poll finished source=yiwu-news new=3 why="two words"\n')
    assert "+08:00 " in line, "the time is Beijing's"


@pytest.mark.parametrize(
    ("address", "secrets"),
    [
        pytest.param(SLACK, {"canarycanarycanarycanary"}, id="a webhook's token"),
        pytest.param("dingtalk://SEC0123456789abcdef@0123456789abcdef", {"0123456789abcdef"}, id="a robot's key"),
        pytest.param(MAIL, {"p%40ss%2Fword", "p@ss/word"}, id="a mail password, as written and as sent"),
        pytest.param("mailto://smtp.example.org?user=a&pass=geheim12", {"geheim12"}, id="a password in the query"),
        pytest.param("json://127.0.0.1:9000/hook", set(), id="nothing"),
    ],
)
def test_the_secrets_of_a_channel_are_its_address_and_the_keys_in_it(address: str, secrets: set[str]) -> None:
    assert set(secrets_of(address)) >= {address, *secrets}


def test_no_host_and_no_recipient_is_taken_for_a_secret() -> None:
    assert secrets_of(MAIL)[1:] == ("p%40ss%2Fword", "p@ss/word")


def test_of_a_database_the_password_is_a_secret_and_the_rest_may_be_said() -> None:
    assert passwords_of(DATABASE) == ("geheim12",)
    assert passwords_of("sqlite:////var/lib/chaoxun/chaoxun.db") == ()


def _in_a_field(log: logging.Logger) -> None:
    structlog.get_logger().warning("refused", url=SLACK)


def _in_a_list(log: logging.Logger) -> None:
    structlog.get_logger().warning("refused", urls=[SLACK])


def _in_a_traceback(log: logging.Logger) -> None:
    try:
        raise ValueError(f"no route to {SLACK}")
    except ValueError:
        structlog.get_logger().exception("refused")


def _by_a_library(log: logging.Logger) -> None:
    log.warning("POST %s", "/services/canarycanarycanarycanary")


def _by_a_library_with_a_traceback(log: logging.Logger) -> None:
    try:
        raise ValueError(f"no route to {SLACK}")
    except ValueError:
        log.exception("refused")


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(_in_a_field, id="in a field"),
        pytest.param(_in_a_list, id="in a list"),
        pytest.param(_in_a_traceback, id="in a traceback"),
        pytest.param(_by_a_library, id="by a library"),
        pytest.param(_by_a_library_with_a_traceback, id="by a library, in a traceback"),
    ],
)
def test_a_secret_reaches_no_line_by_any_way(said: Callable[..., Said], leak: Callable[[logging.Logger], None]) -> None:
    lines = said(*secrets_of(SLACK))

    leak(logging.getLogger("some.library"))

    assert "canary" not in lines()
    assert "***" in lines()


def test_a_longer_secret_is_struck_before_the_shorter_one_in_it() -> None:
    assert StrikeSecrets(("geheim", "geheim12"))("a geheim12 b geheim") == "a *** b ***"


def test_words_too_short_to_be_a_secret_stay() -> None:
    assert StrikeSecrets(("", "a", "abc"))("abc") == "abc"


def test_what_a_page_says_cannot_pass_for_a_line_of_ours(said: Callable[..., Said]) -> None:
    lines = said()

    structlog.get_logger().info("article", title="标题\n2026-11-22T10:00:00+08:00 error  daemon stopped\x1b[31m")

    assert len(lines().splitlines()) == 1
    assert "\x1b" not in lines()
    assert "标题\\n2026" in lines()


def test_for_the_journal_every_line_carries_its_priority(said: Callable[..., Said]) -> None:
    lines = said(journal=True)
    log = structlog.get_logger()

    log.info("started")
    try:
        raise ValueError("on purpose")
    except ValueError:
        log.exception("failed")

    first, *rest = lines().splitlines()
    assert first.startswith("<6>")
    assert len(rest) > 3
    assert all(line.startswith("<3>") for line in rest)


def test_chatty_libraries_are_heard_from_warnings_on(said: Callable[..., Said]) -> None:
    lines = said()

    logging.getLogger("scrapy.core.engine").info("Spider opened")
    logging.getLogger("scrapy.core.engine").warning("something is wrong")

    assert "Spider opened" not in lines()
    assert "something is wrong" in lines()


def test_a_second_configuration_replaces_the_first(said: Callable[..., Said]) -> None:
    before, after = said(), said("geheim12")

    structlog.get_logger().info("told", what="geheim12")

    assert before() == ""
    assert after().count("***") == 1
