"""The four seed documents, field by field, where they are beside the repository."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract

SHARED = Path(__file__).resolve().parents[3] / "shared"
EXPECTED = SHARED / "seeds" / "expected.json"
NAMES = sorted(json.loads(EXPECTED.read_text(encoding="utf-8"))) if EXPECTED.exists() else []


def checker() -> Callable[[dict[str, Any], dict[str, Any]], Iterator[str]]:
    spec = importlib.util.spec_from_file_location("check_seeds", SHARED / "checks" / "check_seeds.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    problems: Callable[[dict[str, Any], dict[str, Any]], Iterator[str]] = module.problems
    return problems


@pytest.mark.skipif(not NAMES, reason="the seed documents are not beside this repository")
@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_every_expected_field(name: str) -> None:
    wanted = json.loads(EXPECTED.read_text(encoding="utf-8"))[name]
    draft = extract((SHARED / "seeds" / name).read_bytes())
    assert list(checker()(wanted, json.loads(json.dumps(draft.as_json())))) == []
