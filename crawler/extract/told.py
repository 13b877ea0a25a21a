"""An answer and who read it: what each metadata field of a draft carries until its end."""

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.extract.metas import tidy
from crawler.records import Reader


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader found."""

    value: str
    reader: Reader


def told(value: str | None, reader: Reader) -> Told | None:
    """The answer, or None where the reader has none. Pure."""
    return Told(value, reader) if value else None


def told_by_meta(metas: Mapping[str, str], *names: str) -> Told | None:
    """The first of these metas that the page fills, and which convention it belongs to. Pure."""
    for name in names:
        if (value := tidy(metas.get(name))) is not None:
            return Told(value, reader_of_meta(name))
    return None


def reader_of_meta(name: str) -> Reader:
    """The convention that a meta's name belongs to. Pure.

    >>> [str(reader_of_meta(name)) for name in ("pubdate", "og:title", "weibo: article:create_at")]
    ['meta', 'open_graph', 'sina']
    """
    if name.startswith("weibo") or name == "mediaid":
        return Reader.SINA
    return Reader.OPEN_GRAPH if name.startswith(("og:", "article:", "twitter:")) else Reader.META
