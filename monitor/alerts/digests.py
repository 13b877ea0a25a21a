"""Writes a message of several alerts, with what there is to say of copies of their stories; pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.records import BEIJING
from monitor.alerts.compose import TITLE_LENGTH, WATCH_LENGTH, message, message_id, one_line, safe_url
from monitor.model import Alert, AlertKind, Mention, Message

MOST_LISTED = 100  # alerts of one digest
MOST_OUTLETS = 8
PUNCTUAL = timedelta(minutes=10)  # a digest that leaves so much later is late
FULL_DIGEST_LENGTH = 12_000  # above it each alert of a digest is two lines and its #ID


def digest(
    alerts: Sequence[Alert],
    channel: str,
    recipient: str,
    *,
    mentions: Sequence[Mention] = (),
    due: datetime | None = None,
    begun: datetime | None = None,
) -> Message:
    """Several alerts as one message, each with its `#ID` line and one line on the copies of its story. Pure.

    alerts: at least one; of more than MOST_LISTED the first are listed, and the message says where the others are.
    mentions: copies, also of what was told before. due, begun: when a digest of set times was to leave and when it did;
    where it is late, it says so. The same arguments give the same message, but its Message-ID depends on alerts,
    channel and recipient alone. A digest of one is that alert's own message; a long one shortens each to title and URL.
    """
    ids = tuple(alert.id for alert in alerts)
    listed = alerts[:MOST_LISTED]
    copies = {mention.alert_id: mention for mention in mentions}
    told_before = [mention for mention in mentions if mention.alert_id not in ids]
    entries = [_with_copies(alert, copies.get(alert.id)) for alert in listed]
    if len(alerts) > 1:
        entries = [f"{alert.title}\n{text}" for alert, text in zip(listed, entries, strict=True)]
    if sum(map(len, entries)) > FULL_DIGEST_LENGTH:
        entries = [_short(alert, copies.get(alert.id)) for alert in listed]
    head = _digest_head(len(alerts), channel, due, begun)
    before = ["此前提醒过的报道：", *(f"  {_told_before(mention)}" for mention in told_before)] if told_before else []
    text = "\n\n".join(part for part in (head, *entries, "\n".join(before)) if part)
    if len(alerts) == 1:
        return replace(message(alerts[0], channel, recipient), text=text)
    names = list(dict.fromkeys(alert.watch for alert in alerts if alert.watch))
    kinds = {alert.kind for alert in alerts}
    about = f"：{one_line('、'.join(names), TITLE_LENGTH)}" if names else ""
    return Message(
        alert_ids=ids[:MOST_LISTED],
        kind=kinds.pop() if len(kinds) == 1 else AlertKind.NEW,
        title=f"【汇总】{len(alerts)} 条提醒{about}",
        text=text,
        message_id=message_id(tuple(sorted(ids)), channel, recipient),
    )


def _digest_head(count: int, channel: str, due: datetime | None, begun: datetime | None) -> str:
    lines = []
    if due is not None and begun is not None and begun - due > PUNCTUAL:
        lines.append(f"补发：这份汇总应在 {due.astimezone(BEIJING):%Y-%m-%d %H:%M} 发出")
    if count > MOST_LISTED:
        lines.append(f"合计：{count} 条提醒，这里列出 {MOST_LISTED} 条")
        lines.append(
            f"其余：{count - MOST_LISTED} 条见网页的“提醒”，或 chaoxun alert list --channel {one_line(channel)}"
        )
    return "\n".join(lines)


def _with_copies(alert: Alert, mention: Mention | None) -> str:
    """The alert's text; what is said of copies stands above its last line, the `#ID`."""
    if mention is None:
        return alert.text
    said, _, last = alert.text.rpartition("\n")
    return "\n".join(part for part in (said, _copies(mention), last) if part)


def _copies(mention: Mention) -> str:
    shown = "、".join(one_line(outlet, WATCH_LENGTH) for outlet in mention.outlets[:MOST_OUTLETS])
    return f"另有 {len(mention.outlets)} 家转载：{shown}{'等' if len(mention.outlets) > MOST_OUTLETS else ''}"


def _told_before(mention: Mention) -> str:
    return f"{one_line(mention.title, TITLE_LENGTH)}（{mention.alert_id}）{_copies(mention)}"


def _short(alert: Alert, mention: Mention | None) -> str:
    url = safe_url(alert.url) if alert.url else None
    lines = [alert.title, f"网址：{url}" if url else "", _copies(mention) if mention else "", f"#{alert.id}"]
    return "\n".join(line for line in lines if line)
