"""Makes tests/recordings anew from the sample sites' kinds: `python -m tests.record_samples [KIND…]`.

No server and no clock: each kind answers in this process under a made-up host, so that a recording changes only where
its kind or our code does. Recordings of real sites are made by `chaoxun source record` and are not for this repository:
their pages belong to other people.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from crawler.recording import record, replay, write
from crawler.records import BEIJING, Answer, Capture, Fetch, Source
from monitor.demo.sites.answers import Asked
from monitor.demo.sites.fleet_columns import FleetColumn
from monitor.demo.sites.fleet_entries import loaded
from monitor.demo.sites.kinds import Style
from monitor.demo.sites.kinds.registry import KINDS
from tests.offline import Here

RECORDINGS = Path(__file__).parent / "recordings"
_NOW = datetime(2026, 11, 20, 9, 30, tzinfo=BEIJING)
_ITEMS = 18
#: Of the column on its host.
_NUMBER = 7


def column_of(name: str, *, seed: int) -> FleetColumn:
    """A column of that kind with some items, under a host that is nobody's."""
    host = f"www.{name.replace('_', '-')}.example"
    root, style = f"https://{host}", Style(seed)
    entry = {"slug": name.replace("_", "-"), "name": f"示例站·{name}", **KINDS[name].entry(root, _NUMBER, style)}
    column = FleetColumn(
        kind_name=name,
        kind=KINDS[name],
        host=host,
        root=root,
        number=_NUMBER,
        style=style,
        entry=entry,
        validators=False,
        is_free=lambda _: True,
    )
    for back in reversed(range(_ITEMS)):
        at = _NOW - timedelta(hours=5 * back)
        column.publish(at, listed_at=at)
    return column


class Site:
    """A column that answers in this process."""

    def __init__(self, column: FleetColumn) -> None:
        self._column = column

    async def fetch(self, fetch: Fetch, source: Source) -> Answer:
        parts, body = urlsplit(fetch.url), fetch.body or b""
        asked = Asked(
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in {**source.headers, **fetch.headers}.items()},
            root=self._column.root,
            now=_NOW,
            visits=1000,
            method=fetch.method,
            form=dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)),
            body=body,
        )
        reply = self._column.kind.answer(asked, self._column)
        return Capture(
            url=fetch.url,
            final_url=fetch.url,
            status=404 if reply is None else reply.status,
            body=b"" if reply is None else reply.body,
            content_type=None if reply is None else reply.content_type,
            fetched_at=_NOW,
            asked=fetch,
        )


async def made(name: str) -> None:
    """One kind's recording, written."""
    column = column_of(name, seed=1)
    (source,) = loaded([column.entry])
    parser = Here()
    recording = await record(source, fetch=Site(column).fetch, parser=parser, now=lambda: _NOW)
    write(recording, await replay(recording, parser), RECORDINGS / source.slug)


async def main(names: list[str]) -> int:
    for name in names or KINDS:
        await made(name)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
