"""A listing that shows thousands of new items at once: all are stored, all are told, and no receiver is buried."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path

from monitor.corpus.outbox import DeliveryRow, list_deliveries
from monitor.demo.receivers import MailReceiver
from monitor.demo.sites import TOPICS, Column, SampleArticle, make_article
from monitor.demo.sites.configuration import watches_yaml
from monitor.model import AlertKind, DeliveryState
from tests.faults.conftest import KILLS, SHORT
from tests.site import Site
from tests.station import Crew, Station

ITEMS = 10_000 if KILLS > SHORT else 250
#: What a channel may be told in one message; see the outbox.
DIGEST = 100


def deliveries(station: Station) -> list[DeliveryRow]:
    """The whole outbox."""
    with station.corpus.read() as connection:
        return list_deliveries(connection, None, 2 * ITEMS)


def page(article: SampleArticle) -> str:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    title = escape(article.title)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><div>{text}</div></body></html>"
    )


def feed(site: Site, articles: list[SampleArticle]) -> str:
    items = "".join(
        f"<item><title>{escape(a.title)}</title><link>{site.url(f'/{a.id}.html')}</link></item>" for a in articles
    )
    return f'<rss version="2.0"><channel><title>洪水</title>{items}</channel></rss>'


def test_thousands_of_new_items_in_one_poll_are_stored_and_told_in_few_messages(
    crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    site = Site(crew.loop)
    made = [make_article(number, column=Column.PORTAL_NEWS, topic_every=1) for number in range(ITEMS + 1)]
    for article in made:
        site.answer(f"/{article.id}.html", page(article))
    with MailReceiver() as mail:
        (tmp_path / "sources").mkdir()
        for name, text in {
            "chaoxun.yaml": f"database: sqlite:///{tmp_path}/chaoxun.db\n"
            "crawl: {every: 1s, gap: 0ms, hours: '00:00-24:00', off_hours_every: 1s, allow_private: [127.0.0.0/8]}\n",
            "channels.yaml": f"channels: {{desk: {{url: '{mail.url()}', storm: 20}}}}\n",
            "watches.yaml": watches_yaml(("desk",), TOPICS),
            "sources/flood.yaml": "sources: [{slug: flood, name: 洪水, engine: feed, "
            f"url: '{site.url('/rss.xml')}'}}]\n",
        }.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        station = open_station(tmp_path)
        site.answer("/rss.xml", feed(site, made[:1]), content_type="application/rss+xml")
        station.round()
        site.answer("/rss.xml", feed(site, made), content_type="application/rss+xml")
        station.round(after=timedelta(minutes=5))
        told = [row for row in deliveries(station) if row.kind is AlertKind.NEW]
        station.deliver()
        sent = [row for row in deliveries(station) if row.state is DeliveryState.SENT]
        mails = mail.accepted.all()
    site.close()
    assert {a["url"] for a in station.articles().values()} == {site.url(f"/{a.id}.html") for a in made}
    assert station.pending() == {}
    assert len({row.url for row in told}) == ITEMS, "each new item is told, and the one of the baseline is not"
    assert {row.id for row in sent} == {row.id for row in told}
    assert len(mails) <= len(told) // DIGEST + 1
    # a folded storm names its first ones and says how many it holds; the list, above, has all of them
    named = {number for one in mails for number in re.findall(r"^#(a[0-9a-f]{11})$", one.text, re.MULTILINE)}
    assert named
    assert named <= {row.id for row in told}
    assert str(len(told)) in str(mails[0].parsed["Subject"])
