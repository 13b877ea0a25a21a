"""The sample sites with a backlog and a clock that stands, and how a test asks them."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import pytest
import yaml
from parsel import Selector

from monitor.demo.sites import Column, SampleSites, Site
from monitor.demo.sites.city import UNIT

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)  # 10:00 in Beijing, a Thursday
PATIENCE = 30.0  # seconds until a test that waits for another thread is taken to have failed
AJAX = {"X-Requested-With": "XMLHttpRequest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def get(url: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=dict(headers or {}))
        answer = connection.getresponse()
        return Got(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read(),
        )
    finally:
        connection.close()


@pytest.fixture
def sites() -> Iterator[SampleSites]:
    with SampleSites(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def stocked(sites: SampleSites) -> SampleSites:
    sites.publish_backlog()
    return sites


def roll_url(sites: SampleSites, **query: str) -> str:
    return f"{sites.listing_url(Column.SINA_CHINA)}?{urlencode({'pageid': '155', 'lid': '1686', **query})}"


def unit_url(sites: SampleSites, column: Column = Column.CITY_NEWS, **query: str) -> str:
    """The second hop, with the values that the column page names, as a browser would ask for it."""
    page = Selector(text=get(sites.listing_url(column)).text)
    units = [yaml.safe_load(data) for data in page.css("script::attr(querydata)").getall()]
    wanted = next(unit for unit in units if unit["tagId"].endswith("列表") and unit["tagId"] != "专题列表")
    return f"{sites.root(Site.CITY)}{UNIT}?{urlencode({**wanted, **query})}"


def unit_rows(answer: Got) -> list[str]:
    fragment = json.loads(answer.text, strict=False)["data"]["html"]
    return Selector(text=fragment or "<ul></ul>").css("a::attr(title)").getall()
