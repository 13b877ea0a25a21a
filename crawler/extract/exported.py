"""Articles as our own JSON (`chaoxun export`, `show --json`): every field as it was written down. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.records import BEIJING, ArticleKind, Attachment, Draft, Precision, Quality, Reader, Stock, Verdict

#: No article of ours is without these.
_ALWAYS = ("title", "text")
_ADDRESS = re.compile(r"(?:https?://|urn:)[^\x00-\x1f\x7f]{1,2000}")
_READ = (*_ALWAYS, "published_at", "source_name", "column", "origin", "author", "editor", "keywords", "government")


def read_exported(text: str, *, extractor: str) -> Draft | None:
    """The article that a JSON object is; None where the text is something else.

    A field of a wrong type counts as unknown. Without title or text it is no article, whatever else it holds.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None
    try:
        found = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return None
    if not is_article(found):
        return None
    published = _moment(found.get("published_at"))
    return Draft(
        url=_address(found),
        title=_text(found, "title"),
        text=found["text"],
        quality=_quality(found.get("quality")),
        published_at=published,
        published_precision=_precision(found.get("published_precision")) if published else None,
        source_name=_text(found, "source_name"),
        column=_text(found, "column"),
        origin=_text(found, "origin"),
        author=_text(found, "author"),
        editor=_text(found, "editor"),
        language=_text(found, "language"),
        kind=_kind(found.get("kind")),
        keywords=tuple(word for word in _items(found, "keywords") if isinstance(word, str)),
        stocks=tuple(Stock(code=s["code"], name=s["name"]) for s in _records(found, "stocks", "code", "name")),
        attachments=tuple(
            Attachment(name=a["name"], url=a["url"], type=a["type"])
            for a in _records(found, "attachments", "name", "url", "type")
        ),
        government=_strings(found.get("government")),
        extractor=extractor,
        readers=dict.fromkeys((key for key in _READ if found.get(key)), Reader.EXPORT),
    )


def is_article(found: object) -> bool:
    """Whether a JSON value is an article with its text. Pure.

    >>> is_article({"title": "题", "text": "文。"}), is_article({"title": "题", "snippet": "…"}), is_article([])
    (True, False, False)
    """
    return isinstance(found, dict) and all(isinstance(found.get(k), str) and found[k].strip() for k in _ALWAYS)


def _text(found: Mapping[str, Any], key: str) -> str | None:
    value = found.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _address(found: Mapping[str, Any]) -> str | None:
    """Of the web, or what `import` makes for a document that has none; all else is no address to store and to link."""
    url = _text(found, "url")
    return url if url and _ADDRESS.fullmatch(url) else None


def _items(found: Mapping[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _strings(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str) and text}


def _records(found: Mapping[str, Any], key: str, *keys: str) -> list[dict[str, str]]:
    records = [_strings(item) for item in _items(found, key)]
    return [{name: record.get(name, "") for name in keys} for record in records if record]


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or not 1 < moment.year < 9999:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _precision(value: object) -> Precision:
    return Precision(value) if isinstance(value, str) and value in list(Precision) else Precision.SECOND


def _kind(value: object) -> ArticleKind:
    return ArticleKind(value) if isinstance(value, str) and value in list(ArticleKind) else ArticleKind.NEWS


def _quality(value: object) -> Quality:
    """It was an article when it was written down, and somebody hands it in as one."""
    told = value if isinstance(value, dict) else {}
    notes = told.get("notes")
    return Quality(
        verdict=Verdict.ARTICLE,
        repaired=told.get("repaired") is True,
        notes=tuple(note for note in notes if isinstance(note, str)) if isinstance(notes, list) else (),
    )
