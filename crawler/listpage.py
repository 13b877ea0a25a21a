"""One page of a source's listing: the hops that lead to it, and the parts that belong to it."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import assert_never

import structlog

from crawler.engines import REMEDIES
from crawler.jump import is_same_site
from crawler.lists.places import MOST_LINKS
from crawler.means import Means
from crawler.records import (
    Answer,
    Capture,
    ChaoxunError,
    Checkpoint,
    Entry,
    Fetch,
    Hints,
    Listing,
    ListingError,
    NotModified,
    PollStatus,
    Source,
    Trouble,
    Unreachable,
    Verdict,
)

log = structlog.get_logger()

#: What shields answer with: plain refusal, River Security, a firewall's rate limit, Knownsec.
BLOCKED = frozenset({403, 412, 491, 521})
#: A column page, its unit, and a jump or a refresh before each.
_HOPS = 4
#: The largest issue of a newspaper has fewer pages than this.
MOST_PARTS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPage:
    """Why there is no page to read. `stop`: the host would answer nothing else now, so it is left in peace."""

    status: PollStatus
    error: str | None = None
    checkpoint: Checkpoint | None = None
    retry_after: timedelta | None = None
    trouble: Trouble | None = None
    outage: str = ""
    garbled: bool = False
    stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page that was read. `whole`: nothing of it is missing, so that its checkpoint may be kept.

    ends: what kept the rest of its parts from being read.
    """

    entries: tuple[Entry, ...]
    checkpoint: Checkpoint
    next: Fetch | None = None
    whole: bool = True
    ends: NoPage | None = None


async def get(source: Source, request: Fetch, checkpoint: Checkpoint, means: Means) -> ListPage | NoPage:
    """The page behind a request, through its hops and one jump within the site, with all its parts.

    The checkpoint's validators go with the request that they belong to; where that one's answer is the same as then,
    the outcome is UNCHANGED. Raises nothing but what the parser does not expect.
    """
    jumped = False
    for _ in range(_HOPS):
        known = checkpoint if checkpoint.asked == _name(request) else Checkpoint()
        asked = replace(request, etag=known.etag, last_modified=known.last_modified)
        answer = await means.fetch(asked, source)
        if not isinstance(answer, Capture) or answer.status >= 400:
            return await _no_page(source, answer, known, means)
        made = _checkpoint(request, answer)
        if known.body_hash == made.body_hash:
            return _unchanged(replace(made, listed=known.listed))
        try:
            listing = await means.parser.read(source, answer)
        except ListingError as error:
            target = None if jumped or error.verdict is Verdict.CHALLENGE else await _jump(source, answer, means)
            if target is None:
                return _unreadable(error)
            request, jumped = target, True
            continue
        except ChaoxunError as error:
            return NoPage(status=PollStatus.FAILED, error=f"{source.slug}: the listing cannot be read: {error}")
        if listing.hop is None:
            return await _whole(source, listing, made, means)
        request = listing.hop
    return NoPage(status=PollStatus.FAILED, error=f"{source.slug}: {request.url} leads on and on; correct the url")


async def _jump(source: Source, page: Capture, means: Means) -> Fetch | None:
    """Where a page goes on that is no list and only sends its reader elsewhere in its site."""
    try:
        draft = await means.parser.extract(page, Hints(charset=source.charset))
    except ChaoxunError:
        return None  # what the engine said of the page is reason enough
    if draft.quality.verdict is not Verdict.STUB or draft.jump is None:
        return None
    if not is_same_site(page.final_url, draft.jump):
        log.warning("jump to another site not followed", source=source.slug, url=page.final_url, target=draft.jump)
        return None
    return Fetch(url=draft.jump, headers={"Referer": page.final_url})


@dataclass(slots=True)
class _Parts:
    """What the further parts of one page gave."""

    entries: list[Entry] = field(default_factory=list)
    read: int = 0
    whole: bool = True
    missing: list[str] = field(default_factory=list)
    ends: NoPage | None = None


