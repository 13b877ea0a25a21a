"""A rule tried on the stored articles: what it meets, how often it would have told, what is doubtful about it."""

from datetime import datetime, timedelta

import pytest

from monitor.corpus import Corpus
from monitor.corpus.trial import Trial, trial
from monitor.ingest import Document, import_drafts
from monitor.rules import parse
from tests.contract.desk import NOW, SOURCE, desk, draft


def fill(corpus: Corpus, *articles: tuple[str, str, datetime | None]) -> None:
    documents = [
        Document(source=SOURCE, draft=draft(title, text, url=f"https://a.example/{n}", published_at=at), body=b"")
        for n, (title, text, at) in enumerate(articles)
    ]
    results = import_drafts(corpus, documents, desk=desk(), now=NOW)
    assert {result.why for result in results} == {None}


def tried(corpus: Corpus, rule: str, since: datetime | None = None) -> Trial:
    with corpus.read() as connection:
        return trial(connection, parse(rule), since=since, now=NOW)


def weeks_ago(weeks: float) -> datetime:
    return NOW - timedelta(weeks=weeks)


def test_what_a_rule_meets_comes_newest_first_with_its_evidence(corpus: Corpus) -> None:
    fill(corpus, ("甲", "宁波的桥", weeks_ago(2)), ("乙", "宁波的路", weeks_ago(1)), ("丙", "义乌的路", weeks_ago(0)))
    result = tried(corpus, "宁波")
    assert [(found.title, [hit.term for hit in evaluation.hits]) for found, evaluation in result.met] == [
        ("乙", ["宁波"]),
        ("甲", ["宁波"]),
    ]
    assert [found.title for found, _ in tried(corpus, "宁波", since=weeks_ago(1.5)).met] == ["乙"]


def test_alerts_are_counted_by_the_week_and_of_late(corpus: Corpus) -> None:
    old = [(f"旧{n}", f"宁波旧闻第{n}条", weeks_ago(30 + n)) for n in range(20)]
    new = [(f"新{n}", f"宁波新闻第{n}条", weeks_ago(n / 2)) for n in range(12)]
    fill(corpus, *old, *new, ("末", "无关", NOW))
    assert len(tried(corpus, "宁波").met) == 32
    assert tried(corpus, "宁波").alerts_per_week == 1.5  # twelve in eight weeks
    assert tried(corpus, "宁波", since=weeks_ago(4)).alerts_per_week == 2.2  # nine in four
    assert tried(corpus, "无关").alerts_per_week == 0.1


def test_a_repost_counts_once_and_a_few_days_as_a_week(corpus: Corpus) -> None:
    text = "宁波的产业大脑今天上线，首批接入企业五十家。" * 8
    fill(corpus, ("产业大脑上线", text, weeks_ago(0.1)), ("产业大脑上线", text, weeks_ago(0.05)), ("乙", "无关", NOW))
    result = tried(corpus, "产业大脑")
    assert (len(result.met), result.alerts_per_week) == (2, 1.0)


def test_what_was_imported_without_a_date_moves_no_window(corpus: Corpus) -> None:
    """It counts as of today, and the rest of the backlog may be a year old."""
    old = [(f"旧{n}", f"宁波旧闻第{n}条", weeks_ago(30 + n / 2)) for n in range(12)]
    fill(corpus, *old, ("无", "没有日期", None))
    assert tried(corpus, "宁波").alerts_per_week == 2.2  # twelve in five and a half weeks
    assert tried(corpus, "没有日期").alerts_per_week == 0.2


def test_a_page_with_a_wrong_year_moves_no_window(corpus: Corpus) -> None:
    old = [(f"旧{n}", f"宁波旧闻第{n}条", weeks_ago(30 + n / 10)) for n in range(56)]
    fill(corpus, *old, ("甲", "无关", weeks_ago(5)))
    assert tried(corpus, "宁波").alerts_per_week == 10.2  # 56 in five and a half weeks


def test_articles_without_any_date_count_from_when_they_were_seen(corpus: Corpus) -> None:
    fill(corpus, ("甲", "宁波的桥", None), ("乙", "无关", None))
    assert tried(corpus, "宁波").alerts_per_week == 1.0


def test_an_article_of_the_future_moves_no_window(corpus: Corpus) -> None:
    fill(corpus, ("甲", "宁波", weeks_ago(1)), ("乙", "宁波大桥", weeks_ago(-500)))
    assert tried(corpus, "宁波").alerts_per_week == 2.0


def test_an_empty_corpus_says_nothing_of_terms(corpus: Corpus) -> None:
    assert tried(corpus, "宁波") == Trial(met=[], alerts_per_week=None, warnings=())


@pytest.mark.parametrize(
    ("rule", "warnings"),
    [
        pytest.param("宁波", [], id="nothing"),
        pytest.param("桥", ["桥 is a single character and will meet very much; use a longer word or =桥"], id="short"),
        pytest.param(
            "宁波 (未来工长 OR 大桥) -region:温州",
            [
                "未来工长 stands in no stored article; check how it is written",
                "region:温州 stands in no stored article; check how it is written",
            ],
            id="what is nowhere",
        ),
        pytest.param("宁波 OR 未来工长", ["未来工长 stands in no stored article; check how it is written"], id="OR"),
        pytest.param(
            "地产 NEAR/9 企业",
            [
                "地产 stands across word borders in 6 of 6 places, as in 当地|产业; "
                "write =地产 for the whole word, or a longer one"
            ],
            id="across word borders",
        ),
        pytest.param("=企业", [], id="a border is wanted already"),
        pytest.param(
            "企业 OR =地产",
            ["=地产 stands in no stored article as a word of its own; check how it is written"],
            id="a word that is only a part of others",
        ),
    ],
)
def test_doubtful_terms_are_named(corpus: Corpus, rule: str, warnings: list[str]) -> None:
    fill(corpus, *((f"第{n}", f"宁波大桥与当地产业企业之{n}", weeks_ago(n)) for n in range(6)))
    assert list(tried(corpus, rule).warnings) == warnings
