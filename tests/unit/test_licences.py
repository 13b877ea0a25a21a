"""Whoever installs chaoxun gets nothing under a licence that would reach over to their own code."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement

#: GPL and AGPL; LGPL is another matter, and stands only among the optional extras.
STRONG = re.compile(r"(?<![A-Z])A?GPL|GNU (Affero )?General Public", re.IGNORECASE)
WEAK = re.compile(r"LGPL|GNU (Lesser|Library) General Public", re.IGNORECASE)


def test_no_dependency_is_under_a_licence_that_reaches_over() -> None:
    offending = {name: text for name, text in licences("chaoxun").items() if leaves_only(STRONG, text)}

    assert offending == {}


def test_lesser_licences_are_optional_only() -> None:
    offending = {name: text for name, text in licences("chaoxun").items() if leaves_only(WEAK, text)}

    assert offending == {}


def test_every_dependency_says_its_licence() -> None:
    assert [name for name, text in licences("chaoxun").items() if not text] == []


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        pytest.param("GPL-3.0-or-later", True, id="GPL"),
        pytest.param("License :: OSI Approved :: GNU Affero General Public License v3", True, id="AGPL"),
        pytest.param("LGPL-3.0-only", False, id="LGPL is weak"),
        pytest.param("MPL-2.0", False, id="MPL"),
        pytest.param("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", False, id="a choice with a way out"),
        pytest.param("GPL-2.0-only OR AGPL-3.0-only", True, id="a choice without one"),
    ],
)
def test_the_pattern_knows_a_strong_licence(text: str, caught: bool) -> None:
    assert leaves_only(STRONG, text) is caught


def licences(root: str) -> dict[str, str]:
    """The licence text of everything that installing `root` brings, its optional extras left out."""
    found: dict[str, str] = {}
    wanted = [(root, "")]
    seen = set(wanted)
    while wanted:
        name, extra = wanted.pop()
        try:
            part = distribution(name)
        except PackageNotFoundError:
            continue  # another platform's
        if name != root:
            found[name] = stated_licence(part)
        for line in part.requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                for each in {(need.name.lower(), more) for more in need.extras or {""}} - seen:
                    seen.add(each)
                    wanted.append(each)
    return found


def stated_licence(part: Distribution) -> str:
    """The SPDX expression; where there is none the classifiers, else the free text's first line."""
    expression = part.metadata.get_all("License-Expression")
    classifiers = [line for line in part.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    free = [text.strip().splitlines()[0] for text in part.metadata.get_all("License") or [] if text.strip()]
    return "; ".join(expression or classifiers or free[:1])


def leaves_only(kind: re.Pattern[str], licence: str) -> bool:
    """Whether every alternative that the licence offers is of that kind."""
    return all(kind.search(alternative) for alternative in licence.split(" OR "))
