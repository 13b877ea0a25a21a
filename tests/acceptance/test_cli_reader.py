"""Commands of a person who may read the database and nothing else, and what nobody is shown: passwords."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.corpus import Corpus
from monitor.demo.sites import Column, SampleSites
from tests import postgres
from tests.commands import Chaoxun
from tests.daemons import DaemonProcess
from tests.shelf import fill, write_config

NOBODY = 65534
#: Root may write everything, so it gives up that right; the files then belong to somebody else.
WITHOUT_ROOTS_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")

needs_setpriv = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None,
    reason="as root a read-only folder is none without setpriv; get it: apt-get install util-linux",
)


@pytest.fixture
def sites() -> Iterator[SampleSites]:
    with SampleSites() as running:
        running.publish_backlog()
        yield running


@pytest.fixture
def chaoxun(tmp_path: Path, sites: SampleSites) -> Chaoxun:
    channels = {"desk-mail": "mailto://127.0.0.1:9?from=a@example.org&to=desk@example.org"}
    folder = sites.write_config(tmp_path / "config", columns=[Column.SINA_CHINA], channels=channels, bind="127.0.0.1:0")
    return Chaoxun(folder)


def make_readable_only(folder: Path) -> tuple[str, ...]:
    """Everything below the folder may be read by us, channels.yaml not even that; answers how to start a command."""
    root = os.geteuid() == 0
    for path in [folder, *folder.rglob("*")]:
        kept = path.name == "channels.yaml"
        path.chmod(0o550 if path.is_dir() else 0o200 if kept else 0o440)
        if root:
            os.chown(path, NOBODY, 0)
    return WITHOUT_ROOTS_RIGHTS if root else ()


def make_writable_again(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)


READING = ("search 产业大脑 --json", "alert list --json", "health --json", "watch explain 产业大脑 1 --json")


@needs_setpriv
def test_who_may_only_read_the_database_can_query_it(tmp_path: Path) -> None:
    chaoxun = Chaoxun(write_config(tmp_path / "config"))
    corpus = Corpus.open(f"sqlite:///{chaoxun.config}/corpus.db")
    fill(corpus)
    corpus.close()
    wanted = {line: chaoxun.here(*line.split()).json for line in READING}
    before = make_readable_only(chaoxun.config)
    try:
        for line in READING:
            done = chaoxun(*line.split(), before=before)
            assert (done.code, done.err) == (0, ""), line
            assert done.json == wanted[line]
        refused = chaoxun("import", __file__, before=before)
    finally:
        make_writable_again(chaoxun.config)
    assert refused.code == 1
    assert "write access" in refused.err and "Traceback" not in refused.err
    assert [path.name for path in chaoxun.config.glob("corpus.db*")] == ["corpus.db"], "reading left nothing behind"


@needs_setpriv
@pytest.mark.parametrize(
    ("closed", "said"),
    [
        pytest.param("sources", "config/sources: cannot be read: Permission denied", id="the sources"),
        pytest.param(".", "config: this user may not look into it; its owner gives the right: chmod", id="all of it"),
    ],
)
def test_a_folder_that_is_closed_to_us_is_a_mistake_and_no_empty_one(tmp_path: Path, closed: str, said: str) -> None:
    chaoxun = Chaoxun(write_config(tmp_path / "config"), cwd=tmp_path)
    folder = chaoxun.config / closed
    before = make_readable_only(chaoxun.config)
    folder.chmod(0)
    try:
        done = chaoxun("source", "list", before=before)
    finally:
        folder.chmod(0o700)
        make_writable_again(chaoxun.config)

    assert (done.code, done.out) == (78, "")
    assert said in done.err and "Traceback" not in done.err


@needs_setpriv
def test_a_reader_sees_what_a_running_daemon_has_stored_a_moment_ago(chaoxun: Chaoxun, sites: SampleSites) -> None:
    with DaemonProcess(chaoxun.config) as daemon:
        daemon.start().wait_ready()
        daemon.wait(lambda: chaoxun.here("search", "宁波", "--json").json["total"] > 0, "the backlog is stored")
        before = make_readable_only(chaoxun.config)
        try:
            done = chaoxun("search", "宁波", "--json", before=before)
            doctor = chaoxun("doctor", before=before)
        finally:
            make_writable_again(chaoxun.config)
        assert daemon.terminate() == 0
    assert (done.code, done.err) == (0, "")
    assert done.json["total"] > 0
    assert "Traceback" not in doctor.err


@needs_setpriv
def test_a_reader_gets_what_a_killed_daemon_left(chaoxun: Chaoxun) -> None:
    with DaemonProcess(chaoxun.config) as daemon:
        daemon.start().wait_ready()
        daemon.wait(lambda: chaoxun.here("search", "宁波", "--json").json["total"] > 0, "the backlog is stored")
        daemon.signal(signal.SIGKILL)
        daemon.wait_end()
    before = make_readable_only(chaoxun.config)
    try:
        done = chaoxun("search", "宁波", "--json", before=before)
    finally:
        make_writable_again(chaoxun.config)

    assert done.code == 0, done.err
    assert done.json["total"] > 0


@needs_setpriv
def test_a_reader_of_an_old_schema_is_told_who_upgrades_it(chaoxun: Chaoxun) -> None:
    assert chaoxun.here("db", "upgrade").code == 0
    _set_schema(chaoxun.config / "chaoxun.db", "0000")
    before = make_readable_only(chaoxun.config)
    try:
        done = chaoxun("search", "宁波", before=before)
    finally:
        make_writable_again(chaoxun.config)

    assert (done.code, done.out) == (1, "")
    assert "0000" in done.err and "chaoxun db upgrade" in done.err


def _set_schema(database: Path, version: str) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        " c.execute('UPDATE alembic_version SET version_num = ?', [sys.argv[2]]); c.commit(); c.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(database), version], check=True)


@pytest.mark.skipif(postgres.binaries() is None, reason=postgres.REMEDY)
def test_on_postgresql_a_role_that_may_only_select_can_query(chaoxun: Chaoxun) -> None:
    with postgres.server() as server:
        address = server.database()
        set_database(chaoxun, address)
        assert chaoxun("crawl", "--all").code == 0
        wanted = chaoxun.here("search", "宁波", "--json").json
        engine = sa.create_engine(address)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE ROLE reader LOGIN"))
            connection.execute(sa.text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        engine.dispose()
        set_database(chaoxun, address.replace("tester@", "reader@"))

        done = chaoxun("search", "宁波", "--json")
        refused = chaoxun("import", __file__)

    assert (done.code, done.err) == (0, "")
    assert done.json == wanted and wanted["total"] > 0
    assert refused.code == 1
    assert "Traceback" not in refused.err


def set_database(chaoxun: Chaoxun, address: str) -> None:
    main = chaoxun.config / "chaoxun.yaml"
    lines = main.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("database:")
    main.write_text("\n".join([f'database: "{address}"', *lines[1:]]), encoding="utf-8")


PASSWORD = "p%40ss-geheim-77"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["search", "产业大脑"], id="search"),
        pytest.param(["-v", "crawl", "--all", "--alert"], id="crawl"),  # it fails before it needs a reactor
        pytest.param(["db", "upgrade"], id="db upgrade"),
        pytest.param(["doctor"], id="doctor"),
        pytest.param(["run"], id="run"),
    ],
)
def test_the_databases_password_is_never_printed(chaoxun: Chaoxun, words: list[str]) -> None:
    set_database(chaoxun, f"postgresql+psycopg://chaoxun:{PASSWORD}@127.0.0.1:9/chaoxun")

    done = chaoxun(*words) if words[0] == "run" else chaoxun.here(*words)

    assert done.code == 1
    said = done.out + done.err
    assert "127.0.0.1" in said and "cannot be reached" in said
    assert "geheim" not in said
