"""Cuts the canonical lines of a text into clauses of words, and takes away the frame around it: who wrote it and when.

A word is a number with its sign and its points, a run of letters, one Han character, or a sign that says something by
itself (√, ▲, %). All other punctuation only separates.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from crawler.text.han import HAN
from monitor.text.names import SURNAMES

#: Ticks and boxes of forms, arrows and stars of tables, units, comparisons.
_SIGNS = "%‰√×✓✔✗✘☑☒☐□■↑↓▲▼△▽★☆●○¥€£§°≤≥"
#: At the beginning of a line most of them are bullets.
_BULLET = re.compile(r"^[■▲▼△▽★☆●○§]+(?=[^\W\d])")
#: < and > compare where they stand alone; in pairs they are the 《》 of a title.
_TITLE = re.compile(r"<([^<>]*)>")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DEGREES = str.maketrans({"℃": "°c", "℉": "°f"})
_NUMBER = r"(?:(?<![+\-])[+\-])?\d+(?:[.:/\-]\d+)*[%‰]?"
_GRADE = r"(?<=[a-z])[+\-](?![0-9a-z+\-])"  # aa+, aa-
_WORD = re.compile(rf"{_NUMBER}|[a-z]+|[{HAN}]|[^\W\d_a-z{HAN}]+|[^\W_]|[{_SIGNS}<>]|{_GRADE}")
_CLAUSE = re.compile(rf"(?:{_NUMBER}|[^\W_]|[{_SIGNS}<>]|{_GRADE})+")
_IS_GRADE = re.compile(_GRADE)
_GAP = re.compile(rf"(?:[^\w{_SIGNS}<>]|_)+")
_SENTENCE = re.compile(r"(?:[^.!?;]|\.(?=\d))+[.!?;]*")
#: Of fewer characters a sentence does not show that it was moved, and without a stop it may be the cell of a table.
_SENTENCE_TO_MOVE, _LINE_TO_MOVE = 12, 40

#: Around the text: who wrote, edited, photographed and passed it on.
_KEY = (
    r"(?:(?:文章|本文|消息|稿件|信息|图片)?(?:来源|稿源|信源)|(?:责任|值班|执行|本期|新媒体)?编辑|责编|(?:本报|本网|见习|全媒体)?记者|通讯员|作者|撰文|文字?"
    r"|图\d{0,2}|摄影?|制图|视频|剪辑|校[对审]|审[核校]|[初复终][审核]|监制|统筹|供稿|撰稿|策划|主编|总监制)"
)
_CREDIT = re.compile(
    rf"[(\[<>*·#|-]*(?:{_KEY}[:/|丨]|转自|转载自|来源于|更多(?:精彩|内容|资讯))"
    rf"|(?:[□○■●◎◇]|(?={_KEY}))(?:{_KEY}?[{SURNAMES}][{HAN}]{{1,2}})+$"
)
_MOMENT = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_FRAME = re.compile(
    r"[(\[<>*·#|-]*(?:(?:原标题|原题|版权声?明?|(?:免责)?声明|发布(?:时间|日期)|上一[篇条]|下一[篇条]|延伸阅读|相关阅读)[:/|丨]"
    r"|扫码|长按|点击(?:查看|阅读)|阅读原文|纠错\]|举报/反馈$|(?:the)?end-*$"
    rf"|{_MOMENT}{_CLOCK}(?:$|(?:来源|稿源|信源):))"
)
_LONGEST_FRAME = 60
_NO_FIGURE = re.compile(rf"{_MOMENT}|{_CLOCK}|^图\d+")
#: 某某摄, 图源:某某: what a photograph shows is no part of the text, and each site has its own.
_CAPTION = re.compile(r"(?:摄|供图|制图|资料图|视觉中国|图片来源:?[^,;]{1,12}|图源:?[^,;]{1,12})[)\].]*$")
_LONGEST_CAPTION = 120
_INLINE = re.compile(rf"[(\[](?:(?:资料|附|组|如|见)?[上下左右]?图片?|[{HAN}]{{2,8}}摄|纠错)[)\]]")
_TAIL = re.compile(
    r"\((?:(?:本报|本网|本台|见习|全媒体)?(?:记者|通讯员|作者)|(?:编辑|责编|责任编辑|来源|图|文)[:/|丨]|(?:未?完|全文完|未完待续)(?=\))|图片|摄影|总台)"
    r"[^()\d]{0,60}\)$"
)
_OUTLET = r"[网报社台刊端闻界汇]|发布|财经|融媒体?|媒体|记者|app|ai"
_DATELINE = re.compile(
    rf"[(\[]?(?:据)?[{HAN}a-z]{{0,20}}?"
    r"(?:(?:(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)(?:专?电|讯|消息|(?=[|丨]))|[报网台社刊端心闻]讯|[网社报]消息|[社报台网]电(?=[(,:]))"
    r"[)\]]?(?:\([^()]{0,60}\))?[:,>|丨-]*"
    rf"|(?!网传|据传|传言)[{HAN}a-z]{{1,12}}?(?:{_OUTLET})(?:获悉|快讯|消息|报道)[,:|丨]"
    rf"|\([{HAN}]{{0,8}}?(?:记者|通讯员)[^()]{{0,60}}\)"
    rf"|(?:(?:来源|稿源|转自):)?\[?[{HAN}]{{2,8}}?(?:日报|晚报|网|发布|新闻|融媒|客户端)\]|(?:来源|稿源|转自):[{HAN}]{{2,8}}?(?:日报|晚报|网|发布|新闻|融媒|客户端)"
)
_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日")
_FROM = re.compile(rf"[^{HAN}a-z]*([{HAN}a-z]{{2,20}})\d")
#: The 31st and the 1st are neighbours.
_MONTH_END = 27
_ANY_YEAR = 2004  # a leap year
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day of a dateline, as far as it is told. place: where from, or of whom; "" where only the outlet is named."""

    year: int | None
    month: int | None
    day: int
    place: str

    def days_from(self, other: "Day") -> int:
        """How many days the two are apart at least."""
        if self.month is None or other.month is None:
            apart = abs(self.day - other.day)
            return 1 if apart >= _MONTH_END else apart
        known = self.year is not None and other.year is not None
        one, two = (
            date(each.year if known and each.year else _ANY_YEAR, each.month or 1, 1).toordinal() + each.day
            for each in (self, other)
        )
        return abs(one - two) if known else min(abs(one - two), 366 - abs(one - two))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """A text as its clauses. sentence: the number of the sentence that each belongs to. day: of the dateline.

    movable: the sentences that could stand anywhere: long ones, not the cells of a table or the value of a label.
    """

    clauses: Sequence[str]
    sentence: Sequence[int]
    movable: AbstractSet[tuple[str, ...]]
    day: Day | None

    def may_have_moved(self, start: int, end: int, other: "Clauses") -> bool:
        """Whether clauses[start:end] are whole sentences that stand somewhere in the other text, too."""
        place = start
        while place < end:
            after = bisect_right(self.sentence, self.sentence[place])
            starts = place == 0 or self.sentence[place - 1] != self.sentence[place]
            if not starts or after > end or tuple(self.clauses[place:after]) not in other.movable:
                return False
            place = after
        return True


