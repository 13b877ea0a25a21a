"""The search index: each article's folded title, text and facts, and their n-grams, which only propose candidates."""

import zlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from monitor.corpus.tables import article, folded
from monitor.rules import Subject
from monitor.rules.about import facts, sought
from monitor.rules.lexer import Field
from monitor.text.fold import fold_to_match
from monitor.text.grams import is_rare, query_grams, single_chars, text_grams

_PUT_FTS = sa.text("INSERT INTO gram (rowid, grams) VALUES (:id, :grams)")
_REMOVE_FTS = sa.text("INSERT INTO gram (gram, rowid, grams) VALUES ('delete', :id, :grams)")
_EMPTY_FTS = sa.text("INSERT INTO gram (gram) VALUES ('delete-all')")
_MERGE_FTS = sa.text("INSERT INTO gram (gram) VALUES ('optimize')")
_fts_rows = sa.select(sa.literal_column("rowid", sa.Integer)).select_from(sa.table("gram"))
_fts_match = sa.literal_column("gram", sa.Text)
_gram = sa.table("gram", sa.column("article_id", sa.BigInteger), sa.column("codes", ARRAY(sa.Integer)))
_PUT_FOLDED = sa.insert(folded)
_FOLDED = sa.select(folded.c.title, folded.c.text).where(folded.c.article_id == sa.bindparam("id"))


def add(tx: Connection, article_id: int, subject: Subject) -> None:
    """Index a new article."""
    add_many(tx, [(article_id, subject)])


def add_many(tx: Connection, articles: Sequence[tuple[int, Subject]]) -> None:
    """Index new articles, the lower number first: SQLite's index takes an ascending order best."""
    texts = [(number, subject, *_texts(subject)) for number, subject in articles]
    tx.execute(
        _PUT_FOLDED,
        [
            {"article_id": number, "title": title, "text": text, "facts": facts(subject)}
            for number, subject, title, text in texts
        ],
    )
    _put_grams(tx, [(number, title, text) for number, _, title, text in texts])


def replace(tx: Connection, article_id: int, subject: Subject) -> None:
    """Index an article that is indexed already."""
    _remove_grams(tx, article_id)
    title, text = _texts(subject)
    values = {"title": title, "text": text, "facts": facts(subject)}
    tx.execute(sa.update(folded).where(folded.c.article_id == article_id).values(values))
    _put_grams(tx, [(article_id, title, text)])


def set_facts(tx: Connection, article_id: int, subject: Subject) -> None:
    """Of an article that is indexed already, only what is known of it is another now."""
    tx.execute(_SET_FACTS, {"of": article_id, "facts": facts(subject)})


_SET_FACTS = sa.update(folded).where(folded.c.article_id == sa.bindparam("of"))


def _texts(subject: Subject) -> tuple[str, str]:
    title, text = subject.folded_title, subject.folded_text
    return (title or fold_to_match(subject.title)).text, (text or fold_to_match(subject.text)).text


def clear(tx: Connection) -> None:
    """Take everything out of the index."""
    if tx.dialect.name == "sqlite":
        tx.execute(_EMPTY_FTS)
    else:
        tx.execute(sa.delete(_gram))
    tx.execute(sa.delete(folded))


def settle(tx: Connection) -> None:
    """Make one of the parts that an index is written in: on SQLite a tenth smaller. Takes 5 s for 100,000 articles."""
    if tx.dialect.name == "sqlite":
        tx.execute(_MERGE_FTS)


def has_fact(dialect: str, field: Field, wanted: str) -> sa.ColumnElement[bool]:
    """A condition on `folded` that holds wherever the field term is met."""
    return occurs(dialect, folded.c.facts, sought(field, wanted))


def occurs(dialect: str, column: sa.ColumnElement[str], literal: str) -> sa.ColumnElement[bool]:
    """A condition: the literal stands in the column. LIKE would know wildcards and, on SQLite, no case."""
    place = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return place(column, literal) > 0


#: The same number, but for the planner no key: it goes through the articles in another order and asks which are in.
_asked = sa.literal_column("+article.id", sa.BigInteger)


def has_grams(dialect: str, *literals: str, asked: bool = False) -> sa.ColumnElement[bool] | None:
    """A condition on `article` that holds wherever all of the folded literals occur; None where no gram says anything.

    asked: the index is to be asked about articles that come in an order of their own, not to bring them.
    """
    number = _asked if asked else article.c.id
    grams = list(dict.fromkeys(gram for literal in literals for gram in query_grams(literal)))
    if dialect != "sqlite":
        grams = [gram for gram in grams if _is_coded(gram)]
    if not grams:
        return None
    if dialect == "sqlite":
        # a lone character is the beginning of some gram of every text that holds it
        query = " AND ".join(f'"{gram}"' if len(gram) > 1 else f'"{gram}" *' for gram in grams)
        return number.in_(_fts_rows.where(_fts_match.op("MATCH")(query)))
    codes = sa.cast([_code(gram) for gram in grams], ARRAY(sa.Integer))
    return number.in_(sa.select(_gram.c.article_id).where(_gram.c.codes.contains(codes)))


def _put_grams(tx: Connection, articles: Sequence[tuple[int, str, str]]) -> None:
    """articles: number, folded title and folded text of each."""
    if tx.dialect.name == "sqlite":
        tx.execute(_PUT_FTS, [{"id": number, "grams": _fts(title, text)} for number, title, text in articles])
    else:
        rows = [{"article_id": number, "codes": _codes(title, text)} for number, title, text in articles]
        tx.execute(sa.insert(_gram), rows)


def _remove_grams(tx: Connection, article_id: int) -> None:
    if tx.dialect.name != "sqlite":
        tx.execute(sa.delete(_gram).where(_gram.c.article_id == article_id))
        return
    old = tx.execute(_FOLDED, {"id": article_id}).one()
    # the table holds no texts: SQLite 3.40 wants to be told what it had been given
    tx.execute(_REMOVE_FTS, {"id": article_id, "grams": _fts(old.title, old.text)})


def _fts(title: str, text: str) -> str:
    return " ".join(text_grams(f"{title}\n{text}"))


def _codes(title: str, text: str) -> Sequence[int]:
    """What PostgreSQL is given. An int[] knows no prefixes, so single characters stand in it too: the rare ones.

    With all of them the index was a third larger, and a usual character is found soon in the texts themselves.
    """
    whole = f"{title}\n{text}"
    return sorted({_code(gram) for gram in (*text_grams(whole), *single_chars(whole)) if _is_coded(gram)})


def _is_coded(gram: str) -> bool:
    return len(gram) > 1 or is_rare(gram)


def _code(gram: str) -> int:
    """18 bits: two grams may share a code, since candidates are checked anyway.

    With 32 bits, and a key of its own for each of millions of grams, the index was 2.8 times as large as the texts.
    """
    return zlib.crc32(gram.encode()) >> 14
