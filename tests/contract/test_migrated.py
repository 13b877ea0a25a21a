"""An article at a new address is one: no second alert, no withdrawal. A second notice of one form is another one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from crawler.records import Attachment, Capture, Draft, Entry, Outcome, Source
from monitor.addresses import OldAddress
from monitor.corpus import Corpus, aliases, articles, outbox, tables
from monitor.corpus.search import Query, search
from monitor.ingest import Desk, Document, import_drafts, ingest, known_entries, note_entries, register_sources
from monitor.moving import AskOldAddress
from monitor.rules import parse
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, desk, draft, gone, visit, watch

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OLD = "https://www.yw.example/art/2026/3/2/art_1229187636_5901.html"
NEW = "https://www.yw.example/col/col1229187636/art/2026/art_0123456789abcdef0123456789abcdef.html"
ELSEWHERE = "https://www.yw.example/news/2026/5901.shtml"
LONG = TEXT + "\n推进会由市经信局主办，来自各镇街的代表和四十家企业的负责人参加，会后考察了三家示范工厂。"
NOTICE = (
    "根据有关规定，现将{firm}年产{count}万件纺织品技改项目的验收结果予以公示，公示期为五个工作日。"
    "联系人：{person}，电话8531{phone}。"
)


@pytest.fixture
def ready(corpus: Corpus) -> Corpus:
    """A source past its baseline, and another article of its host that answers."""
    with corpus.begin() as tx:
        register_sources(tx, (SOURCE, OTHER), now=NOW - HOUR)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - HOUR))
    return corpus


WATCHING = desk(watch(), watch("验收", "验收"))


def arrive(
    corpus: Corpus,
    url: str,
    made: Draft,
    *,
    at: datetime = NOW,
    asked: OldAddress = OldAddress.NOT_ASKED,
    source: Source = SOURCE,
    watching: Desk = WATCHING,
) -> Outcome:
    """A listing shows it and its page is read."""
    note_entries(corpus, source, [Entry(url=url, title=made.title)], now=at)
    return ingest(corpus, visit(made, url=url, source=source), desk=watching, now=at, asked=asked)


def held(corpus: Corpus) -> dict[str, str]:
    """Every article by the address that is asked, with its status."""
    with corpus.read() as connection:
        rows = connection.execute(sa.select(tables.article.c.url, tables.article.c.status))
        return {row.url: row.status for row in rows}


def told(corpus: Corpus) -> list[str]:
    with corpus.read() as connection:
        return [row.kind.value for row in reversed(outbox.list_deliveries(connection))]


def others(corpus: Corpus, url: str) -> tuple[str, ...]:
    with corpus.read() as connection:
        number = articles.id_of(connection, url)
        assert number is not None, url
        return aliases.of(connection, number)


# -- known forms


DESKTOP, PHONE = "https://yw.example/a/1.html", "https://m.yw.example/a/1.html"
SINA = "https://finance.sina.com.cn/china/dfjj/2026-03-02/doc-imzexampl0000001.shtml"
SINA_PHONE = "https://finance.sina.cn/2026-03-02/detail-imzexampl0000001.d.html"


@pytest.mark.parametrize(
    ("first", "second", "asked_at"),
    [
        pytest.param(OLD, NEW, NEW, id="the platform's new form"),
        pytest.param(NEW, OLD, NEW, id="its old form, shown later in another column"),
        pytest.param("http://yw.example/a/1.html", DESKTOP, DESKTOP, id="https after http"),
        pytest.param(DESKTOP, "http://yw.example/a/1.html", DESKTOP, id="http after https"),
        pytest.param(DESKTOP, "https://www.yw.example/a/1.html", DESKTOP, id="with www"),
        pytest.param(DESKTOP, PHONE, DESKTOP, id="mobile host"),
        pytest.param("https://yw.example/m/a/1.html", DESKTOP, DESKTOP, id="mobile folder"),
        pytest.param(f"{DESKTOP};jsessionid=0F3A", DESKTOP, DESKTOP, id="a session's name"),
        pytest.param(SINA, SINA_PHONE, SINA, id="Sina's mobile twin"),
        pytest.param(SINA_PHONE, SINA, SINA, id="Sina's page after its mobile twin"),
    ],
)
def test_twins_by_their_form_are_one_article_and_one_alert(
    ready: Corpus, first: str, second: str, asked_at: str
) -> None:
    assert arrive(ready, first, draft(text=LONG)) is Outcome.NEW
    assert arrive(ready, second, draft(text=LONG), at=NOW + HOUR) is Outcome.UNCHANGED
    assert held(ready) == {asked_at: "live"}
    assert told(ready) == ["new"]
    assert {asked_at, *others(ready, asked_at)} == {first, second}


def test_both_addresses_are_known_to_listings_and_found_by_show_import_and_search(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    arrive(ready, NEW, draft(text=LONG), at=NOW + HOUR)
    entries = [Entry(url=OLD), Entry(url=NEW)]
    assert known_entries(ready, entries) == {OLD, NEW}
    assert note_entries(ready, SOURCE, entries, now=NOW + HOUR) == ()
    for rule in (f"url:{OLD}", f"url:{NEW}", "url:/art_[0-9a-f]{32}/", "url:5901"):
        with ready.read() as connection:
            assert search(connection, Query(rule=parse(rule))).total == 1, rule
    with ready.read() as connection:
        number = articles.id_of(connection, NEW)
        assert articles.id_of(connection, OLD) == number
        view = articles.view(connection, number or 0)
    assert view is not None
    assert (view["url"], view["addresses"]) == (NEW, [OLD])
    handed = Document(source=SOURCE, draft=replace(draft(text=LONG), url=OLD), body=b"<html>")
    (imported,) = import_drafts(ready, [handed], desk=WATCHING, now=NOW + 2 * HOUR)
    assert (imported.outcome, imported.id) == (Outcome.UNCHANGED, number)


def test_the_new_address_brings_its_frame_and_its_file_links_without_a_word(ready: Corpus) -> None:
    before = draft(
        text=LONG, attachments=(Attachment(name="清单.pdf", url="https://yw.example/down/1.pdf", type="pdf"),)
    )
    after = replace(
        before,
        attachments=(Attachment(name="清单.pdf", url="https://yw.example/gateway/77.pdf", type="pdf"),),
        text=f"{LONG}\n信息来源：义乌市经信局",
    )
    arrive(ready, OLD, before)
    assert arrive(ready, NEW, after, at=NOW + HOUR) is Outcome.UNCHANGED
    assert told(ready) == ["new"]
    with ready.read() as connection:
        (only,) = articles.summaries(connection, [articles.id_of(connection, NEW) or 0])
    assert [item["url"] for item in only["attachments"]] == ["https://yw.example/gateway/77.pdf"]
    assert ingest(ready, visit(after, url=NEW), desk=WATCHING, now=NOW + 2 * HOUR) is Outcome.UNCHANGED
    edited = replace(after, text=after.text.replace("30家", "35家"))
    assert ingest(ready, visit(edited, url=NEW), desk=WATCHING, now=NOW + 3 * HOUR) is Outcome.CHANGED
    assert told(ready) == ["new", "changed"], "and is watched at its new address"


# -- any other address


def test_an_address_of_no_known_form_is_believed_when_the_old_one_is_gone(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    with pytest.raises(AskOldAddress) as asking:
        arrive(ready, ELSEWHERE, draft(text=LONG), at=NOW + HOUR)
    assert asking.value.url == OLD
    assert held(ready) == {OLD: "live"}, "nothing was stored"
    assert arrive(ready, ELSEWHERE, draft(text=LONG), at=NOW + HOUR, asked=OldAddress.GONE) is Outcome.UNCHANGED
    assert (held(ready), told(ready)) == ({ELSEWHERE: "live"}, ["new"])


def test_it_is_believed_when_the_old_one_leads_there_and_not_when_both_are_there(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    arrive(ready, ELSEWHERE, draft(text=LONG), at=NOW + HOUR, asked=OldAddress.LEADS_HERE)
    assert held(ready) == {ELSEWHERE: "live"}
    third = "https://www.yw.example/another/5901.shtml"
    assert arrive(ready, third, draft(text=LONG), at=NOW + HOUR, asked=OldAddress.ALIVE) is Outcome.NEW
    assert held(ready) == {ELSEWHERE: "live", third: "live"}


def miss(corpus: Corpus, url: str, times: int, at: datetime) -> datetime:
    """So many looks find it gone, on a host that is otherwise well."""
    for _ in range(times):
        ingest(
            corpus, visit(draft("别的文章", LONG[::-1]), url="https://www.yw.example/well.html"), desk=WATCHING, now=at
        )
        at += MINUTE
        ingest(corpus, gone(url), desk=WATCHING, now=at)
        at += 10 * MINUTE
    return at


def test_an_article_that_was_missing_already_needs_not_be_asked_for_again(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    at = miss(ready, OLD, 1, NOW + HOUR)
    assert arrive(ready, ELSEWHERE, draft(text=LONG), at=at) is Outcome.UNCHANGED
    assert held(ready)[ELSEWHERE] == "live"
    assert told(ready) == ["new"]


def test_one_that_was_withdrawn_before_its_new_address_was_seen_has_returned(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    at = miss(ready, OLD, 4, NOW + HOUR)
    assert told(ready) == ["new", "withdrawn"]
    assert arrive(ready, ELSEWHERE, draft(text=LONG), at=at) is Outcome.RETURNED
    assert told(ready) == ["new", "withdrawn", "returned"]
    assert held(ready)[ELSEWHERE] == "live"


# -- what becomes of the old address


def test_the_old_address_may_die_while_the_new_one_lives(ready: Corpus) -> None:
    arrive(ready, NEW, draft(text=LONG))
    arrive(ready, OLD, draft(text=LONG), at=NOW + HOUR)
    assert held(ready) == {NEW: "live"}
    ingest(ready, gone(OLD), desk=WATCHING, now=NOW + 2 * HOUR)
    assert held(ready) == {NEW: "live"}, "a late look at an address that is not asked any more"
    at = miss(ready, NEW, 1, NOW + 3 * HOUR)
    assert others(ready, OLD) == (NEW,), "its other address is asked next"
    assert ingest(ready, visit(draft(text=LONG), url=OLD), desk=WATCHING, now=at) is Outcome.UNCHANGED
    assert told(ready) == ["new"]
    with ready.read() as connection:
        misses = connection.execute(sa.select(tables.article.c.misses).where(tables.article.c.url == OLD)).scalar()
    assert misses == 0


def test_an_article_is_withdrawn_when_all_its_addresses_are_gone(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    arrive(ready, NEW, draft(text=LONG), at=NOW + HOUR)
    at, asked = NOW + 2 * HOUR, list[str]()
    for _ in range(4):
        (url,) = [url for url in held(ready) if "well" not in url]
        asked.append(url)
        at = miss(ready, url, 1, at)
    assert asked == [NEW, OLD, NEW, OLD], "one more look than for one address"
    assert told(ready) == ["new", "withdrawn"]


def test_the_loss_of_one_of_two_that_say_the_same_is_no_news(ready: Corpus) -> None:
    """Both were there for a while, so they were taken for two; then the old address went."""
    arrive(ready, OLD, draft(text=LONG))
    arrive(ready, ELSEWHERE, draft(text=LONG), at=NOW + HOUR, asked=OldAddress.ALIVE)
    miss(ready, OLD, 4, NOW + 2 * HOUR)
    assert (held(ready)[OLD], held(ready)[ELSEWHERE]) == ("withdrawn", "live")
    assert told(ready) == ["new"]


def test_a_redirect_is_followed_to_where_the_article_stands_now(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    led = Capture(url=OLD, final_url=ELSEWHERE, status=200, body=b"<html>", fetched_at=NOW, etag='"1"')
    note_entries(ready, SOURCE, [Entry(url=ELSEWHERE)], now=NOW)
    assert (
        ingest(ready, visit(draft(text=LONG), url=OLD, answer=led), desk=WATCHING, now=NOW + HOUR) is Outcome.UNCHANGED
    )
    assert (held(ready), others(ready, ELSEWHERE)) == ({ELSEWHERE: "live"}, (OLD,))
    assert known_entries(ready, [Entry(url=OLD), Entry(url=ELSEWHERE)]) == {OLD, ELSEWHERE}
    with ready.read() as connection:
        assert connection.execute(sa.select(tables.pending)).all() == [], "nothing is left to be fetched"


@pytest.mark.parametrize(
    "final",
    [
        pytest.param("https://other.example/news/5901.shtml", id="another site"),
        pytest.param(f"{OLD};jsessionid=1", id="a session's name for the same page"),
        pytest.param(OLD.replace("https", "http"), id="back to http"),
    ],
)
def test_a_redirect_elsewhere_leaves_the_address_as_it_is(ready: Corpus, final: str) -> None:
    arrive(ready, OLD, draft(text=LONG))
    led = Capture(url=OLD, final_url=final, status=200, body=b"<html>", fetched_at=NOW)
    ingest(ready, visit(draft(text=LONG), url=OLD, answer=led), desk=WATCHING, now=NOW + HOUR)
    assert held(ready) == {OLD: "live"}


def test_a_redirect_to_another_article_that_we_hold_moves_nothing(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    arrive(ready, ELSEWHERE, draft("另一篇", LONG[::-1]))
    led = Capture(url=OLD, final_url=ELSEWHERE, status=200, body=b"<html>", fetched_at=NOW)
    ingest(ready, visit(draft(text=LONG), url=OLD, answer=led), desk=WATCHING, now=NOW + HOUR)
    assert held(ready) == {OLD: "live", ELSEWHERE: "live"}


# -- what must stay two


def notice(firm: str = "浙江示例纺织有限公司", count: str = "30", person: str = "王磊", phone: str = "0001") -> str:
    return NOTICE.format(firm=firm, count=count, person=person, phone=phone) * 2


FIRST = draft("技改项目验收公示", notice())


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(replace(FIRST, text=notice(firm="浙江样本针织有限公司")), id="another firm"),
        pytest.param(replace(FIRST, text=notice(count="35")), id="another figure"),
        pytest.param(replace(FIRST, text=notice(person="李明")), id="another person"),
        pytest.param(replace(FIRST, text=notice(phone="0002")), id="another telephone"),
        pytest.param(replace(FIRST, title="技改项目验收公示（二）"), id="another number in the headline"),
        pytest.param(
            replace(FIRST, published_at=NOW - timedelta(days=2)), id="another day"),
        pytest.param(replace(FIRST, published_at=NOW - timedelta(hours=1)), id="another minute of the day"),
        pytest.param(replace(FIRST, published_at=None, published_precision=None), id="no day to compare"),
        pytest.param(
            replace(FIRST, attachments=(Attachment(name="结果2.pdf", url="https://yw.example/2.pdf", type="pdf"),)),
            id="another attachment",
        ),
        pytest.param(replace(FIRST, government={"index_number": "330782/2026-2"}), id="another index number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", [OldAddress.NOT_ASKED, OldAddress.GONE, OldAddress.LEADS_HERE])
def test_two_notices_of_one_form_stay_two_and_both_are_told(ready: Corpus, second: Draft, asked: OldAddress) -> None:
    """Even where the address of the first is gone and that of the second is of the platform's other form."""
    first = replace(FIRST, government={"index_number": "330782/2026-1"})
    if second.text == first.text and second.published_at == first.published_at and not second.attachments:
        first = replace(first, attachments=second.attachments)
    arrive(ready, OLD, first)
    arrive(ready, NEW, second, at=NOW + HOUR, asked=asked)
    assert set(held(ready)) == {OLD, NEW}


