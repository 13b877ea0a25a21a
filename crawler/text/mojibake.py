"""Characters that were lost, or read in a wrong charset, before they reached us; what can be read again is.

Three ways lead to most of it: UTF-8 that somebody read as Latin-1 and stored as UTF-8 (ä¸­å›½ for 中国), UTF-8 that
somebody read as GBK (涓浗), and U+FFFD in UTF-8 that somebody read as GBK (锟斤拷).
"""

import re

_LOST = "\ufffd"
_KUN = "锟斤拷"
#: What cp1252 makes of the bytes 0x80-0x9f; Latin-1 leaves them controls.
_BYTES = {
    character: byte for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", "replace")) != _LOST
}
_TRAIL = "[\x80-\xbf" + "".join(map(re.escape, _BYTES)) + "]"
_LATIN = re.compile(f"(?:[\u00c3-\u00df]{_TRAIL}|[\u00e1-\u00ef]{_TRAIL}{{2}}|[\u00f0-\u00f4]{_TRAIL}{{3}}){{2,}}")
_FOREIGN = re.compile(r"[^\x00-\x7f]{4,}")
#: Three characters of Chinese and more, as UTF-8 writes them.
_UTF8 = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){3,}")
#: A text that speaks of mojibake shows some; one that is mojibake consists of it.
_MOSTLY = 0.3
_AN_EXAMPLE = 12


def lost(text: str) -> int:
    """How many characters of a text are lost or misread; examples in an article about charsets count too. Pure.

    >>> lost("示例\\ufffd市"), lost("ä¸\\xadå›½ç»\\x8fæµ\\x8e"), lost("鏂囩珷鍐呭"), lost("数字经济，产业大脑")
    (1, 12, 4, 0)
    """
    misread = sum(len(run) for run in _LATIN.findall(text)) if _LATIN.search(text) else 0
    return text.count(_LOST) + 3 * text.count(_KUN) + misread + sum(_as_gbk(run) for run in _FOREIGN.findall(text))


def is_damaged(title: str | None) -> bool:
    """Whether a headline is no text: a single character counts, as headlines are short. Pure."""
    return bool(title) and lost(str(title)) > 0


def is_garbled(text: str) -> bool:
    """Whether more than one character in a hundred is lost or misread. Pure."""
    if text.count(_LOST) > 0.01 * len(text):
        return True
    count = lost(text)
    return count > 0.01 * len(text) and (count > _AN_EXAMPLE or count > _MOSTLY * len(text))


def read_again(text: str) -> str | None:
    """The text as it was before somebody took its UTF-8 for Latin-1; None where that did not happen. Pure.

    >>> read_again("<p>ä¸\\xadå›½ç»\\x8fæµ\\x8eæ–°é—»</p>")
    '<p>中国经济新闻</p>'
    """
    enough = max(_AN_EXAMPLE, _MOSTLY * foreign(text))
    # UTF-8 has this byte only where a letter of Latin-1 begins, and every four misread characters have one: looking for
    # it costs next to nothing.
    if 4 * text.encode("utf-8", "replace").count(b"\xc3") < enough:
        return None
    if sum(len(match[0]) for match in _LATIN.finditer(text)) < enough:
        return None
    return _LATIN.sub(lambda match: _bytes(match[0]).decode("utf-8", "replace"), text)


def foreign(text: str) -> int:
    """How many characters of a text are not ASCII. Pure."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _bytes(run: str) -> bytes:
    return bytes(_BYTES.get(character, ord(character) & 0xFF) for character in run)


def _as_gbk(run: str) -> int:
    """How many characters of a run were UTF-8 before they were read as GBK: by chance next to none is."""
    return sum(len(found) for found in _UTF8.findall(run.encode("gb18030", "replace"))) // 2
