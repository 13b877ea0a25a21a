"""Learns which lines of a source's pages flip from fetch to fetch, and leaves them out of a comparison; pure.

A line is only ever taken for volatile on what different fetches of a page showed. What is learned is a template: the
line as it stands, but for what was seen to vary. `#` stands for a number, a date or a time, `*` for the words behind a
label; a line that comes and goes is its own template. Text (whatever has a sentence's stops, the cells of a table, or
figures with a unit) is never learned, however often it changes.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeVar

from monitor.text.fingerprint import canonical
from monitor.text.fold import fold_text

V = TypeVar("V")

#: Longer lines are text. Code points of the folded line.
LONGEST = 60
#: So often must a line have flipped in one article; a bare number more often, since it may be a figure that grows.
FLIPS_ALONE, FLIPS_OF_NUMBERS = 4, 6
#: Or so often in so many articles,
FLIPS_TOGETHER, ARTICLES_TOGETHER = 4, 3
#: in so many wordings. However seldom it flips, it is the site's own where so many wordings came to several articles,
#: and where looks at one article after another found the same one so many times more often than not.
VALUES_TOGETHER, AGREEMENT = 3, 3
#: A look that finds the line as it was weighs as much against it as so many flips for it, down to LEAST_SCORE.
STAY, LEAST_SCORE = 2, -4
#: What was learned is forgotten after so many looks in a row without a flip, and so long;
QUIET_LOOKS, QUIET_FOR = 8, timedelta(days=2)
#: or after so long.
FORGOTTEN_AFTER = timedelta(days=30)
#: Of each source so many lines are under suspicion, and learned; of so many articles it is known what they showed last.
MOST_SUSPECTS, MOST_LEARNED, MOST_ARTICLES = 30, 10, 32
#: A page of which more lines changed was edited, or made anew.
MOST_CHANGED = 8
_MOST_VALUES = 8
#: Matching more lines takes seconds where they are all alike.
_MOST_LINES = 500

_TEXT = re.compile(r"[!?;,|#*]|\.(?!\d)")
_NO_WORD = re.compile(r"[#\d\W_]")
_NUMBER = re.compile(r"\d+(?:[.:/,-]\d+)*")
_STAMP = re.compile(r"\d{1,4}[-/:]\d{1,2}|年\d+月|月\d+日")
_NUMBER_HERE = _NUMBER.pattern
_VALUE_HERE = r"(?:[^!?;|.]|\.(?=\d)){1,60}"
#: Figures of these are what an article tells.
_UNIT = re.compile(
    r"#(?:[余多个]*[万亿千百]|元|美元|%|‰|吨|公里|平方|米|家|户|倍|成|亩|例|项|名|股|人|件|台|辆|套|岁|次会议)"
)
#: A number behind one of these is one, whatever it is of.
_FACT_OF_NUMBERS = re.compile(
    r"电话|传真|手机|价|额|预算|文号|字号|索引|编号|代码|截止|截至|发布|成文|公开|累计|合计|总计|共"
)
_LABEL = re.compile(r"[^:\[\]<>()0-9]{2,12}:")
#: What stands behind these labels is a fact of the article.
_FACT = re.compile(
    r"来源|信源|编辑|作者|记者|通讯员|摄影|审核|校对|发布|发文|成文|公开|日期|时间|文号|字号|索引|机构|部门|单位|电话|联系|地址|地点"
    r"|邮箱|截止|价|额|预算|中标|供应|采购|项目|编号|名称|附件|标题|主题|关键|标签|状态|有效|答|问|说"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A line that has flipped, as a template, with the evidence. Learned from `learned_at` on.

    score: flips against looks without one; once it is learned, how many of these it stands before it is forgotten.
    flips: how often, by article. values: what stood there, a few of them, and some of the articles in which it did.
    seen: what stood there last, by article, as far as it is learned. moves: the articles in which it became what it
    says, by wording. agreed, differed: how often a look at another article found what the look before had, `last`.
    """

    template: str
    score: int = 0
    since: datetime
    flipped_at: datetime
    flips: Mapping[int, int] = field(default_factory=dict)
    values: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    seen: Mapping[int, str] = field(default_factory=dict)
    moves: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    agreed: int = 0
    differed: int = 0
    last: tuple[int, str] | None = None
    learned_at: datetime | None = None

    @property
    def comes_and_goes(self) -> bool:
        """Whether it is the whole line that flips."""
        return not set("#*") & set(self.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one visit to an article showed: the lines that we hold and those that it has now, both as lines_of()."""

    article: int
    before: Sequence[str]
    after: Sequence[str]
    at: datetime


def lines_of(text: str, noise: Sequence[str] = ()) -> list[str]:
    """The lines of a text as templates see them, without the source's noise. Pure."""
    patterns = [re.compile(pattern) for pattern in noise]
    return [key for line, key in _keyed(text) if not any(p.search(line) for p in patterns)]


def _keyed(text: str) -> Iterator[tuple[str, str]]:
    for line, folded in zip(text.split("\n"), fold_text(text).split("\n"), strict=True):
        key = canonical(folded)
        if key:
            yield line, key


def learned(suspects: Iterable[Suspect]) -> tuple[str, ...]:
    """The templates that are left out of comparisons. Pure."""
    return tuple(suspect.template for suspect in suspects if suspect.learned_at)


def without(text: str, templates: Collection[str]) -> str:
    """The text without the lines that a template fits. Pure.

    >>> without("正文。\\n当前在线：12", ["当前在线:#"])
    '正文。'
    """
    if not templates:
        return text
    fits = [_fits(template) for template in templates]
    gone = {line for line, key in _keyed(text) if any(fit(key) for fit in fits)}
    return "\n".join(line for line in text.split("\n") if line not in gone)


@lru_cache(maxsize=512)
def _fits(template: str) -> Callable[[str], object]:
    parts = re.split(r"([#*])", template)
    shapes = {"#": _NUMBER_HERE, "*": _VALUE_HERE}
    return re.compile("".join(shapes.get(part) or re.escape(part) for part in parts)).fullmatch


def is_text(line: str) -> bool:
    """Whether a folded line is text, or may be: never volatile. Pure.

    >>> is_text("截至11时,已有150人获救"), is_text("当前在线:12")
    (True, False)
    """
    return len(line) > LONGEST or _TEXT.search(line) is not None


def template_of(before: str, after: str) -> str | None:
    """What two wordings of one line have in common, or None where that is not enough to know the line by. Pure.

    >>> template_of("更新:2026-03-0110:20", "更新:2026-03-0111:20"), template_of("热点:甲地通车", "热点:乙地开工")
    ('更新:#', '热点:*')
    >>> template_of("营收2674.3亿元", "营收2764.3亿元") is None, template_of("编辑:甲", "编辑:乙") is None
    (True, True)
    """
    if is_text(before) or is_text(after):
        return None
    return _of_numbers(before, after) or _of_label(before, after)


def _of_numbers(before: str, after: str) -> str | None:
    old, new = list(_NUMBER.finditer(before)), list(_NUMBER.finditer(after))
    if len(old) != len(new) or _NUMBER.split(before) != _NUMBER.split(after):
        return None
    template, reached = "", 0
    for a, b in zip(old, new, strict=True):
        template += before[reached : a.start()] + (a[0] if a[0] == b[0] else "#")
        reached = a.end()
    template += before[reached:]
    content = _UNIT.search(template) or _FACT_OF_NUMBERS.search(template)
    return template if _has_words(template) and not content else None


def _has_words(template: str) -> bool:
    """Whether enough of it stands to know a line by."""
    return len(_NO_WORD.sub("", template)) > 1


def _of_label(before: str, after: str) -> str | None:
    one, other = _LABEL.match(before), _LABEL.match(after)
    if one is None or other is None or one[0] != other[0] or _FACT.search(one[0]):
        return None
    return f"{one[0]}*" if len(before) > one.end() and len(after) > one.end() else None


# -- what one look teaches


def observe(suspects: Sequence[Suspect], look: Look) -> tuple[Suspect, ...]:
    """The suspects after one more look at an article of their source; a suspect that it says nothing of stays. Pure."""
    weighed = [_weighed(each, look) for each in suspects]
    known = [_fits(each.template) for each in suspects]
    for template, before, after in _flips(look, known):
        if all(each.template != template for each in weighed):
            fresh = Suspect(template=template, since=look.at, flipped_at=look.at)
            weighed.append(_flipped(fresh, look, before, after))
    return _kept([_promoted(each, look.at) for each in weighed], look.at)


def still(suspects: Sequence[Suspect], article: int, lines: Sequence[str], at: datetime) -> tuple[Suspect, ...]:
    """The suspects after a look that found the page as it was (HTTP 304). lines: those that we hold. Pure."""
    found = []
    for each in suspects:
        shown = article in each.seen if each.learned_at else any(map(_fits(each.template), lines))
        found.append(_stayed(each) if shown else each)
    return _kept(found, at)


def _weighed(suspect: Suspect, look: Look) -> Suspect:
    fits = _fits(suspect.template)
    before, after = ("\n".join(filter(fits, lines)) for lines in (look.before, look.after))
    if suspect.learned_at is not None:
        if look.article not in suspect.seen:
            return replace(suspect, seen=_latest({**suspect.seen, look.article: after})) if before or after else suspect
        before = suspect.seen[look.article]
    if not before and not after:
        return suspect
    suspect = _beside_others(suspect, look.article, after)
    if before == after:
        return _stayed(suspect)
    if not suspect.comes_and_goes and not (before and after):
        return suspect  # the line is gone, or new: that it varies was not seen
    return _flipped(suspect, look, before, after)


def _beside_others(suspect: Suspect, article: int, after: str) -> Suspect:
    """Whether the look found the same as the last look at another article: a line of the site is the same in all."""
    if suspect.last is None or suspect.last[0] == article:
        return replace(suspect, last=(article, after))
    same = suspect.last[1] == after
    return replace(suspect, agreed=suspect.agreed + same, differed=suspect.differed + (not same), last=(article, after))


def _stayed(suspect: Suspect) -> Suspect:
    if suspect.learned_at is not None:
        return replace(suspect, score=max(0, suspect.score - 1))
    return replace(suspect, score=max(LEAST_SCORE, suspect.score - STAY))


def _flipped(suspect: Suspect, look: Look, before: str, after: str) -> Suspect:
    flips = dict(suspect.flips)
    flips[look.article] = flips.pop(look.article, 0) + 1
    values = dict(suspect.values)
    for value in (before, after):
        values[value] = _with(values.pop(value, ()), look.article)
    moves = {**suspect.moves, after: _with(suspect.moves.get(after, ()), look.article)}
    certain = suspect.learned_at is not None
    return replace(
        suspect,
        score=QUIET_LOOKS if certain else suspect.score + 1,
        flipped_at=look.at,
        flips=_latest(flips),
        values=dict(list(values.items())[-_MOST_VALUES:]),
        seen=_latest({**suspect.seen, look.article: after}) if certain else suspect.seen,
        moves=dict(list(moves.items())[-_MOST_VALUES:]),
        last=(look.article, after),
    )


def _with(articles: tuple[int, ...], article: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*articles, article]))[:ARTICLES_TOGETHER]


