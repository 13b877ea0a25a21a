"""Tells in which facts two texts differ that share most of their words: a copy of one text, or one form filled twice.

Nothing here knows what a fact is; it only knows which differences cannot be one. A word more or less, a homophone typed
wrongly, another dateline, a paragraph left out: these an editor makes. Whatever else stands in the place of something
(a figure, a date, a name, any other word) is taken as another fact, since the copy that is missed costs a second alert,
and the notice for another firm that is taken for a copy costs the only one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from crawler.text.glosses import sound_alike
from crawler.text.han import HAN

#: An insertion of so many words or characters says something of its own; a shorter one belongs to its clause.
STATEMENT = 8
#: Texts with more differing clauses are not compared.
_MOST_CLAUSES = 1500
#: Nor are stretches in which so many pairs of words would have to be looked at.
_MOST_PAIRS = 250_000
#: Two stretches with less in common have nothing to do with each other.
_RELATED = 0.4
#: Edits with no more than this between them are one: 张三丰 -> 李三.
_GAP = 2
_LONG_ENOUGH_TO_MOVE = 12
#: The 31st and the 1st are neighbours.
_MONTH_END = 27
_LONGEST_FRAME = 60

_NUMBER = r"[+\-↑↓]?\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?[%‰]?|[+\-↑↓]?\d+(?:[.:/\-]\d+)*[%‰]?"
_WORD = re.compile(rf"{_NUMBER}|[a-z]+|[{HAN}]")
_CLAUSE = re.compile(rf"(?:{_NUMBER}|[a-z]|[{HAN}])+")
_HAS_DIGIT = re.compile(r"\d")
_LATIN = re.compile(r"[a-z]")
_YEAR = re.compile(r"(?:19|20)\d\d年?")

#: Around the text: who wrote, edited, photographed and passed it on.
_FRAME = re.compile(
    r"[(\[【<>*·#|-]*(?:(?:文章|本文|消息|稿件|信息|图片)?(?:来源|稿源|信源)|原标题|原题|(?:责任|值班|执行|本期|新媒体)?编辑|责编|(?:本报|本网|见习)?"
    r"记者|通讯员|作者|撰文|文字?|图|摄影?|制图|视频|剪辑|校[对审]|审[核校]|[初复终][审核]|监制|统筹|供稿|撰稿|策划|主编|总监制|版权声?明?"
    r"|(?:免责)?声明|发布(?:时间|日期)|上一[篇条]|下一[篇条]|延伸阅读|相关阅读)[:/|丨]"
    r"|[(\[]?(?:转自|转载自|来源于|扫码|长按|点击(?:查看|阅读)|阅读原文|更多(?:精彩|内容|资讯))"
)
#: 某某摄, 图源:某某: what a photograph shows is no part of the text, and each site has its own.
_CAPTION = re.compile(r"(?:摄|供图|制图|资料图|视觉中国|图片来源:?[^,;]{1,12}|图源:?[^,;]{1,12})[)\]】.]*$")
_LONGEST_CAPTION = 120
_TAIL = re.compile(
    r"\((?:本报|本网|本台|见习|全媒体)?(?:记者|编辑|责编|责任编辑|通讯员|作者|来源|完|图片|图|摄影|总台)[^()]{0,60}\)$"
)
_DATELINE = re.compile(
    rf"[(\[]?(?:据)?[{HAN}a-z]{{0,20}}?"
    r"(?:(?:(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)(?:专?电|讯|消息)|[报网台社刊端心闻]讯|[网社报]消息|[社报台网]电(?=[(,:]))"
    r"[)\]]?(?:\([^()]{0,60}\))?[:,>|-]*"
    r"|\((?:本报|本网)?(?:记者|通讯员)[^()]{0,60}\)"
)

_NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两双半首")
#: Characters that make another fact of a clause all alone: not, more, less, up, down, where, which of several.
_TELLING = _NUMERALS | frozenset(
    "不未没无非否莫勿免停禁拒撤废增减升降涨跌高低多少上下前后左右东西南北中内外大小正负副男女甲乙丙丁戊"
)
#: Behind one of these stands no name, but the unit or the rank of a time.
_OF_TIME = frozenset("年月日号时点分秒周旬季届期批次轮第")
#: What ends the names of places and bodies.
_ENDS_NAME = frozenset("省市县区镇乡村街路州盟旗局厅委办院校所站厂店社司团部行馆港园庄寨湾桥")
#: The commonest surnames that are seldom anything else.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄吴周徐孙胡朱郭林罗郑梁谢宋唐许韩冯邓曹彭曾肖蔡潘袁董余苏叶吕魏蒋杜丁沈姜范傅钟卢汪戴崔廖陆姚邱"
)
#: What a keyboard confuses again and again, and what names are not made of.
_PARTICLES = tuple(map(frozenset, ("的地得", "在再", "做作", "他她它", "了着过")))
_WHEN = frozenset(
    ("日前", "近日", "今天", "今日", "昨天", "昨日", "当天", "当日", "本月", "日", "今", "昨", "近期", "前天", "前日")
)


@dataclass(slots=True, kw_only=True)
class Divergence:
    """What of `new` is not in `old`, and the other way round, as folded words without punctuation.

    facts: (before, after) of which one cannot be an edit of the other; the comparison ends at the first. figures: the
    same of two mere figures. slips: small edits that say nothing. added, dropped: what only one of them says.
    days: by how many the datelines differ.
    """

    facts: list[tuple[str, str]] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)
    slips: list[tuple[str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    days: int = 0


def diverge(old: Sequence[str], new: Sequence[str]) -> Divergence | None:
    """Compare two texts by their canonical lines (monitor.text.fingerprint). None: too much differs. Pure."""
    found = Divergence()
    (before, day), (after, other) = _clauses(old), _clauses(new)
    found.days = 0 if day is None or other is None else _days_between(day, other)
    had, has = set(before), set(after)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(before), len(after)) > _MOST_CLAUSES:
        return None
    for op, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = before[i1:i2], after[j1:j2]
        old_words, new_words = _words(gone), _words(come)
        if op == "equal" or (_moved(gone, has) and _moved(come, had)):
            continue
        if op == "replace":
            _compare(old_words, new_words, found)
        else:
            _judge_extra(old_words or new_words, [], [], found, ("".join(old_words), "".join(new_words)))
        if found.facts:
            return found
    # a name that is one character off is off wherever it stands; a slip of the pen happens once
    found.facts += [
        edit for edit, times in Counter(found.slips).items() if times > 1 and all(edit) and not _is_particle(edit)
    ]
    return found


def _days_between(one: int, other: int) -> int:
    """Of two days of a month, or of two months that follow each other."""
    days = abs(one - other)
    return 1 if days >= _MONTH_END else days


def _clauses(lines: Sequence[str]) -> tuple[list[str], int | None]:
    """The stretches between punctuation, less the frame around the text; and the day of the dateline."""
    day: int | None = None
    clauses: list[str] = []
    for line in lines:
        if _is_frame(line):
            continue
        dateline = _DATELINE.match(line)
        days = re.findall(r"\d+(?=日)", dateline[0]) if dateline else []
        day = day or (int(days[-1]) if days else None)
        clauses += _CLAUSE.findall(_TAIL.sub("", line[dateline.end() if dateline else 0 :]))
    return clauses, day


def _is_frame(line: str) -> bool:
    if len(line) <= _LONGEST_FRAME and _FRAME.match(line):
        return True
    return len(line) <= _LONGEST_CAPTION and _CAPTION.search(line) is not None


def _words(clauses: Sequence[str]) -> list[str]:
    return _WORD.findall(" ".join(clauses))


def _moved(clauses: Sequence[str], others: AbstractSet[str]) -> bool:
    """Whether a stretch stands elsewhere in the other text. Single cells of a table that do have changed places."""
    return not clauses or (len("".join(clauses)) >= _LONG_ENOUGH_TO_MOVE and set(clauses) <= others)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _compare(old: list[str], new: list[str], found: Divergence) -> None:
    """Two stretches that stand in one place."""
    if len(old) * len(new) > _MOST_PAIRS:
        _unrelated(old, new, found)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks() if block.size > 1)
    if shared < _RELATED * min(len(old), len(new)):
        _unrelated(old, new, found)
        return
    for i1, i2, j1, j2 in _edits(matcher):
        _judge(old[i1:i2], new[j1:j2], old[max(0, i1 - 2) : i1], old[i2 : i2 + 3], found)


def _unrelated(old: list[str], new: list[str], found: Divergence) -> None:
    if len(old) < STATEMENT or len(new) < STATEMENT:
        found.facts.append(("".join(old), "".join(new)))
    else:
        found.dropped.append("".join(old))
        found.added.append("".join(new))


def _edits(matcher: "SequenceMatcher[str]") -> Iterator[tuple[int, int, int, int]]:
    """The differing stretches, those close together as one."""
    edit: tuple[int, int, int, int] | None = None
    for op, i1, i2, j1, j2 in matcher.get_opcodes():
        if op == "equal":
            continue
        if edit and i1 - edit[1] <= _GAP:
            edit = (edit[0], i2, edit[2], j2)
            continue
        if edit:
            yield edit
        edit = (i1, i2, j1, j2)
    if edit:
        yield edit


def _judge(old: list[str], new: list[str], before: list[str], after: list[str], found: Divergence) -> None:
    """One edit with what stands around it."""
    edit = ("".join(old), "".join(new))
    if not old or not new:
        _judge_extra(old or new, before, after, found, edit)
    elif any(_counts(word) for word in (*old, *new)):
        alone = len(old) == len(new) == 1 and all(map(_HAS_DIGIT.search, edit))
        of_time = any(word in _OF_TIME for word in (*before[-1:], *after[:1])) or any(":" in word for word in edit)
        (found.figures if alone and not of_time else found.facts).append(edit)
    else:
        typed = len(old) == len(new) == 1 and sound_alike(*edit) and not _may_name(edit, before, after)
        harmless = typed or _is_particle(edit) or _WHEN.issuperset(edit)
        (found.slips if harmless else found.facts).append(edit)


def _judge_extra(
    words: list[str], before: list[str], after: list[str], found: Divergence, edit: tuple[str, str]
) -> None:
    """Words that one side has and the other has not."""
    if len(words) >= STATEMENT:
        (found.added if edit[1] else found.dropped).append("".join(words))
        return
    telling = any(_counts(word) or word in _TELLING or _LATIN.match(word) for word in words)
    named = words[-1] in _ENDS_NAME or _may_name(edit, before, after)
    harmless = _YEAR.fullmatch("".join(words)) or _is_particle(edit) or not (telling or named)
    (found.slips if harmless else found.facts).append(edit)


def _is_particle(edit: tuple[str, str]) -> bool:
    return any(group.issuperset(edit[0] + edit[1]) for group in _PARTICLES)


def _counts(word: str) -> bool:
    return word in _NUMERALS or bool(_HAS_DIGIT.search(word))


def _may_name(edit: tuple[str, str], before: list[str], after: list[str]) -> bool:
    """Whether the edit may stand within the name of a person, a place or a body, or is a telling character."""
    letters = {*edit[0], *edit[1]}
    return bool(
        letters & (_TELLING | _SURNAMES | _ENDS_NAME)
        or _SURNAMES.intersection(before)
        or _ENDS_NAME.intersection(after[:2])
    )
