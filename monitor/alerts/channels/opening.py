"""Turns the URLs of channels.yaml into channels; a mistake is named by file, line and remedy, never with the URL."""

import difflib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset, NotificationManager
from apprise.common import PersistentStoreMode
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.email.base import NotifyEmail
from apprise.utils.parse import parse_emails

from crawler.yamlfile import ConfigError
from monitor.alerts.channels.channel import Channel
from monitor.alerts.channels.exchange import watch
from monitor.alerts.channels.mail import Envelope, MailChannel, MailServer
from monitor.alerts.channels.robots import register
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.model import ChannelConfig

#: What apprise would do behind the outbox's back: call a failure a success, try again by itself, send elsewhere,
#: change the text's meaning, or split it into messages without their #ID.
_REFUSED_OPTIONS = {
    "optional": "a failure would count as success",
    "retry": "the outbox tries again by itself",
    "wait": "the outbox tries again by itself",
    "redirect": "a redirect could hand the alert to another server",
    "format": "alerts are plain text",
    "overflow": "a long alert is split by us, at the ends of its lines",
    "emojis": "alerts are plain text",
    "tz": "times in alerts are Beijing's",
}
_REFUSED_MAIL_OPTIONS = {
    "cc": "name the address in `to=`, so that it has a delivery of its own",
    "bcc": "name the address in `to=`, so that it has a delivery of its own",
    "pgp": "encrypted mail is not supported",
    "wkd": "encrypted mail is not supported",
    "pgppub": "encrypted mail is not supported",
    "pgpprv": "encrypted mail is not supported",
}
#: apprise leaves these without annotations.
_EMAIL: Any = NotifyEmail
_parse_emails: Any = parse_emails
_PLUGINS: Any = NotificationManager
_MAIL = frozenset({"mailto", "mailtos"})
#: The service's address inside apprise, by schema; for a receiver that stands in for it in the demo and in tests.
_ADDRESS_ATTRIBUTES = {
    "slack": "webhook_url",
    "dingtalk": "origin",
    "wecombot": "origin",
    "feishu": "origin",
    "lark": "origin",
}
#: Messages a minute that the services themselves allow, where channels.yaml says no rate (public documents, 2026);
#: DingTalk shuts a robot that speaks faster out for ten minutes.
_RATES = {"dingtalk": 20.0, "wecombot": 20.0, "feishu": 100.0, "lark": 100.0, "slack": 60.0}
#: Of a shorter piece of a URL nobody makes a secret, and a word that short may stand in any answer.
SHORTEST_SECRET = 8
_BORDERS = re.compile(r"[/@:?&=#,]+")
#: Seconds for an answer: apprise's own 4 s would leave too many messages in doubt.
_ANSWER_LIMIT = 20.0


def open_channels(
    configs: Mapping[str, ChannelConfig],
    *,
    endpoints: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, Channel]:
    """One channel per entry of channels.yaml, by name. Opens no connection.

    endpoints: for a schema (`slack`), the address of a receiver on loopback that takes the service's place; only the
    demo and tests give it. now: the clock of signatures and of a Retry-After that is a date. Raises ConfigError with
    every mistake, one a line.
    """
    _silence()
    register()
    opened: dict[str, Channel] = {}
    mistakes: list[str] = []
    for name, config in configs.items():
        try:
            opened[name] = _open(config, endpoints or {}, now)
        except ConfigError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return opened


def _open(config: ChannelConfig, endpoints: Mapping[str, str], now: Callable[[], datetime]) -> Channel:
    schema, separator, _ = config.url.partition("://")
    schema = schema.lower()
    if not separator:
        raise _mistake(config, "url is no channel URL; write for example mailto://… or slack://…")
    _refuse(config, _REFUSED_OPTIONS)
    if schema in _MAIL:
        _refuse(config, _REFUSED_MAIL_OPTIONS)
        return _open_mail(config)
    return _open_service(config, schema, endpoints, now)


def _open_service(
    config: ChannelConfig, schema: str, endpoints: Mapping[str, str], now: Callable[[], datetime]
) -> Channel:
    service: Any = Apprise.instantiate(config.url, asset=_asset())
    if service is None:
        raise _mistake(config, f"the {schema}:// address cannot be used; {_remedy(schema)}")
    if len(service) > 1:
        raise _mistake(
            config,
            f"the URL names {len(service)} targets; write one channel for each, so that the failure of one does not"
            " repeat the message to the others",
        )
    schema = _schema_of(service, schema)
    watch(type(service))
    service.now = now
    service.request_rate_per_sec = 0  # the dispatcher paces, on a clock that cannot be set back
    if "rto" not in _options_of(config.url):
        service.socket_read_timeout = _ANSWER_LIMIT
    if schema in endpoints:
        setattr(service, _ADDRESS_ATTRIBUTES[schema], endpoints[schema])
    options = config.options
    if options.rate_per_minute is None:
        options = replace(options, rate_per_minute=_RATES.get(schema))
    return WebhookChannel(config.name, options, schema=schema, service=service, secrets=secrets_of(config.url), now=now)