def _latest(known: Mapping[int, V]) -> dict[int, V]:
    return dict(list(known.items())[-MOST_ARTICLES:])


def _flips(look: Look, known: Collection[Callable[[str], object]]) -> Iterator[tuple[str, str, str]]:
    """The lines that stand otherwise now and that no suspect fits: template, before, after."""
    before = [line for line in look.before if not any(fit(line) for fit in known)]
    after = [line for line in look.after if not any(fit(line) for fit in known)]
    least = min(len(before), len(after))
    head = next((at for at in range(least) if before[at] != after[at]), least)
    tail = next((at for at in range(least - head) if before[-1 - at] != after[-1 - at]), least - head)
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(before), len(after)) > _MOST_LINES:
        return
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    places = [(before[i1:i2], after[j1:j2]) for op, i1, i2, j1, j2 in opcodes if op != "equal"]
    if sum(max(len(gone), len(come)) for gone, come in places) > MOST_CHANGED:
        return
    for gone, come in places:
        if len(gone) == len(come):
            for a, b in zip(gone, come, strict=True):
                template = template_of(a, b)
                if template is not None:
                    yield template, a, b
        elif not gone or not come:
            for line in gone or come:
                if not is_text(line) and _has_words(line):
                    yield line, line if gone else "", line if come else ""


