"""Finds the engine of a page by trying: what `detect` proposes is polled as a configured source would be, and the
candidate whose entries convince is kept. Stores nothing."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar, assert_never
from urllib.parse import urlencode, urlsplit

from crawler.jump import is_same_site
from crawler.lists.headlines import HEADLINE, Likeness, likeness_of
from crawler.means import Fetcher
from crawler.poll import poll
from crawler.probing.candidates import Candidate, Detection, Lead
from crawler.probing.detect import by_address, detect
from crawler.probing.entryfile import ordered
from crawler.probing.naming import every_of, name_of, region_of, slug_of
from crawler.probing.signs import belongs_to_rows
from crawler.records import (
    Answer,
    Capture,
    ChaoxunError,
    Entry,
    Fetch,
    Hints,
    NotModified,
    Outcome,
    Parser,
    PollJob,
    PollStatus,
    Recheck,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
)
from crawler.redirects import Got, compare
from crawler.sources import source_of
from crawler.yamlfile import ConfigError

P = ParamSpec("P")
T = TypeVar("T")

#: So many candidates of one page are polled; each may cost the site a request or two.
_TRIED = 8
#: Where a page leads on, so many others are looked at.
_LEADS = 2
#: What entries are worth at least, of 1, to be taken for a column's; less where the page names its engine itself.
_CONVINCING, _CONVINCING_SURE = 0.6, 0.4
_LEAST = 3
#: A page with a text of so many characters is an article, unless its rows are that text.
_ARTICLE = 200
_HAN = re.compile(r"[\u3400-\u9fff]")


class Reader(Parser, Protocol):
    """A parser that also runs our other functions on what came from the web, in a process of its own."""

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One candidate after its poll. entry: as it is written in a configuration. trouble: why it gave nothing."""

    candidate: Candidate
    entry: Mapping[str, Any]
    entries: tuple[Entry, ...] = ()
    trouble: str | None = None

    @property
    def worth(self) -> float:
        """How much the entries look like a column's, 0 to 1. Pure."""
        return worth_of(self.entries)

    @property
    def convincing(self) -> bool:
        if self.candidate.sure:
            return bool(self.entries) and self.worth >= _CONVINCING_SURE
        return len(self.entries) >= _LEAST and self.worth >= _CONVINCING


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was found at a URL: the best candidate, those beside it, or why there is none and what to do."""

    url: str
    best: Found | None = None
    others: tuple[Found, ...] = ()
    trouble: str | None = None


class _Look:
    """A ledger that keeps what one page lists and opens no article: it says that all of it is known."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        self._entries.update((entry.url, entry) for entry in entries)
        return frozenset(entry.url for entry in entries)

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self._entries.update((entry.url, entry) for entry in entries)
        return ()

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        return Outcome.REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How the site wants to be asked, as far as asking has shown."""

    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: bool = False

    def keys(self) -> dict[str, Any]:
        return {
            **({"headers": dict(self.headers)} if self.headers else {}),
            **({"cookies": True} if self.cookies else {}),
        }


async def probe(
    url: str,
    *,
    fetch: Fetcher,
    reader: Reader,
    now: Callable[[], datetime],
    ask: Fetch | None = None,
    slug: str | None = None,
    taken: Collection[str] = (),
) -> Probed:
    """What reads the list at this address, found by trying; at most a few requests.

    ask: how to ask for it, where a plain GET will not do; its Referer goes into the entry. slug: of the entry, else one
    is made that none of `taken` is.
    """
    ask = ask or Fetch(url=url)
    manner = _Manner(headers=_kept(ask))
    seeker = _Seeker(fetch=fetch, reader=reader, now=now, manner=manner, slug=slug, taken=taken)
    found = await seeker.tried(by_address(ask), Detection(), url)
    if not any(each.convincing for each in found):
        at, trouble, more = await seeker.looked(ask)
        found += more
        if not any(each.convincing for each in found):
            return Probed(url=url, trouble=trouble or _in_vain(at, found))
    return _chosen(url, found)


class _Seeker:
    """One probe: its means, how the site wants to be asked, and its answers, so that nothing is asked for twice."""

    def __init__(
        self,
        *,
        fetch: Fetcher,
        reader: Reader,
        now: Callable[[], datetime],
        manner: _Manner,
        slug: str | None,
        taken: Collection[str],
    ) -> None:
        self._fetch, self._reader, self._now = fetch, reader, now
        self._slug, self._taken = slug, taken
        self._manner = manner
        self._answers: dict[tuple[str, ...], Answer] = {}

    async def looked(self, ask: Fetch) -> tuple[str, str | None, list[Found]]:
        """What the candidates of a page gave; where it leads on and they gave nothing, those of the next page."""
        detection, page, trouble = await self._detected(ask)
        if detection is None or page is None:
            return ask.url, trouble, []
        found = await self.tried(detection.candidates, detection, page.final_url)
        title = await self._article(page, found)
        if title is not None:
            why = f"{page.final_url} is an article (“{title}”) with a list of others beside it"
            trouble = (
                f"{why}; give the address of its column, or, if it is a list all the same, write engine: html_list"
            )
            return page.final_url, trouble, [each for each in found if each.candidate.sure]
        leads = [lead for lead in detection.leads if is_same_site(lead.url, page.final_url)]
        for lead in leads[:_LEADS]:
            if any(each.convincing for each in found):
                break
            found += await self._followed(lead, ask.url)
        return page.final_url, detection.trouble, found

    async def _followed(self, lead: Lead, asked: str) -> list[Found]:
        detection, page, _ = await self._detected(Fetch(url=lead.url, headers={"Referer": asked}))
        if detection is None or page is None:
            return []
        candidates = [
            replace(
                candidate,
                evidence=f"{candidate.evidence}, at {page.final_url}: {lead.why}",
                # A poll follows the jump by itself; the address behind it is another one tomorrow.
                keys=candidate.keys if lead.lasting else {**candidate.keys, "url": asked},
            )
            for candidate in detection.candidates
        ]
        return await self.tried(candidates, detection, page.final_url)

    async def _article(self, page: Capture, found: Sequence[Found]) -> str | None:
        """The title of the article that a page is, where the rows found on it stand beside its text and not in it."""
        shaped = [each for each in found if each.convincing and not each.candidate.sure]
        rows = [entry.title for each in shaped for entry in each.entries if entry.title]
        if not rows:
            return None
        try:
            draft = await self._reader.extract(page, Hints())
        except ChaoxunError:
            return None  # whatever it is, it has rows
        if draft.quality.verdict is not Verdict.ARTICLE or draft.text_length < _ARTICLE:
            return None
        lines = tuple(draft.text.splitlines())
        return None if await self._reader.call(belongs_to_rows, page, tuple(rows), lines) else draft.title or ""

    async def _detected(self, ask: Fetch) -> tuple[Detection | None, Capture | None, str | None]:
        answer = await self._asked(ask)
        match answer:
            case Unreachable(detail=detail):
                return None, None, detail
            case NotModified():
                return None, None, f"{ask.url}: answers 304 to a first request; the server is at fault"
            case Capture():
                pass
            case _:
                assert_never(answer)
        if answer.status >= 400:
            return None, None, f"{answer.final_url}: {_refusal(answer)}"
        gone = {
            Got.FRONT: "the front page; the column is gone: find its new address",
            Got.LOGIN: "a login; choose a page that is open to all",
        }.get(compare(ask.url.partition("#")[0], answer.final_url))
        if gone is not None:
            return None, None, f"{ask.url} leads to {answer.final_url}, {gone}"
        try:
            detection = await self._reader.call(detect, replace(answer, asked=ask))
        except ChaoxunError as error:
            return None, None, f"{answer.final_url}: cannot be read: {error}"
        trouble = f"{answer.final_url} {detection.trouble}" if detection.trouble else None
        return replace(detection, trouble=trouble), answer, trouble

    async def _asked(self, ask: Fetch) -> Answer:
        """The answer; where it was refused for the manner of asking, that of a second, more polite request."""
        answer = await self.fetch(ask, self._plain(ask.url))
        manner = self._manner
        if isinstance(answer, Unreachable) and answer.trouble is Trouble.REDIRECTS and not manner.cookies:
            manner = replace(manner, cookies=True)
        elif isinstance(answer, Capture) and answer.status == 403 and not manner.headers:
            parts = urlsplit(ask.url)
            manner = replace(manner, headers={"Referer": f"{parts.scheme}://{parts.netloc}/"})
        else:
            return answer
        self._manner, before = manner, self._manner
        del self._answers[_key(ask)]
        again = await self.fetch(ask, self._plain(ask.url))
        if isinstance(again, Capture) and again.status < 400:
            return again
        self._manner = before
        return answer

    def _plain(self, url: str) -> Source:
        manner = self._manner
        return Source(
            slug="probe", name="probe", engine="html_list", url=url, headers=manner.headers, cookies=manner.cookies
        )

    async def fetch(self, fetch: Fetch, source: Source) -> Answer:
        """The answer of the site, or the one that it gave to the same request before."""
        key = _key(fetch)
        if key not in self._answers:
            self._answers[key] = await self._fetch(fetch, source)
        return self._answers[key]

    async def tried(self, candidates: Iterable[Candidate], detection: Detection, url: str) -> list[Found]:
        """Each candidate with what a poll of it shows. A feed is asked for only where the page itself lists nothing."""
        found: list[Found] = []
        for candidate in list(candidates)[:_TRIED]:
            elsewhere = candidate.engine == "feed" and candidate.keys.get("url") != url
            if elsewhere and any(each.convincing for each in found):
                continue
            found.append(await self._polled(candidate, detection, url))
        return found

    async def _polled(self, candidate: Candidate, detection: Detection, url: str) -> Found:
        entry = self._entry(candidate, detection, url)
        try:
            source = source_of(entry)
        except ConfigError as error:
            return Found(candidate=candidate, entry=entry, trouble=str(error))
        look = _Look()
        result = await poll(PollJob(source=source), fetch=self.fetch, parser=self._reader, ledger=look, now=self._now)
        trouble = None if result.status is PollStatus.OK else result.error
        return Found(candidate=candidate, entry=entry, entries=look.entries, trouble=trouble)

    def _entry(self, candidate: Candidate, detection: Detection, url: str) -> dict[str, Any]:
        about = detection.about
        keys = {
            **candidate.keys,
            "slug": self._slug or slug_of(_named_by(candidate, url), taken=self._taken),
            "name": name_of(about, url),
            "engine": candidate.engine,
            **self._manner.keys(),
            "region": region_of(about, url),
            "column": about.column,
            "every": every_of(candidate.engine),
        }
        return ordered({key: value for key, value in keys.items() if value not in (None, "", {})})


def _kept(ask: Fetch) -> dict[str, str]:
    """The headers of a request that belong into an entry: an engine sets the others itself."""
    return {name: value for name, value in ask.headers.items() if name.lower() == "referer"}


def _key(fetch: Fetch) -> tuple[str, ...]:
    """What makes two requests the same: parameters may stand in another order."""
    address, _, query = fetch.url.partition("?")
    return fetch.method, address, *sorted(query.split("&")), "", *sorted((fetch.body or b"").decode().split("&"))


def _named_by(candidate: Candidate, url: str) -> str:
    """The address that the slug is made of: with the parameters that tell the column, where they stand apart."""
    own = str(candidate.keys.get("url") or url)
    params = candidate.keys.get("params")
    return f"{own.partition('?')[0]}?{urlencode(params)}" if params else own


def _refusal(answer: Capture) -> str:
    """What a status means for whoever wants to watch the page, and what to do."""
    remedy = {
        401: "it wants a login; choose a page that is open to all",
        403: "the site refuses us; of an interface give the page that asks for it (--referer), else wait some hours",
        404: "there is no such page; check the url in a browser",
        405: "the address wants to be asked in another way; give its form with --post",
        410: "the page is gone; find the column's new address",
        412: "a shield stands before the site; it is not solved: ask again in some hours, or choose another source",
        429: "the site wants fewer requests; ask again later",
        521: "a shield stands before the site; it is not solved: ask again in some hours, or choose another source",
    }.get(answer.status, "ask again later" if answer.status >= 500 else "check the url in a browser")
    return f"answers {answer.status}: {remedy}"


def _in_vain(url: str, found: Sequence[Found]) -> str:
    """Why no candidate was kept."""
    seen = max(found, key=lambda each: len(each.entries), default=None)
    if seen is None or not seen.entries:
        why = next((each.trouble for each in found if each.trouble and each.candidate.sure), None)
        return f"{url}: no list can be recognised{f' ({why})' if why else ''}; write rows and fields by hand"
    return (
        f"{url}: {seen.candidate.engine} sees {len(seen.entries)} entries, and they do not look like articles"
        f" ({seen.entries[0].title}, {seen.entries[0].url}); give the address of a column, or write rows by hand"
    )


def _chosen(url: str, found: Sequence[Found]) -> Probed:
    ranked = sorted((each for each in found if each.convincing), key=_rank, reverse=True)
    best = ranked[0]
    urls = {entry.url for entry in best.entries}
    others = [each for each in ranked[1:] if not {entry.url for entry in each.entries} <= urls]
    return Probed(url=url, best=best, others=tuple(others))


def _rank(found: Found) -> float:
    """Whose entries look most like a column's: by their kind first, then by their number."""
    named = 0.1 if found.candidate.sure else 0.05 if found.candidate.engine == "trs_static" else 0.0
    return found.worth + min(len(found.entries), 20) / 40 + named


def worth_of(entries: Sequence[Entry]) -> float:
    """How much entries look like those of a column, 0 to 1: headlines, addresses of articles, dates. Pure."""
    if not entries:
        return 0.0
    headlines = {entry.title for entry in entries if _is_headline(entry.title or "")}
    articles = sum(1 for entry in entries if entry.whole or likeness_of(entry.url) is Likeness.ARTICLE)
    dated = sum(1 for entry in entries if entry.published_at is not None)
    return (0.4 * len(headlines) + 0.35 * articles + 0.25 * dated) / len(entries)


def _is_headline(title: str) -> bool:
    return len(title) >= HEADLINE or len(_HAN.findall(title)) >= 4
