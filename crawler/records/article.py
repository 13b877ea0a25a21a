"""What extraction makes of a page: a draft, its quality and its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class ChaoxunError(Exception):
    """What a person can mend: the message says what happened, to what, and what to do."""


class Verdict(StrEnum):
    """What a capture is (`quality.verdict` of the article JSON)."""

    ARTICLE = "article"
    LIST = "list"
    CHALLENGE = "challenge"
    SOFT404 = "soft404"
    STUB = "stub"
    ERROR = "error"


class Precision(StrEnum):
    """How exactly a time was shown; DAY means that the 00:00 is not meant."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class ArticleKind(StrEnum):
    NEWS = "news"
    POLICY = "policy"
    INTERPRETATION = "interpretation"
    NOTICE = "notice"
    DATA = "data"
    FLASH = "flash"
    OTHER = "other"


class Reader(StrEnum):
    """Who read a field of a draft (`readers` of the article JSON)."""

    CONFIGURATION = "configuration"  # the source's own selectors, or its `detail`
    META = "meta"  # the national meta standard, or Founder's comment
    TABLE = "table"  # the disclosure table, in cells or flattened
    SINA = "sina"  # Sina's own metas and places
    JSON_LD = "json_ld"
    OPEN_GRAPH = "open_graph"
    PLACE = "place"  # an element in which a family of sites names it
    LINES = "lines"  # what the page shows around its text
    HEADING = "heading"
    TITLE_TAG = "title_tag"
    TEXT = "text"  # the text itself: a byline, a first sentence
    LISTING = "listing"  # the list that led to the page
    FRONT_MATTER = "front_matter"
    EXPORT = "export"
    PDF = "pdf"
    URL = "url"
    SCRIPT = "script"  # fields of scripts and forms
    HTMLDATE = "htmldate"
    CONTAINER = "container"  # of the text: a container that is known by its name
    MARKED = "marked"  # of the text: between the marks of the site's software
    BLOCK = "block"  # of the text: the block with the prose behind the headline
    TRAFILATURA = "trafilatura"
    WHOLE = "whole"  # of the text: all that was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    url: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    code: str
    name: str


#: A note of `Quality`: the page has the beginning of an HTML document and no end. HTTP could not tell: the server did
#: not say how long the page is, or an intermediary keeps half of it.
BREAKS_OFF = "the page breaks off before its end"
#: A note of `Quality`: the address that answered may be another document; whoever knows the title can tell.
ELSEWHERE = "redirected to another address"
#: A note of `Quality`, with verdict ERROR: more than one character in a hundred is lost or misread.
GARBLED = "garbled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    verdict: Verdict
    repaired: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What extraction made of one capture, not yet judged. The attributes carry the names of the article JSON."""

    url: str | None
    title: str | None
    text: str
    quality: Quality
    published_at: datetime | None = None
    published_precision: Precision | None = None
    source_name: str | None = None
    column: str | None = None
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    language: str | None = None
    kind: ArticleKind = ArticleKind.NEWS
    keywords: tuple[str, ...] = ()
    stocks: tuple[Stock, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    government: Mapping[str, str] = field(default_factory=dict)
    extractor: str = ""
    #: Absolute URLs of the following pages of the same article, in order, where this is the first page of several.
    more: tuple[str, ...] = ()
    #: Where a page that only jumps on (refresh, script) leads, as an absolute URL.
    jump: str | None = None
    #: Who read which of the fields above.
    readers: Mapping[str, Reader] = field(default_factory=dict)

    @property
    def text_length(self) -> int:
        return len(self.text)

    def as_json(self) -> dict[str, Any]:
        """The article JSON of docs/contracts, without what only the corpus knows."""
        return {
            "url": self.url,
            "title": self.title,
            "published_at": iso(self.published_at),
            "published_precision": self.published_precision,
            "source_name": self.source_name,
            "column": self.column,
            "origin": self.origin,
            "author": self.author,
            "editor": self.editor,
            "language": self.language,
            "kind": self.kind,
            "keywords": list(self.keywords),
            "text": self.text,
            "text_length": self.text_length,
            "stocks": [{"code": s.code, "name": s.name} for s in self.stocks],
            "attachments": [{"name": a.name, "url": a.url, "type": a.type} for a in self.attachments],
            "government": dict(self.government),
            "quality": {
                "verdict": self.quality.verdict,
                "repaired": self.quality.repaired,
                "notes": list(self.quality.notes),
            },
            "readers": dict(self.readers),
        }


def iso(moment: datetime | None) -> str | None:
    """A time as the article JSON shows it: Beijing, with its offset; fractions of a second dropped."""
    return None if moment is None else moment.astimezone(BEIJING).isoformat(timespec="seconds")
