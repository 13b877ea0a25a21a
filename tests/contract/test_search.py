"""Search finds every article that its rule meets, and no other, on both databases."""

import random
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.records import Source, Stock
from monitor.corpus import Corpus, articles, index, maintenance, tables
from monitor.corpus.search import MOST, Query, newest, replay, search, snippet
from monitor.ingest import Document, import_drafts, ingest, register_sources
from monitor.model import Hit, HitField
from monitor.rules import RuleError, Subject, parse
from monitor.rules.lexer import DEEPEST, Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need
from monitor.text.fold import fold_text
from tests import postgres
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, desk, draft, gone, visit, watch

#: Our own, with what real pages bring: scripts, glosses, letter-spacing, codes, punctuation, other letters.
SENTENCES = (
    "义乌市产业大脑建设推进会今天召开，50余家企业参加。",
    "數(shù)字經(jīng)濟發(fā)展規(guī)劃公布，涉及５Ｇ与ＡＩ大模型。",
    "宁波的柯先生说：“工业互联网，不是一张网！”",
    "爱柯迪(600933)披露年报，营收2674.3亿元，同比增长12%。",
    "关 于 印 发 《 办 法 》 的 通 知",
    "浙政办发〔2023〕17号文件自2024-01-01起施行。",
    "F-35 与 C919 并不相干；naïve café — Ёлка — ひらがな。",
    "未来工厂、数字化改造、揭榜挂帅项目共18项。",
    "她家的猫😀在看电视，龍井茶很香。",
    "联系电话：0579-85123456，邮箱 desk@yw.example。",
    "A股B股H股，A/B test，x² + y² = z²。",
    "一号发展工程（第三批）：新质生产力②。",
    "灯会!拔蠢垂こА币呀ǔ闪",
)
WIDE = Source(slug="wide", name="金华·要闻", engine="html_list", region="金华")


