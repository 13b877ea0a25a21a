"""The search index: each article's folded title, text and facts, and their n-grams, which only propose candidates."""

import zlib
from collections.abc import Sequence
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from monitor.corpus.tables import folded
from monitor.rules import Subject
from monitor.rules.about import facts, sought
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need
from monitor.text.fold import fold_to_match
from monitor.text.grams import is_rare, query_grams, single_chars, text_grams

Condition = sa.ColumnElement[bool]

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


def has_fact(dialect: str, field: Field, wanted: str) -> Condition:
    """A condition on `folded` that holds wherever the field term is met."""
    return occurs(dialect, folded.c.facts, sought(field, wanted))


def occurs(dialect: str, column: sa.ColumnElement[str], literal: str) -> Condition:
    """A condition: the literal stands in the column. LIKE would know wildcards and, on SQLite, no case."""
    place = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    return place(column, literal) > 0


def proposed(dialect: str, wanted: Need) -> sa.Select[int] | None:
    """The numbers of all articles that may satisfy the need, and of more; None where no gram says anything."""
    if dialect == "sqlite":
        query = _matching(wanted)
        return None if query is None else _fts_rows.where(_fts_match.op("MATCH")(query))
    condition = _holding(wanted)
    return None if condition is None else sa.select(_gram.c.article_id).where(condition)


def has_lone(wanted: Need) -> bool:
    """Whether single characters are asked for: SQLite's index then goes through all grams that begin with them."""
    match wanted:
        case Literal(text=text):
            return any(len(gram) == 1 for gram in query_grams(text))
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(has_lone, parts))
        case FieldIs() | Anything():
            return False
        case _ as other:
            assert_never(other)


def _matching(wanted: Need) -> str | None:
    """In the language of FTS5, where one query over several literals is many times as fast as a query for each."""
    match wanted:
        case Literal(text=text):
            # a lone character is the beginning of some gram of every text that holds it
            return _joined("AND", [f'"{gram}"' if len(gram) > 1 else f'"{gram}" *' for gram in query_grams(text)])
        case AllOf(parts=parts):
            known = [_matching(part) for part in parts]
            return _joined("AND", [query for query in known if query is not None])
        case AnyOf(parts=parts):
            known = [_matching(part) for part in parts]
            return None if None in known else _joined("OR", [query for query in known if query is not None])
        case FieldIs() | Anything():
            return None
        case _ as other:
            assert_never(other)


def _joined(operator: str, queries: Sequence[str]) -> str | None:
    once = list(dict.fromkeys(queries))
    return f"({f' {operator} '.join(once)})" if len(once) > 1 else once[0] if once else None


def _holding(wanted: Need) -> Condition | None:
    """A condition on PostgreSQL's `gram`. Literals that are all wanted are asked for together: where one is frequent,
    the index would else write down thousands of articles."""
    match wanted:
        case Literal(text=text):
            return _coded([text])
        case AllOf(parts=parts):
            literals = _coded([part.text for part in parts if isinstance(part, Literal)])
            others = [_holding(part) for part in parts if not isinstance(part, Literal)]
            known = [condition for condition in (literals, *others) if condition is not None]
            return sa.and_(*known) if known else None
        case AnyOf(parts=parts):
            known = [condition for part in parts if (condition := _holding(part)) is not None]
            return sa.or_(*known) if len(known) == len(parts) else None
        case FieldIs() | Anything():
            return None
        case _ as other:
            assert_never(other)


def _coded(literals: Sequence[str]) -> Condition | None:
    codes = {_code(gram) for literal in literals for gram in query_grams(literal) if _is_coded(gram)}
    return _gram.c.codes.contains(sa.cast(sorted(codes), ARRAY(sa.Integer))) if codes else None


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
