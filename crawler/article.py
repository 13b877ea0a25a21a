"""Looks at one article: its page, a jump before it, and the pages that follow it, as one capture."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from crawler.extract.pager import MOST_PAGES
from crawler.jump import is_same_site
from crawler.madeup import oddity
from crawler.means import Means
from crawler.records import (
    BREAKS_OFF,
    Answer,
    Capture,
    ChaoxunError,
    Draft,
    Entry,
    Fetch,
    Hints,
    NotModified,
    Odd,
    Recheck,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
)

#: A feed's item with at least this much HTML is the article itself, and needs no fetch.
FULL_TEXT = 200
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Look:
    """What came of it. `draft` is None where nothing was there to be read."""

    answer: Answer
    draft: Draft | None = None


async def look(source: Source, wanted: Entry | Recheck, means: Means) -> Visit:
    """Fetch one article as a whole and extract it. Raises nothing but what the parser does not expect.

    An article keeps the URL that was asked for, whatever its page jumps to. One of several pages comes as one capture
    (see `joined`), or, where one of them cannot be had now, as Unreachable: half an article would be stored as the
    whole, and the rest told as a change.
    """
    entry = wanted if isinstance(wanted, Entry) else None
    hints = Hints.of(source, entry)
    try:
        found = await _extracted(await _answer(source, wanted, means), hints, means)
        found = await _jumped(source, found, hints, means)
        found = await _with_file(source, found, hints, means)
        found = await _completed(source, found, hints, means)
    except ChaoxunError as error:
        # The worker gave this page up; the next one is none the worse for it.
        found = _Look(_without(wanted.url, f"{wanted.url}: cannot be read: {error}", means))
    odd = await _odd(source, wanted, found, means) if isinstance(wanted, Recheck) else None
    return Visit(source=source, url=wanted.url, entry=entry, answer=found.answer, draft=found.draft, odd=odd)


async def _extracted(answer: Answer, hints: Hints, means: Means) -> _Look:
    # Error pages too: a challenge may come with any status, and is no withdrawal.
    return _Look(answer, await means.parser.extract(answer, hints) if isinstance(answer, Capture) else None)


def _without(url: str, detail: str, means: Means, trouble: Trouble = Trouble.OTHER) -> Unreachable:
    return Unreachable(url=url, trouble=trouble, detail=detail, fetched_at=means.now())


# -- the page itself


async def _answer(source: Source, wanted: Entry | Recheck, means: Means) -> Answer:
    url = wanted.url
    if isinstance(wanted, Entry) and wanted.body is not None and (wanted.whole or len(wanted.body) >= FULL_TEXT):
        # The listing has brought the article along.
        return Capture(
            url=url,
            final_url=url,
            status=200,
            body=wanted.body.encode("utf-8", errors="replace"),
            content_type="text/html; charset=utf-8",
            fetched_at=means.now(),
        )
    request = request_of(source, url)
    if isinstance(wanted, Recheck):
        request = replace(request, etag=wanted.etag, last_modified=wanted.last_modified)
    return _named(url, request, await means.fetch(request, source))


def request_of(source: Source, url: str) -> Fetch:
    """What to ask for to get an article. With `detail.method: POST` its URL's query goes as a form. Pure."""
    headers = {"Referer": source.url} if source.url else {}
    parts = urlsplit(url)
    if source.detail is None or source.detail.method != "POST" or not parts.query:
        return Fetch(url=url, headers=headers)
    return Fetch(
        url=urlunsplit(parts._replace(query="")),
        method="POST",
        headers={**headers, "Content-Type": _FORM},
        body=parts.query.encode(),
    )


def _named(url: str, request: Fetch, answer: Answer) -> Answer:
    """The answer under the article's own URL, where another one was asked for it."""
    if isinstance(answer, Capture) and answer.final_url == request.url:
        return replace(answer, url=url, final_url=url)
    return replace(answer, url=url)


# -- a known article that answers oddly


async def _odd(source: Source, wanted: Recheck, found: _Look, means: Means) -> Odd | None:
    page, draft = found.answer, found.draft
    if not isinstance(page, Capture):
        return None
    how = oddity(wanted.title, page, draft)
    if how is None:
        return None

    async def opened(url: str) -> tuple[Answer, Draft | None]:
        hints = Hints.of(source)
        request = request_of(source, url)
        try:
            answer = _named(url, request, await means.fetch(request, source))
            look = await _jumped(source, await _extracted(answer, hints, means), hints, means)
        except ChaoxunError as error:
            return _without(url, f"{url}: cannot be read: {error}", means), None
        return look.answer, look.draft

    return await means.madeup.compare(how, page, draft, opened, means.now)


# -- jumps


