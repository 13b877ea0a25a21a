"""The page: what the corpus holds, read-only, for people on this machine; refuses to change anything."""

import asyncio
import errno
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import jinja2
import structlog
from aiohttp import web
from markupsafe import Markup

from crawler.records import ChaoxunError, iso
from monitor.corpus import Connection, Corpus, articles, learned, outbox, sources, undelivered
from monitor.corpus.search import Query, newest, search
from monitor.differences import changes_between
from monitor.importance import in_words
from monitor.model import Change, DeliveryState, Health
from monitor.rules import RuleError, parse
from monitor.settings import Settings
from monitor.withdrawal import WORDS

log = structlog.get_logger()

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    # Everything shown came from the web: no script runs here, whatever a page managed to smuggle in.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Server": "chaoxun",
}
_REMEDIES = {
    errno.EADDRINUSE: "end what uses that port, perhaps another chaoxun, or choose another",
    errno.EACCES: "choose a port above 1023",
}
_PER_PAGE = 20
_LAST_PAGE = 50
_LATEST_ALERTS = 200
#: Bytes of an address: a rule of any length that is allowed, of which a Chinese character takes nine.
_LONGEST_ADDRESS = 1 << 20
_BAD = (Health.BROKEN, Health.BLOCKED, Health.GARBLED, Health.STALE, Health.QUIET)

#: What the article JSON calls a fact, and what people call it; a key that is not here is shown as it is.
_LABELS: Mapping[str, str] = {
    "title": "标题",
    "body": "正文",
    "attachments": "附件",
    "metadata": "元数据",
    "index_number": "索引号",
    "doc_number": "文号",
    "issuer": "发布机构",
    "openness": "公开方式",
    "written_on": "成文日期",
    "published_on": "发布日期",
    "category": "分类",
    "validity": "有效性",
    "interpreter_unit": "解读单位",
    "interpreter": "解读人",
    "phone": "联系电话",
}


class PageError(ChaoxunError):
    """The page cannot be served."""


