"""The corpus: tables, queries, search and migrations; the only package that knows SQLAlchemy and Alembic."""

from sqlalchemy.engine import Connection

from monitor.corpus.database import Corpus
from monitor.corpus.trouble import CorpusError, CorpusTrouble

__all__ = ["Connection", "Corpus", "CorpusError", "CorpusTrouble"]
