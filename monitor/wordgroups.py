"""Word groups of TrendRadar (frequency_words.txt) as watches: what `chaoxun watch import` prints.

A group is a block of lines between blank ones. A plain line is a word of which any may stand in the title, `+word`
must, `!word` must not; `/…/` is a regex; behind ` => ` stands a name to show; `[name]` on the first line names the
group; `@5` bounds what is shown; `#` begins a comment. What stands under [GLOBAL_FILTER] must not be in any title, and
[WORD_GROUPS] ends that section. The format: github.com/sansan0/TrendRadar, trendradar/core/frequency.py, 2026.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from crawler.yamlfile import ConfigError
from monitor.rules import RuleError, parse
from monitor.rules.nodes import Regex, Word

_REGEX = re.compile(r"/(.+)/[a-z]*")
_ALIAS = re.compile(r"\s*=>\s*")
_LIMIT = re.compile(r"@\s*[1-9]\d*")
_HEADING = re.compile(r"\[(.*)\]")
#: What the rule language reads as one word wherever it stands.
_PLAIN = re.compile(r"(?!(?i:AND|OR|NOT|NEAR)$)[^\W_]+")
#: "No letter stands before it, nor behind it", which TrendRadar's manual recommends: (?<![a-z])ai(?![a-z])
_BEFORE = re.compile(r"(^|(?<!\\)\|)\(\?<!\[([^\]^\\][^\]\\]*)\]\)")
_BEHIND = re.compile(r"\(\?!\[([^\]^\\][^\]\\]*)\]\)(?=\||$)")
#: What Python writes otherwise than RE2, what is escaped already, and what would end the regex in a rule.
_FOREIGN = re.compile(r"\\u(?P<code>[0-9a-fA-F]{4})|(?P<escaped>\\.)|[/／]")
_QUOTES = (('"', '"'), ("「", "」"), ("『", "』"))
_FILTER, _GROUPS = "GLOBAL_FILTER", "WORD_GROUPS"
_LONGEST_NAME = 60
_HEAD = (
    "Word groups of TrendRadar. They look at titles, and so do these: without `scope` a watch looks into texts, too.",
    "A word of letters or digits meets whole words here: ai is found in neither gai nor OpenAI.",
    "An excluded word (!) excludes in its own group; TrendRadar leaves such a title out of all groups.",
    r"In a regex \b and \w know no Chinese here: /\bai\b/ finds 用AI写, which TrendRadar passes over.",
)


@dataclass(frozen=True, slots=True)
class _Term:
    """The word of a line. rule: as the rule language writes it; None where it cannot, and `why` says why."""

    line: int
    shown: str
    rule: str | None
    why: str = ""


@dataclass(slots=True)
class _Group:
    """A block of words. said: what of it is not carried over, for a comment."""

    line: int
    name: str = ""
    any_of: list[_Term] = field(default_factory=list)
    must: list[_Term] = field(default_factory=list)
    never: list[_Term] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def rule(self, filters: Sequence[_Term]) -> str | None:
        """The group as a rule; None where what is lost would make it tell of other things."""
        any_of = [term.rule for term in self.any_of if term.rule]
        must = [term.rule for term in self.must if term.rule]
        if len(must) < len(self.must) or (self.any_of and not any_of):
            return None
        never = dict.fromkeys(f"-{term.rule}" for term in (*self.never, *filters) if term.rule)
        parts = [*must, *never]
        if any_of:
            choice = " OR ".join(any_of)
            parts.insert(0, f"({choice})" if parts and len(any_of) > 1 else choice)
        return " ".join(parts)

    def names(self) -> str:
        """What the group is called where it names itself not: by its words."""
        terms = [*self.any_of, *self.must]
        return " / ".join(dict.fromkeys(term.shown for term in terms if term.rule) or [terms[0].shown])


def watches_yaml(text: str, where: str, channels: Sequence[str] = ()) -> str:
    """The watches of a file of word groups, as YAML for watches.yaml. Pure.

    A comment before a watch says what of its group could not be carried over. where: the file's name, for messages.
    Raises ConfigError that names every line which is none of the format.
    """
    reader = _Reader(where)
    groups = reader.groups(text)
    if not reader.mistakes and not groups:
        reader.mistakes.append(
            f"{where}: there is no word group in it; write one word a line, a blank line between two"
        )
    if reader.mistakes:
        raise ConfigError("\n".join(reader.mistakes))
    lines = [_comment(line) for line in (*_HEAD, *reader.said)]
    entries: list[str] = []
    names: set[str] = set()
    for group in groups:
        entries += [f"  {_comment(said)}" for said in group.said]
        rule = group.rule(reader.filters)
        if rule is None:
            told = f"line {group.line}: the group {group.name} is left out: without that it would tell of other things"
            entries.append(f"  {_comment(told)}")
            continue
        watch: dict[str, object] = {"name": _unlike(group.name, names), "rule": rule, "scope": ["title"]}
        if channels:
            watch["channels"] = list(channels)
        entries += [f"  {' ' if at else '-'} {key}: {_value(value)}" for at, (key, value) in enumerate(watch.items())]
    return "\n".join((*lines, "watches:" if names else "watches: []", *entries)) + "\n"


class _Reader:
    """Reads one file; mistakes, filters (what excludes everywhere) and said (comments on the file) fill as it goes."""

    def __init__(self, where: str) -> None:
        self.mistakes: list[str] = []
        self.filters: list[_Term] = []
        self.said: list[str] = []
        self._where = where

    def groups(self, text: str) -> list[_Group]:
        """The groups that tell of something; what only excludes has gone to the filters."""
        found, section = [], _GROUPS
        for lines in _blocks(text):
            group, words = _Group(line=lines[0][0]), lines
            if _heading(words).upper() in (_FILTER, _GROUPS):
                section, words = _heading(words).upper(), words[1:]
            if section == _GROUPS and _heading(words):
                group.name, words = _heading(words), words[1:]
            for number, line in words:
                if section == _FILTER:
                    self._filtered(number, line)
                else:
                    self._word(group, number, line)
            if group.any_of or group.must:
                group.name = group.name or group.names()
                found.append(group)
            else:
                self.filters += group.never
                self.said += group.said
        return found

    def _filtered(self, number: int, line: str) -> None:
        if line[0] in "!+@":
            self.said.append(f"line {number}: {line} means nothing under [{_FILTER}], and is left out")
            return
        term = self._term(number, line)
        self.filters.append(term)
        if term.why:
            self.said.append(f"line {number}: {term.why}; nothing is filtered by it")

    def _word(self, group: _Group, number: int, line: str) -> None:
        if line[0] == "@":
            if not _LIMIT.fullmatch(line):
                self._mistake(number, f"{line} is no limit; write @ and a number, such as @10")
            group.said.append(f"line {number}: {line} is left out: a watch has no limit; a digest keeps it short")
            return
        if _HEADING.fullmatch(line):
            group.said.append(f"line {number}: {line} is read as a word; a name stands on the first line of its group")
        term = self._term(number, line[1:] if line[0] in "+!" else line)
        {"+": group.must, "!": group.never}.get(line[0], group.any_of).append(term)
        if term.why:
            group.said.append(f"line {number}: {term.why}; it is left out")

    def _term(self, number: int, line: str) -> _Term:
        word, *alias = _ALIAS.split(line.strip(), maxsplit=1)
        shown = alias[0] if alias and alias[0] else word
        regex = _REGEX.fullmatch(word)
        written = f"/{_as_re2(regex[1])}/" if regex else _quoted(word)
        if "${" in written:
            return _Term(number, shown, None, f"{word} would be read as a setting")
        try:
            root = parse(written).root
        except RuleError as error:
            if not regex:
                self._mistake(number, f"{line.strip()!r} names no word; write one, or delete the line")
            return _Term(number, shown, None, f"{word}: {error.message}")
        if not isinstance(root, Regex if regex else Word):
            return _Term(number, shown, None, f"{word} cannot be written as one term")
        return _Term(number, shown, written)

    def _mistake(self, number: int, message: str) -> None:
        self.mistakes.append(f"{self._where}:{number}: {message}")


def _blocks(text: str) -> list[list[tuple[int, str]]]:
    """The lines of each group with their numbers, without comments. A comment alone parts nothing."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        words = line.strip()
        if not words:
            blocks.append([])
        elif not words.startswith("#"):
            blocks[-1].append((number, words))
    return [block for block in blocks if block]


