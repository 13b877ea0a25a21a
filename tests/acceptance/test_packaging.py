"""The wheel carries all that stands below crawler/ and monitor/: a data file that is forgotten fails only elsewhere."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("crawler", "monitor")
#: What the build needs beside the packages.
BESIDE = ("pyproject.toml", "README.md", "LICENSE")
MADE = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, as building leaves files behind; without isolation, as that would ask the network."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=MADE)
    for name in BESIDE:
        shutil.copy(ROOT / name, folder / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(folder)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = (folder / "dist").glob("*.whl")
    return built


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    stored = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }

    assert wanted - stored == set()


def test_the_wheel_carries_nothing_of_the_tests_and_no_compiled_file(wheel: Path) -> None:
    stored = zipfile.ZipFile(wheel).namelist()

    assert [name for name in stored if name.startswith("tests/") or name.endswith(".pyc")] == []


def test_the_wheel_carries_its_licence_and_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (info,) = (name.split("/")[0] for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        assert "Apache License" in archive.read(f"{info}/licenses/LICENSE").decode()
        assert "chaoxun = monitor.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
