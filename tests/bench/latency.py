"""From an item's appearance in a listing to its mail: `python -m tests.bench.latency`.

The real daemon, the sample sites and a mail server, the latter two in this process. The clock starts when a listing
that holds the item is answered (the wait for the next poll is the schedule's, and set to 1 s here), and stops when the
mail server has taken the mail. The baseline is the page alone: from the listing to the article's page being asked for.
"""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from monitor.demo.receivers import MailReceiver
from monitor.demo.sites import Column, SampleArticle, SampleSites, make_article
from tests.bench.figures import percentile, say, table
from tests.daemons import DaemonProcess

ITEMS = 40
BURST = 20
PATIENCE = 60.0
TOPIC = "新质生产力"
#: Three engines, three hosts.
COLUMNS = (Column.SINA_CHINA, Column.PORTAL_NEWS, Column.OUTLET_NEWS)


def newsworthy(number: int, column: Column) -> SampleArticle:
    made = make_article(number, column=column, topic_every=0)
    return replace(made, title=f"{TOPIC}：{made.title}", topics=(TOPIC,))


def one_by_one(sites: SampleSites, mail: MailReceiver, first: int) -> list[SampleArticle]:
    """The next one is published when the mail of the one before has come, so at no fixed phase of the polls."""
    published = []
    for number in range(first, first + ITEMS):
        article = newsworthy(number, COLUMNS[number % len(COLUMNS)])
        sites.publish(article)
        published.append(article)
        mail.accepted.wait_for(len(published), patience=PATIENCE)
    return published


def at_once(sites: SampleSites, mail: MailReceiver, first: int) -> list[SampleArticle]:
    """All on one site."""
    before = len(mail.accepted.all())
    published = [newsworthy(number, Column.PORTAL_NEWS) for number in range(first, first + BURST)]
    for article in published:
        sites.publish(article)
    mail.accepted.wait_for(before + BURST, patience=PATIENCE)
    return published


def row(
    name: str, articles: Sequence[SampleArticle], sites: SampleSites, mails: Mapping[str, float]
) -> tuple[str, ...]:
    asked, whole = [], []
    for article in articles:
        listed, served = sites.ledger.first_listed(article.id), sites.ledger.first_served(article.id)
        assert listed is not None and served is not None, f"a mail, but no page: {article.id}"
        asked.append(served - listed)
        whole.append(mails[sites.article_url(article.id)] - listed)
    p50, p95 = percentile(whole, 0.5), percentile(whole, 0.95)
    page = percentile(asked, 0.5)
    return (name, str(len(whole)), *(f"{x:.3f}" for x in (page, p50, p95, max(whole))), f"{p50 / page:.1f} x")


def mails_by_url(mail: MailReceiver) -> dict[str, float]:
    """When the mail about each article was taken."""
    return {url: mailed.at for mailed in mail.accepted.all() for url in re.findall(r"http://\S+", mailed.text)}


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as scratch,
        SampleSites() as sites,
        MailReceiver() as mail,
        DaemonProcess(
            sites.write_config(
                Path(scratch) / "config",
                channels={"desk": mail.url("desk@example.org")},
                columns=COLUMNS,
                bind="127.0.0.1:0",
            )
        ) as process,
    ):
        backlog = [sites.publish(make_article(number, column=column)) for number, column in enumerate(COLUMNS)]
        process.start().wait_ready()
        assert sites.ledger.wait_until(
            lambda ledger: (
                len(ledger.articles()) == len(backlog)
                and all(record.first_served is not None for record in ledger.articles().values())
            ),
            PATIENCE,
        )
        say("the baseline is read; items are published")
        single, burst = one_by_one(sites, mail, 1000), at_once(sites, mail, 2000)
        mails = mails_by_url(mail)
        table(
            "Seconds from the first listing that shows an item to its mail taken",
            ("", "items", "page asked p50", "mail p50", "p95", "longest", "p50 to page"),
            [
                row("one by one", single, sites, mails),
                row(f"{BURST} at once on one host", burst, sites, mails),
            ],
            "polls every second, no gap between requests to a host; sites, mail server and daemon share the machine",
        )
        assert process.terminate() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
