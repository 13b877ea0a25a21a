"""Knows the small edits that say nothing: what an editor smooths and a keyboard confuses. All others may be facts."""

import re

from monitor.text.clauses import is_number

_NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两双半首")
#: Characters that make another fact of a clause all alone: not, more, less, up, down, where, which of several.
_TELLING = _NUMERALS | frozenset(
    "不未没无非否莫勿免停禁拒撤废增减升降涨跌高低多少上下前后左右东西南北中内外大小正负副男女甲乙丙丁戊"
)
#: Behind one of these stands no name, but the unit or the rank of a time.
OF_TIME = frozenset("年月日号时点分秒周旬季届期批次轮第")
#: What ends the names of places and bodies.
_ENDS_NAME = frozenset("省市县区镇乡村街路州盟旗局厅委办院校所站厂店社司团部行馆港园庄寨湾桥")
#: The commonest surnames that are seldom anything else.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄吴周徐孙胡朱郭林罗郑梁谢宋唐许韩冯邓曹彭曾肖蔡潘袁董余苏叶吕魏蒋杜丁沈姜范傅钟卢汪戴崔廖陆姚邱"
)
_PARTICLES = tuple(map(frozenset, ("的地得", "在再", "做作", "他她它", "了着过")))
#: What keyboards and people confuse again and again, and names are hardly made of. Sounding alike is not enough, since
#: so do the names of firms and persons: 恒泰 and 恒太, 张健国 and 张剑国.
_EASILY_TYPED = (
    "已以 和合 与予 及即既 进近 对队 到道 像象向 带代 帐账 布部 订定 至致止 需须 启起 记纪 反返 份分 其期 "
    "是事 有由又 坐座作做 那哪 复覆 词辞 度渡 练炼 辨辩 经径 竞竟 决绝 采彩 称趁 制治置 实时 召招 唯惟维 帖贴 哄轰"
)
_CONFUSED = tuple(map(frozenset, _EASILY_TYPED.split()))
_WHEN = frozenset(
    ("日前", "近日", "今天", "今日", "昨天", "昨日", "当天", "当日", "本月", "日", "今", "昨", "近期", "前天", "前日")
)
_YEAR = re.compile(r"(?:19|20)\d\d年?")
#: What an editor puts in or strikes out without saying anything else.
_FILLER = re.compile(
    r"(?:据悉|据?(?:记者)?了解到?|据(?:介绍|报道|通报|统计)|(?:记者)?(?:从中)?获悉|同时|此外|另外|其中|目前|截至目前|日前|近日|近期|今天|今日|当天|当日|日"
    r"|[我本该全][省市县区国]|[这该此](?:一|个|些|次|项|种)?|一些|一个|以及|因此|所以|因为|由于|而且|并且|但是?|不过|然而|其实|同志|先生|女士|有关|相关"
    r"|表示|指出|介绍说?|认为|强调|进行|开展|予以|加以|方面|情况|工作|来说|之后|其|所|之|的|地|得|了|着|过|也|还|就|都|又|更|则|而|且|并|于|在|以|与|和|及|等"
    r"|对|把|从|向|这|那|呢|吧|啊|嘛|们|称|说|道|个|为|是|来|去|记者|编者|完|全文完|附图|组图|图|资料图|图为.*|点击.*|[036]\d{5}(?:s[hz]|bj)?(?:股吧)?|\d{4,5}hk)+"
)


def is_particle(edit: tuple[str, str]) -> bool:
    """Whether both sides are nothing but particles of one kind; one may be empty. Pure."""
    return any(group.issuperset(edit[0] + edit[1]) for group in _PARTICLES)


def counts(word: str) -> bool:
    """Whether the word is a number, or part of a written one. Pure."""
    return word in _NUMERALS or is_number(word)


def is_typed(edit: tuple[str, str], before: list[str], after: list[str]) -> bool:
    """Whether the second is the first, smoothed or mistyped. before, after: the words around them. Pure.

    >>> is_typed(("召", "招"), [], ["开"]), is_typed(("泰", "太"), ["恒"], ["集", "团"])
    (True, False)
    """
    if is_particle(edit) or _WHEN.issuperset(edit):
        return True
    return any(group.issuperset(edit) for group in _CONFUSED) and not _may_name(edit, before, after)


def is_filler(words: list[str], before: list[str], after: list[str]) -> bool:
    """Whether words that only one side has say nothing: a filler, a year, a character typed twice. Pure.

    >>> is_filler(["据", "悉"], [], []), is_filler(["取", "消"], [], [])
    (True, False)
    """
    said = "".join(words)
    if _YEAR.fullmatch(said) or _FILLER.fullmatch(said):
        return True
    twice = words in (before[-len(words) :], after[: len(words)])
    return twice and said.isalpha() and not any(map(counts, words)) and not _may_name((said, ""), before, after)


def _may_name(edit: tuple[str, str], before: list[str], after: list[str]) -> bool:
    """Whether the edit may stand within the name of a person, a place or a body, or is a telling character."""
    letters = {*edit[0], *edit[1]}
    return bool(
        letters & (_TELLING | _SURNAMES | _ENDS_NAME)
        or _SURNAMES.intersection(before)
        or _ENDS_NAME.intersection(after[:2])
    )
