"""What kind of article it is, and in which language and script."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from crawler.extract.disclosure import doc_number
from crawler.extract.labels import fold_line
from crawler.records import ArticleKind
from crawler.text.table import fold_table

#: Over folded titles, in which brackets and quotation marks are ASCII.
_INTERPRETATION = re.compile(r"政策解读|解读[\])>]|^[\[(].{0,12}解读|解读$|图解|一图读懂|政策问答")
_NOTICE = re.compile(r"(?:通知|公告|公示|通告|启事|征求意见稿?|招标|中标|成交结果)(?:[\])>\"'].{0,12})?$")
_NOTICES = re.compile(r".{0,6}(?:通知|公告|公示).{0,4}")
_DATA = re.compile(
    r"统计公报|统计数据|主要(?:统计)?数据|运行(?:情况|简况)$|经济运行数据|统计月报|统计快报|主要经济指标|价格指数(?:\(|$)"
)
_POLICY_TITLE = re.compile(
    r"(?:条例|办法|规定|细则|意见|决定|方案|规划|纲要|批复|若干措施|实施意见|令)(?:\(.{1,20}\))?$"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_SAMPLE = 2_000


def kind_of(
    *,
    stated: ArticleKind | None,
    title: str,
    column: str | None,
    url: str | None,
    government: Mapping[str, str],
    official: bool,
) -> ArticleKind:
    """The article's kind: the source's word first, then what title, column and document number say. Pure.

    official: the page is a government's own.
    """
    headline, section = fold_line(title), fold_line(column or "")
    official = official or bool(government)
    interpreted = "interpreter_unit" in government or (official and "解读" in headline + section)
    tests = (
        (ArticleKind.INTERPRETATION, interpreted or _INTERPRETATION.search(headline)),
        (ArticleKind.POLICY, "doc_number" in government or doc_number(title)),
        (ArticleKind.DATA, (official and _DATA.search(headline)) or section in ("数据", "统计", "统计数据")),
        (ArticleKind.NOTICE, _NOTICE.search(headline) or (official and _NOTICES.fullmatch(section))),
        (ArticleKind.POLICY, government and _POLICY_TITLE.search(headline)),
        (ArticleKind.FLASH, "/7x24/" in (url or "") or section in ("快讯", "7x24", "7×24")),
    )
    return stated or next((kind for kind, holds in tests if holds), ArticleKind.NEWS)


def is_official(url: str | None, metas: Mapping[str, str]) -> bool:
    """Whether a page is a government's own: its host, or the site code that only governments have. Pure."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        host = ""
    return host.endswith(".gov.cn") or bool(metas.get("siteidcode"))


def language_of(text: str) -> str | None:
    """zh-Hans, zh-Hant, ja, ko, en, or None for too little text. Pure.

    >>> language_of("寧波發展數字經濟"), language_of("宁波发展数字经济")
    ('zh-Hant', 'zh-Hans')
    """
    sample = text[:_SAMPLE]
    han = _HAN.findall(sample)
    kana = sum(1 for c in sample if "\u3041" <= c <= "\u30ff")
    hangul = sum(1 for c in sample if "\uac00" <= c <= "\ud7a3")
    latin = len(_LATIN.findall(sample))
    if kana > 0.1 * (len(han) + kana) and kana > 5:
        return "ja"
    if hangul > len(han) and hangul > 5:
        return "ko"
    if len(han) * 4 < latin:
        return "en" if latin >= 10 else None
    if not han:
        return None
    table = fold_table()
    traditional = sum(1 for c in han if c.translate(table) != c)
    return "zh-Hant" if traditional >= 0.1 * len(han) else "zh-Hans"
