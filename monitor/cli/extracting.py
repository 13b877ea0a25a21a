"""`extract`: one document from a file, without configuration and corpus."""

import logging
import os
import sys
from pathlib import Path

from crawler.extract import extract as extract_page
from crawler.records import Draft
from monitor import logs
from monitor.cli.exits import UsageError
from monitor.cli.output import print_json, say

HTML = (".html", ".htm", ".shtml")


def extract(file: str, *, url: str | None, content_type: str | None, json: bool) -> None:
    logs.configure(level=logging.WARNING, environ=os.environ)
    if file == "-":
        body = sys.stdin.buffer.read()
    else:
        body = read_file(Path(file))
        content_type = content_type or content_type_of(Path(file))
    draft = extract_page(body, url=url, content_type=content_type)
    if json:
        print_json(draft.as_json())
    else:
        _print_draft(draft)


def read_file(path: Path) -> bytes:
    """Raises UsageError, with the reason."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def content_type_of(path: Path) -> str | None:
    """Only what a name says for sure: text files hold feed items and whole pages alike, so their content decides."""
    return "text/html" if path.suffix.lower() in HTML else None


def _print_draft(draft: Draft) -> None:
    shown = draft.as_json()
    for key, value in shown.items():
        if value not in (None, [], {}) and key not in ("text", "quality"):
            say(f"{key}: {value}")
    say(f"quality: {draft.quality.verdict}" + (f" ({'; '.join(draft.quality.notes)})" if draft.quality.notes else ""))
    say("")
    say(draft.text)
