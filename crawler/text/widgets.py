"""Knows the lines and labels that a page shows beside its text: counters, font sizes, print, share, today's date.

Widget words are only trusted when a whole short line consists of them, and an inline counter only with its number at a
label: looser patterns made 366 wrong cuts in 9.7 million characters of clean news (3D打印, 店铺关闭), these none.
"""

import re
from functools import cache

from crawler.text.glosses import strip_glosses
from crawler.text.table import fold_table

#: Longer lines are text. Code points.
LONGEST = 80

# A number with a unit of time or money behind it is no counter: 浏览量:2024年, 访问量:3亿.
_NUMBER = r"\d[\d,]*+(?:\.\d++)?+\s*+(?:万|w|k)?+\+?+(?![\d年月日%亿万千百])"
_WHOSE = r"(?:本文|文章|本页|页面|网页|本站|网站|站点|累计|总|今日|昨日|全站)*"
_SEEN = r"(?:访问|浏览|阅读|点击|点阅|查看|观看|围观|来访)"
_COUNT = r"(?:总?次数|总数|人次|人数|总?量|数)"
_LABEL = rf"{_WHOSE}(?:{_SEEN}{_COUNT}|点击率|人气)"
_SHORT = rf"(?:{_WHOSE}{_SEEN}|评论|跟贴|点赞|转发|分享|收藏)(?:{_COUNT})?"

_WIDGETS = (
    # 访问次数:12, 阅读 1024, 浏览次数:, [点击数:5]次, (阅读:9;评论:9)
    rf"(?:{_LABEL}|{_SHORT})\s*:?\s*[(\[<]?\s*{_NUMBER}\s*(?:人次|次|人)?",
    rf"(?:{_LABEL}|{_WHOSE}{_SEEN})\s*:?\s*(?:-{{1,2}}|加载中[.…]*)?\s*次?",
    r"(?:放大|缩小|增大|减小)(?:字体|字号)|(?:字体|字号)(?:放大|缩小|增大|减小)",
    # 字体:大 中 小, and what a byte-shift leaves of it: 字体大?.?/span>大 中 小
    r"(?:选择)?(?:字体|字号)(?:大小|颜色)?\s*(?:大\??[.\s]*\??[/<a-z]*>)?\s*:?\s*(?:默认|特大|超大|大|中|小|[\s,|/\-<>\[\]()a+])*",
    r"[\[(<]\s*(?:特大|超大|大|中|小)(?:\s*[,|/]?\s*(?:特大|超大|大|中|小)){1,4}\s*[\])>]",
    r"(?:特大|超大|大)\s*[,|/]?\s*中\s*[,|/]?\s*小|小\s*[,|/]?\s*中\s*[,|/]?\s*大|a-\s*a?\s*a\+|a\+\s*a?\s*a-|t\s*\|?\s*大\s*中\s*小",
    # the buttons
    r"(?:我要|在线)?打印(?:本页|本文|文稿|正文|网页|文章|页面|此页)?|关闭(?:窗口|本页|页面|此页|本窗口)?|导出word|下载pdf",
    r"(?:一键|我要)?分享(?:到|至|本文|此文|文章)?\s*:?\s*(?:(?:好友和|微信|微博|空间)?(?:朋友圈|好友|微信|微博|空间|qq))?|扫码分享(?:至朋友圈)?",
    r"(?:新浪|腾讯|官方)?微(?:信|博)(?:好友|扫一扫|分享|扫码分享)?|qq(?:空间|好友)?|朋友圈|豆瓣|人人网|领英(?:分享)?",
    r"(?:返回|回到)?(?:顶部|页首)|返回(?:列表|上页|首页)?|(?:我要|文章)?纠错|(?:加入|我的)?收藏(?:本页|本文|文章)?|复制链接",
    r"(?:微信)?扫一扫(?:,?\s*在?手机(?:上)?(?:打开|查看|浏览)(?:当前页(?:面)?|本页)?)?|手机(?:版|查看|浏览)",
    r"无障碍(?:浏览|阅读|模式|版)?|(?:进入)?(?:长者|适老|关怀)(?:模式|版|浏览模式|浏览)|(?:视力)?保护(?:视力)?色|(?:语音)?(?:朗读|播报)",
    r"(?:切换)?(?:到)?(?:简体|繁体|繁體)(?:中文|版)?",
    # today and you
    r"(?:欢迎您?[,!]?\s*)?(?:今天|今日|现在|当前时间|北京时间)(?:是|为)?\s*:?\s*(?:\d{4}年)?\d{1,2}月\d{1,2}日[\s,]*(?:(?:星期|周)[一二三四五六日天])?[\s,]*(?:\d{1,2}:\d{2}(?::\d{2})?)?",
    r"(?:欢迎您?[,!]?\s*)?您是(?:本站|本网站|本页|我们)?的?\s*第\s*\d[\d,]*\s*(?:位|个|名)(?:访问者|访客|来访者|浏览者|读者|访问)?",
)
_HAS_WORD = re.compile(r"[^\W_]")
_COUNTERS = (
    # a label, a colon or bracket, a number
    re.compile(rf"[(\[<]?\s*{_LABEL}\s*(?::\s*[(\[]?|[(\[]\s*:?)\s*{_NUMBER}\s*(?:人次|次|人)?\s*[)\]>]?"),
    # a label whose number has not come yet
    re.compile(rf"[(\[<]?\s*{_LABEL}\s*:\s*$"),
    # the same without its colon or its 次数, as the last thing of a line behind a sentence or a blank: 正文。阅读 1024
    re.compile(
        rf"(?:(?<=[.!?;|)\]>])|(?<=\s))\s*(?:[(\[]?\s*{_SHORT}\s*:?\s*[(\[]?\s*{_NUMBER}\s*(?:人次|次)?\s*[)\]]?\s*)+$"
    ),
)

