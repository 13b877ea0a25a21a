"""What of a draft may stand in a database and on a screen: no NUL, no half characters, titles of one line; pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crawler.records import Attachment, Draft, Stock
from monitor.alerts.compose import one_line

#: PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair; the other control characters steer terminals.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]+")


def storable(draft: Draft) -> Draft:
    """The draft with every text fit to be stored. Pure; a second time changes nothing."""
    return replace(
        draft,
        title=_line(draft.title),
        text=clean(draft.text),
        source_name=_line(draft.source_name),
        column=_line(draft.column),
        origin=_line(draft.origin),
        author=_line(draft.author),
        editor=_line(draft.editor),
        language=_line(draft.language),
        keywords=tuple(one_line(word) for word in draft.keywords),
        stocks=tuple(Stock(code=one_line(s.code), name=one_line(s.name)) for s in draft.stocks),
        attachments=tuple(
            Attachment(name=one_line(a.name), url=one_line(a.url), type=one_line(a.type)) for a in draft.attachments
        ),
        government=_lines(draft.government),
    )


def clean(text: str) -> str:
    """A text of several lines without characters that no database or terminal should be given. Pure.

    >>> clean("第一行\\x00\\n第二行\\x1b[31m")
    '第一行\\n第二行[31m'
    """
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str | None) -> str | None:
    return None if text is None else one_line(text) or None


def _lines(values: Mapping[str, Any]) -> dict[str, str]:
    return {one_line(key): one_line(str(value)) for key, value in values.items()}
