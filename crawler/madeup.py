"""Whether a page that answers for a known article is the one that the host gives for what does not exist.

A host is asked for an address of the same form that nothing can have, at most once in some hours, and only when a known
article answers oddly; refuses to conclude anything where that answer is a challenge, an outage or a login.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import redirects
from crawler.records import Answer, Capture, Draft, MadeUp, Odd, Oddity, Unreachable, Verdict
from crawler.text import titles

#: How long an answer is kept; one from which nothing can be concluded, shorter.
KEPT = timedelta(hours=6)
UNCLEAR_KEPT = timedelta(minutes=30)
#: Forms of addresses that one host is asked for within that time (its columns may stand in several systems), and hosts
#: that are remembered.
MOST_FORMS, MOST_HOSTS = 3, 500
#: Pages that share this part of their words are one page, but for a date, a counter or a list of the latest.
_ALIKE = 0.85
#: Of a page as much as this is compared.
_COMPARED = 200_000
_SAID = 120
_ENDING = re.compile(r"((?:\.[A-Za-z]{1,6}){0,2})$")
_RUN = re.compile(r"[0-9A-Za-z]+")
_ALERT = re.compile(rb"\balert\s*\(\s*([\"'])([^\"'<>]{2,200})\1")
_TAG = re.compile(rb"<[^<>]*>")
_PASSING = re.compile(rb"[\x00-\x40\x5b-\x60\x7b-\x7f]+")
_DIGITS = re.compile(r"\d+")

#: Fetches one address and reads what came.
Opener = Callable[[str], Awaitable[tuple[Answer, Draft | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is compared of one answer. why: nothing may be concluded from it, and why."""

    why: str = ""
    said: str = ""
    is_front: bool = False
    final_url: str = ""
    is_article: bool = False
    title: str = ""
    words: frozenset[bytes] = frozenset()


@dataclass(slots=True)
class _Host:
    """What one host answered, by the form of the address, and until when that holds."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    forms: dict[str, tuple[_Page, datetime]] = field(default_factory=dict)


class MadeUpPages:
    """What hosts answer to addresses that cannot exist; a cache of this process that may be lost at any time."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def compare(
        self, how: Oddity, capture: Capture, draft: Draft | None, opener: Opener, now: Callable[[], datetime]
    ) -> Odd:
        """What the odd answer of a known article is, beside what its host says of an address that cannot exist."""
        url = made_up_url(capture.url)
        mine, its = _page(capture, draft), await self._answer(url, opener, now)
        alike = MadeUp.SAME if _is_same(how, mine, its) else MadeUp.OTHER
        verdict = MadeUp.UNCLEAR if its.why else alike
        return Odd(how=how, said=mine.said, made_up=verdict, made_up_url=url, made_up_said=its.why or its.said)

    async def _answer(self, url: str, opener: Opener, now: Callable[[], datetime]) -> _Page:
        host = self._host(url)
        form = _form(url)
        async with host.lock:
            host.forms = {key: kept for key, kept in host.forms.items() if kept[1] > now()}
            if form not in host.forms:
                if len(host.forms) >= MOST_FORMS:
                    return _Page(why="the host was asked for other addresses a short while ago; it is asked later")
                page = _page(*await opener(url))
                host.forms[form] = page, now() + (UNCLEAR_KEPT if page.why else KEPT)
            return host.forms[form][0]

    def _host(self, url: str) -> _Host:
        name = urlsplit(url).netloc.lower()
        host = self._hosts.setdefault(name, _Host())
        self._hosts.move_to_end(name)
        while len(self._hosts) > MOST_HOSTS:
            self._hosts.popitem(last=False)
        return host


def oddity(title: str | None, capture: Capture, draft: Draft | None) -> Oddity | None:
    """How the answer is not the article of that title; None where it is, or where it says nothing about it. Pure.

    A status of trouble, a challenge, a maintenance or login page, another site's page and one without a word say
    nothing; neither does 404, which needs no comparison.
    """
    if draft is None or not 200 <= capture.status < 300 or not _words(capture):
        return None
    verdict, got = draft.quality.verdict, redirects.compare(capture.url, capture.final_url)
    if verdict in (Verdict.CHALLENGE, Verdict.ERROR) or got is redirects.Got.LOGIN:
        return None
    if got is redirects.Got.FRONT:
        return Oddity.FRONT_PAGE
    if verdict is Verdict.SOFT404:
        return Oddity.SOFT_404
    # Under another number a headline that is merely alike is the next of a series.
    agree = titles.contain if got is redirects.Got.OTHER else titles.agree
    known = title is None or not draft.title or agree(title, draft.title)
    if verdict is Verdict.ARTICLE and known:
        return None
    return Oddity.OTHER_PAGE if got is redirects.Got.SAME else Oddity.ELSEWHERE


