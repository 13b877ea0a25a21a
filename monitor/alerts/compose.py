"""Writes what an alert says, and the message a channel is given; pure, and refuses anything but plain text."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from crawler.records import BEIJING, Precision
from monitor.model import (
    Alert,
    AlertKind,
    ArticleView,
    Change,
    Delivery,
    Health,
    Hit,
    HitField,
    Message,
    Severity,
    Watch,
)

TITLE_LENGTH = 200  # a mail's subject and a chat's first line are read, not studied
WATCH_LENGTH = 40
CONTEXT_LENGTH = 160
SENTENCE_LENGTH = 300
LEAD_LENGTH = 60  # what of an over-long sentence is shown before the place where it changed
MOST_HITS = 6
MOST_CHANGES = 8
MOST_SOURCES = 40

_MARKS = {
    AlertKind.NEW: "【新】",
    AlertKind.CHANGED: "【改】",
    AlertKind.WITHDRAWN: "【撤】",
    AlertKind.RETURNED: "【复】",
}
_HEALTH_WORDS = {
    Health.NEW: "尚未访问",
    Health.OK: "恢复正常",
    Health.QUIET: "久无更新",
    Health.BROKEN: "读取失败",
    Health.BLOCKED: "被拦截",
    Health.STALE: "内容停滞",
    Health.GARBLED: "乱码",
    Health.DISABLED: "已停用",
}
_FIELD_WORDS = {"title": "标题", "body": "正文", "attachments": "附件", "metadata": "信息"}
_TIMES = {
    Precision.DAY: "%Y-%m-%d",
    Precision.HOUR: "%Y-%m-%d %H时",
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.SECOND: "%Y-%m-%d %H:%M:%S",
}
_CUT = "……"
_ID_LINE = re.compile(r"#a[0-9a-f]{11}")
_BLANKS = re.compile(r"\s+")


def alert_id(watch: str | None, url: str, kind: AlertKind, occasion: str) -> str:
    """The id of what is said: the same watch, article, kind and occasion give the same one, for ever.

    occasion: what tells two alerts of one kind apart, for example the revision's number or the time of a withdrawal.
    """
    return "a" + _hash(watch or "", url, kind, occasion)[:11]


def compose(
    *,
    watch: Watch,
    kind: AlertKind,
    article: ArticleView,
    hits: Sequence[Hit],
    changes: Sequence[Change],
    occasion: str,
    at: datetime,
    lines: Sequence[str] = (),
) -> Alert:
    """What `watch` says about `article`; the same arguments give the same id. Pure.

    lines: more that is said of the article, each beginning with a label or a blank.
    Every line of the text but the last begins with a label or a blank, so that no page can forge a `#ID` line.
    """
    said = [_labelled(line) for line in lines]
    identity = alert_id(watch.name, article.url, kind, occasion)
    text = [
        f"标题：{one_line(article.title, TITLE_LENGTH)}",
        f"信源：{one_line(article.source_name or article.source)}（{article.source}）",
    ]
    if article.origin:
        text.append(f"来源：{one_line(article.origin)}")
    text.append(f"地区：{one_line(article.region) if article.region else '未注明'}")
    text.append(f"发布：{_published(article)}")
    url = safe_url(article.url)
    if url is not None:
        text.append(f"网址：{url}")
    text += [*said, *_hit_lines(hits), *_change_lines(changes), f"#{identity}"]
    return Alert(
        id=identity,
        kind=kind,
        title=f"{_MARKS[kind]}{one_line(watch.name, WATCH_LENGTH)}：{one_line(article.title, TITLE_LENGTH)}",
        text="\n".join(text),
        created_at=at,
        watch=watch.name,
        source=article.source,
        article_id=article.id,
        revision=article.revision,
        url=article.url,
        severity=watch.severity,
    )


def operator_alert(source: str, name: str, state: Health, why: str, *, at: datetime, occasion: str) -> Alert:
    """What the operator is told when a source's health changes to `state`: trouble, or that it is over. Pure."""
    identity = alert_id(None, source, AlertKind.OPERATOR, f"{state}\0{occasion}")
    return _of_health(identity, {source: name}, state, why, at)


