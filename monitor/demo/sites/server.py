"""The sample sites as real HTTP servers on loopback, in a thread with a loop of its own."""

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from monitor.demo.sites.answers import Asked, SiteHandler
from monitor.demo.sites.articles import ArticleFile, Column, SampleArticle, Site, load_articles
from monitor.demo.sites.city import CITY, COLUMN_PAGES
from monitor.demo.sites.configuration import Pace, channels_yaml, sources_yaml, watches_yaml, write_folder
from monitor.demo.sites.ledger import Served, SiteLedger
from monitor.demo.sites.misbehaviour import Misbehaviour, spoiled
from monitor.demo.sites.newsroom import BareShelf, Newsroom, NewsroomError
from monitor.demo.sites.outlet import LIST, OUTLET
from monitor.demo.sites.portal import PORTAL, RSS
from monitor.demo.sites.sending import send, still_holds
from monitor.demo.sites.sina import ROLL, SINA

_RELEASE_SECONDS = 0.25
_HOSTS: Mapping[str, SiteHandler] = {
    "127.0.0.11": SINA,
    "127.0.0.12": CITY,
    "127.0.0.13": PORTAL,
    "127.0.0.14": OUTLET,
}
#: These need a body to go wrong in: a 304 has none, and would be whole for the client.
_OF_THE_BODY = (Misbehaviour.HANG, Misbehaviour.DRIP, Misbehaviour.TRUNCATED)
#: What a target of misbehaviour comes to: a site, a column's listings, or a path on one site (None: on every site).
_Target = Site | Column | tuple[Site | None, str]


def wall_clock() -> datetime:
    """The time of day; the sites take another clock as an argument."""
    return datetime.now(UTC)


