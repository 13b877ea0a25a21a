"""Which characters a page's bytes are. Chinese pages lie about it in every place that can name a charset."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from operator import add

from charset_normalizer import from_bytes

from crawler.text.mojibake import foreign, read_again

#: Names that pages and servers use -> the codec that reads them all. gb2312 and gbk are subsets of gb18030, and pages
#: that declare the former use characters of the latter; Latin-1 is what servers say when they do not know.
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb2312-80": "gb18030",
    "gb-2312-80": "gb18030",
    "x-gb2312": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "euc-tw": "big5hkscs",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-16-be": "utf-16-be",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "windows-1251": "cp1251",
    "koi8-r": "koi8_r",
    "windows-1252": "cp1252",
    "iso-8859-1": "cp1252",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_META = re.compile(rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,30})""", re.I)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,30})""", re.I)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_STRANGE = re.compile(r"[\u2500-\u257f\u3040-\u312f\ue000-\uf8ff]")
#: What nearly all is that other languages write beyond ASCII; of Chinese that was read so it is never nearly all.
_ABROAD = {
    "cp949": re.compile(r"[\uac00-\ud7a3]"),
    "cp1251": re.compile(r"[\u0400-\u045f]"),
    "koi8_r": re.compile(r"[\u0400-\u045f]"),
    "cp1252": re.compile(r"(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])"),
}
_NEARLY_ALL = 0.9
#: The most frequent characters of Chinese prose, both scripts: near 35 % of any text, near 1 % of a wrong decoding.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进"
    "着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重"
    "新线内数正心反你明看原又利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活"
    "设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处府研究市国务院省县"
    "這為個國時來們會發動說產種麼後學經進著電裡實點從業應開還沒結問無軍題黨員總長資邊級圖統較將組見計別農決區強戰則據處縣"
)
#: Where a page declares its charset; HTML asks for the first 1,024 bytes, real pages need a few more.
_DECLARED_WITHIN = 4096
_SAMPLE = 200_000
#: Above this neither charset reads the bytes as Chinese.
_DOUBTFUL = 0.3
#: Up to this it is Chinese prose.
_NATURAL = 0.1
#: A reading with no larger share of lost and strange characters makes sense; of other charsets' bytes few do.
_CLEAN = 0.02
#: Runs of bytes that are no ASCII, up to the length of a paragraph; how many are looked at.
_RUN = re.compile(rb"[\x80-\xff]{7,2000}")
_RUNS = 2_000
#: So many more frequent characters on the other footing, or in another charset, are no chance.
_CLEARLY_MORE = 3
#: Markup as only ASCII and its heirs write it.
_NARROW = re.compile(rb"<(?:!doctype|html|head|meta|title|body)\b", re.I)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters, the codec that read them, and the share of them that are U+FFFD (0.0-1.0).

    shifted: in so many places a byte is lost, and the pairs after it are not what they were.
    read_again: the site itself had taken UTF-8 for Latin-1, and `text` is what was meant.
    """

    text: str
    encoding: str
    replaced_share: float
    shifted: int = 0
    read_again: bool = False


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A reading, how bad it is (see _weighed), its frequent characters, the share of damage, and our doubt in it."""

    decoded: Decoded
    badness: float
    frequent: int
    damage: float
    doubt: float


def decode(body: bytes, *, content_type: str | None, charset: str | None = None) -> Decoded:
    """Read bytes as characters; never raises, and no byte goes without a trace: U+FFFD stands for it. Pure.

    content_type: the HTTP header, if any. charset: what the source's configuration says, if anything.
    A byte order mark wins where the bytes behind it are what it says, then the NULs of UTF-16. Bytes that are valid
    UTF-8 throughout are UTF-8 whatever anybody says, unless hardly any of them are not ASCII. Else the configuration,
    the header, the meta, UTF-8, GB18030 and Big5 are candidates, each with less credit than the one before: the fewest
    damaged characters and the most natural Chinese win, but what is read without damage yields to more natural Chinese
    only where that is no chance: names and rare words are not natural. A guess comes last.

    >>> decode("数字经济".encode("gbk"), content_type="text/html; charset=gb2312").text
    '数字经济'
    """
    mark, codec = next((found for found in _BOMS if body.startswith(found[0])), (b"", ""))
    if codec:
        # "utf-16" and "utf-32" take their mark off themselves.
        marked = _decoded(body if codec in ("utf-16", "utf-32") else body[len(mark) :], codec)
        if not _is_stray(marked, body):
            return marked
        body = body[len(mark) :]
    if (wide := _without_mark(body)) is not None:
        return _decoded(body, wide)
    # A page whose meta says UTF-16 could not be read by those who read its meta.
    declared = [c for c in dict.fromkeys(_declared(body, content_type, charset)) if not c.startswith("utf-16")]
    if body.isascii() and "hz" not in declared:
        return _decoded(body, "utf-8")
    if (text := _valid_utf8(body)) is not None:
        others = [codec for codec in declared if codec != "utf-8"]
        # Two or three GBK characters may be valid UTF-8 by chance (联通); a paragraph is not.
        if not others or "utf-8" in declared[:1] or foreign(text) >= 6:
            return _as_meant(Decoded(text, "utf-8", _share(text)))
    best = _vote(body, declared)
    if best.badness > _DOUBTFUL and (guess := _guess(body)) is not None:
        guessed = _weighed(_decoded(body, guess))
        # Lost bytes of Chinese make good Cyrillic: against what the page says of itself only Chinese counts.
        if (not declared or _HAN.search(guessed.decoded.text)) and _beats(guessed, best):
            best = guessed
    if best.decoded.encoding == "gb18030":
        return replace(best.decoded, shifted=_shifted(body))
    return _as_meant(best.decoded)


def _vote(body: bytes, declared: Sequence[str]) -> _Weighed:
    """The best reading. What nobody names must be better by more than chance makes it."""
    credit = {codec: 0.01 * place for place, codec in enumerate(declared)}
    for codec, doubt in (("utf-8", 0.04), ("gb18030", 0.05), ("big5hkscs", 0.15)):
        credit.setdefault(codec, doubt)
    best: _Weighed | None = None
    for codec, doubt in credit.items():
        reading = _weighed(_decoded(body, codec), doubt)
        if best is None or _beats(reading, best):
            best = reading
        if reading.badness == 0.0:  # clean and natural: none with less credit is better
            break
    assert best is not None, "three codecs are always tried"
    return best


def _beats(reading: _Weighed, best: _Weighed) -> bool:
    if reading.badness + reading.doubt >= best.badness + best.doubt:
        return False
    if best.damage > _CLEAN or reading.decoded.encoding == "utf-8":
        return True
    return reading.badness <= _NATURAL and reading.frequent >= best.frequent + _CLEARLY_MORE


def _is_stray(marked: Decoded, body: bytes) -> bool:
    """Whether a byte order mark was put before bytes that it does not fit: by an editor, or a template of another."""
    if marked.encoding.startswith("utf-16"):
        return _NARROW.search(body[:2000]) is not None
    return marked.encoding == "utf-8" and marked.replaced_share > _CLEAN


def _without_mark(body: bytes) -> str | None:
    """UTF-16 that forgot its mark: its markup has a NUL beside each letter, which no other text has."""
    start = body[:2000]
    half = len(start) // 2
    if half < 8:
        return None
    for codec, nulls in (("utf-16-le", start[1::2].count(0)), ("utf-16-be", start[0::2].count(0))):
        if nulls > 0.2 * half and start.count(0) - nulls < 0.02 * half:
            return codec
    return None


def _as_meant(decoded: Decoded) -> Decoded:
    meant = read_again(decoded.text)
    return decoded if meant is None else replace(decoded, text=meant, replaced_share=_share(meant), read_again=True)


def _declared(body: bytes, content_type: str | None, charset: str | None) -> Iterator[str]:
    names = [charset] if charset else []
    names += [match[1] for match in [_HEADER.search(content_type or "")] if match]
    names += [match[1].decode("ascii") for match in [_META.search(body[:_DECLARED_WITHIN])] if match]
    for name in names:
        if (codec := _CODECS.get(name.strip().lower().replace("_", "-"))) is not None:
            yield codec


def _valid_utf8(body: bytes) -> str | None:
    """The text, where every byte is good UTF-8; a character cut off at the very end is forgiven."""
    reader = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        return reader.decode(body, final=False)
    except UnicodeDecodeError:
        return None


def _decoded(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, errors="replace")
    return Decoded(text, codec, _share(text))


def _share(text: str) -> float:
    return text.count("\ufffd") / len(text) if text else 0.0


def _weighed(decoded: Decoded, doubt: float = 0.0) -> _Weighed:
    """How bad a reading is: 0 for clean Chinese, near 1 for rubbish, by its damaged and unlikely characters.

    Kana, bopomofo, frames and private characters among Chinese are what one charset makes of another.
    """
    sample = decoded.text[:_SAMPLE]
    counts = Counter("".join(_FOREIGN.findall(sample)))
    if not (said := counts.total()):
        return _Weighed(decoded, 0.0, 0, 0.0, doubt)
    if (letters := _ABROAD.get(decoded.encoding)) is not None:
        natural = len(letters.findall(sample)) >= _NEARLY_ALL * said
        return _Weighed(decoded, 0.0 if natural else 1.0, 0, 0.0 if natural else 1.0, doubt)
    han = sum(count for c, count in counts.items() if _HAN.match(c))
    frequent = sum(count for c, count in counts.items() if c in _FREQUENT)
    unlikely = max(0.0, 0.15 - frequent / han) / 0.15 if han else 1.0
    lost, strange = counts["\ufffd"], sum(count for c, count in counts.items() if _STRANGE.match(c))
    return _Weighed(decoded, (lost + 0.5 * strange) / said + 0.5 * unlikely, frequent, (lost + strange) / said, doubt)


def _shifted(body: bytes) -> int:
    """In how many places of GB18030 bytes one is lost, so that the pairs after it are shifted to the next ASCII byte.

    There a run of high bytes has an odd length, and reads as better Chinese when a byte is skipped somewhere.
    """
    return sum(_is_shifted(run[0]) for run in islice(_RUN.finditer(body), _RUNS) if len(run[0]) % 2)


def _is_shifted(run: bytes) -> bool:
    right, wrong = ([_is_frequent(run[at : at + 2]) for at in range(first, len(run) - 1, 2)] for first in (0, 1))
    # The pairs before the lost byte are right as they are; those after it on the other footing.
    before, after = [0, *accumulate(right)], [*accumulate(reversed(wrong))][::-1]
    best: int = max(map(add, before, after))
    return best >= before[-1] + _CLEARLY_MORE


def _is_frequent(pair: bytes) -> bool:
    return pair.decode("gb18030", errors="replace") in _FREQUENT


def _guess(body: bytes) -> str | None:
    found = from_bytes(body[:50_000]).best()
    return None if found is None else found.encoding
