"""The sample sites: real HTTP servers on loopback that publish, edit, withdraw and misbehave on demand."""

from monitor.demo.sites.articles import (
    TOPICS,
    ArticleFile,
    Column,
    SampleArticle,
    Site,
    UnknownArticleError,
    load_articles,
    make_article,
)
from monitor.demo.sites.configuration import FolderInUseError, Pace
from monitor.demo.sites.ledger import ArticleRecord, Event, EventKind, Served, SiteLedger
from monitor.demo.sites.misbehaviour import Misbehaviour
from monitor.demo.sites.newsroom import NewsroomError
from monitor.demo.sites.server import SampleSites

__all__ = [
    "TOPICS",
    "ArticleFile",
    "ArticleRecord",
    "Column",
    "Event",
    "EventKind",
    "FolderInUseError",
    "Misbehaviour",
    "NewsroomError",
    "Pace",
    "SampleArticle",
    "SampleSites",
    "Served",
    "Site",
    "SiteLedger",
    "UnknownArticleError",
    "load_articles",
    "make_article",
]