async def _jumped(source: Source, found: _Look, hints: Hints, means: Means) -> _Look:
    """Behind a page that only jumps on: one hop, within the site."""
    page, draft = found.answer, found.draft
    if not isinstance(page, Capture) or draft is None or draft.jump is None or not 200 <= page.status < 300:
        return found
    if draft.quality.verdict is not Verdict.STUB or not is_same_site(page.final_url, draft.jump):
        return found
    answer = await means.fetch(Fetch(url=draft.jump, headers={"Referer": page.final_url}), source)
    if isinstance(answer, Capture):
        # The target's validators say nothing about the page that we ask for.
        return await _extracted(replace(answer, url=page.url, etag=None, last_modified=None), hints, means)
    if isinstance(answer, NotModified):
        return found
    return _Look(replace(answer, url=page.url))


# -- a file that holds the text


async def _with_file(source: Source, found: _Look, hints: Hints, means: Means) -> _Look:
    """A page with the file that it only points to, as one capture.

    Where the file cannot be read the page breaks off: it is tried again, and after some tries taken without its text.
    """
    page, draft = found.answer, found.draft
    if not isinstance(page, Capture) or draft is None or len(draft.more) != 1:
        return found
    url = draft.more[0]
    if not any(url == file.url for file in draft.attachments):
        return found
    if not is_same_site(page.final_url, url):
        return _Look(page, replace(draft, more=()))
    answer = await means.fetch(Fetch(url=url, headers={"Referer": page.final_url}), source)
    file = await _extracted(answer, hints, means)
    if isinstance(answer, Capture):
        why = _no_text(answer, file.draft)
        if not why:
            return await _extracted(joined([page, answer]), hints, means)
    else:
        why = answer.detail if isinstance(answer, Unreachable) else "no answer"
    return _Look(page, _cut_short(draft, f"its file {url} cannot be read: {why}"))


def _no_text(answer: Capture, draft: Draft | None) -> str:
    """Why a file gives no article; "" where it does."""
    if answer.status < 300 and draft is not None and draft.quality.verdict is Verdict.ARTICLE:
        return ""
    return "; ".join(draft.quality.notes) if draft and draft.quality.notes else f"it answers {answer.status}"


# -- following pages


async def _completed(source: Source, found: _Look, hints: Hints, means: Means) -> _Look:
    """The article with its following pages.

    One that the site says is not there is noted as a page that breaks off: it is tried again, and after some tries
    taken as it is. One that gives no answer now leaves the article for later.
    """
    first, draft = found.answer, found.draft
    if not isinstance(first, Capture) or draft is None or not draft.more:
        return found
    pages = [first]
    for url in draft.more[: MOST_PAGES - 1]:
        if not is_same_site(first.final_url, url):
            continue
        request = Fetch(url=url, headers={"Referer": first.final_url})
        page = await _extracted(await means.fetch(request, source), hints, means)
        if not isinstance(page.answer, Capture) or page.draft is None:
            return _Look(_later(first, url, page.answer, means))
        if page.draft.quality.verdict is Verdict.CHALLENGE:
            return _Look(replace(page.answer, url=first.url), page.draft)
        if page.answer.status in (404, 410) or page.draft.quality.verdict is Verdict.SOFT404:
            return _Look(first, _cut_short(draft, f"page {len(pages) + 1} is missing: {url}"))
        if page.answer.status >= 400 or page.draft.quality.verdict is Verdict.ERROR or not page.answer.body:
            return _Look(_later(first, url, page.answer, means))
        pages.append(page.answer)
    return await _extracted(joined(pages), hints, means) if len(pages) > 1 else found


def _later(first: Capture, url: str, answer: Answer, means: Means) -> Unreachable:
    if isinstance(answer, Unreachable):
        return replace(answer, url=first.url)
    status = f"answers {answer.status}" if isinstance(answer, Capture) else "gives nothing"
    return _without(first.url, f"{first.url}: its following page {url} {status}; it is tried again", means)


def _cut_short(draft: Draft, note: str) -> Draft:
    quality = replace(draft.quality, notes=(*draft.quality.notes, BREAKS_OFF, note))
    return replace(draft, quality=quality, more=())


def joined(pages: list[Capture]) -> Capture:
    """The pages of one article as one capture of the first one's URL. Pure.

    The bodies stand one after the other; `pages=` in the content type says at which byte each begins, so that the
    stored capture can be extracted again as it was. No validators: those of one page say nothing about the others.
    """
    first, starts = pages[0], [0]
    for page in pages[:-1]:
        starts.append(starts[-1] + len(page.body))
    return replace(
        first,
        body=b"".join(page.body for page in pages),
        content_type=f"{first.content_type or 'text/html'}; pages={','.join(map(str, starts))}",
        etag=None,
        last_modified=None,
    )