def clauses_of(lines: Sequence[str]) -> Clauses:
    """The stretches between punctuation of canonical lines (monitor.text.fingerprint), less the frame. Pure."""
    day: Day | None = None
    found: list[str] = []
    sentence: list[int] = []
    movable: set[tuple[str, ...]] = set()
    number = 0
    for line in lines:
        if _is_frame(line):
            continue
        dateline = _DATELINE.match(line)
        if dateline:
            day = day or _day(dateline[0])
        said = _cleaned(_INLINE.sub("", _TAIL.sub("", line[dateline.end() if dateline else 0 :])))
        for part in _SENTENCE.findall(said):
            clauses = _CLAUSE.findall(part)
            number += 1
            found += clauses
            sentence += [number] * len(clauses)
            if len(part) >= (_SENTENCE_TO_MOVE if part[-1] in ".!?;" else _LINE_TO_MOVE):
                movable.add(tuple(clauses))
    return Clauses(clauses=found, sentence=sentence, movable=movable, day=day)


def words(clauses: Sequence[str]) -> list[str]:
    """The words of some clauses. Pure.

    >>> words(["同比-5.2%", "ai企业1,200家"])
    ['同', '比', '-5.2%', 'ai', '企', '业', '1200', '家']
    """
    return _WORD.findall(_THOUSANDS.sub("", " ".join(clauses)))


def is_number(word: str) -> bool:
    """Whether the word has a digit. Pure."""
    return _DIGIT.search(word) is not None


def wording_of(lines: Iterable[str]) -> str:
    """Equal for canonical lines that have the same words in the same order, whatever separates these. Pure.

    >>> wording_of(["增长1.25%,共3,", "64家."]) == wording_of(["增长1.25% 共3;64家"])
    True
    >>> wording_of(["增长1.25%"]) == wording_of(["增长12.5%"]), wording_of(["1-2月"]) == wording_of(["12月"])
    (False, False)
    """
    return _GAP.sub(_between, "\n".join(map(_cleaned, lines)))


def _between(gap: re.Match[str]) -> str:
    """What a stretch of punctuation tells: the sign or the point of a number, or that two numbers are two."""
    text, (start, end) = gap.string, gap.span()
    if not text[end : end + 1].isdecimal():
        return gap[0][0] if _IS_GRADE.match(text, start) else ""
    if start and text[start - 1].isdecimal():
        return gap[0] if gap[0] in {".", ":", "/", "-"} else " "
    return gap[0][-1] if gap[0][-1] in "+-" and gap[0][-2:-1] not in {"+", "-"} else ""


def _cleaned(line: str) -> str:
    return _THOUSANDS.sub("", _TITLE.sub(r"\1", _BULLET.sub("", line))).translate(_DEGREES)


def _is_frame(line: str) -> bool:
    if len(line) <= _LONGEST_FRAME:
        if _FRAME.match(line):
            return True
        # what has other figures than a date, or asks, is no credit: 来源:财政资金50万元, 记者:会取消吗?
        if _CREDIT.match(line) and line[-1] != "?" and not is_number(_NO_FIGURE.sub("", line)):
            return True
    return len(line) <= _LONGEST_CAPTION and _CAPTION.search(line) is not None


def _day(dateline: str) -> Day | None:
    found = _DAY.findall(dateline)
    if not found:
        return None
    year, month, day = (int(part) if part else 0 for part in found[-1])
    origin = _FROM.match(dateline)
    place = re.split(_OUTLET, origin[1])[-1] if origin else ""
    return Day(year=year or None, month=month if 1 <= month <= 12 else None, day=day, place=place)
