"""`alert list|retry|test`: the outbox from the command line."""

import asyncio

import typer

from crawler.yamlfile import nearest
from monitor.alerts.channels import open_channels
from monitor.alerts.compose import channel_test
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, print_table, say
from monitor.cli.setting import corpus_of, day, now, reading, settings_of
from monitor.corpus import outbox
from monitor.model import DeliveryState, Sent


def list_(
    context: typer.Context,
    *,
    state: str | None,
    channel: str | None,
    since: str | None,
    before: int | None,
    limit: int | None,
    json: bool,
) -> None:
    known = [known.value for known in DeliveryState]
    if state is not None and state not in known:
        raise UsageError(f"--state: there is no state {state!r}; {nearest(state, known, 'states')}")
    start = day(since, "--since")
    with reading(settings_of(context)) as connection:
        rows = outbox.list_deliveries(
            connection,
            None if state is None else DeliveryState(state),
            limit,
            channel=channel,
            since=start,
            before=before,
        )
    if json:
        print_json([row.as_json() for row in rows])
        return
    print_table(
        ("id", "delivery", "state", "channel", "recipient", "created", "title", "error"),
        (
            (
                row.id,
                row.delivery,
                row.state,
                row.channel,
                row.recipient,
                row.as_json()["created_at"],
                row.title,
                row.error,
            )
            for row in rows
        ),
        empty="There are no such deliveries." if state or channel or since or before else "The outbox is empty.",
    )


def retry(context: typer.Context, reference: str | None, *, dead: bool) -> None:
    if dead == (reference is not None):
        raise UsageError("name an alert or a delivery, or say --dead")
    with corpus_of(settings_of(context)) as corpus, corpus.begin() as tx:
        count = outbox.retry_dead(tx, now()) if reference is None else outbox.retry(tx, reference, now())
    if count == 0 and reference is not None:
        complain(f"nothing to retry: {reference!r} is no alert or delivery that waits, was given up or is held")
        raise typer.Exit(FAILED)
    say(f"{count} deliveries are due now; the running daemon sends them (or `chaoxun crawl --all --alert`).")


def test(context: typer.Context, channel: str) -> None:
    settings = settings_of(context, secrets=True)
    if channel not in settings.channels:
        raise UsageError(f"there is no channel {channel!r}; {nearest(channel, sorted(settings.channels), 'channels')}")
    opened = open_channels({channel: settings.channels[channel]})[channel]
    failed = False
    for recipient in opened.recipients:
        [message] = opened.parts(channel_test(channel, recipient, at=now()))
        result = asyncio.run(opened.send(message, recipient))
        name = f"{channel} {recipient}".strip()
        if isinstance(result, Sent):
            say(f"{name}: sent")
        else:
            failed = True
            complain(f"{name}: {type(result).__name__.lower()}: {result.why}")
    opened.close()
    if failed:
        raise typer.Exit(FAILED)