async def _whole(source: Source, listing: Listing, checkpoint: Checkpoint, means: Means) -> ListPage:
    """The page with its parts. One that cannot be read leaves the page partial: it is asked for again."""
    parts = _Parts()
    for request in listing.also[:MOST_PARTS]:
        part = await _part(source, request, means)
        if isinstance(part, Listing):
            parts.read += 1
            parts.entries += part.entries
            parts.whole = parts.whole and not part.partial
            continue
        parts.missing.append(part.error or request.url)
        if part.stop:
            parts.ends = part
            break
    if len(parts.missing) > 1 and not parts.read and parts.ends is None:
        error = f"{source.slug}: none of the page's {len(parts.missing)} parts can be read; {parts.missing[0]}"
        parts.ends = NoPage(status=PollStatus.FAILED, error=error, stop=True)
    if parts.missing:
        log.warning("parts of a list page missing", source=source.slug, missing=len(parts.missing), why=parts.missing)
    if listing.cut:
        log.warning("a list page has too many links", source=source.slug, read=MOST_LINKS)
    if len(listing.also) > MOST_PARTS:
        log.warning("a list page has too many parts", source=source.slug, parts=len(listing.also), read=MOST_PARTS)
    return ListPage(
        entries=(*listing.entries, *parts.entries),
        checkpoint=checkpoint,
        next=listing.next,
        whole=not listing.partial and parts.whole and not parts.missing,
        ends=parts.ends,
    )


async def _part(source: Source, request: Fetch, means: Means) -> Listing | NoPage:
    answer = await means.fetch(request, source)
    if not isinstance(answer, Capture) or answer.status >= 400:
        return await _no_page(source, answer, Checkpoint(), means)
    try:
        return await means.parser.read(source, answer)
    except ListingError as error:
        return _unreadable(error)
    except ChaoxunError as error:
        return NoPage(status=PollStatus.FAILED, error=f"{source.slug}: {answer.final_url} cannot be read: {error}")


def _unreadable(error: ListingError) -> NoPage:
    blocked = error.verdict is Verdict.CHALLENGE
    status = PollStatus.BLOCKED if blocked else PollStatus.FAILED
    return NoPage(status=status, error=str(error), garbled=error.garbled, stop=blocked)


async def _no_page(source: Source, answer: Answer, known: Checkpoint, means: Means) -> NoPage:
    match answer:
        case NotModified():
            return _unchanged(known)
        case Unreachable():
            return NoPage(
                status=PollStatus.FAILED,
                error=f"{source.slug}: {answer.detail}",
                retry_after=answer.retry_after,
                trouble=answer.trouble,
                outage=answer.outage,
                stop=True,
            )
        case Capture():
            return _refused(source, answer, shielded=answer.status in BLOCKED or await _is_shield(answer, means))
        case _:
            assert_never(answer)


def _unchanged(checkpoint: Checkpoint) -> NoPage:
    return NoPage(status=PollStatus.UNCHANGED, checkpoint=checkpoint)


async def _is_shield(page: Capture, means: Means) -> bool:
    """Whether an error page is a challenge: shields send theirs with any status."""
    try:
        draft = await means.parser.extract(page, Hints())
    except ChaoxunError:
        return False
    return draft.quality.verdict is Verdict.CHALLENGE and page.status != 429  # which only asks us to be slower


def _refused(source: Source, answer: Capture, *, shielded: bool) -> NoPage:
    better = REMEDIES[source.engine](answer) if source.engine in REMEDIES else None
    remedies = {
        401: "it wants a login: set headers, or disable the source",
        403: "the site refuses us: wait some hours, or set headers",
        404: better or "the column has moved: correct the url",
        410: "the column is gone: disable the source",
    }
    usual = "a shield stands before it: wait some hours" if shielded else "it is tried again at the next poll"
    remedy = usual if shielded and answer.status != 403 else remedies.get(answer.status, usual)
    return NoPage(
        status=PollStatus.BLOCKED if shielded else PollStatus.FAILED,
        error=f"{source.slug}: {answer.final_url} answers {answer.status}; {remedy}",
        retry_after=answer.retry_after,
        # A column that has moved says nothing about its articles; a host in trouble does.
        stop=shielded or answer.status not in (404, 410),
    )


def _checkpoint(request: Fetch, page: Capture) -> Checkpoint:
    body_hash = hashlib.sha256(page.body).hexdigest()
    return Checkpoint(asked=_name(request), etag=page.etag, last_modified=page.last_modified, body_hash=body_hash)


def _name(request: Fetch) -> str:
    """Tells requests apart whose answers have nothing to do with each other: two forms to one URL, too."""
    if request.body is None:
        return request.url
    return f"{request.url} {request.method} {hashlib.sha256(request.body).hexdigest()[:16]}"