def outage_alert(outage: str, sources: Mapping[str, str], state: Health, why: str, *, at: datetime) -> Alert:
    """What the operator is told when an outage of a host breaks the first of its sources, and when the first is back.

    outage: its name; whichever source it comes from, the same outage and state give the same id. sources: all that
    stand on the host, slug to name, the one that speaks first. Pure.
    """
    identity = alert_id(None, outage, AlertKind.OPERATOR, state)
    return _of_health(identity, sources, state, why, at, host=outage.partition(" ")[0])


def _of_health(
    identity: str, sources: Mapping[str, str], state: Health, why: str, at: datetime, *, host: str = ""
) -> Alert:
    over = state is Health.OK
    first, *others = sources
    named = [(one_line(name) or slug, slug) for slug, name in sources.items()]
    shown = f"{named[0][0]}等 {len(named)} 个信源" if others else named[0][0]
    listed = "、".join(f"{name}（{slug}）" for name, slug in named[:MOST_SOURCES])
    lines = [
        f"信源：{listed}{_CUT if len(named) > MOST_SOURCES else ''}",
        f"状态：{_HEALTH_WORDS[state]}（{state}）",
        f"时间：{at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
    ]
    if host:
        lines.insert(1, f"主机：{one_line(host)}（该主机上的信源不再逐一提醒）")
    if why:
        lines.append(f"说明：{one_line(why, 600)}")
    return Alert(
        id=identity,
        kind=AlertKind.OPERATOR,
        title=f"{'【恢复】' if over else '【告警】'}{shown}：{_HEALTH_WORDS[state]}",
        text="\n".join([*lines, f"#{identity}"]),
        created_at=at,
        source=first,
        severity=Severity.INFO if over else Severity.WARNING,
    )


def delivery_alert(dead: Sequence[Delivery], why: str, *, at: datetime, occasion: str) -> Alert:
    """What the operator is told when deliveries to one destination are dead; dead: at least one. Pure.

    occasion: what tells one outage of the destination from the next; within it the id is the same.
    """
    first = dead[0]
    identity = alert_id(None, f"{first.channel}\0{first.recipient}", AlertKind.OPERATOR, f"dead\0{occasion}")
    channel = one_line(first.channel, WATCH_LENGTH)
    more = f" 等 {len(dead)} 条" if len(dead) > 1 else ""
    lines = [
        f"渠道：{channel}{f'（{one_line(first.recipient)}）' if first.recipient else ''}",
        "状态：放弃投递（dead），不再重试",
        f"时间：{at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        f"说明：{one_line(why, 600)}",
        f"提醒：{one_line(first.alert.title, TITLE_LENGTH)}（{first.alert.id}）{more}",
        "处理：修好渠道后运行 chaoxun alert retry --dead；在它恢复之前，同一收件处不再逐条告知",
        f"#{identity}",
    ]
    return Alert(
        id=identity,
        kind=AlertKind.OPERATOR,
        title=f"【告警】渠道 {channel}：提醒没有送达",
        text="\n".join(lines),
        created_at=at,
        severity=Severity.WARNING,
    )


def channel_test(channel: str, recipient: str, *, at: datetime) -> Message:
    """What `chaoxun alert test CHANNEL` sends; it says of itself that it is a test. Pure."""
    identity = alert_id(None, channel, AlertKind.OPERATOR, f"test\0{at.isoformat()}")
    moment = at.astimezone(BEIJING)
    alert = Alert(
        id=identity,
        kind=AlertKind.OPERATOR,
        title=f"【测试】潮讯渠道 {one_line(channel, WATCH_LENGTH)}",
        text=f"说明：这是一条测试消息，收到即表示渠道可用。\n时间：{moment:%Y-%m-%d %H:%M:%S}\n#{identity}",
        created_at=at,
    )
    return message(alert, channel, recipient)


def message(alert: Alert, channel: str, recipient: str) -> Message:
    """The alert as one channel is given it; its Message-ID depends on the three arguments alone. Pure."""
    return Message(
        alert_ids=(alert.id,),
        kind=alert.kind,
        title=alert.title,
        text=alert.text,
        message_id=message_id((alert.id,), channel, recipient),
        url=safe_url(alert.url) if alert.url else None,
    )


