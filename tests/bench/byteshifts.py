"""What reading on behind a lost byte gives, and what it breaks: `python -m tests.bench.byteshifts`.

Damage: one byte is taken out of a line of GBK at random, simplified and traditional, and the line is read again.
Intact: texts of which nothing may be repaired (but what is damaged in them: it is shown), down to rows of characters
drawn at random. The texts are those of ../shared/corpus where they lie beside the repository, else made ones.
"""

import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from crawler.text.byteshift import find_shifts, mend
from crawler.text.charset import decode
from crawler.text.han import is_han
from crawler.text.table import fold_table
from monitor.demo.sites import make_article
from monitor.text.fold import fold_text
from tests.bench.figures import ROW, say, table

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpus"
TABLES = ROOT / "crawler" / "text"
LINES = 4000
SOUP = 400_000
#: In characters: from the lost byte to the next ASCII one.
LENGTHS = ((1, 5), (6, 9), (10, 19), (20, 10_000))


@cache
def texts() -> tuple[str, ...]:
    if not REAL.is_dir():
        say("no ../shared/corpus: made articles in its place")
        return tuple("\n".join(make_article(number).paragraphs) for number in range(2000))
    items = [path.read_text(encoding="utf-8") for path in sorted(REAL.glob("feeditems/*.md"))]
    pages = [decode(path.read_bytes(), content_type=None).text for path in sorted(REAL.glob("html/*.html"))]
    return (*items, *pages)


@cache
def _traditional() -> dict[int, str]:
    """The inverse of the fold where that is one character of GBK."""
    sources = defaultdict(list)
    for source, target in fold_table().items():
        if is_han(chr(source)) and is_han(target) and len(chr(source).encode("gbk", "ignore")) == 2:
            sources[ord(target)].append(chr(source))
    return {target: found[0] for target, found in sources.items() if len(found) == 1}


def traditional(text: str) -> str:
    return text.translate(_traditional())


# -- intact texts


def soup(characters: Sequence[str]) -> list[str]:
    draw = random.Random(1)
    return ["".join(draw.choices(characters, k=200)) for _ in range(SOUP // 200)]


def gb2312(first: int, last: int) -> list[str]:
    codes = (bytes((high, low)) for high in range(first, last) for low in range(0xA1, 0xFF))
    return [character for code in codes if (character := code.decode("gb2312", "ignore"))]


def intact() -> Iterator[tuple[str, Sequence[str]]]:
    yield "the texts", texts()
    yield "the same in traditional characters", [traditional(text) for text in texts()]
    yield "all characters by their readings", (TABLES / "readings.txt").read_text(encoding="utf-8").split("\n")
    yield "all characters by their simple ones", (TABLES / "fold_table.txt").read_text(encoding="utf-8").split("\n")
    yield "rare characters of GB 2312, at random", soup(gb2312(0xD8, 0xF8))
    yield "all characters of GB 2312, at random", soup(gb2312(0xB0, 0xF8))
    yield "all Han characters, at random", soup([chr(point) for point in range(0x4E00, 0x9FA6)])


def false_row(name: str, looked_at: Sequence[str]) -> ROW:
    began = time.process_time()
    found = [shift for text in looked_at for shift in find_shifts(text)]
    took = time.process_time() - began
    size = sum(map(len, looked_at))
    folded = time.process_time()
    for text in looked_at[:500]:
        fold_text(text)
    folding = (time.process_time() - folded) / sum(map(len, looked_at[:500]))
    shown = "、".join(shift.read for shift in found[:3])
    return (name, f"{size:,}", f"{len(found)}", f"{3e6 * took / size:.3f}", f"{took / size / folding:.2f} x", shown)


# -- damage


def damaged(script: Callable[[str], str]) -> Iterator[tuple[str, str, int, int]]:
    """A line, the same with a byte lost, and from where to where characters were lost."""
    draw, lines = random.Random(2), texts()
    while True:
        line = script(draw.choice(draw.choice(lines).split("\n")))
        if len(line) < 40 or sum(map(is_han, line)) < 0.6 * len(line) or len(line.encode("gbk", "ignore")) < len(line):
            continue
        start = draw.randrange(len(line))
        end = next((place for place in range(start, len(line)) if line[place].isascii()), len(line))
        if end == start or not all(len(character.encode("gbk", "ignore")) == 2 for character in line[start:end]):
            continue
        body = bytearray(line.encode("gbk", "replace"))
        del body[len(line[:start].encode("gbk", "replace")) + draw.randrange(2)]
        yield line, body.decode("gb18030", "replace"), start, end


def pairs_of(text: str) -> set[str]:
    """What a search for two characters asks for."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def damage_rows(script: Callable[[str], str]) -> list[ROW]:
    counted = {length: [0] * 6 for length in LENGTHS}
    for line, shown, start, end in islice(damaged(script), LINES):
        length = next(each for each in LENGTHS if each[0] <= end - start <= each[1])
        wanted = pairs_of(line[start + 1 : end])
        before, after = pairs_of(shown), pairs_of(mend(shown))
        whole = pairs_of(line)
        found = (bool(find_shifts(shown)), len(wanted), len(wanted & before), len(wanted & after))
        worse = len((before - after) & whole) > len((after - before) & whole)
        for place, count in enumerate((1, *found, worse)):
            counted[length][place] += count
    return [
        (
            f"{shortest} to {longest}" if longest < LINES else f"{shortest} and more",
            f"{lines}",
            f"{repaired / lines:.0%}",
            f"{before / max(pairs, 1):.0%}",
            f"{after / max(pairs, 1):.0%}",
            f"{worse}",
        )
        for (shortest, longest), (lines, repaired, pairs, before, after, worse) in counted.items()
        if lines
    ]


def main() -> int:
    header = ("characters", "lines", "repaired", "pairs before", "pairs after", "worse")
    notes = (
        "characters: from the lost byte to the next ASCII one; pairs: of those, what a search for two of them finds",
        "worse: lines of which less is found than before",
    )
    table("A byte lost from GBK, simplified", header, damage_rows(str), *notes)
    table("A byte lost from GBK, traditional", header, damage_rows(traditional), *notes)
    rows = [false_row(name, looked_at) for name, looked_at in intact()]
    table("Intact texts", ("", "characters", "repaired", "ms/3000", "to the fold", "as what"), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
