"""Channels that refuse: said with channel and remedy, the other channels and the polls go on, nothing is lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.demo.receivers import HookReceiver, MailReceiver, Reply
from monitor.demo.sites import Column, SampleArticle, SampleSites, make_article
from monitor.model import DeliveryState
from tests.commands import Chaoxun
from tests.hub import closed_port
from tests.station import Crew, Station

COLUMN = Column.PORTAL_NEWS
#: A topical article raises one alert for each of these.
PLACES = {("mail", "a@example.org"), ("mail", "b@example.org"), ("well", ""), ("moved", ""), ("closed", "")}


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


@pytest.fixture
def well() -> Iterator[HookReceiver]:
    with HookReceiver() as receiver:
        yield receiver


@pytest.fixture
def moved() -> Iterator[HookReceiver]:
    with HookReceiver() as receiver:
        yield receiver


def publish(sites: SampleSites, number: int) -> SampleArticle:
    article = make_article(5 * number, column=COLUMN)
    sites.publish(article)
    return article


def states(station: Station) -> dict[tuple[str, str], set[DeliveryState]]:
    found: dict[tuple[str, str], set[DeliveryState]] = {}
    for row in station.deliveries():
        found.setdefault((row.channel, row.recipient), set()).add(row.state)
    return found


def test_channels_that_refuse_delay_nobody_and_lose_nothing(
    *,
    sites: SampleSites,
    mail: MailReceiver,
    well: HookReceiver,
    moved: HookReceiver,
    open_station: Callable[[Path], Station],
    tmp_path: Path,
) -> None:
    """550 for one of two recipients, a webhook that answers 404, a closed port; mended later, all of it arrives."""
    port = closed_port()
    channels = {
        "mail": mail.url("a@example.org", "b@example.org"),
        "well": well.url(),
        "moved": moved.url(),
        "closed": f"json://127.0.0.1:{port}/hook",
    }
    mail.refuse("b@example.org", "550 no such user here")
    moved.script(Reply(status=404, body="no such hook"), Reply(status=404, body="no such hook"))
    before = publish(sites, 1)
    station = open_station(sites.write_config(tmp_path, columns=(COLUMN,), channels=channels, operator=()))
    station.round()
    told = [publish(sites, 2)]
    station.round()
    station.deliver()
    told.append(publish(sites, 3))
    station.round()
    station.deliver()

    assert {a["title"] for a in station.articles().values()} == {article.title for article in (before, *told)}
    assert states(station) == {
        ("mail", "a@example.org"): {DeliveryState.SENT},
        ("mail", "b@example.org"): {DeliveryState.DEAD},
        ("well", ""): {DeliveryState.SENT},
        ("moved", ""): {DeliveryState.DEAD},
        ("closed", ""): {DeliveryState.RETRYING},
    }
    chaoxun = Chaoxun(tmp_path)
    rows = chaoxun.here("alert", "list", "--json").json
    errors = {(row["channel"], row["recipient"]): row["error"] for row in rows if row["state"] != "sent"}
    assert "550" in errors["mail", "b@example.org"] and "no such user here" in errors["mail", "b@example.org"]
    assert "404" in errors["moved", ""]
    assert "refused" in errors["closed", ""].lower()
    said = {(entry["channel"], entry["event"]): entry for entry in station.logs if "channel" in entry}
    for channel in ("mail", "moved"):
        assert said[channel, "alert refused"]["remedy"] == "mend the channel, then: chaoxun alert retry --dead"
        assert said[channel, "alert refused"]["log_level"] == "error"
    assert said["closed", "alert not sent, tried again"]["next_try_at"]

    mail.refuse("b@example.org", "")
    assert chaoxun.here("alert", "retry", "--dead").code == 0
    with HookReceiver(port=port) as opened:
        station.round(after=timedelta(minutes=10))
        station.deliver()
        assert states(station) == {place: {DeliveryState.SENT} for place in PLACES}
        wanted = sorted(article.title for article in told)
        for hook in (well, moved, opened):
            taken = [entry.json["title"] for entry in hook.posted.all() if entry.status == 200]
            assert sorted(title_in(title, told) for title in taken) == wanted
    for recipient in ("a@example.org", "b@example.org"):
        mails = [mail.parsed["Subject"] for mail in mail.accepted.all() if mail.recipient == recipient]
        assert sorted(title_in(str(subject), told) for subject in mails) == wanted


def title_in(text: str, articles: list[SampleArticle]) -> str:
    """The title of the article that the text names."""
    (title,) = (article.title for article in articles if article.title in text)
    return title