def _heading(lines: Sequence[tuple[int, str]]) -> str:
    """What stands in square brackets on the first line; empty where nothing does."""
    found = _HEADING.fullmatch(lines[0][1]) if lines else None
    return found[1].strip() if found else ""


def _as_re2(source: str) -> str:
    r"""A regex of Python's that meets the same titles in RE2, as far as it is known how.

    >>> _as_re2(r"(?<![a-z])ai(?![a-z])|[\u4e00-\u9fa5]/日")
    '(?:^|[^a-z])ai(?:$|[^a-z])|[\\x{4e00}-\\x{9fa5}]\\/日'
    """
    if "(" not in _BEHIND.sub("", _BEFORE.sub("", source)):  # else a group may go on where the look-around ends
        source = _BEHIND.sub(r"(?:$|[^\1])", _BEFORE.sub(r"\1(?:^|[^\2])", source))
    source = _FOREIGN.sub(_in_re2, source)
    return f"[{source[0]}]{source[1:]}" if source[0].isspace() else source


def _in_re2(found: re.Match[str]) -> str:
    if found["code"]:
        return rf"\x{{{found['code']}}}"
    return found["escaped"] or (r"\/" if found[0] == "/" else r"\x{ff0f}")


def _comment(text: str) -> str:
    """Without characters that YAML refuses."""
    return "# " + "".join(character for character in text if character.isprintable())


def _quoted(word: str) -> str:
    """The word as a phrase, unless the rule language reads it as one word anyway."""
    if _PLAIN.fullmatch(word):
        return word
    opening, closing = next((pair for pair in _QUOTES if not set(pair) & set(word)), _QUOTES[0])
    return f"{opening}{word}{closing}"


def _unlike(name: str, taken: set[str]) -> str:
    """The name, cut to size, with a number where it is taken; notes it as taken."""
    cut = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    free, number = cut, 2
    while free in taken:
        free, number = f"{cut} ({number})", number + 1
    taken.add(free)
    return free


def _value(value: object) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...")
