"""Reduces a text to what a reader would call its content, and hashes that.

Gone are blanks, width, script and glosses (the fold) and the noise of the page: widgets, counters, today's date, lines
without a word, and the source's own `noise` patterns. Changed figures and dates stay.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from crawler.text.han import HAN
from crawler.text.widgets import cut_folded_counters, folded_is_widget
from monitor.text.clauses import wording_of
from monitor.text.fold import fold_text

#: Shorter keys are those of captions and of "see the attachment", which agree without being one story.
SHORTEST_STORY = 20

_NOT_KEY = re.compile(f"[^0-9a-z{HAN}]+")
#: A tick says something where a form has it in a line of its own; a cross alone is the button that closes a window.
_HAS_WORD = re.compile(r"[^\W_]|[√✓✔✗✘☑☒]")


@lru_cache(maxsize=1024)
def _compiled(noise: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in noise)


def canonical_lines(text: str, noise: Sequence[str] = ()) -> list[str]:
    """The lines of a text that count, folded and without blanks. Pure.

    noise: regular expressions; a line in which one of them is found, as stored or as folded, is dropped.

    >>> canonical_lines("宁波 2674.3亿元。\\n访问次数：12\\n———\\n今天是2024年5月1日 星期三")
    ['宁波2674.3亿元.']
    """
    return list(_canonical_lines(text, tuple(noise)))


@lru_cache(maxsize=4)  # a new article is asked for its fingerprint and for its story's key, one after the other
def _canonical_lines(text: str, noise: tuple[str, ...]) -> tuple[str, ...]:
    patterns = _compiled(noise)
    lines = []
    for raw, folded in zip(text.split("\n"), fold_text(text).split("\n"), strict=True):
        if any(pattern.search(raw) or pattern.search(folded) for pattern in patterns):
            continue
        line = canonical(folded)
        if line:
            lines.append(line)
    return tuple(lines)


def canonical_of_folded(text: str) -> list[str]:
    """canonical_lines() of a text that is folded already. Pure."""
    return [line for line in map(canonical, text.split("\n")) if line]


def canonical(folded: str) -> str:
    """What counts of one folded line or sentence; empty for a widget or where there is no word. Pure."""
    line = folded.strip()
    if not _HAS_WORD.search(line) or folded_is_widget(line):
        return ""
    line = cut_folded_counters(line)
    return "".join(line.split()) if _HAS_WORD.search(line) else ""


def fingerprint(title: str, text: str, noise: Sequence[str] = ()) -> str:
    """Equal for two captures of the same content, in order; 64 hex digits. Pure.

    Where paragraphs break does not count.
    """
    return _hashed(["".join(fold_text(title).split()), "".join(canonical_lines(text, noise))])


def lines_set_hash(text: str, noise: Sequence[str] = ()) -> str:
    """Equal for two texts whose paragraphs differ in order only; 64 hex digits. Pure."""
    return _hashed(sorted(canonical_lines(text, noise)))


def story_key(text: str, noise: Sequence[str] = ()) -> str | None:
    """Equal where the same text stands elsewhere, whatever its punctuation and script; None for a text too short to
    tell (fewer than SHORTEST_STORY of [0-9a-z Han]). The points and signs of its numbers count. Pure."""
    lines = canonical_lines(text, noise)
    return story_key_of(key_of(lines), wording_of(lines))


def story_key_of(key: str, wording: str) -> str | None:
    """story_key() of a text whose key_of() and wording_of() are at hand. Pure."""
    return None if len(key) < SHORTEST_STORY else _hashed([wording])


def key_of(lines: Iterable[str]) -> str:
    """What is left of folded lines without punctuation and blanks: [0-9a-z Han]. Texts with other figures may agree in
    it (1.25 and 12.5): it proposes, and wording_of() decides. Pure."""
    return _NOT_KEY.sub("", "".join(lines))


def _hashed(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
