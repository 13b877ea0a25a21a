"""How well copies are told from texts of one form: `python -m tests.bench.near_duplicates`.

Made pairs (tests/bench/copies.py, reposts.py, forms.py, slots.py), each as the corpus would meet them: the bands
propose, the comparison decides. Then the real feed items of ../shared/corpus, where they lie beside the repository: how
many are merged.
"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from crawler.extract import extract
from monitor.retelling import MOST_COMPARED
from monitor.stories import Likeness, Telling, Wording, compare, retells
from monitor.text.fingerprint import canonical_lines
from monitor.text.similarity import bands
from tests.bench.copies import COPIES, Item, Pair, copies
from tests.bench.figures import say, table
from tests.bench.forms import NON_COPIES, non_copies
from tests.bench.imports import REAL
from tests.bench.reposts import REPOSTS
from tests.bench.slots import SLOT_PAIRS

EACH, EACH_SLOT = 100, 400
_NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def wording(number: int, title: str, text: str, url: str) -> Wording:
    telling = Telling(
        article_id=number,
        url=url,
        title=title,
        length=len(text),
        published_at=_NOW,
        published_precision="minute",
        first_seen_at=_NOW,
    )
    return Wording(telling=telling, read=partial(canonical_lines, text))


def verdict(pair: Pair) -> Likeness:
    """What the second is to the first, when it comes in after it."""
    old, new = (made(number, item) for number, item in enumerate(pair))
    if old.exact == new.exact and retells(new.telling, old.telling, new.exact):
        return Likeness.COPY
    if not set(bands(old.key)) & set(bands(new.key)):
        return Likeness.UNRELATED
    return compare(new, old).likeness


def made(number: int, item: Item) -> Wording:
    return wording(number, item.title, item.text, f"https://{item.host}/{number}.html")


def measure_pairs() -> int:
    """0 where no two texts were merged that are not copies."""
    rows, wrong, total = [], 0, 0
    for kind in (kinds := {**COPIES, **REPOSTS}):
        found = Counter(verdict(pair) for pair in copies(kind, EACH, kinds))
        total += EACH
        rows.append((kind, f"{found[Likeness.COPY] / EACH:.0%}", *_counts(found)))
    table(f"Copies: {EACH} of each kind", ("", "recall", *Likeness), rows, "copy: one story, no second alert")
    rows = []
    for kind in (forms := {**NON_COPIES, **SLOT_PAIRS}):
        each = EACH_SLOT if kind in SLOT_PAIRS else EACH
        found = Counter(verdict(pair) for pair in non_copies(kind, each, forms))
        total += each
        wrong += found[Likeness.COPY]
        rows.append((kind, str(found[Likeness.COPY]), *_counts(found)))
    note = "variant: shown in one story, and alerted like a new article"
    table(
        f"No copies: {EACH} of each kind, {EACH_SLOT} of the last {len(SLOT_PAIRS)}",
        ("", "false merges", *Likeness),
        rows,
        note,
    )
    say(f"{total} pairs, {wrong} false merges")
    return wrong


def _counts(found: Counter[Likeness]) -> Sequence[str]:
    return [str(found[each]) for each in Likeness]


def measure_cost() -> None:
    """CPU of what every new article pays, and of one comparison."""
    items = [made(number, pair[0]) for number, pair in enumerate(copies("another headline", 200))]
    keys = ["".join(each.key for each in items[at : at + 4])[:2000] for at in range(0, 200, 4)]
    began = time.process_time()
    for key in keys * 10:
        bands(key)
    sketched = (time.process_time() - began) / (10 * len(keys))
    pairs = [(made(1, old), made(2, new)) for old, new in copies("a paragraph dropped", EACH)]
    began = time.process_time()
    for old, new in pairs:
        compare(new, old)
    compared = (time.process_time() - began) / len(pairs)
    length = sum(len(old.key) for old, _ in pairs) // len(pairs)
    rows = [
        ("bands of 2,000 characters", f"{1000 * sketched:.2f}"),
        (f"one comparison, {length} characters", f"{1000 * compared:.2f}"),
    ]
    table("CPU", ("", "ms"), rows)


def measure_real() -> None:
    """How many of the real feed items would join a story, and the comparisons that it took."""
    paths = sorted(REAL.glob("*.md"))
    drafts = (extract(path.read_bytes()) for path in paths)
    index: dict[int, list[int]] = defaultdict(list)
    wordings: dict[int, Wording] = {}
    found: Counter[str] = Counter()
    for number, draft in enumerate(drafts):
        if not draft.title or not draft.text or any(draft.url == each.telling.url for each in wordings.values()):
            continue
        new = wordings[number] = wording(number, draft.title, draft.text, draft.url or f"urn:{number}")
        hashes = bands(new.key)
        shared = Counter(other for each in hashes for other in index[each])
        likenesses = [compare(new, wordings[other]).likeness for other, _ in shared.most_common(MOST_COMPARED)]
        found["compared"] += len(likenesses)
        found["merged"] += Likeness.COPY in likenesses and Likeness.APART not in likenesses
        found["kept apart, though alike"] += Likeness.APART in likenesses
        for each in hashes:
            index[each].append(number)
    rows = [(what, str(count)) for what, count in found.items()]
    table(f"{len(wordings)} real feed items", ("", "items"), rows)


def main() -> int:
    wrong = measure_pairs()
    measure_cost()
    if REAL.is_dir():
        measure_real()
    else:
        say("\nno ../shared/corpus/feeditems: the real feed items are left out")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
