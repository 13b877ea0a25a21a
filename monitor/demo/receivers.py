"""Receivers on loopback that keep a ledger of what they took and answer as told: a mail server and a webhook.

Real SMTP and real HTTP in a thread of their own, for the demo, the tests of delivery and the benchmarks. Nothing here
waits by the clock: `wait_for` wakes on the message itself.
"""

import asyncio
import json
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from monitor.demo.ledger import Ledger, Loop


class Mishap(Enum):
    """What a receiver does instead of answering."""

    CLOSE = "close"  # ends the connection before it has taken anything
    DROP_AFTER_DATA = "drop after data"  # takes the message, and ends the connection before it says so
    HOLD = "hold"  # takes the message, and answers once `release` is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that the server took. answered: whether it could say so. at: monotonic seconds."""

    sender: str
    recipient: str
    raw: bytes
    answered: bool
    at: float
    user: str | None = None

    @property
    def parsed(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.parsed["Message-ID"])

    @property
    def alert_ids(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in str(self.parsed["X-Chaoxun-Alert"]).split(","))

    @property
    def kind(self) -> str:
        return str(self.parsed["X-Chaoxun-Kind"])

    @property
    def text(self) -> str:
        """The plain text as it was written: the wire ends its lines with CR LF."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The part for those who read mail as a page; "" where there is none."""
        return self._part("html")

    def _part(self, kind: Literal["plain", "html"]) -> str:
        part = self.parsed.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True, kw_only=True)
class _MailScript:
    answers: deque[str | Mishap] = field(default_factory=deque)
    refusals: dict[str, str | Mishap] = field(default_factory=dict)


class MailReceiver:
    """An SMTP server on loopback.

    `accepted` is the ledger of mails that it took; `script` says how the next ones are answered, `refuse` what one
    recipient is answered to RCPT. With `tls` it offers STARTTLS, or with `implicit` speaks TLS from the first byte;
    with `password` it wants a login before.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        password: str | None = None,
        on_mail: Callable[[Mail], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.accepted: Ledger[Mail] = Ledger(on_mail)
        self.tried: Ledger[str] = Ledger()  # recipients, as RCPT names them
        self._tls = tls
        self._implicit = implicit
        self._password = password
        self._script = _MailScript()
        self._released: asyncio.Event
        self._sessions: list[SMTP] = []

    def __enter__(self) -> Self:
        self._loop = Loop("mail receiver")
        self._server = self._loop.call(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call(self._end())
        self._loop.close()

    def url(self, *recipients: str, options: str = "mode=insecure", user: str = "") -> str:
        """The channel URL of this server; options: further `key=value` of the URL, joined by &."""
        to = ",".join(recipients or ("desk@example.org",))
        login = f"{user}@" if user else ""
        return f"mailto://{login}{self.host}:{self.port}?smtp={self.host}&from=chaoxun@example.org&to={to}&{options}"

    def script(self, *answers: str | Mishap) -> None:
        """How the next mails are answered after DATA, in order; a text is the SMTP answer, like `451 try later`."""
        self._script.answers.extend(answers)

    def refuse(self, recipient: str, answer: str | Mishap) -> None:
        """What RCPT answers for this recipient from now on, like `550 no such user`; "" ends it.

        A sender may be named too, and is refused at MAIL.
        """
        self._script.refusals[recipient] = answer

    def release(self) -> None:
        """Let everything go on that is held, and all that comes."""
        self._loop.loop.call_soon_threadsafe(self._released.set)

    async def _listen(self) -> asyncio.Server:
        self._released = asyncio.Event()
        loop = asyncio.get_running_loop()
        tls = self._tls if self._implicit else None
        return await loop.create_server(self._session, self.host, self.port, ssl=tls)

    async def _end(self) -> None:
        self._server.close()
        for session in self._sessions:
            _abort(session.transport)

    def _session(self) -> SMTP:
        session = SMTP(
            self,
            hostname="receiver.example.org",
            ident="receiver",
            loop=asyncio.get_running_loop(),
            tls_context=None if self._implicit else self._tls,
            auth_required=self._password is not None,
            authenticator=self._authenticate if self._password is not None else None,
        )
        self._sessions.append(session)
        return session

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password.decode() == self._password
        return AuthResult(success=right, handled=right, auth_data=data)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._script.refusals.get(address)
        if isinstance(refusal, str) and refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried.add(address)
        refusal = self._script.refusals.get(address)
        if isinstance(refusal, Mishap):
            _abort(server.transport)
            return "421 gone"
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._script.answers.popleft() if self._script.answers else "250 OK"
        if answer is Mishap.CLOSE:
            _abort(server.transport)
            return "421 gone"
        if isinstance(answer, str) and not answer.startswith("2"):
            return answer
        self._take(session, envelope, answered=answer is not Mishap.DROP_AFTER_DATA)
        if answer is Mishap.DROP_AFTER_DATA:
            _abort(server.transport)
        if answer is Mishap.HOLD:
            await self._released.wait()
        return answer if isinstance(answer, str) else "250 OK"

    def _take(self, session: Session, envelope: Envelope, *, answered: bool) -> None:
        content = envelope.original_content
        assert content is not None and envelope.mail_from is not None
        login = session.auth_data
        self.accepted.add(
            Mail(
                sender=envelope.mail_from,
                recipient=", ".join(envelope.rcpt_tos),
                raw=content,
                answered=answered,
                at=time.monotonic(),
                user=login.login.decode() if isinstance(login, LoginPassword) else None,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One HTTP request that the webhook got. at: monotonic seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the webhook answers."""

    status: int = 200
    body: str = "ok"
    headers: Mapping[str, str] = field(default_factory=dict)


