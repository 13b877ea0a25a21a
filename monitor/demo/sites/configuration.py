"""Writes a configuration folder that watches the sample sites; refuses to touch a file that is there already."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crawler.records import ChaoxunError
from monitor.demo.sites.articles import COLUMN_NAMES, SITE_NAMES, TOPICS, Column, Site
from monitor.demo.sites.city import TAGS
from monitor.demo.sites.sina import ROLLS

_ENGINES: Mapping[Column, str] = {
    Column.SINA_CHINA: "sina_roll",
    Column.SINA_LOCAL: "sina_roll",
    Column.CITY_NEWS: "hanweb_unit",
    Column.CITY_POLICY: "hanweb_unit",
    Column.CITY_NOTICES: "html_list",
    Column.PORTAL_NEWS: "feed",
    Column.OUTLET_NEWS: "html_list",
}
_GROUPS: Mapping[Site, str] = {
    Site.SINA: "sina",
    Site.CITY: "zhejiang",
    Site.PORTAL: "zhejiang",
    Site.OUTLET: "government",
}
_REGIONS: Mapping[Site, str] = {Site.SINA: "全国", Site.CITY: "义乌", Site.PORTAL: "浙江", Site.OUTLET: "全国"}


class FolderInUseError(ChaoxunError):
    """The folder holds a configuration already, which is not ours to overwrite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How briskly the written configuration asks the sample sites, in the notation of chaoxun.yaml."""

    every: str = "1s"
    gap: str = "0ms"
    recheck: str = "1s"
    confirm: int = 2
    confirm_every: str = "1s"


def sources_yaml(listing_url: Callable[[Column], str], columns: Iterable[Column] = tuple(Column)) -> str:
    """The sources of a `sources/*.yaml` for these columns; each slug is its column's value."""
    return _dump({"sources": [_source(column, listing_url(column)) for column in columns]})


def watches_yaml(channels: Sequence[str] = (), topics: Iterable[str] = TOPICS) -> str:
    """One watch for each topic, named by it, that speaks to `channels`."""
    return _dump({"watches": [{"name": topic, "rule": topic, "channels": list(channels)} for topic in topics]})


def channels_yaml(urls: Mapping[str, str]) -> str:
    """Channels by name; a value is an apprise URL."""
    return _dump({"channels": {name: {"url": url} for name, url in urls.items()}})


def write_folder(
    folder: Path,
    *,
    sources: str,
    channels: str,
    watches: str,
    operator: Sequence[str] = (),
    database: str | None = None,
    bind: str = "127.0.0.1:8787",
    pace: Pace | None = None,
) -> Path:
    """Writes chaoxun.yaml, channels.yaml, watches.yaml and sources/samples.yaml; returns the folder.

    database: a URL; default a SQLite file in the folder. Raises FolderInUseError where a chaoxun.yaml stands.
    """
    main = folder / "chaoxun.yaml"
    if main.exists():
        raise FolderInUseError(f"{main} is there already; choose an empty folder")
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    url = database or f"sqlite:///{folder.resolve() / 'chaoxun.db'}"
    main.write_text(_dump(_main(url, bind, list(operator), pace or Pace())), encoding="utf-8")
    (folder / "channels.yaml").write_text(channels, encoding="utf-8")
    (folder / "watches.yaml").write_text(watches, encoding="utf-8")
    (folder / "sources" / "samples.yaml").write_text(sources, encoding="utf-8")
    return folder


def _main(database: str, bind: str, operator: list[str], pace: Pace) -> dict[str, Any]:
    return {
        "database": database,
        "web": {"bind": bind},
        "crawl": {
            "user_agent": "chaoxun (+https://example.org/contact)",
            "every": pace.every,
            "hours": "00:00-24:00",
            "off_hours_every": pace.every,
            "gap": pace.gap,
            "allow_private": ["127.0.0.0/8"],
            # the adaptive schedule may not slow down sites that live for seconds
            "interval": {"min": pace.every, "max": pace.every},
            "host_groups": {},
        },
        "recheck": {
            "first": pace.recheck,
            "factor": 1,
            "until": "1h",
            "confirm": pace.confirm,
            "confirm_every": pace.confirm_every,
        },
        "operator": operator,
    }


def _source(column: Column, url: str) -> dict[str, Any]:
    source: dict[str, Any] = {
        "slug": str(column),
        "name": f"{SITE_NAMES[column.site]}·{COLUMN_NAMES[column]}",
        "engine": _ENGINES[column],
        "url": url,
        "group": _GROUPS[column.site],
        "region": _REGIONS[column.site],
        "column": COLUMN_NAMES[column],
    }
    match column:
        case Column.SINA_CHINA | Column.SINA_LOCAL:
            pageid, lid = next(key for key, value in ROLLS.items() if value is column)
            source["params"] = {"pageid": pageid, "lid": lid, "num": "50"}
        case Column.CITY_NEWS:
            source["tag"] = TAGS[column]  # its page carries a second unit
        case Column.CITY_NOTICES:
            source["charset"] = "gbk"
            source["rows"] = "table.lb tr"
            source["fields"] = {
                "url": "td.bt a::attr(href)",
                "title": "td.bt a::attr(title)",
                "published": "td.rq::text",
            }
        case Column.OUTLET_NEWS:
            source["rows"] = "ul.ntq-list > li"
            source["fields"] = {"url": "a::attr(href)", "title": "a::attr(title)", "published": "span.rq::text"}
            source["next"] = "a.next::attr(href)"
        case Column.CITY_POLICY | Column.PORTAL_NEWS:
            pass
    return source


def _dump(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value), allow_unicode=True, sort_keys=False, width=120)
