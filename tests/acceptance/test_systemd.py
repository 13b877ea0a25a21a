"""The unit as systemd reads it: nothing to complain of, little to attack, and no line of hardening without a reason."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "chaoxun.service"
#: Tenths of systemd's exposure level; a plain unit has 96. What stays is the network itself.
EXPOSURE = 15

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or not Path("/usr/lib/systemd/system/sysinit.target").exists(),
    reason="the unit is not checked: systemd-analyze is not here; apt-get install systemd",
)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root as the unit finds it after installing: systemd's own targets, the programs that it starts, the unit."""
    units = tmp_path / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    for pattern in ("*.target", "*.slice"):
        for file in Path("/usr/lib/systemd/system").glob(pattern):
            shutil.copy(file, units / file.name)
    for program in ("opt/chaoxun/bin/chaoxun", "bin/kill"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    shutil.copy(UNIT, tmp_path / "etc/systemd/system")
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, env=environ, check=False
    )


@needs_systemd
def test_verify_prints_nothing(machine: Path) -> None:
    """The exit code is no witness: a missing program is printed, and the code is 0."""
    done = analyze("verify", f"--root={machine}", UNIT.name)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@needs_systemd
def test_verify_would_have_told_of_a_key_that_systemd_does_not_know(machine: Path) -> None:
    unit = machine / "etc/systemd/system" / UNIT.name
    unit.write_text(unit.read_text().replace("OOMPolicy=", "OOMPolice="))

    assert "OOMPolice" in analyze("verify", f"--root={machine}", UNIT.name).stderr


@needs_systemd
def test_the_service_is_exposed_to_little_but_the_network(machine: Path) -> None:
    done = analyze("security", "--offline=true", f"--root={machine}", f"--threshold={EXPOSURE}", UNIT.name)

    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None,
    reason="the service's account is not checked: systemd-sysusers is not here; apt-get install systemd",
)
def test_the_account_and_its_group_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", str(SYSTEMD / "chaoxun.sysusers.conf")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0 and os.geteuid() != 0:
        pytest.skip("the service's account is not checked: systemd-sysusers writes only as root")
    assert done.returncode == 0, done.stderr

    assert "chaoxun:" in (tmp_path / "etc/passwd").read_text()
    assert "chaoxun:" in (tmp_path / "etc/group").read_text()


def test_every_line_of_the_service_has_a_reason_above_it() -> None:
    """One reason may speak for a block of lines; a blank line ends it."""
    explained = False
    bare = []
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            explained = True
        elif not line or line.startswith("["):
            explained = False
        elif not explained and not line.startswith(PLAIN):
            bare.append(line)

    assert bare == []


#: What says itself.
PLAIN = ("Description=", "Documentation=", "Wants=", "After=", "WantedBy=", "ExecStart=", "Restart")


def test_the_page_of_the_shipped_configuration_is_the_port_that_the_unit_opens() -> None:
    bind = re.search(r"^  bind: .*:(\d+)", (SYSTEMD.parent / "config/chaoxun.yaml").read_text(encoding="utf-8"), re.M)
    allowed = re.findall(r"^SocketBindAllow=tcp:(\d+)$", UNIT.read_text(encoding="utf-8"), re.M)

    assert bind is not None
    assert allowed == [bind[1]]


def test_every_credential_of_the_shipped_examples_is_loaded_by_the_unit() -> None:
    folder = SYSTEMD.parent / "config"
    asked = set(re.findall(r"\$\{credential:([a-z-]+)\}", (folder / "channels.yaml").read_text(encoding="utf-8")))
    loaded = set(re.findall(r"^LoadCredential=([a-z-]+)$", UNIT.read_text(encoding="utf-8"), re.M))

    assert asked
    assert asked <= loaded
