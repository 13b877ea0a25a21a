"""`extract`: one document from a file, without configuration and corpus."""

import io
import logging
import os
import sys
from json import dumps
from pathlib import Path

import typer

from crawler.documents import HandedIn, documents_of
from crawler.extract import extract as extract_page
from crawler.records import Draft
from monitor import logs
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, print_json_line, say
from monitor.cli.setting import now


def extract(file: str, *, url: str | None, content_type: str | None, json: bool) -> None:
    logs.configure(level=logging.WARNING, environ=os.environ)
    path = Path(file)
    try:
        with io.BytesIO(sys.stdin.buffer.read()) if file == "-" else path.open("rb") as stream:
            failed = 0
            for document in documents_of(stream, path, now=now()):
                failed += _extract(document, url, content_type, json=json)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if failed:
        raise typer.Exit(FAILED)


def _extract(document: HandedIn, url: str | None, content_type: str | None, *, json: bool) -> int:
    """Print what a document is; answers whether it could not be read."""
    if document.why:
        complain(f"{document.path}: {document.why}")
        return 1
    page = document.page
    draft = extract_page(page.body, url=url or page.final_url or None, content_type=content_type or page.content_type)
    if json and document.place:
        print_json_line(draft.as_json())
    elif json:
        print_json(draft.as_json())
    else:
        _print_draft(draft)
    return 0


def _print_draft(draft: Draft) -> None:
    shown = draft.as_json()
    for key, value in shown.items():
        if value not in (None, [], {}) and key not in ("text", "quality"):
            say(f"{key}: {dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value}")
    say(f"quality: {draft.quality.verdict}" + (f" ({'; '.join(draft.quality.notes)})" if draft.quality.notes else ""))
    say("")
    say(draft.text)