class SampleSites:
    """Four sites to publish on, with a ledger. A context manager; every method may be called from any thread.

    clock: what the sites take for now. monotonic: what the ledger measures by, in seconds.
    drip: seconds between two drops of Misbehaviour.DRIP.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = wall_clock,
        monotonic: Callable[[], float] = time.monotonic,
        drip: float = 0.2,
    ) -> None:
        self.clock = clock
        self.ledger = SiteLedger()
        self._monotonic = monotonic
        self._drip = drip
        self._roots: dict[Site, str] = {}
        self._newsroom = Newsroom(ledger=self.ledger, clock=clock, monotonic=monotonic, address=self.root)
        self._wrongs: dict[_Target, Misbehaviour] = {}
        self._visits = itertools.count(1000)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    # --- life ---

    def start(self) -> None:
        """Listens on every address, each on a free port; raises OSError when it cannot."""
        listening: list[tuple[SiteHandler, socket.socket]] = []
        with ExitStack() as opened:
            for host, handler in _HOSTS.items():
                listener = opened.enter_context(_listen(host))
                address, port = listener.getsockname()[:2]
                self._roots[handler.site] = f"http://{address}:{port}"
                listening.append((handler, listener))
            ready: Future[None] = Future()
            self._thread = threading.Thread(
                target=lambda: asyncio.run(self._serve(listening, ready)), name="sample-sites", daemon=True
            )
            self._thread.start()
            ready.result()
            opened.pop_all()  # the servers own the sockets now

    def stop(self) -> None:
        """Ends every answer in flight, a hanging one too, and closes the servers; a second call does nothing."""
        thread, loop = self._thread, self._loop
        self._thread = None
        if thread is None or loop is None:
            return
        loop.call_soon_threadsafe(self._stopping.set)
        thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what is where ---

    def root(self, site: Site) -> str:
        """`http://address:port` of a site that has been started."""
        return self._roots[site]

    def listing_url(self, column: Column) -> str:
        """What a source's `url` is for this column."""
        root = self.root(column.site)
        match column:
            case Column.SINA_CHINA | Column.SINA_LOCAL:
                return root + ROLL
            case Column.CITY_NEWS | Column.CITY_POLICY | Column.CITY_NOTICES:
                return root + COLUMN_PAGES[column]
            case Column.PORTAL_NEWS:
                return root + RSS
            case Column.OUTLET_NEWS:
                return f"{root}{LIST}?ClassID=113"

    def article_url(self, article_id: str) -> str:
        """Raises UnknownArticleError for an article that is not published."""
        return self._newsroom.url(article_id)

    def article(self, article_id: str) -> SampleArticle:
        """The article as it stands now, with its time; raises UnknownArticleError."""
        return self._newsroom.edition(article_id).article

    def written(self) -> ArticleFile:
        """The articles of articles.yaml, dated by the sites' clock; none of them is published by this."""
        return load_articles(self.clock())

    # --- what the newsrooms do ---

    def publish(self, article: SampleArticle) -> str:
        """Puts the article on top of its column; returns its URL. Raises NewsroomError for an id in use."""
        return self._newsroom.publish(article)

    def publish_backlog(self) -> tuple[str, ...]:
        """Publishes what articles.yaml has before the first visit, oldest first; returns the ids."""
        backlog = sorted(self.written().backlog, key=lambda article: article.published)
        for article in backlog:
            self.publish(article)
        return tuple(article.id for article in backlog)

    def edit(
        self,
        article_id: str,
        *,
        title: str | None = None,
        paragraphs: tuple[str, ...] | None = None,
        swap: tuple[str, str] | None = None,
    ) -> int:
        """Changes the title, the paragraphs or one wording in them; returns the new version's number."""
        return self._newsroom.edit(article_id, title=title, paragraphs=paragraphs, swap=swap)

    def withdraw(self, article_id: str, *, status: int = 404) -> None:
        """Takes the article off; its URL answers `status` from now on."""
        self._newsroom.withdraw(article_id, status=status)

    def restore(self, article_id: str) -> None:
        """Puts a withdrawn article back where it stood."""
        self._newsroom.restore(article_id)

    def touch(self, article_id: str) -> None:
        """Renders the page anew, with other validators and counters, and changes nothing that is news."""
        self._newsroom.touch(article_id)

    def repost(
        self,
        article_id: str,
        on: Column | Site = Column.OUTLET_NEWS,
        *,
        title: str | None = None,
        published_at: datetime | None = None,
    ) -> str:
        """Copies the article to another site (a site: its first column); returns the copy's id."""
        column = on if isinstance(on, Column) else next(column for column in Column if column.site is on)
        return self._newsroom.repost(article_id, on=column, title=title, published_at=published_at)

    # --- a configuration that watches them ---

    def sources_yaml(self, columns: Iterable[Column] = tuple(Column)) -> str:
        """The `sources/*.yaml` of these columns; each slug is its column's value."""
        return sources_yaml(self.listing_url, columns)

    def write_config(
        self,
        folder: Path,
        *,
        channels: Mapping[str, str] | None = None,
        channels_text: str | None = None,
        watches_text: str | None = None,
        operator: Sequence[str] | None = None,
        columns: Iterable[Column] = tuple(Column),
        database: str | None = None,
        bind: str = "127.0.0.1:8787",
        pace: Pace | None = None,
    ) -> Path:
        """Writes a folder for `--config`: these columns, a watch for each of TOPICS, and the channels.

        channels: apprise URLs by name; every watch and the operator speak to all of them, unless `watches_text`,
        `operator` or `channels_text` (whole files, as text) say otherwise. Raises FolderInUseError.
        """
        urls = channels or {}
        return write_folder(
            folder,
            sources=self.sources_yaml(columns),
            channels=channels_text if channels_text is not None else channels_yaml(urls),
            watches=watches_text if watches_text is not None else watches_yaml(tuple(urls)),
            operator=tuple(urls) if operator is None else operator,
            database=database,
            bind=bind,
            pace=pace,
        )

    # --- what goes wrong ---

    def misbehave(self, target: Site | Column | str, how: Misbehaviour) -> None:
        """From now on `target` answers wrongly, until `behave`.

        target: a site; a column (its listings); a URL; a path on every site; or an article's id. The narrower one
        counts. Raises UnknownArticleError for a word that is none of these.
        """
        self._wrongs = {**self._wrongs, self._target(target): how}

    def behave(self, target: Site | Column | str | None = None) -> None:
        """Ends the misbehaviour of `target`, or all of it; an answer that hangs keeps hanging."""
        ended = None if target is None else self._target(target)
        self._wrongs = {} if ended is None else {key: how for key, how in self._wrongs.items() if key != ended}

    def _target(self, target: Site | Column | str) -> _Target:
        if isinstance(target, Site | Column):
            return target
        if target.startswith("/"):
            return (None, target)
        if "://" in target:
            parts = urlsplit(target)
            for site, root in self._roots.items():
                if root == f"{parts.scheme}://{parts.netloc}":
                    return (site, parts.path or "/")
            raise NewsroomError(f"{target} is on none of the sample sites")
        edition = self._newsroom.edition(target)
        return (edition.article.column.site, edition.path)

    def _wrong(self, site: Site, path: str, column: Column | None) -> Misbehaviour | None:
        wrongs = self._wrongs
        for key in ((site, path), (None, path), column, site):
            if key is not None and key in wrongs:
                return wrongs[key]
        return None

    # --- the server ---

    async def _serve(self, listening: list[tuple[SiteHandler, socket.socket]], ready: "Future[None]") -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runners = []
        try:
            for handler, listener in listening:
                app = web.Application()
                app.router.add_route("*", "/{path:.*}", self._route(handler))
                runner = web.AppRunner(
                    app, access_log=None, handler_cancellation=True, shutdown_timeout=_RELEASE_SECONDS
                )
                runners.append(runner)
                await runner.setup()
                await web.SockSite(runner, listener).start()
        except OSError as error:
            ready.set_exception(error)
        else:
            ready.set_result(None)
            await self._stopping.wait()
        await asyncio.gather(*(runner.cleanup() for runner in runners))

    def _route(self, handler: SiteHandler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(handler, request)

        return answer

    async def _answer(self, handler: SiteHandler, request: web.Request) -> web.StreamResponse:
        """One request, answered rightly or as the site misbehaves; noted in the ledger before it is sent."""
        asked = Asked(
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            root=self.root(handler.site),
            now=self.clock(),
            visits=next(self._visits),
        )
        reply = handler.answer(asked, self._newsroom)
        how = self._wrong(handler.site, asked.path, reply.column)
        if how is Misbehaviour.EMPTY_LISTING:
            reply = handler.answer(asked, BareShelf(self._newsroom))
        elif how is not None:
            reply = spoiled(reply, how)
        conditional = "if-none-match" in asked.headers or "if-modified-since" in asked.headers
        if reply.status == 200 and conditional and how not in _OF_THE_BODY and still_holds(asked.headers, reply):
            reply = replace(reply, status=304, body=b"", listed=())
        complete = how not in (Misbehaviour.HANG, Misbehaviour.TRUNCATED, Misbehaviour.RESET)
        self.ledger.note_served(
            Served(
                at=self.clock(),
                monotonic=self._monotonic(),
                site=handler.site,
                method=request.method,
                url=asked.root + request.raw_path,
                status=0 if how is Misbehaviour.RESET else reply.status,
                size=len(reply.body) if complete else 0,
                conditional=conditional,
                article=reply.article if complete else None,
                version=reply.version if complete else None,
                listed=reply.listed if complete else (),
                misbehaviour=how,
            )
        )
        return await send(request, reply, how, stopping=self._stopping, drip=self._drip)


def _listen(address: str) -> socket.socket:
    """A listening socket on a free port; systems that have no other loopback address give 127.0.0.1."""
    try:
        return socket.create_server((address, 0), backlog=128)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=128)
