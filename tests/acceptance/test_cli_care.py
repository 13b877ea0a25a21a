"""What a command finds before it works and how it leaves the house: help, configuration, database, channels, doctor."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.corpus import Corpus
from monitor.demo.receivers import HookReceiver, MailReceiver, Reply
from tests.commands import Chaoxun
from tests.shelf import EDITED, fill, write_config

COMMANDS = [
    *("run", "demo", "crawl", "extract", "import", "export", "search", "show", "health", "doctor"),
    *(
        "watch list",
        "watch check",
        "watch test",
        "watch explain",
        "watch import",
        "source list",
        "source try",
        "source probe",
        "source record",
    ),
    *("alert list", "alert retry", "alert test"),
    *("db upgrade", "db check", "db backup", "db prune", "db reindex", "db reextract"),
]


@pytest.fixture
def chaoxun(tmp_path: Path, mail: MailReceiver) -> Chaoxun:
    """A configuration without a database yet, whose channel is a mailbox that answers."""
    return Chaoxun(write_config(tmp_path / "config", mailbox=mail.url("desk@example.org")))


@pytest.fixture
def filled(chaoxun: Chaoxun) -> Chaoxun:
    corpus = Corpus.open(f"sqlite:///{chaoxun.config}/corpus.db")
    fill(corpus)
    corpus.close()
    return chaoxun


# -- help


@pytest.mark.parametrize("words", [pytest.param([], id="chaoxun"), *(pytest.param(c.split(), id=c) for c in COMMANDS)])
def test_every_command_has_help(chaoxun: Chaoxun, words: list[str]) -> None:
    done = chaoxun.here(*words, "--help")

    assert (done.code, done.err) == (0, "")
    assert "Usage: " in done.out


def test_help_loads_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.argv = ['chaoxun', '--help']\nfrom monitor.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = 'scrapy twisted sqlalchemy lxml apprise rich trafilatura aiohttp pydantic'.split()\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "crawl" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_version_is_said_without_a_configuration(tmp_path: Path) -> None:
    done = Chaoxun(tmp_path / "none", cwd=tmp_path).here("--version")

    assert done.code == 0
    assert done.out.startswith("chaoxun 0.")


# -- configuration


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        pytest.param(
            "chaoxun.yaml",
            "databse: sqlite:///x.db\n",
            "chaoxun.yaml:1: unknown key 'databse'; did you mean",
            id="a key",
        ),
        pytest.param(
            "watches.yaml",
            "watches:\n  - {name: 一, rule: 义乌, channels: [male]}\n",
            "watches.yaml:2: channels: there is no channel 'male'; did you mean 'mail'?",
            id="a channel",
        ),
        pytest.param(
            "sources/zhejiang.yaml",
            "sources:\n  - {slug: a-b, name: 甲, engine: hanweb}\n",
            "zhejiang.yaml:2: engine: there is no engine 'hanweb'; did you mean",
            id="an engine",
        ),
        pytest.param("chaoxun.yaml", "web: [\n", "chaoxun.yaml:", id="no YAML at all"),
    ],
)
def test_a_bad_configuration_ends_every_command_with_78_and_the_line(
    chaoxun: Chaoxun, file: str, text: str, said: str
) -> None:
    (chaoxun.config / file).write_text(text, encoding="utf-8")

    for words in (["health", "--json"], ["source", "list", "--json"]):
        done = chaoxun.here(*words)
        assert (done.code, done.out) == (78, "")
        assert said in done.err


def test_a_folder_that_is_not_there_is_bad_configuration(tmp_path: Path) -> None:
    done = Chaoxun(tmp_path / "none", cwd=tmp_path).here("health")

    assert done.code == 78
    assert str(tmp_path / "none") in done.err


def test_the_environment_names_the_folder_where_no_option_does(chaoxun: Chaoxun, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli", "source", "list", "--json"]
    environ = {**os.environ, "CHAOXUN_CONFIG": str(chaoxun.config)}

    by_environment = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    by_folder = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # ./config

    assert "yiwu-news" in by_environment.stdout
    assert by_folder.stdout == by_environment.stdout


# -- the database


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["search", "产业大脑", "--json"], id="search"),
        pytest.param(["health", "--json"], id="health"),
        pytest.param(["alert", "list", "--json"], id="alert list"),
        pytest.param(["db", "check", "--json"], id="db check"),
    ],
)
def test_a_missing_database_is_made_with_its_folder(chaoxun: Chaoxun, words: list[str]) -> None:
    main = chaoxun.config / "chaoxun.yaml"
    main.write_text("database: sqlite:///deep/down/corpus.db\n", encoding="utf-8")  # relative to where we stand

    done = chaoxun.here(*words)

    assert done.code == 0, done.err
    assert done.json is not None
    assert (chaoxun.cwd / "deep" / "down" / "corpus.db").is_file()


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        pytest.param("9999", "install the newer version", id="a newer program's"),
        pytest.param(None, "not chaoxun's", id="another program's"),
    ],
)
def test_a_schema_that_is_not_ours_is_refused_with_the_remedy(
    chaoxun: Chaoxun, version: str | None, remedy: str
) -> None:
    path = chaoxun.config / "corpus.db"
    if version is not None:
        assert chaoxun.here("db", "upgrade").code == 0
    with closing(sqlite3.connect(path)) as database:
        if version is None:
            database.execute("CREATE TABLE accounts (id INTEGER)")
        else:
            database.execute("UPDATE alembic_version SET version_num = ?", [version])
        database.commit()

    for words in (["search", "产业大脑"], ["import", str(chaoxun.config / "chaoxun.yaml")], ["db", "upgrade"]):
        done = chaoxun.here(*words)
        assert (done.code, done.out) == (1, "")
        assert remedy in done.err, words


def test_a_file_that_is_no_database_is_said_to_be_damaged(chaoxun: Chaoxun) -> None:
    (chaoxun.config / "corpus.db").write_bytes(b"this is no database at all, whatever its name says" * 100)

    done = chaoxun.here("search", "产业大脑")

    assert (done.code, done.out) == (1, "")
    assert "damaged" in done.err and "Traceback" not in done.err


def test_upgrade_says_what_the_schema_is_and_may_be_said_twice(chaoxun: Chaoxun) -> None:
    first, second = chaoxun.here("db", "upgrade"), chaoxun.here("db", "upgrade")

    assert (first.code, first.out) == (0, second.out)
    assert "schema 0" in first.out


def test_a_backup_is_a_corpus_of_its_own_and_overwrites_nothing(filled: Chaoxun, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"

    done = filled("db", "backup", target)

    assert done.code == 0, done.err
    corpus = Corpus.open(f"sqlite:///{target}")
    with corpus.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM article").scalar() == 7
    corpus.close()
    again = filled.here("db", "backup", target)
    assert (again.code, again.out) == (1, "")
    assert "exists already" in again.err


def test_check_says_what_is_wrong_and_reindex_mends_it(filled: Chaoxun) -> None:
    assert filled.here("db", "check").out == "the database is whole\n"
    with closing(sqlite3.connect(filled.config / "corpus.db")) as database:
        database.execute("DELETE FROM folded WHERE article_id = ?", [EDITED])
        database.commit()

    broken = filled.here("db", "check", "--json")

    assert broken.code == 1
    assert broken.json["ok"] is False
    assert any("chaoxun db reindex" in problem for problem in broken.json["problems"])
    assert filled.here("db", "reindex").out == "7 articles indexed\n"
    assert filled.here("db", "check", "--json").json == {"ok": True, "problems": []}


def test_prune_drops_old_pages_and_keeps_every_text(filled: Chaoxun) -> None:
    before = filled.here("show", EDITED, "--json").json

    kept = filled.here("db", "prune", "--captures-older-than", "9999d")
    dropped = filled.here("db", "prune", "--captures-older-than", "1s")

    assert kept.out.startswith("0 captures ")
    assert dropped.code == 0
    assert int(dropped.out.split()[0]) > 0
    assert filled.here("show", EDITED, "--json").json == before
    assert filled.here("db", "prune").code == 0, "an age need not be named"
    assert filled.here("db", "prune", "--captures-older-than", "old").code == 2


# -- alerts


def test_a_test_message_goes_to_every_recipient_of_a_channel(chaoxun: Chaoxun, mail: MailReceiver) -> None:
    both = mail.url("desk@example.org", "second@example.org")
    (chaoxun.config / "channels.yaml").write_text(f'channels:\n  mail: {{url: "{both}"}}\n', encoding="utf-8")

    done = chaoxun("alert", "test", "mail")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ["mail desk@example.org: sent", "mail second@example.org: sent"]
    assert {taken.recipient for taken in mail.accepted.all()} == {"desk@example.org", "second@example.org"}
    assert not (chaoxun.config / "corpus.db").exists(), "it is no alert: nothing is stored"


def test_a_test_message_that_is_refused_ends_with_1_and_shows_no_secret(chaoxun: Chaoxun) -> None:
    with HookReceiver() as hook:
        hook.script(Reply(status=403, body="no such token"))
        url = hook.url("/hook/canarycanarycanary").replace("http://", "json://")
        (chaoxun.config / "channels.yaml").write_text(f'channels:\n  mail: {{url: "{url}"}}\n', encoding="utf-8")

        done = chaoxun("alert", "test", "mail")

    assert (done.code, done.out) == (1, "")
    assert "mail: rejected: " in done.err
    assert "canary" not in done.err


CANARIES = {
    "unknown": "dingtak://SECcanarycanary0123@canarycanary",
    "bad": "wecombot://canary canary",
    "optional": "json://canary:canary@127.0.0.1/canarycanary?optional=yes",
    "login": "mailto://watcher:canary-password@127.0.0.1:1?smtp=127.0.0.1&mode=insecure&from=a@example.org&to=b@example.org",
}


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        pytest.param("unknown", 78, "did you mean dingtalk://?", id="unknown service"),
        pytest.param("bad", 78, "wecombot://{key}", id="a part is wrong"),
        pytest.param("optional", 78, "a failure would count as success", id="optional"),
        pytest.param("login", 1, "no connection to the mail server 127.0.0.1", id="mail"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--verbose"]])
def test_neither_doctor_nor_a_test_message_shows_a_secret(
    chaoxun: Chaoxun, name: str, code: int, said: str, flags: list[str]
) -> None:
    """What is wrong is said in the file's and the channel's name."""
    (chaoxun.config / "channels.yaml").write_text(f"channels:\n  mail: {{url: '{CANARIES[name]}'}}\n", encoding="utf-8")

    test = chaoxun(*flags, "alert", "test", "mail")
    doctor = chaoxun.here("doctor", "--json")

    assert test.code == code
    assert said in test.err
    if code == 78:
        assert "channels.yaml:2: channel mail: " in test.err
        assert said in next(finding["what"] for finding in doctor.json if finding["name"] == "channels")
    assert "canary" not in test.out + test.err + doctor.out + doctor.err


def test_the_list_of_alerts_is_narrowed_and_paged(filled: Chaoxun) -> None:
    everything = filled.here("alert", "list", "--json").json
    channel = everything[0]["channel"]
    assert filled.here("alert", "list", "--channel", channel, "--since", "2020-01-01", "--json").json == [
        row for row in everything if row["channel"] == channel
    ]
    page = filled.here("alert", "list", "--limit", "1", "--json").json
    rest = filled.here("alert", "list", "--before", str(page[-1]["delivery"]), "--json").json
    assert page + rest == everything
    assert filled.here("alert", "list", "--channel", "nobody").out.strip() == "There are no such deliveries."


def test_retry_takes_an_alert_or_a_delivery_and_says_how_many(filled: Chaoxun) -> None:
    with closing(sqlite3.connect(filled.config / "corpus.db")) as database:
        database.execute("UPDATE delivery SET state = 'dead', error = 'refused', next_try_at = NULL")
        database.commit()
    first, second, *rest = filled.here("alert", "list", "--state", "dead", "--json").json

    by_alert = filled.here("alert", "retry", first["id"])
    by_delivery = filled.here("alert", "retry", second["delivery"])
    others = filled.here("alert", "retry", "--dead")

    assert [done.code for done in (by_alert, by_delivery, others)] == [0, 0, 0]
    assert by_alert.out.startswith("1 deliveries are due now")
    assert others.out.startswith(f"{len(rest)} deliveries are due now")
    assert {row["state"] for row in filled.here("alert", "list", "--json").json} == {"pending"}


# -- doctor


def test_doctor_looks_at_everything_and_finds_nothing_wrong(filled: Chaoxun) -> None:
    done = filled("doctor", "--json")

    assert (done.code, done.err) == (0, "")
    assert all(set(finding) == {"name", "ok", "what"} for finding in done.json)
    names = {finding["name"] for finding in done.json}
    assert names >= {"python", "clock", "configuration", "channels", "database", "disk", "daemon", "outbox"}
    assert all(finding["ok"] for finding in done.json)


@pytest.mark.parametrize(
    ("spoil", "name", "said"),
    [
        pytest.param("watches.yaml", "configuration", "watches.yaml:1", id="configuration"),
        pytest.param("channels.yaml", "channels", "mail", id="channels"),
        pytest.param("corpus.db", "database", "damaged", id="database"),
    ],
)
def test_doctor_names_what_is_wrong_and_ends_with_1(chaoxun: Chaoxun, spoil: str, name: str, said: str) -> None:
    text = {"watches.yaml": "wotches: []\n", "channels.yaml": "channels: {mail: {url: 'nosuch://x'}}\n"}
    (chaoxun.config / spoil).write_text(text.get(spoil, "no database" * 1000), encoding="utf-8")

    done = chaoxun.here("doctor", "--json")

    assert done.code == 1
    bad = {finding["name"]: finding["what"] for finding in done.json if not finding["ok"]}
    assert said in bad[name]
    assert "BAD  " in chaoxun.here("doctor").out


def test_what_a_source_accepts_of_tls_is_named_by_doctor_and_health(chaoxun: Chaoxun) -> None:
    lax = (
        '{slug: old-hall, name: 旧站, engine: feed, url: "https://old.example/rss", tls: {verify: false, legacy: true}}'
    )
    (chaoxun.config / "sources" / "lax.yaml").write_text(f"sources:\n  - {lax}\n", encoding="utf-8")
    chaoxun.here("db", "upgrade")

    (note,) = (found for found in chaoxun.here("doctor", "--json").json if found["name"] == "tls")
    assert note["ok"]
    assert "old-hall accept TLS that nobody vouches for, or that is old" in note["what"]
    (row,) = chaoxun.here("health", "old-hall", "--json").json
    assert row["tls"] == "certificate not verified, legacy TLS"
    assert "certificate not verified, legacy TLS" in chaoxun.here("health", "old-hall").out


def test_doctor_tells_dead_deliveries_and_sick_sources(filled: Chaoxun) -> None:
    with closing(sqlite3.connect(filled.config / "corpus.db")) as database:
        database.execute("UPDATE delivery SET state = 'dead'")
        database.execute("UPDATE source SET state = 'broken', why = 'refuses the connection' WHERE slug = 'yiwu-news'")
        database.commit()

    done = filled.here("doctor", "--json")

    assert done.code == 1
    bad = {finding["name"]: finding["what"] for finding in done.json if not finding["ok"]}
    assert "chaoxun alert list --state dead" in bad["outbox"]
    assert "refuses the connection" in bad["source yiwu-news"]
