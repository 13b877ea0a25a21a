"""A bundle of documents at once, so that a worker's answer pays for many; as pure as extract()."""

from collections.abc import Sequence

from crawler.extract.article import extract
from crawler.records import Draft, Hints


def extract_many(documents: Sequence[tuple[bytes, str | None]], hints: Hints) -> list[Draft]:
    """A draft for each (bytes, content type), in the same order."""
    return [extract(body, content_type=content_type, hints=hints) for body, content_type in documents]