# -- what is enough, and for how long


def _promoted(suspect: Suspect, now: datetime) -> Suspect:
    if suspect.learned_at is None and (_flips_alone(suspect) or _flips_together(suspect)):
        return replace(suspect, learned_at=now, score=QUIET_LOOKS, seen={})
    return suspect


def _flips_alone(suspect: Suspect) -> bool:
    """In one article, look after look."""
    needed = FLIPS_OF_NUMBERS if _is_bare(suspect) else FLIPS_ALONE
    return max(suspect.flips.values(), default=0) >= needed and suspect.score >= needed - 1


def _flips_together(suspect: Suspect) -> bool:
    """In several articles, look after look, in several wordings."""
    if len(suspect.flips) < ARTICLES_TOGETHER or sum(suspect.flips.values()) < FLIPS_TOGETHER:
        return False
    if _is_of_the_site(suspect):
        return True
    wordings = len(suspect.values) >= (2 if suspect.comes_and_goes else VALUES_TOGETHER)
    return wordings and len(suspect.moves) > 1 and suspect.score >= FLIPS_TOGETHER - 1


def _is_of_the_site(suspect: Suspect) -> bool:
    """However seldom it flips, all articles go along, and say the same at any time: no article's own text does."""
    shared = sum(len(articles) > 1 for articles in suspect.moves.values())
    alone = len(suspect.moves) - shared
    needed = 2 if suspect.comes_and_goes else VALUES_TOGETHER
    agree = suspect.agreed >= AGREEMENT * max(2, suspect.differed)
    return shared >= needed and shared >= AGREEMENT * alone and agree


def _is_bare(suspect: Suspect) -> bool:
    """Whether what varies is a number, and neither a date nor a time."""
    return "#" in suspect.template and not all(map(_STAMP.search, suspect.values))


def _kept(suspects: Iterable[Suspect], now: datetime) -> tuple[Suspect, ...]:
    """Without what is forgotten; those that flipped last, as many as there may be."""
    lasting = [each for each in suspects if not _is_forgotten(each, now)]
    ordered = sorted(lasting, key=lambda each: (each.flipped_at, each.template), reverse=True)
    certain = [each for each in ordered if each.learned_at][:MOST_LEARNED]
    return tuple([*certain, *[each for each in ordered if not each.learned_at][:MOST_SUSPECTS]])


def _is_forgotten(suspect: Suspect, now: datetime) -> bool:
    silent = now - suspect.flipped_at
    stopped = suspect.learned_at is not None and suspect.score <= 0 and silent >= QUIET_FOR
    return stopped or silent >= FORGOTTEN_AFTER
