"""Whether two headlines name one article: a list cuts them, a page adds its site's name, an editor mends a word."""

import re

from crawler.text.table import fold_table

_MARKS = re.compile(r"[\W_]+")
#: Headlines that share this part of their pairs of characters are one that was edited. Two articles of one series
#: (monthly figures) share more, and two of different subjects next to nothing: a redirect leads to one of the latter.
_ALIKE = 0.4
#: So many characters at the beginning are no accident.
_BEGINNING = 8
#: Fewer are in many headlines.
_LEAST = 4


def agree(one: str, other: str) -> bool:
    """Whether one of the headlines may be the other, cut or edited. Pure.

    >>> agree("关于印发示例办法的…", "关于印发示例办法的通知_示例市政府")
    True
    >>> agree("示例大桥今日通车", "潮新闻客户端下载")
    False
    """
    a, b = (_MARKS.sub("", title.translate(fold_table())) for title in (one, other))
    if not a or not b:
        return False
    short, long = sorted((a, b), key=len)
    if (len(short) >= _LEAST and short in long) or a == b or a[:_BEGINNING] == b[:_BEGINNING]:
        return True
    pairs, others = _pairs(a), _pairs(b)
    return 2 * len(pairs & others) >= _ALIKE * (len(pairs) + len(others)) > 0


def contain(one: str, other: str) -> bool:
    """Whether one of the headlines is the other, cut or with its site's name: not enough that they are alike. Pure.

    >>> contain("示例市3月进出口情况", "示例市4月进出口情况_示例网")
    False
    """
    short, long = sorted((_MARKS.sub("", title.translate(fold_table())) for title in (one, other)), key=len)
    return len(short) >= _LEAST and short in long


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}