def fill(corpus: Corpus, number: int, seed: int) -> None:
    chance = random.Random(seed)
    documents = []
    for n in range(number):
        lines = chance.sample(SENTENCES, chance.randint(1, 5))
        made = draft(
            chance.choice(SENTENCES)[: chance.randint(2, 14)] + str(n),
            "\n".join(lines),
            url=f"https://{chance.choice('abc')}.example/{n}.html",
            published_at=None if n % 7 == 0 else NOW - timedelta(hours=chance.randint(0, 2000)),
            origin=chance.choice([None, "經濟參考報", "新华社"]),
            government=chance.choice([{}, {"issuer": "義烏市人民政府", "doc_number": f"义政发〔2023〕{n}号"}]),
            stocks=chance.choice([(), (Stock(code="sh600933", name="爱柯迪"),)]),
        )
        source = chance.choice([SOURCE, OTHER, WIDE])
        documents.append(Document(source=source, draft=made, body=b""))
    results = import_drafts(corpus, documents, desk=desk(), now=NOW)
    assert {result.why for result in results} == {None}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """A hundred articles; the tests only read them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('library') / 'corpus.db'}"
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        url = server.database()
    with closing(Corpus.open(url)) as corpus:
        with corpus.begin() as tx:
            register_sources(tx, [SOURCE, OTHER, WIDE], now=NOW)
        fill(corpus, 100, seed=7)
        yield corpus


def found(corpus: Corpus, rule: str, **more: object) -> set[int]:
    with corpus.read() as connection:
        result = search(connection, Query(rule=parse(rule), limit=MOST, **more))  # type: ignore[arg-type]  # the options under test
    assert result.total == len(result.items)
    return {item["id"] for item in result.items}


Subjects = Mapping[int, Subject]


def read_all(corpus: Corpus) -> Subjects:
    """Every article as the rules read it, without any index."""
    with corpus.read() as connection:
        ids = connection.execute(sa.select(tables.article.c.id)).scalars().all()
        subjects = {number: articles.subject_of(connection, number) for number in ids}
    return {number: subject for number, subject in subjects.items() if subject}


@pytest.fixture(scope="module")
def subjects(library: Corpus) -> Subjects:
    return read_all(library)


def met(subjects: Subjects, rule: str, scope: frozenset[HitField] = frozenset(HitField)) -> set[int]:
    """The truth: the rule tried on every article."""
    parsed = parse(rule)
    return {number for number, subject in subjects.items() if parsed.evaluate(subject, scope).matched}


def quoted(text: str) -> str:
    return '"' + text.replace('"', " ") + '"'


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 15])
def test_any_stretch_of_any_article_is_found_where_it_stands(library: Corpus, subjects: Subjects, length: int) -> None:
    """Chinese, Latin, digits, punctuation and blanks: what the index cannot propose must be found nevertheless."""
    chance = random.Random(length)
    with library.read() as connection:
        stored = connection.execute(sa.select(tables.folded.c.article_id, tables.folded.c.title, tables.folded.c.text))
        texts = [(row.article_id, field) for row in stored for field in (row.title, row.text)]
    tried = 0
    while tried < 40:
        number, text = chance.choice(texts)
        start = chance.randrange(max(1, len(text) - length))
        stretch = text[start : start + length]
        try:
            rule = parse(quoted(stretch))
        except RuleError:  # nothing but blanks
            continue
        hits = found(library, quoted(stretch))
        assert hits == met(subjects, quoted(stretch)), stretch
        if rule.evaluate(subjects[number]).matched:  # a token cut in two is no hit
            assert number in hits
            tried += 1


@pytest.mark.parametrize(
    "rule",
    [
        "数字经济",
        "數字經濟",
        "柯",
        "产业大脑 OR 工业互联网",
        "产业大脑 -宁波",
        "(未来工厂 OR 5g) AND 揭榜挂帅",
        "产业大脑 NEAR/20 企业",
        "网{2}",
        "/1[78][项号]/",
        "/2023〕\\d+号/",
        "/[[:digit:]号项]{2}/",
        "/垂./ OR 未来工厂",
        "—",
        "ひらがな OR Ёлка",
        "😀",
        "600933",
        "标题:义乌",
        "title:(柯 OR 数字) -source:wide",
        "region:义乌",
        "地区:金华 OR 地区:宁波",
        "source:wide",
        "信源:金华",
        "来源:经济参考报",
        "issuer:义乌市",
        "文号:义政发[2023]1",
        "stock:600933",
        "stock:600933.sh",
        "股票:爱柯迪",
        "url:/b.example/",
        "url:/[ab]\\.example/ 联系电话",
        "关于印发",
        "naïve",
        "x²",
    ],
)
def test_a_search_finds_exactly_what_its_rule_meets(library: Corpus, subjects: Subjects, rule: str) -> None:
    hits = found(library, rule)
    assert hits == met(subjects, rule)
    assert hits, "a row that finds nothing tests nothing"


@pytest.mark.parametrize("seed", range(8))
def test_any_rule_finds_exactly_what_it_meets(library: Corpus, subjects: Subjects, seed: int) -> None:
    """Rules put together by chance from what stands in the articles; both databases answer what no index answers."""
    chance = random.Random(seed)
    tried = hits = 0
    while tried < 30:
        text = random_rule(chance, depth=2)
        try:
            parse(text)
        except RuleError:  # by chance an exclusion alone, or blanks
            continue
        wanted = met(subjects, text)
        assert found(library, text) == wanted, text
        with library.read() as connection:
            ids = [item["id"] for item in newest(connection, Query(rule=parse(text), limit=5))]
        assert set(ids) <= wanted, text
        assert len(ids) == min(5, len(wanted)), text
        tried += 1
        hits += bool(wanted)
    assert hits > tried // 3, "rules that find nothing test little"


def random_rule(chance: random.Random, depth: int) -> str:
    """A rule of terms that stand in SENTENCES, mostly."""
    kind = chance.choice(("all", "either", "not", "group", "term", "term") if depth else ("term",))
    match kind:
        case "all":
            return f"{random_rule(chance, depth - 1)} {random_rule(chance, depth - 1)}"
        case "either":
            return f"({random_rule(chance, depth - 1)} OR {random_rule(chance, depth - 1)})"
        case "not":
            return f"{random_rule(chance, depth - 1)} -{random_term(chance)}"
        case "group":
            return f"{random_term(chance)} NEAR/{chance.randint(1, 40)} {random_term(chance)}"
        case _:
            return chance.choice(("", "", "", "title:", "正文:")) + random_term(chance)


def random_term(chance: random.Random) -> str:
    sentence = chance.choice(SENTENCES)
    start = chance.randrange(len(sentence))
    stretch = sentence[start : start + chance.choice((1, 1, 2, 2, 3, 4, 6, 10))].replace('"', " ")
    match chance.randrange(8):
        case 0:
            return f'"{stretch}"{{{chance.randint(1, 3)}}}'
        case 1:
            return f"/{re.escape(stretch).replace('/', '.')}/"
        case 2:
            return f"/{re.escape(stretch[:1]).replace('/', '.')}.{{0,3}}{re.escape(stretch[-1:]).replace('/', '.')}/"
        case _:
            return f'"{stretch}"'


def test_a_search_in_titles_alone_leaves_the_texts_out(library: Corpus, subjects: Subjects) -> None:
    hits = found(library, "义乌", title_only=True)
    assert hits == met(subjects, "义乌", frozenset({HitField.TITLE}))
    assert hits < found(library, "义乌")


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        pytest.param({"source": "wide"}, "source:wide", id="source by slug"),
        pytest.param({"source": "金华"}, "source:金华", id="source by name"),
        pytest.param({"region": "宁波"}, "region:宁波", id="region"),
        pytest.param({"issuer": "义乌市"}, "issuer:义乌市", id="issuer, in the other script"),
        pytest.param({"stock": "600933"}, "stock:600933", id="stock"),
        pytest.param({"status": "live"}, "", id="status"),
    ],
)
def test_an_option_means_what_the_rule_languages_field_means(
    library: Corpus, subjects: Subjects, option: dict[str, str], rule: str
) -> None:
    assert found(library, "柯", **option) == met(subjects, f"柯 {rule}")


def test_times_are_those_of_publication_else_of_the_first_sight(library: Corpus, subjects: Subjects) -> None:
    with library.read() as connection:
        ids = {row.id: row.sorted_at for row in connection.execute(sa.select(tables.article)).all()}
    since, until = NOW - timedelta(hours=1000), NOW - timedelta(hours=100)
    expected = {number for number, at in ids.items() if since <= at < until} & met(subjects, "柯")
    assert found(library, "柯", since=since, until=until) == expected


def test_the_newest_come_first_and_pages_do_not_overlap(library: Corpus) -> None:
    rule = parse("柯 OR 义乌")
    with library.read() as connection:
        whole = search(connection, Query(rule=rule, limit=MOST)).items
        pages = [search(connection, Query(rule=rule, limit=7, offset=n)) for n in range(0, len(whole) + 7, 7)]
        times = {row.id: row.sorted_at for row in connection.execute(sa.select(tables.article)).all()}
    assert [item["id"] for page in pages for item in page.items] == [item["id"] for item in whole]
    assert {page.total for page in pages} == {len(whole)}
    order = [(times[item["id"]], item["id"]) for item in whole]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("limit", [1, 5, 40])
@pytest.mark.parametrize(
    "rule", ["柯", "义乌 OR 数字", "产业大脑", "工业互联网 -柯", "未来工厂 region:义乌", "/1[78][项号]/ 未来", "温州"]
)
def test_the_newest_are_those_that_a_whole_search_shows_first(library: Corpus, rule: str, limit: int) -> None:
    """However they are come by: sorted, by walking through the index, or by walking through the texts."""
    with library.read() as connection:
        whole = search(connection, Query(rule=parse(rule), limit=MOST)).items
        assert newest(connection, Query(rule=parse(rule), limit=limit)) == whole[:limit]
        assert newest(connection, Query(rule=parse(rule), limit=limit, offset=3)) == whole[3 : 3 + limit]


def test_without_a_rule_the_latest_are_listed(library: Corpus) -> None:
    with library.read() as connection:
        result = search(connection, Query(limit=10))
    assert (result.total, len(result.items), result.more) == (100, 10, False)


def test_facets_count_what_was_found(library: Corpus) -> None:
    with library.read() as connection:
        result = search(connection, Query(rule=parse("柯"), limit=1))
    assert sum(result.facets["source"].values()) == result.total
    assert sum(result.facets["month"].values()) == result.total
    assert set(result.facets["region"]) <= {"义乌", "宁波", "金华"}


def test_an_item_shows_a_line_around_what_hit(library: Corpus) -> None:
    with library.read() as connection:
        result = search(connection, Query(rule=parse("工业互联网"), limit=5))
    assert result.items
    assert all("[工业互联网]" in item["snippet"] and "\n" not in item["snippet"] for item in result.items)
    assert all("text" not in item for item in result.items)


@pytest.mark.parametrize(
    ("text", "spans", "shown"),
    [
        pytest.param("宁波的产业大脑", [(3, 7)], "宁波的[产业大脑]", id="a hit"),
        pytest.param("宁波的产业大脑", [], "宁波的产业大脑", id="none"),
        pytest.param("宁波的\n产业大脑", [(4, 8), (0, 2)], "[宁波]的 [产业大脑]", id="two, on two lines"),
        pytest.param("宁波的产业大脑", [(3, 5), (5, 7)], "宁波的[产业大脑]", id="two side by side"),
        pytest.param("宁波的产业大脑", [(3, 6), (4, 7)], "宁波的[产业大脑]", id="two that overlap"),
        pytest.param("前" * 100 + "宁波" + "后" * 200, [(100, 102)], f"…{'前' * 40}[宁波]{'后' * 78}…", id="far in"),
        pytest.param("宁波" + "后" * 200 + "宁波", [(0, 2), (202, 204)], f"[宁波]{'后' * 118}…", id="one far behind"),
        pytest.param("宁" * 130 + "后", [(0, 130)], f"[{'宁' * 130}]…", id="a long one stays whole"),
    ],
)
def test_a_snippet_marks_what_hit(text: str, spans: list[tuple[int, int]], shown: str) -> None:
    hits = [Hit(term="", field=HitField.BODY, start=start, end=end, context="") for start, end in spans]
    assert snippet(text, [Hit(term="", field=HitField.TITLE, start=1, end=2, context=""), *hits]) == shown


def test_a_rule_is_replayed_with_its_evidence(library: Corpus, subjects: Subjects) -> None:
    with library.read() as connection:
        replayed = list(replay(connection, parse("数字经济")))
    assert {item.id for item, _ in replayed} == met(subjects, "数字经济")
    for item, evaluation in replayed:
        for hit in evaluation.hits:
            shown = item.title if hit.field is HitField.TITLE else item.text
            assert fold_text(shown[hit.start : hit.end]) == "数字经济"


def test_the_total_is_cut_at_a_thousand_and_says_so(corpus: Corpus) -> None:
    handed = [
        Document(source=SOURCE, draft=draft(f"第{n}篇", "一样的桥。", url=f"https://a.example/{n}"), body=b"")
        for n in range(MOST + 1)
    ]
    import_drafts(corpus, handed, desk=desk(), now=NOW)
    with corpus.read() as connection:
        some = search(connection, Query(rule=parse("桥"), limit=3))
        last = search(connection, Query(rule=parse("桥"), limit=3, offset=MOST))
        every = search(connection, Query(limit=3))
    assert (some.total, some.more, len(some.items)) == (MOST, True, 3)
    assert [item["title"] for item in last.items] == ["第0篇"]
    assert (every.total, every.more) == (MOST, True)


def test_a_withdrawn_article_is_still_found_and_can_be_asked_for(corpus: Corpus) -> None:
    ingest(corpus, visit(draft()), desk=desk(), now=NOW)
    for n in range(1, 4):
        ingest(corpus, gone(), desk=desk(), now=NOW + n * timedelta(hours=1))
    assert found(corpus, "产业大脑") == {1}
    assert found(corpus, "产业大脑", status="withdrawn") == {1}
    assert found(corpus, "产业大脑", status="live") == set()


def test_a_source_that_was_renamed_is_found_by_its_new_name(corpus: Corpus) -> None:
    ingest(corpus, visit(draft()), desk=desk(), now=NOW)
    with corpus.begin() as tx:
        tx.execute(sa.update(tables.source).values(name="鸡毛换糖"))
    assert found(corpus, "source:鸡毛") == {1} == met(read_all(corpus), "source:鸡毛")


def test_what_a_watch_is_alerted_of_is_found_by_searching_its_rule(corpus: Corpus) -> None:
    rule = "(产业大脑 OR 未来工厂) region:义乌 -招聘"
    ingest(corpus, visit(draft()), desk=desk(watch(rule=rule)), now=NOW)
    with corpus.read() as connection:
        matched = set(connection.execute(sa.select(tables.match.c.article_id)).scalars())
    assert matched == {1} == found(corpus, rule)


def test_a_text_behind_a_lost_byte_is_watched_and_found_and_stored_as_it_came(corpus: Corpus) -> None:
    text = "全市召开推进会，产业大脑已经覆盖二十个行业，企业都说好。"
    body = text.encode("gbk")
    broken = (body[:7] + body[8:]).decode("gb18030", "replace")
    assert "产业大脑" not in broken
    ingest(corpus, visit(draft("推进会", broken)), desk=desk(watch(rule="产业大脑")), now=NOW)
    assert found(corpus, "产业大脑") == {1} == met(read_all(corpus), "产业大脑")
    with corpus.read() as connection:
        matched = connection.execute(sa.select(tables.match.c.article_id, tables.match.c.hits)).one()
        shown = articles.view(connection, 1)
        ((_, evaluation),) = replay(connection, parse("产业大脑"))
    assert shown is not None
    assert shown["text"] == broken
    assert [(hit.start, hit.end) for hit in evaluation.hits] == [(8, 12)]
    assert matched.article_id == 1
    assert len(matched.hits) == 1
    maintenance.reindex(corpus)
    assert found(corpus, "产业大脑") == {1}
    assert maintenance.check(corpus) == []


def test_the_index_follows_every_edit(corpus: Corpus) -> None:
    """A contentless FTS table forgets a text only when it is told what it had been given."""
    chance = random.Random(3)
    words = ["产业", "大脑", "数字", "经济", "未来", "工厂", "义乌", "宁波", "招聘", "会议"]
    text = ""
    for n in range(20):
        text = "，".join(chance.sample(words, 3))
        ingest(corpus, visit(draft("题", text)), desk=desk(), now=NOW + n * timedelta(hours=1))
    for word in words:
        with corpus.read() as connection:
            proposals = index.proposed(connection.dialect.name, Literal(word))
            assert proposals is not None
            proposed = connection.execute(proposals).scalars().all()
        assert proposed == ([1] if word in text else []), word
        assert found(corpus, word) == set(proposed)
    assert maintenance.check(corpus) == []


def test_a_need_is_asked_of_the_grams_as_a_whole(corpus: Corpus) -> None:
    for number, text in enumerate(("产业大脑在义乌", "产业大脑在宁波", "未来工厂在义乌"), 1):
        ingest(corpus, visit(draft("题", text), url=f"https://a.example/{number}.html"), desk=desk(), now=NOW)
    brain, factory, yiwu, dash = map(Literal, ("产业大脑", "未来工厂", "义乌", "—"))
    expected: dict[Need, list[int] | None] = {
        AllOf((brain, yiwu)): [1],
        AllOf((yiwu, dash)): [1, 3],
        AllOf((yiwu, FieldIs(Field.REGION, "宁波"))): [1, 3],
        AllOf((yiwu, AnyOf((brain, factory)))): [1, 3],
        AnyOf((brain, AllOf((factory, yiwu)))): [1, 2, 3],
        AllOf((brain, AnyOf((yiwu, dash)))): [1, 2],
        AnyOf((brain, dash)): None,
        AllOf((dash, FieldIs(Field.REGION, "宁波"))): None,
        Anything(): None,
    }
    with corpus.read() as connection:
        for need, articles in expected.items():
            proposals = index.proposed(connection.dialect.name, need)
            answer = None if proposals is None else sorted(connection.execute(proposals).scalars())
            assert answer == articles, need


def test_a_rule_as_deep_as_the_language_allows_is_searched(corpus: Corpus) -> None:
    fill(corpus, 5, seed=1)
    ingest(corpus, visit(draft("题", "产业大脑在义乌"), url="https://a.example/deep.html"), desk=desk(), now=NOW)
    deep = "义乌"
    for level in range(DEEPEST):
        deep = f"(产业大脑 {deep})" if level % 2 else f"(未来工厂 OR {deep})"
    assert found(corpus, deep) == found(corpus, "产业大脑 (未来工厂 OR 义乌)") != set()


@pytest.mark.parametrize("field", ["", "标题:"])
def test_a_rule_of_thousands_of_words_is_searched(corpus: Corpus, field: str) -> None:
    fill(corpus, 5, seed=1)
    ingest(corpus, visit(draft("产业大脑——", "在义乌——"), url="https://a.example/wide.html"), desk=desk(), now=NOW)
    wide = " OR ".join(f"{field}第{number}号" for number in range(3000))
    assert found(corpus, f"{wide} OR {field}产业大脑") == found(corpus, f"{field}产业大脑") != set()
    assert found(corpus, f"{wide} OR {field}—") == found(corpus, f"{field}—") != set()


def test_reindexing_gives_the_same_index_and_mends_a_broken_one(corpus: Corpus) -> None:
    fill(corpus, 20, seed=1)
    before = {rule: found(corpus, rule) for rule in ("柯", "数字经济", "工业互联网", "来源:经济参考报")}
    with corpus.begin() as tx:
        index.clear(tx)
        tx.execute(sa.delete(tables.meta))
    assert {line.split("; ")[1] for line in maintenance.check(corpus)} == {"run `chaoxun db reindex`"}
    assert found(corpus, "柯") == set()
    told: list[tuple[int, int]] = []
    assert maintenance.reindex(corpus, lambda done, total: told.append((done, total))) == 20
    assert told[-1] == (20, 20)
    assert {rule: found(corpus, rule) for rule in before} == before
    assert maintenance.check(corpus) == []


def test_pruning_drops_old_pages_and_no_text(corpus: Corpus) -> None:
    ingest(corpus, visit(draft()), desk=desk(), now=NOW)
    later = visit(draft(text=f"{TEXT}更正。"))
    ingest(corpus, later, desk=desk(), now=NOW + timedelta(hours=1))
    with corpus.begin() as tx:
        tx.execute(
            sa.update(tables.capture).where(tables.capture.c.id == 1).values(fetched_at=NOW - timedelta(days=400))
        )
    pruned = maintenance.prune(corpus, NOW - timedelta(days=30))
    assert (pruned.captures, pruned.bytes) == (1, len(b"<html>\xe4\xb9\x89</html>"))
    with corpus.read() as connection:
        assert articles.capture_of(connection, 1, 1) is None
        assert articles.capture_of(connection, 1, 2) is not None
        kept = articles.revision_of(connection, 1, 1)
    assert kept is not None
    assert kept.side.text == TEXT
    assert maintenance.check(corpus) == []


def test_tokens_of_the_index_survive_sqlites_tokenizer(tmp_path: Path) -> None:
    """Every gram must be one token: letters, digits, Han within and beyond the first plane."""
    with closing(Corpus.open(f"sqlite:///{tmp_path / 'corpus.db'}")) as corpus:
        text = "a1b2 5g 义乌市 𠮷野家 龥 〇一 z9"
        ingest(corpus, visit(draft("题", text)), desk=desk(), now=NOW)
        with corpus.begin() as tx:
            tx.exec_driver_sql("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'gram', 'row')")
            words = set(tx.exec_driver_sql("SELECT term FROM temp.words").scalars())
            tx.exec_driver_sql("DROP TABLE temp.words")
    assert words >= {"a1", "1b", "b2", "2", "5g", "g", "义乌", "乌市", "市", "𠮷野", "野家", "〇一"}
    assert all(len(word) <= 2 for word in words)