def test_a_text_that_only_names_its_attachment_is_no_proof_though_the_old_address_is_gone(ready: Corpus) -> None:
    short = draft("中标结果公示", "详见附件。")
    arrive(ready, OLD, short)
    assert arrive(ready, NEW, short, at=NOW + HOUR, asked=OldAddress.GONE) is Outcome.NEW
    assert set(held(ready)) == {OLD, NEW}


def test_a_short_notice_on_the_platforms_new_form_is_one_only_if_its_old_address_is_gone(ready: Corpus) -> None:
    short = draft("停水通知", "因管道检修，三月三日八时至十七时江东街道停水，请提前储水。")
    arrive(ready, OLD, short)
    with pytest.raises(AskOldAddress):
        arrive(ready, NEW, short, at=NOW + HOUR)
    assert arrive(ready, NEW, short, at=NOW + HOUR, asked=OldAddress.GONE) is Outcome.UNCHANGED
    with ready.read() as connection:
        stories = connection.execute(sa.select(tables.story.c.id)).scalars().all()
        assert stories == connection.execute(sa.select(tables.article.c.story_id)).scalars().all(), "none is left over"


def test_another_site_that_carries_the_text_is_a_repost_and_no_move(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG * 3))
    copy = "https://www.nb.example/news/1.html"
    assert arrive(ready, copy, draft(text=LONG * 3), source=OTHER, at=NOW + HOUR, asked=OldAddress.GONE) is Outcome.NEW
    assert set(held(ready)) == {OLD, copy}


def test_a_source_whose_host_has_changed_keeps_its_articles(ready: Corpus) -> None:
    arrive(ready, OLD, draft(text=LONG))
    moved = "https://www.yiwu-new.example/news/5901.shtml"
    assert arrive(ready, moved, draft(text=LONG), at=NOW + HOUR, asked=OldAddress.GONE) is Outcome.UNCHANGED
    assert set(held(ready)) == {moved}
