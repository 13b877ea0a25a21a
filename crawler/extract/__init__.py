"""Bytes of a page, a feed item or plain text -> Draft. Pure: no clock, no network, no configuration."""

from crawler.extract.article import EXTRACTOR_VERSION, extract

__all__ = ["EXTRACTOR_VERSION", "extract"]