def message_id(ids: tuple[str, ...], channel: str, recipient: str) -> str:
    """The Message-ID of a message that says these alerts. Pure.

    `.invalid` is reserved (RFC 2606): no host of anybody's is claimed.
    """
    return f"<{_hash(*ids, channel, recipient)[:32]}@chaoxun.invalid>"


def fit(text: str, size: int) -> str:
    """The text in at most `size` bytes of UTF-8, cut between lines; every `#ID` line stays. Pure.

    size: at least the bytes of the `#ID` lines; where it is less, they alone are answered.
    """
    if len(text.encode()) <= size:
        return text
    lines = text.split("\n")
    room = size - len(_CUT.encode()) - 1 - sum(len(line.encode()) + 1 for line in lines if _ID_LINE.fullmatch(line))
    kept: list[str] = []
    whole = True
    for line in lines:
        if _ID_LINE.fullmatch(line):
            kept.append(line)
            continue
        room -= len(line.encode()) + 1
        if room >= 0 and whole:
            kept.append(line)
        elif whole:
            kept.append(_CUT)
            whole = False
    return "\n".join(line for line in kept if len(kept) > 1 or line != _CUT)


def one_line(text: str, longest: int | None = None) -> str:
    """Foreign text as one harmless line: no controls, no bidi or other invisible marks, blanks collapsed.

    >>> one_line("义乌\\r\\nBcc: a@example.org\\u202e  要闻", 12)
    '义乌 Bcc: a@e…'
    """
    kept = "".join(c for c in _BLANKS.sub(" ", text) if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    line = _BLANKS.sub(" ", kept).strip()
    if longest is not None and len(line) > longest:
        return line[: longest - 1] + "…"
    return line


def safe_url(url: str) -> str | None:
    """The URL where a person may click on it: http or https, one line; else None.

    >>> safe_url("javascript:alert(1)") is None
    True
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc or url != one_line(url) or " " in url:
        return None
    return url


def _labelled(line: str) -> str:
    """The line as a harmless one, its blanks at the beginning kept."""
    return f"{'  ' if line.startswith(' ') else ''}{one_line(line, SENTENCE_LENGTH)}"


def _published(article: ArticleView) -> str:
    if article.published_at is None:
        return "未注明"
    moment = article.published_at.astimezone(BEIJING)
    try:
        precision = Precision(article.published_precision or Precision.MINUTE)
    except ValueError:
        precision = Precision.MINUTE
    return moment.strftime(_TIMES[precision])


def _hit_lines(hits: Sequence[Hit]) -> list[str]:
    """Each term once, with a line around it; the body's context before the title's, which stands above already."""
    first: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.field is HitField.TITLE):
        first.setdefault(one_line(hit.term, WATCH_LENGTH), hit)
    if not first:
        return []
    lines = ["命中："]
    for term, hit in list(first.items())[:MOST_HITS]:
        lines.append(f"  {term}（{_FIELD_WORDS[hit.field]}）：{one_line(hit.context, CONTEXT_LENGTH)}")
    if len(first) > MOST_HITS:
        lines.append(f"  …… 另有 {len(first) - MOST_HITS} 个词")
    return lines


def _change_lines(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return []
    lines = ["变更："]
    for change in changes[:MOST_CHANGES]:
        before, after = one_line(change.before), one_line(change.after)
        start = max(0, _common_prefix(before, after) - LEAD_LENGTH)
        word = _FIELD_WORDS.get(change.field, one_line(change.field))
        if change.moved:
            lines.append(f"  {word}【移】{_window(after, 0)}")
            continue
        if before:
            lines.append(f"  {word}【删】{_window(before, start)}")
        if after:
            lines.append(f"  {word}【增】{_window(after, start)}")
    if len(changes) > MOST_CHANGES:
        lines.append(f"  …… 另有 {len(changes) - MOST_CHANGES} 处变更")
    return lines


def _window(sentence: str, start: int) -> str:
    """At most SENTENCE_LENGTH characters, from `start` on where the sentence is longer than that."""
    if len(sentence) <= SENTENCE_LENGTH:
        return sentence
    shown = sentence[start : start + SENTENCE_LENGTH]
    return f"{'…' if start else ''}{shown}{'…' if start + len(shown) < len(sentence) else ''}"


def _common_prefix(one: str, other: str) -> int:
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
