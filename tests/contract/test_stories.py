"""Edited reposts in the corpus: which story they join, who hears of them, and how they are shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import Outcome
from monitor.corpus import Corpus, articles, bands, maintenance, outbox, tables
from monitor.ingest import Document, import_drafts, ingest
from monitor.text.fingerprint import canonical_lines, key_of
from monitor.text.similarity import bands as bands_of
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, URL, desk, draft, visit, watch

HOUR = timedelta(hours=1)
COPY = "https://nb.example/b/2.html"
MORE = (
    "相关负责人介绍说，数据接口统一以后，企业之间的订单协同明显加快，过去靠人跑的环节如今在线上完成。",
    "多位参会代表认为，下一步要防止重复建设，避免各个平台之间形成新的数据孤岛，让中小企业用得起、用得好。",
    "根据部署，各镇街将建立常态化走访机制，逐家摸清企业改造需求，有关细则另行发布，监督电话已同步开通。",
    "记者在走访中了解到，不少企业主最关心的是设备联网后的维护成本，当地正研究由服务商统一托管的办法。",
)
LONG = "\n".join((TEXT, *MORE))
SHORTER = "\n".join((TEXT, *MORE[:2], MORE[3]))
OTHER_FIGURE = LONG.replace("12.5亿元", "15.2亿元")


def take(
    corpus: Corpus, text: str, *, url: str = COPY, title: str = "产业大脑落户义乌", rule: str = "产业大脑", **more: Any
) -> None:
    """An article of the other source, for a desk with one watch."""
    made = draft(title, text, **more)
    source = OTHER if url.startswith("https://nb.") else SOURCE
    assert ingest(corpus, visit(made, url=url, source=source), desk=desk(watch(rule=rule)), now=NOW) in Outcome


def stories(corpus: Corpus) -> Sequence[int]:
    """The story of each article."""
    with corpus.read() as connection:
        return connection.execute(sa.select(tables.article.c.story_id).order_by(tables.article.c.id)).scalars().all()


def told(corpus: Corpus) -> int:
    with corpus.read() as connection:
        return len(outbox.list_deliveries(connection))


def members(corpus: Corpus) -> list[dict[str, Any]]:
    with corpus.read() as connection:
        return articles.story(connection, 1)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(SHORTER, id="a paragraph less"),
        pytest.param(f"编者按：数字化改造怎么改，本报今天转发一篇报道。\n{LONG}", id="a lead"),
        pytest.param(f"来源：义乌发布\n{LONG}\n责任编辑：小王", id="another frame"),
    ],
)
def test_an_edited_repost_joins_the_story_and_raises_no_second_alert(filled: Corpus, copy: str) -> None:
    take(filled, LONG, url=URL)
    take(filled, copy, published_at=NOW)
    assert stories(filled) == [1, 1]
    assert told(filled) == 1


def test_a_notice_for_another_firm_is_a_story_of_its_own(filled: Corpus) -> None:
    form = LONG.replace("义乌召开", "恒泰公司召开"), LONG.replace("义乌召开", "鑫源公司召开")
    take(filled, form[0], url=URL)
    take(filled, form[1])
    assert stories(filled) == [1, 2]
    assert told(filled) == 2


def test_a_copy_with_another_figure_is_a_variant_and_not_silent(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    take(filled, OTHER_FIGURE)
    assert stories(filled) == [1, 1]
    assert told(filled) == 2
    first, variant = members(filled)
    assert (first["variant"], first["differs"]) == (False, [])
    assert variant["variant"] is True
    assert [(change["op"], change["after"]) for change in variant["differs"]] == [
        ("replace", "会议提出，到2027年建成未来工厂30家，全年投入15.2亿元。")
    ]


def test_a_repost_of_a_variant_is_silent_again(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    take(filled, OTHER_FIGURE)
    take(filled, f"{OTHER_FIGURE}\n责任编辑：小王", url="https://nb.example:8443/3.html")
    assert stories(filled) == [1, 1, 1]
    assert told(filled) == 2


@pytest.mark.parametrize(
    ("sentence", "alerts"),
    [
        pytest.param("推进会后，产业大脑二期项目随即开工建设，由三家单位共同承担。", 2, id="that meets the watch"),
        pytest.param("与会者还参观了城东的几处农贸市场，对环境整治给予好评。", 1, id="that does not"),
    ],
)
def test_a_copy_that_says_more_is_news_to_whom_the_addition_meets(filled: Corpus, sentence: str, alerts: int) -> None:
    take(filled, LONG, url=URL)
    take(filled, f"{LONG}\n{sentence}")
    assert stories(filled) == [1, 1]
    assert told(filled) == alerts


def test_a_watch_for_every_copy_hears_of_edited_ones_too(filled: Corpus) -> None:
    every = desk(watch(reposts=True))
    ingest(filled, visit(draft(text=LONG)), desk=every, now=NOW)
    ingest(filled, visit(draft(text=SHORTER), url=COPY, source=OTHER), desk=every, now=NOW)
    assert told(filled) == 2


def test_a_repost_joins_the_story_of_the_oldest_article(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    take(filled, SHORTER)
    take(filled, SHORTER, url="https://jx.example/3.html")
    assert stories(filled) == [1, 1, 1]
    assert [member["id"] for member in members(filled)] == [1, 2, 3]


def test_an_article_that_is_filled_in_later_joins_the_story_of_a_near_duplicate(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    take(filled, "内容更新中，请稍候。")
    assert stories(filled) == [1, 2]
    take(filled, SHORTER)
    assert stories(filled) == [1, 1]


def test_a_revision_is_found_by_its_new_words_and_not_by_its_old_ones(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    edited = "\n".join(MORE[::-1])
    take(filled, edited, url=URL)
    with filled.read() as connection:
        rows = connection.execute(sa.select(tables.band.c.hash).order_by(tables.band.c.hash)).scalars().all()
    assert list(rows) == list(bands_of(key_of(canonical_lines(edited))))


def test_the_nearest_articles_are_proposed_first_and_not_too_many(filled: Corpus) -> None:
    hashes = bands_of(key_of(canonical_lines(LONG)))
    with filled.begin() as tx:
        for number in range(1, 200):
            bands.put(tx, number, hashes[:4])
        bands.put(tx, 7, hashes)
        found = bands.alike(tx, hashes, but=199, most=3)
    assert found == [7, 198, 197]


def test_articles_of_an_earlier_version_are_found_after_a_reindex(filled: Corpus) -> None:
    take(filled, LONG, url=URL)
    with filled.begin() as tx:
        bands.clear(tx)
        tx.execute(sa.delete(tables.meta).where(tables.meta.c.key == "band_scheme"))
    assert [problem for problem in maintenance.check(filled) if "db reindex" in problem]
    maintenance.reindex(filled)
    assert maintenance.check(filled) == []
    take(filled, SHORTER)
    assert stories(filled) == [1, 1]


def test_within_one_import_copies_find_each_other(filled: Corpus) -> None:
    texts = (LONG, SHORTER, OTHER_FIGURE)
    documents = [
        Document(source=SOURCE, draft=replace(draft(text=text), url=f"https://{n}.example/a.html"), body=b"-")
        for n, text in enumerate(texts)
    ]
    import_drafts(filled, documents, desk=desk(), now=NOW)
    assert stories(filled) == [1, 1, 1]
