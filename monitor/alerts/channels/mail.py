"""Sends mail for apprise's mailto:// URLs by our own SMTP, one recipient at a time.

apprise makes a new Message-ID at every try and joins all recipients into one answer; we need an id that a repeat keeps,
and each recipient's own answer.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from monitor.alerts.channels.channel import in_thread
from monitor.alerts.channels.markup import as_html
from monitor.alerts.compose import one_line
from monitor.alerts.parts import plain
from monitor.model import ChannelOptions, Message, Rejected, Retryable, SendResult, Sent, Unknown

CONNECT_LIMIT = timedelta(seconds=15)
#: A server may think about a message before it takes it (spam filters do), and a time-out there costs a repeat.
ANSWER_LIMIT = timedelta(seconds=40)

_LEADING_DOT = re.compile(rb"(?m)^\.")
#: Our own; an operator's `+Header=` in the URL must not double them.
_RESERVED = frozenset(
    {"subject", "from", "to", "cc", "bcc", "date", "message-id", "mime-version", "content-type"}
    | {"content-transfer-encoding", "auto-submitted", "x-chaoxun-alert", "x-chaoxun-kind"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where and how mail is handed over. secure: insecure, starttls or ssl."""

    host: str
    port: int
    secure: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every mail of a channel has in common."""

    sender: Address
    recipients: tuple[str, ...]
    reply_to: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class MailChannel:
    """A mail channel; each address of its URL is a recipient with deliveries of its own."""

    def __init__(self, name: str, options: ChannelOptions, *, server: MailServer, envelope: Envelope) -> None:
        self.name = name
        self.options = options
        self.recipients = envelope.recipients
        self._server = server
        self._envelope = envelope

    def parts(self, message: Message) -> tuple[Message, ...]:
        """A mail may be as long as it likes."""
        return (replace(message, title=one_line(message.title), text=plain(message.text)),)

    async def send(self, message: Message, recipient: str) -> SendResult:
        """Hand the mail over once: rejected after 5xx, retryable after 4xx, unknown without a last answer."""
        if recipient not in self.recipients:
            return Rejected(why=f"{recipient} is no recipient of the channel {self.name} any more")
        mail = write_mail(message, self._envelope, recipient)
        result = await in_thread(lambda: self._hand_over(mail, recipient), f"channel {self.name}")
        password = self._server.password
        if isinstance(result, Sent) or not password:
            return result
        return replace(result, why=result.why.replace(password, "***"))  # a server may repeat it

    def close(self) -> None:
        """Nothing is held between two messages."""

    def _hand_over(self, mail: EmailMessage, recipient: str) -> SendResult:
        try:
            connection = _connect(self._server)
        except (OSError, smtplib.SMTPException) as error:
            return Retryable(why=f"no connection to the mail server {self._server.host}: {_reason(error)}")
        try:
            return _transfer(connection, self._envelope.sender.addr_spec, recipient, mail.as_bytes())
        finally:
            # After the last answer nothing that goes wrong here changes what became of the mail.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()


def write_mail(message: Message, envelope: Envelope, recipient: str) -> EmailMessage:
    """The mail itself: plain text and the same as HTML, one Message-ID, and headers that no title can break out of."""
    mail = EmailMessage(policy=SMTP)
    # The library would decode `=?utf-8?q?=0D=0ABcc:…?=` of a page's headline, and then find a line break in a header.
    mail["Subject"] = one_line(message.title).replace("=?", "＝?")
    mail["From"] = envelope.sender
    mail["To"] = Address(addr_spec=recipient)
    if envelope.reply_to:
        mail["Reply-To"] = ", ".join(envelope.reply_to)
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: so that no out-of-office note answers
    mail["X-Chaoxun-Alert"] = ", ".join(message.alert_ids)
    mail["X-Chaoxun-Kind"] = message.kind.value
    for name, value in envelope.headers:
        if name.lower() not in _RESERVED:
            mail[one_line(name)] = one_line(value)
    mail.set_content(message.text, charset="utf-8", cte="base64")
    mail.add_alternative(as_html(message), subtype="html", charset="utf-8", cte="base64")
    mail.set_boundary(f"={message.message_id[1:33]}=")  # no line of base64 begins so; a repeat is the same mail
    return mail


def _connect(server: MailServer) -> smtplib.SMTP:
    """A session ready for MAIL FROM; raises OSError or SMTPException."""
    context = ssl.create_default_context()
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    limit = CONNECT_LIMIT.total_seconds()
    # smtplib would ask the DNS for our own name, which takes seconds where there is none; any literal is allowed.
    ourselves = "[127.0.0.1]"
    if server.secure == "ssl":
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, ourselves, timeout=limit, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, ourselves, timeout=limit)
    try:
        session.ehlo_or_helo_if_needed()
        if server.secure == "starttls":
            session.starttls(context=context)
            session.ehlo_or_helo_if_needed()
        if server.user and server.password:
            session.login(server.user, server.password)
    except (OSError, smtplib.SMTPException):
        session.close()
        raise
    return session


def _transfer(session: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> SendResult:
    """MAIL, RCPT and DATA, step by step, since only what fails after DATA's 354 leaves us in doubt."""
    try:
        code, answer = session.mail(sender)
        if code >= 400:
            # Also with 5xx: it is about our server or sender, not about this recipient, and a person can mend it.
            return Retryable(why=f"the mail server refuses the sender: {_said(code, answer)}")
        code, answer = session.rcpt(recipient)
        if code >= 400:
            return _refused(code, answer)
        code, answer = session.docmd("DATA")
        if code != 354:
            return _refused(code, answer)
    except (OSError, smtplib.SMTPException) as error:
        return Retryable(why=f"the mail server ended the session: {_reason(error)}")
    try:
        if session.sock is not None:
            session.sock.settimeout(ANSWER_LIMIT.total_seconds())
        session.send(_LEADING_DOT.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        code, answer = session.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(why=f"the mail server did not answer after DATA ({_reason(error)}); it may have taken the mail")
    return Sent() if 200 <= code < 300 else _refused(code, answer)


def _refused(code: int, answer: bytes) -> SendResult:
    said = _said(code, answer)
    return Rejected(why=f"refused: {said}") if code >= 500 else Retryable(why=f"not taken now: {said}")


def _said(code: int, answer: bytes) -> str:
    return one_line(f"{code} {answer.decode('utf-8', 'replace')}", 200)


def _reason(error: OSError | smtplib.SMTPException) -> str:
    """In words that hold no secret: what the server said, or the system's name of the trouble."""
    match error:
        case smtplib.SMTPResponseException(smtp_error=answer):
            said = _said(error.smtp_code, answer if isinstance(answer, bytes) else str(answer).encode())
        case TimeoutError():
            said = "time-out"
        case socket.gaierror():
            said = "its name is unknown"
        case ssl.SSLCertVerificationError():
            said = f"TLS failed: its certificate is not accepted ({one_line(error.verify_message, 200)})"
        case ssl.SSLError():
            said = "TLS failed: no protocol in common"
        case smtplib.SMTPServerDisconnected():
            said = "connection closed"
        case _:
            said = one_line(getattr(error, "strerror", None) or type(error).__name__, 200)
    return said
