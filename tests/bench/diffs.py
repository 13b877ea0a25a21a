"""What the difference between two revisions costs: `python -m tests.bench.diffs`.

Made texts with some sentences changed, deleted, added and moved, sentence by sentence, against difflib on characters in
the same run. Nothing is remembered from one comparison to the next.
"""

import random
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher

from monitor.text.diff import changes, marked
from monitor.text.fold import fold
from tests.bench.figures import ROW, percentile, table
from tests.bench.made import made_articles

LENGTHS = (3_300, 10_000, 30_000)
EDITS = (1, 5, 20, 60)
PAIRS = 12


def pair(length: int, edits: int, seed: int) -> tuple[str, str]:
    draw = random.Random(f"{length}:{edits}:{seed}")
    text = "\n".join(made.text for made in made_articles(20, seed=seed, length=length // 8))[:length]
    sentences = text.split("。")
    for _ in range(edits):
        place = draw.randrange(len(sentences))
        match draw.choice(("change", "delete", "add", "move")):
            case "change":
                half = len(sentences[place]) // 2
                sentences[place] = f"{sentences[place][:half]}更正{sentences[place][half + 2 :]}"
            case "delete":
                del sentences[place]
            case "add":
                sentences.insert(place, f"新增的第{draw.randint(1, 999)}句")
            case _:
                sentences.insert(draw.randrange(len(sentences)), sentences.pop(place))
    return text, "。".join(sentences)


def whole(before: str, after: str) -> None:
    """As an alert or `show --diff` makes it: the sentences, and the words inside the changed ones."""
    for change in changes(before, after):
        if change.before and change.after and not change.moved:
            marked(change.before, change.after)


def milliseconds(work: Callable[[str, str], object], pairs: list[tuple[str, str]]) -> float:
    took = []
    for before, after in pairs:
        fold.cache_clear()
        began = time.process_time()
        work(before, after)
        took.append(1000 * (time.process_time() - began))
    return percentile(took, 0.5)


def row(length: int, edits: int) -> ROW:
    pairs = [pair(length, edits, seed) for seed in range(PAIRS)]
    ours = milliseconds(whole, pairs)
    if length > 10_000:  # a minute a pair
        return (f"{length} characters, {edits} edits", f"{ours:.1f}", "", "")
    plain = milliseconds(lambda a, b: SequenceMatcher(None, a, b, autojunk=False).get_opcodes(), pairs[:2])
    return (f"{length} characters, {edits} edits", f"{ours:.1f}", f"{plain:.0f}", f"{plain / ours:.0f} x")


def main() -> int:
    changes("热身。", "不热身。")
    table(
        "The difference between two revisions (CPU, median)",
        ("", "ms", "difflib ms", "faster by"),
        [row(length, edits) for length in LENGTHS for edits in EDITS],
        "difflib: on characters, without junk",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