class HookReceiver:
    """An HTTP server on loopback that takes any request; `posted` is its ledger, `script` the next answers.

    Without a script it answers what `answer` says to the request (a robot of monitor.demo.robots, for example), else
    200 and `ok`, as Slack does. With `tls` it speaks HTTPS.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        default: Reply | None = None,
        answer: Callable[[Posted], Reply] | None = None,
        tls: ssl.SSLContext | None = None,
        on_post: Callable[[Posted], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.posted: Ledger[Posted] = Ledger(on_post)
        self._default = default or Reply()
        self._answer = answer or (lambda posted: self._default)
        self._tls = tls
        self._answers: deque[Reply | Mishap] = deque()
        self._released: asyncio.Event

    def __enter__(self) -> Self:
        self._loop = Loop("hook receiver")
        self._runner = self._loop.call(self._listen())
        self.port = self._runner.addresses[0][1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._loop.call(self._runner.cleanup())
        self._loop.close()

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def url(self, path: str = "/hook") -> str:
        """This receiver as a json:// channel."""
        return f"json://{self.host}:{self.port}{path}"

    def script(self, *answers: Reply | Mishap) -> None:
        """How the next requests are answered, in order."""
        self._answers.extend(answers)

    def release(self) -> None:
        """Let everything go on that is held, and all that comes."""
        self._loop.loop.call_soon_threadsafe(self._released.set)

    async def _listen(self) -> web.AppRunner:
        self._released = asyncio.Event()
        runner = web.AppRunner(_application(self._handle), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, self.host, self.port, ssl_context=self._tls).start()
        return runner

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        posted = Posted(
            method=request.method,
            path=request.path_qs,
            headers=dict(request.headers),
            body=body,
            status=0,
            at=time.monotonic(),
        )
        scripted = self._answers.popleft() if self._answers else None
        if scripted is Mishap.CLOSE:
            _abort(request.transport)
            return web.Response()
        reply = scripted if isinstance(scripted, Reply) else self._answer(posted)
        self.posted.add(posted if isinstance(scripted, Mishap) else replace(posted, status=reply.status))
        if scripted is Mishap.DROP_AFTER_DATA:
            _abort(request.transport)
            return web.Response()
        if scripted is Mishap.HOLD:
            with suppress(asyncio.CancelledError):
                await self._released.wait()
        return web.Response(status=reply.status, text=reply.body, headers=dict(reply.headers))


def _abort(transport: asyncio.BaseTransport | None) -> None:
    """End the connection without a word."""
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _application(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    application = web.Application(client_max_size=20 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", handle)
    return application
