"""Reads pages that we kept once more, with the extractor of today. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from crawler.extract import extract
from crawler.extract.pdf import is_pdf
from crawler.quality import judge
from crawler.records import Capture, Draft, Hints


def reread(capture: Capture, hints: Hints) -> Draft:
    """What extraction and the quality gate make of a stored page now.

    A document that somebody handed in (it has no `final_url`: nobody answered with it) is read as on that day. What the
    hints say of the entry fills gaps of the page, but does not decide whether a redirect led to the right one: the
    article was taken as that page.
    """
    if is_pdf(capture.body):
        hints = replace(hints, entry=None)  # it has no headline of its own, so that the stored one stays
    if not capture.final_url:
        return extract(capture.body, content_type=capture.content_type, hints=hints)
    return judge(capture, extract(capture.body, url=capture.final_url, content_type=capture.content_type, hints=hints))


def reread_many(pages: Sequence[tuple[Capture, Hints]]) -> list[Draft]:
    """A draft for each, in the same order: one call of a worker pays for many."""
    return [reread(capture, hints) for capture, hints in pages]
