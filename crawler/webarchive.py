"""Web archives (WARC): the pages that somebody else's crawler kept; the only module that imports warcio.

Records are read one after the other, so that an archive of any size takes no more memory than its largest page.
"""

import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException
from warcio.timeutils import iso_date_to_datetime

#: What a page may weigh, as for those that we fetch.
LARGEST = 5 * 1024 * 1024
_CHUNK = 65_536
#: The last three: warcio trusts that a record has its headers, and trips where one is missing.
_BROKEN = (
    *(ArchiveLoadFailed, StatusAndHeadersParserException, zlib.error, OSError, EOFError, ValueError),
    *(AttributeError, TypeError, LookupError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One page of an archive. offset: the byte of the file at which its record begins. why: it cannot be read."""

    offset: int
    url: str = ""
    body: bytes = b""
    content_type: str | None = None
    fetched_at: datetime | None = None
    why: str | None = None


def is_archive(start: bytes) -> bool:
    """Whether a file that begins so is a WARC, compressed or not. Pure.

    >>> is_archive(b"WARC/1.0\\r\\nWARC-Type: warcinfo"), is_archive(b"<html>")
    (True, False)
    """
    if start[:2] == b"\x1f\x8b":
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, 16)
        except zlib.error:
            return False
    return start.startswith(b"WARC/")


def pages(file: BinaryIO, *, with_json: bool = False) -> Iterator[Record]:
    """The pages that sites answered with (status 2xx), in the order of the archive; all else in it is passed over.

    with_json: JSON answers are pages too. A record that breaks off or makes no sense is the last one: nobody knows
    where the next would begin.
    """
    records = ArchiveIterator(file)
    while True:
        try:
            record = next(records, None)
        except _BROKEN as error:
            yield Record(offset=max(0, records.offset), why=f"the archive is broken here: {_in_a_line(error)}")
            return
        if record is None:
            return
        offset = records.offset
        if not _is_page(record, with_json=with_json):
            continue
        yield (page := _page(record, offset))
        if page.why and not page.url:
            return


def _is_page(record: ArcWarcRecord, *, with_json: bool) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").lower()
    wanted = "html" in kind or (with_json and "json" in kind)
    return wanted and str(record.http_headers.get_statuscode()).startswith("2")


def _page(record: ArcWarcRecord, offset: int) -> Record:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if not url.startswith(("http://", "https://")):
        return Record(offset=offset, url=url or "?", why=f"the record has no web address: {url!r}")
    try:
        body = _read(record)
    except _BROKEN as error:
        return Record(offset=offset, url=url, why=f"the record is broken: {_in_a_line(error)}")
    if len(body) > LARGEST:
        return Record(offset=offset, url=url, why=f"the page is larger than {LARGEST // 1024 // 1024} MB")
    left = getattr(record.raw_stream, "limit", 0)
    if left > 0:
        return Record(offset=offset, url=url, why=f"the record breaks off, {left} bytes before its end")
    kind = record.http_headers.get_header("Content-Type")
    return Record(offset=offset, url=url, body=body, content_type=kind, fetched_at=_date(record))


def _date(record: ArcWarcRecord) -> datetime | None:
    """When the page was fetched; a date that is none makes no page worse."""
    date = record.rec_headers.get_header("WARC-Date")
    try:
        moment = iso_date_to_datetime(date, tz_aware=True) if date else None
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment is not None and 1 < moment.year < 9999 else None


def _from_brotli(packed: bytes) -> bytes:
    unpacked: bytes = brotli.Decompressor().process(packed, output_buffer_limit=LARGEST + 1)
    return unpacked


def _from_zstandard(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read(LARGEST + 1)


#: Of what browsers ask for, that which warcio leaves packed, or (1.8.1 with brotli 1.2) trips over.
_UNPACK: Mapping[str, Callable[[bytes], bytes]] = {"br": _from_brotli, "zstd": _from_zstandard}


def _read(record: ArcWarcRecord) -> bytes:
    """The page, unpacked, and at most a byte more than it may weigh; the record's rest is skipped."""
    coding = (record.http_headers.get_header("Content-Encoding") or "").strip().lower()
    unpack = _UNPACK.get(coding)
    if unpack is not None:
        record.http_headers.remove_header("Content-Encoding")
    body = _stored(record)
    try:
        return body if unpack is None else unpack(body)
    except (brotli.error, zstandard.ZstdError):
        return body  # its crawler unpacked it, and kept the header


def _stored(record: ArcWarcRecord) -> bytes:
    stream, body = record.content_stream(), bytearray()
    while len(body) <= LARGEST and (chunk := stream.read(min(_CHUNK, LARGEST + 1 - len(body)))):
        body += chunk
    while record.raw_stream.read(_CHUNK):
        pass
    return bytes(body)


def _in_a_line(error: Exception) -> str:
    if isinstance(error, ArchiveLoadFailed):
        return "no record begins, or one gzip holds many: then `warcio recompress FILE NEW` mends it"
    return " ".join(str(error).split())[:200] or type(error).__name__
