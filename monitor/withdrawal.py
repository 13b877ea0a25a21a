"""What counts as a sign that an article was withdrawn, how many of them it takes, and what is said of it; pure.

- signs: 404 or 410; a redirect to the front page or to something else; a soft 404; a page that the host also gives for
  an address that cannot exist. A challenge, an outage, a login, maintenance or an empty page is none.
- enough: `confirm` checks in a row, `confirm_every` apart, on a host that is otherwise well. A sign that the host does
  not give for what cannot exist is doubtful, and counts half.
- an article that came and went twice within 30 days has to be away for a day before that counts again, and twice as
  long each further time: a page that flaps for ever is told a few times a month, and its end is told in any case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crawler.records import BEIJING, Capture, Draft, MadeUp, Oddity, Verdict, Visit, iso

GONE = frozenset({404, 410})
#: Returns within this time count as flapping; so many are free.
FLAPPING = timedelta(days=30)
FREE_RETURNS = 2
AWAY = timedelta(days=1)
_MOST_DOUBLINGS = 4
#: Of the checks of one absence, so many from its beginning and from its end are kept.
_FIRST, _LAST = 5, 15
#: A line of the known text that is longer than this and still there shows that the page is the article.
_TELLING = 15


class By(StrEnum):
    """How the site said that the article is gone."""

    NOT_FOUND = "not found"  # 404 or 410
    FRONT_PAGE = "front page"
    ELSEWHERE = "elsewhere"
    SOFT_404 = "soft 404"
    SAME_AS_NOTHING = "same as nothing"  # a page like the one for an address that cannot exist


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One answer that says that the article is gone. sure: the host answers so to what cannot exist, or by its status.

    said, made_up_said: for a person, as the site wrote it.
    """

    by: By
    sure: bool = True
    status: int
    url: str
    said: str = ""
    made_up_url: str = ""
    made_up_said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What is known of an article's absence so far.

    doubts: doubtful signs among the counted ones. since: the first of them. patience: how long it has to be away.
    """

    doubts: int = 0
    since: datetime | None = None
    patience: timedelta = timedelta(0)


#: Of an article that was there at the last look.
NO_ABSENCE = Absence()


def sign(visit: Visit, text: str | None) -> Sign | None:
    """Whether the visit says that the article is gone; None where it does not, or says nothing about it. Pure.

    text: what the article said last; None where it is not known.
    """
    page, draft, odd = visit.answer, visit.draft, visit.odd
    if not isinstance(page, Capture) or (draft is not None and draft.quality.verdict is Verdict.CHALLENGE):
        return None
    if page.status in GONE:
        return Sign(by=By.NOT_FOUND, status=page.status, url=page.final_url, said=_said(draft))
    if text is None or odd is None or odd.made_up is MadeUp.UNCLEAR:
        return None
    sure = odd.made_up is MadeUp.SAME
    if odd.how in (Oddity.OTHER_PAGE, Oddity.ELSEWHERE) and draft is not None and _is_still(text, draft.text):
        return None
    if odd.how is Oddity.OTHER_PAGE and not sure:
        return None  # an article whose headline and text were replaced is a change
    return Sign(
        by=_BY[odd.how],
        sure=sure,
        status=page.status,
        url=page.final_url,
        said=odd.said,
        made_up_url=odd.made_up_url,
        made_up_said=odd.made_up_said,
    )


_BY: Mapping[Oddity, By] = {
    Oddity.FRONT_PAGE: By.FRONT_PAGE,
    Oddity.ELSEWHERE: By.ELSEWHERE,
    Oddity.SOFT_404: By.SOFT_404,
    Oddity.OTHER_PAGE: By.SAME_AS_NOTHING,
}


def _said(draft: Draft | None) -> str:
    if draft is None:
        return ""
    notes = [note for note in draft.quality.notes if not note.startswith("HTTP ")]
    return "; ".join(part for part in (draft.title, *notes) if part)


def _is_still(known: str, found: str) -> bool:
    lines = {line.strip() for line in known.split("\n") if len(line.strip()) >= _TELLING}
    return any(line.strip() in lines for line in found.split("\n"))


def is_enough(*, misses: int, found: Sign, absence: Absence, confirm: int, now: datetime) -> bool:
    """Whether the counted checks, the present one among them, make a withdrawal. Pure.

    misses: how many were counted, this one included.
    """
    doubts = absence.doubts + (not found.sure)
    if 2 * misses - doubts < 2 * confirm:
        return False
    return now - (absence.since or now) >= absence.patience


def patience(returns: int) -> timedelta:
    """How long an article has to be away that came back so often within FLAPPING. Pure.

    >>> [patience(n).days for n in range(6)]
    [0, 0, 1, 2, 4, 8]
    """
    if returns < FREE_RETURNS:
        return timedelta(0)
    return AWAY * (1 << min(returns - FREE_RETURNS, _MOST_DOUBLINGS))


# -- evidence, as it is stored and shown


def evidence(found: Sign, at: datetime) -> dict[str, Any]:
    """One check as it is stored; the keys are those of `show --json`. Pure."""
    return {
        "at": iso(at),
        "by": found.by,
        "status": found.status,
        "url": found.url,
        "said": found.said,
        "made_up_url": found.made_up_url or None,
        "made_up_said": found.made_up_said or None,
        "sure": found.sure,
    }


def kept(checks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first and the last of the checks of one absence. Pure."""
    return list(checks) if len(checks) <= _FIRST + _LAST else [*checks[:_FIRST], *checks[-_LAST:]]


#: How people say each sign.
WORDS: Mapping[str, str] = {
    By.NOT_FOUND: "页面不存在",
    By.FRONT_PAGE: "跳转到首页",
    By.ELSEWHERE: "跳转到别的页面",
    By.SOFT_404: "页面称内容不存在",
    By.SAME_AS_NOTHING: "与虚构网址的页面相同",
}


def withdrawn_lines(detail: Mapping[str, Any]) -> list[str]:
    """What an alert says of the evidence; each line begins with a label or a blank. Pure."""
    checks = detail["checks"]
    lines = [f"最后正常：{_minute(detail['last_good_at'])}"] if detail.get("last_good_at") else []
    lines.append(f"核查：{detail['count']} 次均不可见，自 {_minute(detail['since'])} 起")
    shown = checks if len(checks) <= 4 else [checks[0], *checks[-3:]]
    for check in shown:
        where = f" {check['url']}" if check["by"] in (By.FRONT_PAGE, By.ELSEWHERE) else ""
        said = f"：{check['said']}" if check["said"] else ""
        lines.append(
            f"  {_minute(check['at'])} HTTP {check['status']} {WORDS.get(check['by'], check['by'])}{where}{said}"
        )
    compared = next((check for check in reversed(checks) if check["made_up_url"]), None)
    if compared is not None:
        lines.append(f"对照：同站虚构网址 {compared['made_up_url']} 的回应：{compared['made_up_said']}")
    return lines


def returned_lines(detail: Mapping[str, Any]) -> list[str]:
    """What an alert says of a return; each line begins with a label or a blank. Pure."""
    differs = f"内容有改动（{detail['summary']}）" if detail["differs"] else "内容与撤下前相同"
    since = f"（{_minute(detail['since'])} 撤下）" if detail["since"] else ""
    return [f"离线：{_span(detail['seconds'])}{since}；{differs}"]


def _minute(moment: str | None) -> str:
    return "未知" if moment is None else f"{datetime.fromisoformat(moment).astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "时长未知"
    minutes = seconds // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (minutes, "分钟")) if n]
    return " ".join(parts[:2]) or "不到 1 分钟"
