"""Several pages of one article in one capture: taken apart, and what was read of them put together again. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from crawler.extract.pager import MOST_PAGES
from crawler.extract.trim import letters
from crawler.records import Draft, Verdict

_PAGES = re.compile(r";\s*pages=(\d{1,9}(?:,\d{1,9})*)\s*$", re.IGNORECASE)

#: A page that repeats this much of what came before has the full text; the rest is cut-off sentences and 未完待续.
_FULL = 0.8


def split(body: bytes, content_type: str | None) -> tuple[tuple[bytes, ...], str | None]:
    """The pages that a capture holds, and the content type of each; one page, where it is not said to hold more.

    `…; pages=0,18234,30111` says at which byte each begins.

    >>> split(b"onetwo", "text/html; charset=gbk; pages=0,3")
    ((b'one', b'two'), 'text/html; charset=gbk')
    """
    match = _PAGES.search(content_type or "")
    if match is None or content_type is None:
        return (body,), content_type
    kind = content_type[: match.start()]
    starts = [int(start) for start in match[1].split(",")]
    rising = all(a < b for a, b in zip(starts, [*starts[1:], len(body)], strict=True))
    if starts[0] != 0 or not rising or len(starts) > MOST_PAGES:
        return (body,), kind
    return tuple(body[a:b] for a, b in zip(starts, [*starts[1:], len(body)], strict=True)), kind


def join(first: Draft, following: Sequence[Draft]) -> Draft:
    """One draft of an article's pages: the first page's, with the text and the attachments of all. Pure.

    A page with the full text stands for all of them; what pages repeat (headline, lead, signature) is said once. A page
    that a shield or an error stands for makes the whole unreadable: without it the article would seem to be edited.
    """
    first = replace(first, more=())
    if first.quality.verdict is not Verdict.ARTICLE:
        return first
    lines, notes, whole = first.text.split("\n"), list(first.quality.notes), first
    for number, page in enumerate(following, 2):
        verdict = page.quality.verdict
        if verdict in (Verdict.CHALLENGE, Verdict.ERROR):
            note = f"page {number} of {len(following) + 1}: {', '.join(page.quality.notes) or verdict}"
            return replace(first, text="", quality=replace(first.quality, verdict=verdict, notes=(note, *notes)))
        if verdict is not Verdict.ARTICLE:
            notes.append(f"page {number} of {len(following) + 1} is left out: {', '.join(page.quality.notes)}")
            continue
        lines = _continued(lines, page.text.split("\n"), first.title)
        whole = _with_credits(whole, page)
    quality = replace(
        first.quality,
        repaired=any(draft.quality.repaired for draft in (first, *following)),
        notes=tuple(dict.fromkeys(notes)),
    )
    return replace(whole, text="\n".join(lines), quality=quality)


def _continued(lines: list[str], page: list[str], title: str | None) -> list[str]:
    """The lines so far with those of one more page."""
    so_far, more = letters("".join(lines)), letters("".join(page))
    repeated = sum(len(line) for line in map(letters, lines) if line in more)
    if len(more) >= len(so_far) and repeated >= _FULL * len(so_far):
        return page  # it begins anew: the full text
    if more in so_far:
        return lines
    lead = 0
    while lead < len(page) and (_same(page[lead], title) or (lead < len(lines) and _same(page[lead], lines[lead]))):
        lead += 1
    end = 0
    while end < min(len(lines), len(page) - lead) and _same(lines[-1 - end], page[-1 - end]):
        end += 1
    return [*lines[: len(lines) - end], *page[lead:]]


def _same(one: str, other: str | None) -> bool:
    return bool(other) and letters(one) == letters(other or "")


def _with_credits(whole: Draft, page: Draft) -> Draft:
    """What stands at an article's end alone is on its last page."""
    seen = {attachment.url for attachment in whole.attachments}
    codes = {stock.code for stock in whole.stocks}
    return replace(
        whole,
        attachments=(*whole.attachments, *(found for found in page.attachments if found.url not in seen)),
        stocks=(*whole.stocks, *(found for found in page.stocks if found.code not in codes)),
        origin=whole.origin or page.origin,
        author=whole.author or page.author,
        editor=whole.editor or page.editor,
        government={**page.government, **whole.government},
        readers={**page.readers, **whole.readers},
    )
