"""What the detection of engines speaks of: candidates, where else to look, and what a page is instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.probing.naming import About


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An engine that may read the page. keys: those of a source's entry that say where its list is (`url`, `tag`, …).

    sure: the page says so itself, so that even a single entry convinces.
    """

    engine: str
    keys: Mapping[str, Any]
    evidence: str
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Another page that holds the list, or leads to it. lasting: its address is the one to configure."""

    url: str
    why: str
    lasting: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What a page may be. candidates: the most telling first. trouble: why it is no list, and what to do."""

    candidates: tuple[Candidate, ...] = ()
    leads: tuple[Lead, ...] = ()
    about: About = field(default_factory=About)
    trouble: str | None = None
