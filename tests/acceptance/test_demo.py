"""`chaoxun demo` as a process: what it shows, what it leaves, and how it begins and ends."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.commands import Chaoxun

PATIENCE = 120
COMMAND = [sys.executable, "-m", "monitor.cli", "demo"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, "subprocess.CompletedProcess[str]"]]:
    """A demo of half a minute, on a port that somebody else has."""
    place = tmp_path_factory.mktemp("demo")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--seconds", "30", "--port", port],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert f":{port}\n" not in done.stdout, "that port is not to be had"
    yield place, done
    shutil.rmtree(place)


Played = tuple[Path, "subprocess.CompletedProcess[str]"]


def test_a_demo_ends_by_itself_and_says_no_word_of_trouble(played: Played) -> None:
    _, done = played

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"The page: http://127\.0\.0\.1:\d+\n", done.stdout)
    assert "16 articles are stored, none alerts" in done.stdout


def test_a_demo_shows_an_alert_of_every_kind_with_its_text(played: Played) -> None:
    _, done = played

    marks = Counter(re.findall(r"mail to desk@example\.org: (【.】)", done.stdout))
    assert set(marks) == {"【新】", "【改】", "【撤】", "【复】"}
    assert "正文【删】记者从市经信局获悉，今年上半年我市新增省级未来工厂4家、智能工厂37家" in done.stdout
    assert re.search(r"^ +#a[0-9a-f]{11}$", done.stdout, re.MULTILINE)
    told = next(line for line in done.stdout.splitlines() if "Alerts by mail: " in line)
    assert all(f"{mark} {number}" in told for mark, number in marks.items())


def test_what_the_demo_says_of_the_repost_and_the_noise_is_what_the_corpus_holds(played: Played) -> None:
    place, done = played
    chaoxun = Chaoxun(place / "var" / "demo")

    found = chaoxun.here("search", "source:outlet-news 绿色石化", "--json").json
    (copy,) = found["items"]
    alerts = chaoxun.here("alert", "list", "--json").json

    assert copy["story"]["outlets"] == 2
    assert [row for row in alerts if row["article_id"] == copy["id"]] == []
    assert "The repost raised 0 alerts; its story has the outlets sina-china, outlet-news." in done.stdout
    noise = re.search(r"moved on (\d+) pages, 1 article was edited; revisions made: 1\.", done.stdout)
    assert noise is not None and int(noise[1]) > 10


def test_the_mails_and_the_slack_payloads_can_be_looked_at(played: Played) -> None:
    place, done = played
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((place / "var" / "demo" / "mail").glob("*.eml"))
    ]
    payloads = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((place / "var" / "demo" / "slack").glob("*.json"))
    ]

    assert len(mails) == done.stdout.count("mail to desk@example.org: ") >= 4
    assert len(payloads) == done.stdout.count("Slack got the same: var/demo/slack/") >= 4
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        assert str(mail["X-Chaoxun-Alert"]) in body.get_content()
        assert mail["Message-ID"]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    assert any("产业大脑" in json.dumps(payload, ensure_ascii=False) for payload in payloads)


def test_the_commands_that_the_demo_names_work_on_what_it_left(played: Played) -> None:
    place, done = played
    # In a venv that is not in the PATH the program stands there with its path.
    named = re.findall(r"^ +\S+ --config (\S+) (.+)$", done.stdout, re.MULTILINE)

    assert len(named) >= 4
    for folder, words in named:
        answer = Chaoxun(Path(folder), cwd=place).here(*words.split())
        assert (answer.code, answer.err) == (0, ""), words
        assert answer.out
    diff = Chaoxun(place / "var" / "demo").here(*next(words for _, words in named if "--diff" in words).split())
    assert "37" in diff.out and "39" in diff.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a service manager's stop"])
def test_a_demo_that_is_interrupted_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)

    assert "The page: http://127.0.0.1:" in first
    assert (process.returncode, err) == (0, "")
    assert "Alerts by mail: " in out
    assert "The demo ended before the repost." in out


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "var" / "demo" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("keep me", encoding="utf-8")

    done = subprocess.run(
        [*COMMAND, "--seconds", "1", "--port", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert str(mine.parent) in done.stderr and "Traceback" not in done.stderr
    assert mine.read_text(encoding="utf-8") == "keep me"


def test_a_second_demo_in_the_same_place_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        second = subprocess.run(
            [*COMMAND, "--port", "0"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=PATIENCE)

    assert (second.returncode, second.stdout) == (1, "")
    assert "runs in" in second.stderr
    assert first.returncode == 0