class Page:
    """The web page of a corpus; `start` binds its address, `stop` frees it."""

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings,
        *,
        now: Callable[[], datetime],
        trouble: Callable[[], str],
        mistake: Callable[[], str] = lambda: "",
    ) -> None:
        """trouble: what the daemon as a whole suffers from, "" where nothing; shown on top of every page.

        mistake: what keeps a new configuration from being taken, "" where nothing; shown as well, and no trouble, since
        the old one goes on.
        """
        self._corpus = corpus
        self._host, self._port = settings.bind
        self._now = now
        self._trouble = trouble
        self._mistake = mistake
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._templates.filters |= {"moment": _moment, "is_link": _is_link, "weight": in_words}
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """`http://host:port`; the port is the bound one once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> None:
        """Raises PageError when the address is taken."""
        application = web.Application(middlewares=[self._guarded])
        application.add_routes(
            [
                web.get("/", self._overview),
                web.get("/search", self._search),
                web.get("/alerts", self._alerts),
                web.get("/sources", self._sources),
                web.get(r"/article/{id:\d{1,18}}", self._article),
                web.get("/healthz", self._healthz),
                web.get("/style.css", self._style),
            ]
        )
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=2,
            max_line_size=_LONGEST_ADDRESS,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, "name an address of this machine")
            why = f"the page cannot listen on {self.address}: {error.strerror}; {remedy}: web.bind in chaoxun.yaml"
            raise PageError(why) from error
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses foreign Host names (DNS rebinding), and turns what goes wrong into a page that says so."""
        if not self._is_ours(request.host):
            return self._problem("This page answers to its own address only.", status=421)
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            return self._problem(refusal.reason, status=refusal.status)
        except ChaoxunError as error:
            return self._problem(str(error), status=503)
        except Exception:  # boundary: one web request
            log.exception("page failed", path=request.path)
            return self._problem("This page failed; the daemon's log says why.", status=500)
        response.headers.update(_HEADERS)
        return response

    def _is_ours(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        unspecified = self._host in ("0.0.0.0", "::")
        return unspecified or name.strip("[]").lower() in {self._host.lower(), "localhost", "127.0.0.1", "::1"}

    def _problem(self, problem: str, *, status: int) -> web.Response:
        response = self._page("problem.html", status=status, problem=problem)
        response.headers.update(_HEADERS)
        return response

    def _page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        said = [line for line in (self._trouble(), self._mistake()) if line]
        text = self._templates.get_template(template).render(troubles=said, q=values.pop("q", ""), **values)
        return web.Response(text=text, content_type="text/html", status=status)

    async def _read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query on a thread: a slow one must not hold the loop that polls and delivers."""

        def once() -> T:
            with self._corpus.read() as connection:
                return query(connection)

        return await asyncio.to_thread(once)

    async def _overview(self, request: web.Request) -> web.Response:
        def query(connection: Connection) -> Mapping[str, Any]:
            states = [sources.health_json(state) for state in sources.states(connection)]
            return {
                "health": _counted(state["state"] for state in states),
                "unwell": [state for state in states if state["state"] in _BAD],
                "outbox": {state: n for state, n in outbox.counts(connection).items() if n},
                "articles": articles.count(connection),
                "deliveries": [row.as_json() for row in outbox.list_deliveries(connection, None, 10)],
                "items": newest(connection, Query(limit=_PER_PAGE)),
            }

        return self._page("overview.html", **await self._read(query))

    async def _search(self, request: web.Request) -> web.Response:
        q = request.query.get("q", "").replace("\x00", "").strip()  # PostgreSQL takes no NUL
        page = _page_number(request.query.get("page", ""))
        try:
            rule = parse(q) if q else None
        except RuleError as error:
            return self._page("search.html", q=q, error=str(error), status=400)
        query = Query(rule=rule, limit=_PER_PAGE, offset=(page - 1) * _PER_PAGE)
        found = await self._read(lambda connection: search(connection, query))
        return self._page(
            "search.html",
            q=q,
            error="",
            doubts=rule.warnings if rule and not found.total else (),
            total=found.total,
            more=found.more,
            items=found.items,
            page=page,
            has_next=page < _LAST_PAGE and found.total > page * _PER_PAGE,
        )

    async def _article(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])

        def query(connection: Connection) -> Mapping[str, Any] | None:
            view = articles.view(connection, number)
            if view is None:
                return None
            return {
                "a": view,
                "changes": _latest_changes(connection, number, view["revision"]),
                "story": articles.story(connection, number),
            }

        found = await self._read(query)
        if found is None:
            raise web.HTTPNotFound(reason=f"There is no article {number}.")
        return self._page("article.html", labels=_LABELS, signs=WORDS, **found)

    async def _alerts(self, request: web.Request) -> web.Response:
        state, channel = request.query.get("state", ""), request.query.get("channel", "").replace("\x00", "")
        known = DeliveryState(state) if state in list(DeliveryState) else None
        before = request.query.get("before", "")
        number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None

        def query(connection: Connection) -> tuple[list[outbox.DeliveryRow], list[undelivered.Backlog]]:
            rows = outbox.list_deliveries(connection, known, _LATEST_ALERTS, channel=channel or None, before=number)
            return rows, undelivered.backlog(connection, self._now())

        rows, backlog = await self._read(query)
        return self._page(
            "alerts.html",
            deliveries=[row.as_json() for row in rows],
            backlog=[(each, iso(each.oldest)) for each in backlog],
            state=known or "",
            channel=channel,
            older=rows[-1].delivery if len(rows) == _LATEST_ALERTS else None,
        )

    async def _sources(self, request: web.Request) -> web.Response:
        def query(connection: Connection) -> Mapping[str, Any]:
            states = sources.states(connection)
            flips = learned.by_source(connection)
            rows = [{**sources.health_json(state), "volatile": flips.get(state.slug, [])} for state in states]
            return {"sources": rows, "names": sources.names(connection)}

        return self._page("sources.html", **await self._read(query))

    async def _healthz(self, request: web.Request) -> web.Response:
        """For a probe: 200 and `ok`, or 503 and the trouble; the database has to answer. A mistake is told after it."""
        await self._read(articles.count)
        trouble, mistake = self._trouble(), self._mistake()
        lines = [trouble or "ok", *([mistake] if mistake else [])]
        return web.Response(text="".join(f"{line}\n" for line in lines), status=503 if trouble else 200)

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=(_TEMPLATES / "style.css").read_text(encoding="utf-8"), content_type="text/css")


def _latest_changes(connection: Connection, article: int, revision: int) -> tuple[Change, ...]:
    before = articles.revision_of(connection, article, revision - 1)
    after = articles.revision_of(connection, article, revision)
    return () if before is None or after is None else changes_between(before.side, after.side)


def _moment(iso: str | None, precision: str | None = None) -> Markup:
    """A time of the article JSON for the eye: Beijing's, to the minute, or to the day where no more is known."""
    if iso is None:
        return Markup()
    shown = iso[:10] if precision == "day" else iso[:16].replace("T", " ")
    return Markup('<time datetime="{}">{}</time>').format(iso, shown)


def _is_link(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _page_number(text: str) -> int:
    """1 to _LAST_PAGE, whatever somebody has typed."""
    return min(max(int(text), 1), _LAST_PAGE) if text.isdecimal() and len(text) < 4 else 1


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