def made_up_url(url: str) -> str:
    """An address of the same form, in the same folder, that no document has. Pure.

    >>> made_up_url("https://www.example.gov.cn/art/2026/3/2/art_1229_58945012.html")
    'https://www.example.gov.cn/art/2026/3/2/art_1229_99999999.html'
    >>> made_up_url("https://www.example.cn/show.asp?ClassID=113&id=4711")
    'https://www.example.cn/show.asp?ClassID=113&id=9999999'
    >>> made_up_url("https://news.example.cn/c/2026-03-02/doc-inhzabcd1234567.shtml")
    'https://news.example.cn/c/2026-03-02/doc-zzzzzzzz9999999.shtml'
    >>> made_up_url("https://www.example.cn/about/")
    'https://www.example.cn/about-9999999/'
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    numbered = [place for place, (_, value) in enumerate(query) if any(char.isdigit() for char in value)]
    if numbered:
        name, value = query[numbered[-1]]
        query[numbered[-1]] = (name, _impossible(value))
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
    folder, slash, last = parts.path.rstrip("/").rpartition("/")
    end = "/" if parts.path.endswith("/") else ""
    ending = "" if end else _ENDING.search(last)[1]  # type: ignore[index]  # it may be empty, and always matches
    stem = last[: len(last) - len(ending)]
    return urlunsplit(parts._replace(path=f"{folder}{slash}{_impossible(stem)}{ending}{end}", fragment=""))


def _impossible(name: str) -> str:
    """The name with its own number, the last, replaced by one that no document gets."""
    runs = [run for run in _RUN.finditer(name) if any(char.isdigit() for char in run[0])]
    if not runs:
        return f"{name}-9999999"
    run = runs[-1]
    other = "".join("9" if char.isdigit() else "z" for char in run[0])
    # A short number of nines may be reached one day, and ids of nothing but nines exist only where they are short.
    return name[: run.start()] + (other if len(other) >= 8 else "9" * max(7, len(other))) + name[run.end() :]


def _form(url: str) -> str:
    """What addresses of one system share: their path without what is a number in it, and the names of the query."""
    parts = urlsplit(url)
    names = "&".join(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    folder = re.sub(r"[0-9A-Za-z_-]*\d[0-9A-Za-z_-]*", "#", parts.path)
    return f"{folder}?{names}"


# -- comparing


def _page(answer: Answer, draft: Draft | None) -> _Page:
    if isinstance(answer, Unreachable):
        return _Page(why=f"no answer ({answer.trouble})")
    if not isinstance(answer, Capture):
        return _Page(why="no answer")
    status = answer.status
    verdict = draft.quality.verdict if draft else Verdict.ERROR
    if verdict is Verdict.CHALLENGE:
        return _Page(why=f"a challenge (HTTP {status})")
    if not (200 <= status < 300 or status in (404, 410)) or draft is None:
        return _Page(why=f"HTTP {status}")
    if verdict is Verdict.ERROR:
        return _Page(why=_said(answer, draft))
    return _Page(
        said=_said(answer, draft),
        is_front=redirects.compare(answer.url, answer.final_url) is redirects.Got.FRONT,
        final_url=answer.final_url,
        is_article=verdict is Verdict.ARTICLE,
        title=_DIGITS.sub("", draft.title or ""),
        words=_lines(draft.text) if verdict is Verdict.ARTICLE else _words(answer),
    )


def _said(capture: Capture, draft: Draft) -> str:
    """Status, title and the gate's reason, for a person."""
    notes = [note for note in draft.quality.notes if not note.startswith("HTTP ")]
    parts = [f"HTTP {capture.status}", draft.title or "", *notes]
    if capture.final_url != capture.url:
        parts.append(f"at {capture.final_url}")
    return "; ".join(part for part in parts if part)[: 2 * _SAID]


def _is_same(how: Oddity, mine: _Page, its: _Page) -> bool:
    match how:
        case Oddity.FRONT_PAGE:
            return its.is_front
        case Oddity.ELSEWHERE:
            return mine.final_url == its.final_url and not its.is_front
        case Oddity.SOFT_404 | Oddity.OTHER_PAGE:
            # A short article in a large frame is like every other page of its site in most of its words.
            return (
                mine.is_article == its.is_article
                and mine.title == its.title
                and _share(mine.words, its.words) >= _ALIKE
            )


def _share(one: frozenset[bytes], other: frozenset[bytes]) -> float:
    together = sum(map(len, one | other))
    return sum(map(len, one & other)) / together if together else 0.0


def _words(capture: Capture) -> frozenset[bytes]:
    """The words between the tags and those of alerts, without digits, blanks, marks and the address that was asked.

    On bytes: both pages come from one host and are read alike, whatever their charset.
    """
    body = capture.body[:_COMPARED].lower()
    own = urlsplit(capture.url).path.rpartition("/")[2].lower().encode()
    if own:
        body = body.replace(own, b"")
    alerts = [match[2] for match in _ALERT.finditer(body)]
    for start, end in ((b"<!--", b"-->"), (b"<style", b"</style"), (b"<script", b"</script")):
        body = _without(body, start, end)
    return frozenset(word for piece in (*_TAG.split(body), *alerts) if len(word := _PASSING.sub(b"", piece)) > 1)


def _without(body: bytes, start: bytes, end: bytes) -> bytes:
    """The body without what stands from each `start` to its `end`; in time that grows with its length alone."""
    kept, place = [], 0
    while (begins := body.find(start, place)) >= 0 and (ends := body.find(end, begins)) >= 0:
        kept.append(body[place:begins])
        place = ends + len(end)
    return b" ".join([*kept, body[place:]])


def _lines(text: str) -> frozenset[bytes]:
    return frozenset(line.encode() for line in _DIGITS.sub("", text).split("\n") if line.strip())
