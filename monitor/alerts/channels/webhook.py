"""Speaks through one of apprise's services: Slack, a JSON hook, a robot, the long tail; everything but mail."""

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from apprise.common import NotifyFormat

from monitor.alerts.channels.answers import judge
from monitor.alerts.channels.channel import in_thread
from monitor.alerts.channels.exchange import watched
from monitor.alerts.channels.robots import JsonRobot
from monitor.alerts.compose import fit, one_line
from monitor.alerts.parts import parts_of, plain
from monitor.model import ChannelOptions, Message, SendResult, Sent

#: Bytes of UTF-8 in one message; Slack takes 40,000 characters, of which it folds all after some hundred lines away.
_SIZES = {"slack": 30_000}
#: Hooks of the operator's own, which take a message as long as it is: a program would have to join its parts again.
_WHOLE = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
#: Below this a service is one of text messages on telephones, and each part would cost its price: the message is cut
#: instead, with every `#ID` line in it.
_SHORTEST_SPLIT = 1000


class Service(Protocol):
    """What we use of an apprise plugin."""

    body_maxlen: int
    title_maxlen: int

    def notify(self, *, body: str, title: str, body_format: NotifyFormat) -> bool: ...


class WebhookChannel:
    """One apprise service as a channel; it has one recipient, written ""."""

    recipients = ("",)

    def __init__(
        self,
        name: str,
        options: ChannelOptions,
        *,
        schema: str,
        service: Service,
        secrets: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        """secrets: what no result may tell, though a receiver says it back. now: for a Retry-After that is a date."""
        self.name = name
        self.options = options
        self._schema = schema
        self._service = service
        self._secrets = secrets
        self._now = now

    def parts(self, message: Message) -> tuple[Message, ...]:
        """The message in as many parts as the service's limit wants; pure."""
        message = replace(message, title=one_line(message.title), text=plain(message.text))
        if self._schema in _WHOLE:
            return (message,)
        if isinstance(self._service, JsonRobot):
            return parts_of(message, self._service.size, measure=self._service.measure)
        size = _SIZES.get(self._schema, self._service.body_maxlen)
        if size < _SHORTEST_SPLIT:
            room = size - (len(message.title.encode()) + 2 if self._service.title_maxlen <= 0 else 0)
            return (replace(message, text=fit(message.text, room)),)
        return parts_of(message, size, measure=_escaped, title_length=self._service.title_maxlen or None)

    async def send(self, message: Message, recipient: str) -> SendResult:
        """Say it once; `recipient` means nothing here."""
        return await in_thread(lambda: self._say(message), f"channel {self.name}")

    def close(self) -> None:
        """Nothing is held between two messages."""

    def _say(self, message: Message) -> SendResult:
        with watched() as exchanges:
            # body_format text: with any other a title from a web page could ping <!here> or carry a forged link.
            accepted = self._service.notify(body=message.text, title=message.title, body_format=NotifyFormat.TEXT)
        result = judge(self._schema, bool(accepted), exchanges, self._now())
        return result if isinstance(result, Sent) else replace(result, why=self._mask(result.why))

    def _mask(self, why: str) -> str:
        for secret in self._secrets:
            why = why.replace(secret, "***")
        return why


def _escaped(title: str, text: str) -> int:
    """Bytes of a message whose service may escape what HTML escapes, and may put the title above the text."""
    return len(html.escape(f"{title}\r\n{text}", quote=False).encode())