#: What every counter has one of. Looked for first: a sixth of the time, and few lines have any.
_COUNTED = re.compile(rf"{_SEEN}|人气|评论|跟贴|点赞|转发|分享|收藏")


@cache
def _line() -> re.Pattern[str]:
    """A line of nothing but widgets. Compiled when it is first asked for: that takes 0.1 s."""
    # Atomic and possessive: 分享微信 reads as one widget or as two, and a hostile line would try all partitions.
    return re.compile(rf"(?:(?>{'|'.join(_WIDGETS)})(?=[^\d]|$)|[\s|/·,;.!:<>\[\]()\"-])++")


def is_widget_line(line: str) -> bool:
    """Whether a line of a page, in either script, consists of widgets only. A line without a word is none. Pure.

    >>> is_widget_line("字體大?。?/span>大 中 小"), is_widget_line("訪問次數(shù):")
    (True, True)
    >>> is_widget_line("景区访问量达120万人次")
    False
    """
    return len(line) <= LONGEST + 40 and folded_is_widget(strip_glosses(line).translate(fold_table()))


def cut_counters(line: str) -> str:
    """The line without its inline counters; unchanged where there are none. Pure.

    >>> cut_counters("发布时间：2024-05-01 访问次数：12")
    '发布时间：2024-05-01'
    """
    if len(line) > LONGEST + 40:
        return line
    plain = strip_glosses(line)
    cut = _without(plain, counters_in(plain.translate(fold_table())))
    return line if cut == plain else cut


def folded_is_widget(line: str) -> bool:
    """is_widget_line() for a line that is folded already."""
    return len(line) <= LONGEST and _line().fullmatch(line) is not None and _HAS_WORD.search(line) is not None


def cut_folded_counters(line: str) -> str:
    """cut_counters() for a line that is folded already."""
    return _without(line, counters_in(line))


def counters_in(folded: str) -> list[tuple[int, int]]:
    """Spans of the inline counters of a folded line, last one first. Pure."""
    if len(folded) > LONGEST or not _COUNTED.search(folded):
        return []
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found.span() for pattern in _COUNTERS for found in pattern.finditer(folded)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans[::-1]


def _without(line: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        left, right = line[:start], line[end:]
        beside = (left[-1:], line[start : start + 1], line[end - 1 : end], right[:1])
        blank = " " if any(map(str.isspace, beside)) else ""
        line = f"{left.rstrip()}{blank}{right.lstrip()}".strip()
    return line
