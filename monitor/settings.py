"""Reads the configuration folder into one frozen record; refuses to decide anything beyond what is a right value."""

import hashlib
import ipaddress
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from crawler.records import CrawlPolicy, Source
from crawler.sources import load_sources
from crawler.yamlfile import ConfigError, Document, check, load, nearest
from monitor.configuration import ChannelsFile, MainFile, WatchesFile
from monitor.desk import Desk
from monitor.model import ChannelConfig, Destination, RecheckPlan, Watch
from monitor.rules import RuleError, RuleSet, parse

T = TypeVar("T")

SYSTEM_FOLDER = Path("/etc/chaoxun")

_KEYED_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/@:]*:([^/@]+)@)?", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{[^}]*\}")
#: Services whose URL is an address and not a key; every other one carries a token in it.
_OPEN_SERVICES = frozenset({"mailto", "mailtos", "json", "jsons", "form", "forms", "xml", "xmls", "syslog"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the configuration folder says, checked.

    bind: host and port of the web page. operator and Watch.channels name entries of `channels`.
    warnings: what is allowed and unwise, one line each, for a person to read at the start.
    """

    folder: Path
    database: str = field(repr=False)
    bind: tuple[str, int]
    policy: CrawlPolicy
    recheck: RecheckPlan
    operator: tuple[str, ...]
    sources: tuple[Source, ...]
    watches: tuple[Watch, ...]
    channels: Mapping[str, ChannelConfig]
    warnings: tuple[str, ...] = ()


class Spoken(Protocol):
    """What a Desk has to know of a channel: whom it reaches."""

    @property
    def recipients(self) -> tuple[str, ...]: ...


def desk_of(settings: Settings, channels: Mapping[str, Spoken]) -> Desk:
    """What ingest needs of the configuration: rules ready to run, and where each channel's alerts go."""
    rules = RuleSet({watch.name: (parse(watch.rule), watch.scope) for watch in settings.watches})
    destinations = {
        name: tuple(Destination(channel=name, recipient=recipient) for recipient in channel.recipients)
        for name, channel in channels.items()
    }
    return Desk(
        rules=rules,
        watches={watch.name: watch for watch in settings.watches},
        destinations=destinations,
        plan=settings.recheck,
        operator=tuple(d for name in settings.operator for d in destinations[name]),
    )


def find_config(option: Path | None, environ: Mapping[str, str], cwd: Path, system: Path = SYSTEM_FOLDER) -> Path:
    """The configuration folder: `--config`, else `$CHAOXUN_CONFIG`, else `./config`, else `/etc/chaoxun`.

    Raises ConfigError where the named folder, or any of the usual ones, holds no chaoxun.yaml or is closed to us.
    """
    named = option or (Path(environ["CHAOXUN_CONFIG"]) if environ.get("CHAOXUN_CONFIG") else None)
    if named is not None:
        folder = cwd / named
        if os.path.isfile(folder):  # Path's own would raise where a folder above is closed to this user
            raise ConfigError(f"{folder}: is a file; name the folder that holds it: {folder.parent}")
        if not os.path.isdir(folder):
            raise ConfigError(f"{folder}: there is no such folder; name one that holds chaoxun.yaml")
        return _open_to_us(folder)
    for folder in (cwd / "config", system):
        if os.path.isdir(folder) and os.path.isfile(_open_to_us(folder) / "chaoxun.yaml"):
            return folder
    raise ConfigError(
        f"no configuration: neither {cwd / 'config'} nor {system} holds a chaoxun.yaml;"
        " name its folder with --config or $CHAOXUN_CONFIG"
    )


def _open_to_us(folder: Path) -> Path:
    if os.access(folder, os.X_OK):
        return folder
    raise ConfigError(f"{folder}: this user may not look into it; its owner gives the right: chmod a+rx {folder}")


def load_settings(folder: Path, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """The whole folder, checked; raises ConfigError with every mistake, one a line: `file:line: key: what, and remedy`.

    Without secrets the channels' names are checked and their URLs left unread (`channels` is empty): a person who
    searches the corpus may not be allowed to read the daemon's credentials, nor channels.yaml itself.
    """
    mistakes: list[str] = []
    main = _attempt(mistakes, lambda: load(folder / "chaoxun.yaml", environ=environ), _empty(folder / "chaoxun.yaml"))
    settings = _attempt(mistakes, lambda: check(main, MainFile), MainFile())
    raw_channels = None
    if secrets or not _is_kept_from_us(folder / "channels.yaml"):
        raw_channels = _attempt(mistakes, lambda: _optional(folder / "channels.yaml", None), None)
    channels: dict[str, ChannelConfig] = {}
    if secrets and raw_channels is not None:
        channels = _attempt(mistakes, lambda: _channels(_optional(folder / "channels.yaml", environ)), {})
    names = None if raw_channels is None else _names(raw_channels)
    no_watch: tuple[Watch, ...] = ()
    no_source: tuple[Source, ...] = ()
    watches = _attempt(mistakes, lambda: _watches(_optional(folder / "watches.yaml", environ), names), no_watch)
    if names is not None:
        places = ((main.where("operator", index), name) for index, name in enumerate(settings.operator))
        mistakes += _unknown_channels("operator", places, names)
    sources = _attempt(mistakes, lambda: load_sources(folder / "sources"), no_source)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return Settings(
        folder=folder,
        database=settings.database,
        bind=settings.web.bind,
        policy=settings.crawl.policy(),
        recheck=settings.recheck.plan(),
        operator=settings.operator,
        sources=sources,
        watches=watches,
        channels=channels,
        warnings=(
            *_nothing_to_poll(folder, sources),
            *_warnings(settings, main, watches, raw_channels),
            *_shared(channels),
        ),
    )


def _attempt(mistakes: list[str], read: Callable[[], T], otherwise: T) -> T:
    """What `read` gives; where it cannot, its mistakes are noted and the reading goes on to find the rest."""
    try:
        return read()
    except ConfigError as error:
        mistakes.append(str(error))
        return otherwise


def _empty(path: Path) -> Document:
    return Document(path, {}, {})


def _optional(path: Path, environ: Mapping[str, str] | None) -> Document:
    return load(path, environ=environ) if path.exists() else _empty(path)


def _channels(document: Document) -> dict[str, ChannelConfig]:
    return {
        name: ChannelConfig(
            name=name,
            url=channel.url,
            options=replace(channel.options(), robot=_robot(channel.url)),
            where=document.where("channels", name),
        )
        for name, channel in check(document, ChannelsFile).channels.items()
    }


def _robot(url: str) -> str:
    """The same for URLs that lead to the same receiver, with a secret or without; "" for mail, whose server many use.

    An address as the service itself writes it has its key behind the question mark, apprise's has it before.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() in ("mailto", "mailtos"):
        return ""
    place = rest if scheme.lower() in ("http", "https") else rest.partition("?")[0].rpartition("@")[2].rstrip("/")
    return hashlib.sha256(f"{scheme.lower()}://{place}".encode()).hexdigest()[:12]


def _shared(channels: Mapping[str, ChannelConfig]) -> Iterable[str]:
    first: dict[str, ChannelConfig] = {}
    for name, channel in channels.items():
        other = first.setdefault(channel.options.robot or name, channel)
        if other is not channel:
            yield (
                f"{channel.where}: url: {name!r} leads to the same receiver as {other.name!r}; they share its rate, and"
                " a watch that names both says everything twice"
            )


def _is_kept_from_us(path: Path) -> bool:
    return path.exists() and not os.access(path, os.R_OK)


def _names(document: Document) -> list[str]:
    channels = document.data.get("channels") if isinstance(document.data, dict) else None
    return sorted(channels) if isinstance(channels, dict) else []


def _watches(document: Document, channels: list[str] | None) -> tuple[Watch, ...]:
    """channels: the names that a watch may speak to; None where they could not be read."""
    mistakes: list[str] = []
    watches: dict[str, Watch] = {}
    for index, entry in enumerate(check(document, WatchesFile).watches):
        here = ("watches", index)
        watch = entry.watch(document.where(*here))
        if watch.name in watches:
            first = watches[watch.name].where
            mistakes.append(f"{document.where(*here, 'name')}: name: {watch.name!r} is taken by {first}; rename one")
        watches[watch.name] = watch
        try:
            parse(watch.rule)
        except RuleError as error:
            mistakes.append(f"{document.where(*here, 'rule')}: rule: {error}")
        if channels is not None:
            places = ((document.where(*here, "channels", at), name) for at, (name, _) in enumerate(entry.channels))
            mistakes += _unknown_channels("channels", places, channels)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return tuple(watches.values())


def _unknown_channels(key: str, named: Iterable[tuple[str, str]], known: list[str]) -> list[str]:
    remedy = "channels.yaml has none yet: write one there, or leave the list empty"
    return [
        f"{where}: {key}: there is no channel {name!r}; {nearest(name, known, 'channels') if known else remedy}"
        for where, name in named
        if name not in known
    ]


def _nothing_to_poll(folder: Path, sources: Iterable[Source]) -> Iterable[str]:
    if all(source.disabled is not None for source in sources):
        yield f"{folder / 'sources'}: no source is switched on, so nothing is polled; write one: docs/add-a-source.md"


def _warnings(
    settings: MainFile, main: Document, watches: tuple[Watch, ...], channels: Document | None
) -> Iterable[str]:
    host = settings.web.bind[0]
    if not _is_loopback(host):
        yield f"{main.where('web', 'bind')}: bind: the page has no login; whoever reaches {host} reads the corpus"
    if not settings.operator:
        yield (
            f"{main.where('operator')}: operator: nobody is told when a source goes quiet or fails;"
            " name a channel of channels.yaml"
        )
    if channels is None:
        return
    silent = [watch for watch in watches if not watch.channels]
    if silent:
        yield (
            f"{silent[0].where}: channels: {len(silent)} of {len(watches)} watches speak to no channel;"
            " their matches are stored and shown on the page only"
        )
    if channels.path.exists() and channels.path.stat().st_mode & stat.S_IROTH:
        for name in _names(channels):
            entry = channels.data["channels"][name]
            url = entry.get("url") if isinstance(entry, dict) else None
            if isinstance(url, str) and _holds_secret(url):
                yield (
                    f"{channels.where('channels', name)}: url: everybody on this machine can read the secret of"
                    f" {name!r}; chmod 600 {channels.path}, or write ${{credential:{name}}} in its place"
                )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _holds_secret(url: str) -> bool:
    """Whether a URL as written, its references unread, carries a key of its own."""
    if _REFERENCE.search(url):
        return False
    found = _KEYED_URL.match(url)
    return found is not None and (found[1].lower() not in _OPEN_SERVICES or found[2] is not None)
