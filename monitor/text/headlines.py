"""Says of two headlines whether they may stand above one text, or name two things; pure, and in doubt they name two."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from enum import StrEnum

from monitor.text.clauses import wording_of
from monitor.text.fold import fold_text

#: A headline that stands within another one says little below this length (公示, 通知).
TELLING_TITLE = 8
#: Headlines that share more of their pairs of characters are made by one form, or one is the other mended.
_ONE_FORM = 0.5
_LONGEST_EXTRA = 6

#: A site's name behind a headline, and an e-paper's page before it. A firm stands there too.
_SITE = re.compile(
    r"(?:\s*[_|-]\s*[^_|-]{1,16}(?:网|网站|报|社|台|频道|新闻|客户端|在线|财经|资讯|门户|发布|融媒体?))+$"
    r"|^第?\d+版[^ ]* - "
)
_TITLE_WORD = re.compile(r"\d+(?:\.\d+)?|[a-z]+|.")
_COUNTED = re.compile(
    r"\d+(?:\.\d+)?|[一二三四五六七八九十]+(?=[年月日季批期届号轮])|第[一二三四五六七八九十]+次|[上下]半年|[上中下]旬|[甲乙丙丁](?=[^一-龥]|$)"
)
_CHANGES_SENSE = re.compile(
    r"[0-9不未没无非否一二三四五六七八九十百千万亿余数]|(?:[省市县区镇乡村厅局委院校厂店]|街道|公司|集团|银行|大学)$"
)


#: What a headline of an office's form ends in.
_DOCUMENT = re.compile(
    r"(?:公示|公告|通告|通知|通报|通知书|批复|决定|情况|名单|报告|意见|简报|[日周旬月季年]报|快报|公报|函|获批|结果|行情|预报|预警)$"
)
#: What a headline may have more than another one above the same text.
_IDLE = re.compile(
    r"(?:附|组图|多?图|图文|视频|音频|直播|关注|聚焦|快讯|速览|要闻|头条|独家|原创|转载|重磅|突发|刚刚|最新|夜读|早读|热点|评论|观察|现场|在|于|的|了|已|也|就|和|与)*"
)
#: Added to a text, such words make other news of it.
TURNS = re.compile(
    r"取消|延期|推迟|中止|停止|叫停|搁置|流标|废标|终止|暂停|撤[回销]|作废|废止|更正|勘误|不实|辟谣|澄清|反转|致歉|道歉"
)


class Titles(StrEnum):
    """What two headlines say of their texts."""

    SAME = "same"
    OTHER = "other"  # another wording, which may stand above the same text
    APART = "apart"  # other facts


def headline_key(title: str) -> str:
    """The words of a headline without its site's name. Pure."""
    return wording_of([_SITE.sub("", fold_text(title))])


def compare_headlines(one: str, other: str, texts: Callable[[], Sequence[str]]) -> Titles:
    """What two headlines say, given that their texts are much the same. Pure.

    one, other: as headline_key() makes them. texts: gives the wordings (monitor.text.clauses) of what stands below.
    """
    shorter, longer = sorted((one, other), key=len)
    if one == other:
        return Titles.SAME
    counts, others = _counted(one), _counted(other)
    if counts != others and ((counts and others) or not _all_in((*counts, *others), texts())):
        return Titles.APART
    repeated = _repeated(shorter, longer, texts) if len(shorter) >= TELLING_TITLE else None
    if repeated is not None:
        return repeated
    endings = {found[0] if (found := _DOCUMENT.search(title)) else None for title in (one, other)}
    one_form = _pairs_shared(one, other) >= _ONE_FORM or (len(endings) == 1 and None not in endings)
    # what fills a form's slot in one headline is what the text is about; words that one of them only adds may be told
    # by both texts
    slots = _slots(one, other, least=2) if one_form else []
    apart = any(before and after for before, after in slots) or not all(_all_in(slot, texts()) for slot in slots)
    return Titles.APART if apart else Titles.OTHER


def _repeated(shorter: str, longer: str, texts: Callable[[], Sequence[str]]) -> Titles | None:
    """What a headline says that has all of the other one, be it in another order, and more; None: it has not."""
    if shorter in longer:
        extra = longer.replace(shorter, "", 1)
    else:
        more = Counter(longer) - Counter(shorter)
        if Counter(shorter) - Counter(longer) or more.total() > _LONGEST_EXTRA:
            return None
        extra = "".join(more.elements())
    slots = _slots(shorter, longer)
    gone = [before for before, _ in slots if before]
    if gone and (len(gone) > 1 or not any(gone[0] in after for _, after in slots)):
        return Titles.APART  # not one part of it that has moved, but two that have changed places: 甲胜乙, 乙胜甲
    if _IDLE.fullmatch(extra):
        return Titles.SAME
    turned = _CHANGES_SENSE.search(extra) or (TURNS.search(longer) and not TURNS.search(shorter))
    told = _all_in((after for before, after in slots if not before), texts())
    return Titles.OTHER if told and not turned else Titles.APART


def _all_in(words: Iterable[str], texts: Sequence[str]) -> bool:
    return all(word in text for word in words for text in texts)


def _slots(one: str, other: str, least: int = 1) -> list[tuple[str, str]]:
    """What stands in the place of what in two headlines; with what is beside it where it is shorter than `least`."""
    a, b = _TITLE_WORD.findall(one), _TITLE_WORD.findall(other)
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(_piece(a, i1, i2, least), _piece(b, j1, j2, least)) for op, i1, i2, j1, j2 in codes if op != "equal"]


def _piece(title: Sequence[str], start: int, end: int, least: int) -> str:
    if start < end < start + least:
        end = min(start + least, len(title))
        start = max(0, min(start, end - least))
    return "".join(title[start:end])


def _pairs_shared(one: str, other: str) -> float:
    a, b = ({key[at : at + 2] for at in range(len(key) - 1)} for key in (one, other))
    return 2 * len(a & b) / max(len(a) + len(b), 1)


def _counted(key: str) -> list[str]:
    return _COUNTED.findall(key)