def _open_mail(config: ChannelConfig) -> Channel:
    parts: dict[str, Any] | None = _EMAIL.parse_url(config.url)
    if not parts:
        raise _mistake(config, "the mail URL cannot be read; write mailto://user:password@host?to=someone@example.org")
    try:
        parsed: Any = _EMAIL(**{**parts, "asset": _asset()})
    except AppriseImproperlyConfigured:  # its text may hold the URL
        raise _mistake(
            config,
            "the mail URL cannot be used: it needs a server, a sender (from=) and a mode of insecure|starttls|ssl",
        ) from None
    wanted = _parse_emails(parts["targets"])
    recipients = tuple(dict.fromkeys(str(address) for _, address in parsed.targets))
    if not recipients or len(parsed.targets) < len(wanted):
        raise _mistake(config, "a recipient of the mail URL is no address; write to=one@example.org,two@example.org")
    name, address = parsed.from_addr
    server = MailServer(
        host=parsed.smtp_host,
        port=int(parsed.port),
        secure=str(parsed.secure_mode),
        user=parsed.user or None,
        password=parsed.password or None,
        verify=bool(parsed.verify_certificate),
    )
    try:
        sender = Address(display_name=str(name or "chaoxun"), addr_spec=str(address))
        for recipient in recipients:
            Address(addr_spec=recipient)
    except (ValueError, MessageError):
        raise _mistake(
            config, "the sender or a recipient of the mail URL is no address that a mail can carry"
        ) from None
    envelope = Envelope(
        sender=sender,
        recipients=recipients,
        reply_to=tuple(sorted(parsed.reply_to)),
        headers=tuple(parsed.headers.items()),
    )
    return MailChannel(config.name, config.options, server=server, envelope=envelope)


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="chaoxun",
        app_desc="chaoxun",
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        storage_mode=PersistentStoreMode.MEMORY,
        payload_max_size=0,
    )


def _schema_of(service: Any, written: str) -> str:
    """`slack` also where the URL is the service's own, https://hooks.slack.com/…"""
    names: list[str] = []
    for protocols in (service.secure_protocol, service.protocol):
        names += [protocols] if isinstance(protocols, str) else list(protocols or ())
    return written if written in names or not names else names[0]


def _refuse(config: ChannelConfig, options: Mapping[str, str]) -> None:
    for key in _options_of(config.url):
        if key in options:
            raise _mistake(config, f"the option {key!r} of the URL is not allowed: {options[key]}; take it out")


def _options_of(url: str) -> set[str]:
    try:
        query = urlsplit(url).query
    except ValueError:  # a host that only apprise understands
        query = url.partition("?")[2]
    return {key.lower() for key, _ in parse_qsl(query, keep_blank_values=True)}


def _remedy(schema: str) -> str:
    """What to write instead of an address that no service takes; it names the parts of one and shows none."""
    if schema in {"http", "https"}:
        return (
            "a web address alone names no service; for a hook of your own write jsons://HOST/PATH (json:// without TLS)"
        )
    plugins = _PLUGINS()
    known = plugins.schemas()
    if schema not in known:
        near = difflib.get_close_matches(schema, known, n=1, cutoff=0.7)
        meant = f"did you mean {near[0]}://?" if near else "https://appriseit.com/services names them"
        return f"apprise knows no such service; {meant}"
    form = str(plugins[schema].templates[0]).replace("{schema}", schema)
    return f"a part of it is missing or wrong; it looks like {form} (https://appriseit.com/services)"


def secrets_of(url: str) -> tuple[str, ...]:
    """Whatever in a channel's URL may be a secret, as it stands there and unquoted, the longest first. Pure."""
    pieces = {piece for piece in _BORDERS.split(url.partition("://")[2]) if len(piece) >= SHORTEST_SECRET}
    return tuple(sorted({*pieces, *map(unquote, pieces)}, key=lambda piece: (-len(piece), piece)))


def _mistake(config: ChannelConfig, message: str) -> ConfigError:
    return ConfigError(f"{config.where}: channel {config.name}: {message}")


def _silence() -> None:
    """apprise logs whole URLs (at ERROR those that it cannot load), urllib3 their paths: tokens, at any level.

    What they would say reaches the operator as a ConfigError or as a delivery's `error`, in our words.
    """
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
