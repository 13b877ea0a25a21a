"""What a visit means, as one table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import (
    BREAKS_OFF,
    ELSEWHERE,
    GARBLED,
    Answer,
    Attachment,
    Capture,
    Draft,
    NotModified,
    Precision,
    Quality,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
)
from monitor.differences import Revised
from monitor.facts import facts_of, merged
from monitor.judge import (
    Blocked,
    Failed,
    Judgement,
    Known,
    Missing,
    New,
    Rejected,
    Returned,
    Unchanged,
    Withdrawn,
    judge,
)
from monitor.model import ArticleStatus, RecheckPlan, RevisionKind
from monitor.text.fingerprint import fingerprint

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
URL = "https://yw.example/a/1.html"
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list", noise=(r"^气温",))
PLAN = RecheckPlan(confirm=3, confirm_every=timedelta(minutes=10))
TEXT = "大桥今天通车。全长2674米，双向六车道。\n市民可步行游览。\n工程历时三年。"


def draft(title: str | None = "大桥通车", text: str = TEXT, **more: Any) -> Draft:
    values: dict[str, Any] = {
        "quality": Quality(verdict=Verdict.ARTICLE),
        "published_at": datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        "published_precision": Precision.MINUTE,
        "origin": "义乌发布",
        "extractor": "1",
    }
    return Draft(url=URL, title=title, text=text, **{**values, **more})


DRAFT = draft()
CUT = Quality(verdict=Verdict.ARTICLE, notes=(BREAKS_OFF,))


def known(**more: Any) -> Known:
    print_ = fingerprint("大桥通车", TEXT)
    values: dict[str, Any] = {
        "title": "大桥通车",
        "text": TEXT,
        "facts": facts_of(DRAFT),
        "fingerprint": print_,
        "extractor": "1",
        "earlier": frozenset({print_}),
        "checked_at": NOW - timedelta(hours=1),
    }
    return Known(**{**values, **more})


def page(status: int = 200) -> Capture:
    return Capture(url=URL, final_url=URL, status=status, body=b"", fetched_at=NOW)


def unreachable(trouble: Trouble) -> Unreachable:
    return Unreachable(url=URL, trouble=trouble, detail="no answer", fetched_at=NOW)


def visit(made: Draft | None, answer: Answer | None = None) -> Visit:
    return Visit(source=SOURCE, url=URL, entry=None, answer=answer or page(), draft=made)


def of(verdict: Verdict) -> Draft:
    return draft(None, "", quality=Quality(verdict=verdict))


LIVE = known()
MISSED_TWICE = known(misses=2)
WITHDRAWN = known(status=ArticleStatus.WITHDRAWN, misses=3)


def name(judgement: Judgement) -> str:
    """The judgement in a word, a revision with its kind."""
    match judgement:
        case Revised(kind=kind):
            return f"revised: {kind}"
        case Returned(revised=Revised(kind=kind)):
            return f"returned: {kind}"
        case _:
            return type(judgement).__name__.lower()


@pytest.mark.parametrize(
    ("before", "visited", "expected"),
    [
        pytest.param(None, visit(DRAFT), "new", id="first sight"),
        pytest.param(LIVE, visit(DRAFT), "unchanged", id="the same page"),
        pytest.param(LIVE, visit(None, NotModified(url=URL, fetched_at=NOW)), "unchanged", id="304"),
        pytest.param(None, visit(None, NotModified(url=URL, fetched_at=NOW)), "failed", id="304 for what we lack"),
        pytest.param(LIVE, visit(draft(text=f"{TEXT}\n阅读次数：99")), "unchanged", id="a counter came"),
        pytest.param(
            LIVE, visit(draft(text=f"今天是2026年3月2日 星期一\n{TEXT}")), "unchanged", id="the date of today"
        ),
        pytest.param(
            LIVE, visit(draft(text=f"气温 12 度\n{TEXT}")), "unchanged", id="a line that is the source's noise"
        ),
        pytest.param(LIVE, visit(draft(text=TEXT.replace("，", "， "))), "unchanged", id="blanks"),
        pytest.param(LIVE, visit(draft(text=TEXT.replace("2674", "２６７４"))), "unchanged", id="width"),
        pytest.param(
            LIVE, visit(draft(text=TEXT.replace("。双", "。\n双"))), "unchanged", id="a paragraph broken in two"
        ),
        pytest.param(LIVE, visit(draft("大桥 通车")), "unchanged", id="a blank in the headline"),
        pytest.param(LIVE, visit(draft("大桥已通车")), "revised: title", id="headline corrected"),
        pytest.param(LIVE, visit(draft(text=TEXT.replace("2674", "2764"))), "revised: body", id="a figure corrected"),
        pytest.param(LIVE, visit(draft("大桥已通车", f"{TEXT}\n更正。")), "revised: body", id="headline and body"),
        pytest.param(LIVE, visit(draft(text="\n".join(reversed(TEXT.split("\n"))))), "revised: reordered", id="moved"),
        pytest.param(LIVE, visit(draft(origin="新华社")), "revised: metadata", id="another origin"),
        pytest.param(LIVE, visit(draft(origin=None)), "unchanged", id="the origin merely became unknown"),
        pytest.param(LIVE, visit(draft(published_at=None)), "unchanged", id="the time merely became unknown"),
        pytest.param(
            LIVE,
            visit(draft(published_at=datetime(2026, 2, 28, 16, tzinfo=UTC), published_precision=Precision.DAY)),
            "unchanged",
            id="the same day without its hour",
        ),
        pytest.param(
            LIVE,
            visit(draft(published_at=NOW, published_precision=Precision.DAY)),
            "revised: metadata",
            id="another day",
        ),
        pytest.param(LIVE, visit(draft(editor="王编辑")), "revised: metadata", id="an editor is named"),
        pytest.param(LIVE, visit(draft(keywords=("桥",), language="zh-Hans")), "unchanged", id="keywords are no news"),
        pytest.param(LIVE, visit(draft(government={"validity": "废止"})), "revised: metadata", id="no longer in force"),
        pytest.param(
            LIVE,
            visit(draft(attachments=(Attachment(name="图纸", url=f"{URL}/plan.pdf", type="pdf"),))),
            "revised: attachments",
            id="an attachment came",
        ),
        pytest.param(
            LIVE, visit(draft(extractor="2", text=TEXT[:-7])), "revised: reextracted", id="our extractor is new"
        ),
        pytest.param(LIVE, visit(draft(extractor="2")), "unchanged", id="a new extractor that reads the same"),
        pytest.param(None, visit(None, page(404)), "missing", id="404 for what we never had"),
        pytest.param(LIVE, visit(None, page(404)), "missing", id="404"),
        pytest.param(LIVE, visit(None, page(410)), "missing", id="410"),
        pytest.param(MISSED_TWICE, visit(None, page(404)), "withdrawn", id="404, confirmed"),
        pytest.param(
            replace(MISSED_TWICE, checked_at=NOW - timedelta(minutes=9)),
            visit(None, page(404)),
            "missing",
            id="404, confirmed too soon",
        ),
        pytest.param(WITHDRAWN, visit(None, page(404)), "unchanged", id="still withdrawn"),
        pytest.param(WITHDRAWN, visit(DRAFT), "returned", id="there again"),
        pytest.param(WITHDRAWN, visit(None, NotModified(url=URL, fetched_at=NOW)), "returned", id="there again, 304"),
        pytest.param(WITHDRAWN, visit(draft("大桥已通车")), "returned: title", id="there again, with another headline"),
        *(
            pytest.param(MISSED_TWICE, visit(None, page(status)), "failed", id=f"{status} withdraws nothing")
            for status in (301, 403, 429, 500, 502, 503)
        ),
        *(
            pytest.param(MISSED_TWICE, visit(None, unreachable(trouble)), "failed", id=f"{trouble} withdraws nothing")
            for trouble in Trouble
        ),
        pytest.param(MISSED_TWICE, visit(of(Verdict.CHALLENGE)), "blocked", id="a challenge withdraws nothing"),
        pytest.param(MISSED_TWICE, visit(of(Verdict.CHALLENGE), page(404)), "blocked", id="a challenge that says 404"),
        *(
            pytest.param(MISSED_TWICE, visit(of(verdict)), "rejected", id=f"{verdict} withdraws nothing")
            for verdict in (Verdict.SOFT404, Verdict.LIST, Verdict.STUB, Verdict.ERROR)
        ),
        pytest.param(LIVE, visit(draft(text=TEXT[:20], quality=CUT)), "failed", id="a page that breaks off"),
        pytest.param(
            LIVE,
            visit(draft(text=TEXT + "新增一句。", quality=CUT)),
            "revised: body",
            id="it breaks off below the text",
        ),
        pytest.param(
            known(facts=facts_of(draft(quality=CUT))),
            visit(draft(text=TEXT[:20], quality=CUT)),
            "revised: body",
            id="a site that never writes the end",
        ),
        pytest.param(None, visit(of(Verdict.SOFT404)), "rejected", id="a soft 404 is no article"),
        pytest.param(None, visit(draft(None)), "rejected", id="an article without a headline is none"),
        pytest.param(None, visit(None), "failed", id="a page that was not read"),
    ],
)
def test_a_visit_means(before: Known | None, visited: Visit, expected: str) -> None:
    assert name(judge(before, visited, plan=PLAN, now=NOW)) == expected


@pytest.mark.parametrize(
    ("before", "made", "expected"),
    [
        pytest.param(
            None, draft("简讯", "短。", quality=Quality(verdict=Verdict.STUB)), "new", id="a short one counts"
        ),
        pytest.param(
            None, draft("简讯", " ", quality=Quality(verdict=Verdict.STUB)), "rejected", id="one without text"
        ),
        pytest.param(LIVE, draft(text="另一篇正文。"), "revised: body", id="the same URL with other text"),
        pytest.param(
            known(earlier=frozenset({fingerprint("大桥通车", "旧文。")})),
            draft(text="旧文。"),
            "unchanged",
            id="what an earlier revision said already",
        ),
    ],
)
def test_a_document_that_is_handed_in_means(before: Known | None, made: Draft, expected: str) -> None:
    assert name(judge(before, visit(made), plan=PLAN, now=NOW, imported=True)) == expected


def test_the_first_confirmations_are_counted_one_by_one() -> None:
    gone = visit(None, page(404))
    assert judge(LIVE, gone, plan=PLAN, now=NOW) == Missing(misses=1)
    assert judge(known(misses=1), gone, plan=PLAN, now=NOW) == Missing(misses=2)
    assert judge(MISSED_TWICE, gone, plan=PLAN, now=NOW) == Withdrawn(misses=3)


def test_a_host_that_lost_its_listing_too_confirms_no_withdrawal() -> None:
    assert judge(MISSED_TWICE, visit(None, page(404)), plan=PLAN, now=NOW, well=False) == Missing(misses=2)


def test_one_confirmation_is_enough_where_the_plan_says_so() -> None:
    plan = RecheckPlan(confirm=1)
    assert judge(LIVE, visit(None, page(404)), plan=plan, now=NOW) == Withdrawn(misses=1)


def test_a_new_extractor_hides_no_edit_where_the_old_page_is_at_hand() -> None:
    """`before` is the stored capture as the new extractor reads it: the rest is the site's doing."""
    stored_page, now_page = (
        draft(extractor="2", text=f"{TEXT}\n脚注。"),
        draft(extractor="2", text=f"{TEXT}更正。\n脚注。"),
    )
    upgrade_alone = judge(LIVE, visit(stored_page), plan=PLAN, now=NOW, before=stored_page)
    edited_too = judge(LIVE, visit(now_page), plan=PLAN, now=NOW, before=stored_page)
    assert name(upgrade_alone) == "revised: reextracted"
    assert isinstance(edited_too, Revised)
    assert edited_too.kind is RevisionKind.BODY
    assert all("脚注" not in change.after for change in edited_too.changes)


def test_a_revision_says_what_changed_in_order_of_reading() -> None:
    judged = judge(LIVE, visit(draft("大桥已通车", TEXT.replace("2674", "2764"), origin="新华社")), plan=PLAN, now=NOW)
    assert isinstance(judged, Revised)
    assert [change.field for change in judged.changes] == ["title", "body", "metadata"]
    assert judged.summary == "标题改为《大桥已通车》；全长 2674→2764 米；来源：义乌发布 → 来源：新华社"


@pytest.mark.parametrize(
    ("made", "at_least", "at_most"),
    [
        pytest.param(draft(origin="新华社"), 10, 10, id="metadata"),
        pytest.param(draft(text=TEXT.replace("市民", "游客")), 10, 39, id="a word"),
        pytest.param(draft(text=TEXT.replace("2674", "2764")), 40, 80, id="a figure"),
        pytest.param(draft("大桥已通车"), 40, 40, id="the headline"),
        pytest.param(draft("全文撤换", "1。"), 90, 100, id="everything"),
    ],
)
def test_importance_grows_with_what_a_reader_would_notice(made: Draft, at_least: int, at_most: int) -> None:
    judged = judge(LIVE, visit(made), plan=PLAN, now=NOW)
    assert isinstance(judged, Revised)
    assert at_least <= judged.importance <= at_most


def test_a_revision_keeps_what_only_an_earlier_visit_was_told() -> None:
    facts = merged(
        facts_of(DRAFT), draft(origin=None, published_at=None, government={"doc_number": "义政发〔2026〕3号"})
    )
    assert facts["origin"] == "义乌发布"
    assert facts["published_at"] == "2026-03-01T09:30:00+08:00"
    assert facts["government"] == {"doc_number": "义政发〔2026〕3号"}


def test_a_coarser_time_of_the_same_day_does_not_replace_an_exact_one() -> None:
    vague = draft(published_at=datetime(2026, 2, 28, 16, tzinfo=UTC), published_precision=Precision.DAY)
    assert merged(facts_of(DRAFT), vague)["published_at"] == "2026-03-01T09:30:00+08:00"


MOVED = Quality(verdict=Verdict.ARTICLE, notes=(ELSEWHERE,))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(draft(quality=MOVED), Unchanged(), id="the same article moved"),
        pytest.param(
            draft("大桥通车首日车流平稳", quality=MOVED, text="另一篇文章。"),
            None,
            id="the same title with a subtitle",
        ),
        pytest.param(
            draft("潮新闻客户端下载", quality=MOVED, text="另一篇文章。"),
            Rejected(why=f"{ELSEWHERE}: https://tide.example/a/1.html is called 潮新闻客户端下载, not 大桥通车"),
            id="another article under the same number",
        ),
        pytest.param(
            draft(None, quality=MOVED, text="另一篇文章。"),
            Rejected(why="no article but: article (redirected to another address)"),
            id="no title at all",
        ),
    ],
)
def test_a_redirect_is_followed_where_the_title_is_the_one_that_we_know(
    made: Draft, expected: Judgement | None
) -> None:
    """A site that moved gives old numbers to new articles: that is neither a change nor a withdrawal."""
    answer = replace(page(), final_url="https://tide.example/a/1.html")
    found = judge(known(), visit(made, answer), plan=PLAN, now=NOW)
    assert found == expected if expected is not None else isinstance(found, Revised)


def test_a_garbled_page_is_told_from_one_that_is_no_article() -> None:
    lossy = draft(text="", quality=Quality(verdict=Verdict.ERROR, notes=(GARBLED, "3.1% of the characters lost")))
    assert judge(known(), visit(lossy, page()), plan=PLAN, now=NOW) == Rejected(
        why="no article but: error (garbled; 3.1% of the characters lost)", garbled=True
    )


def test_reasons_name_what_answered_instead() -> None:
    assert judge(LIVE, visit(None, page(503)), plan=PLAN, now=NOW) == Failed(why="HTTP 503")
    assert judge(LIVE, visit(None, unreachable(Trouble.DNS)), plan=PLAN, now=NOW) == Failed(why="dns: no answer")
    challenge = draft(None, "", quality=Quality(verdict=Verdict.CHALLENGE, notes=("a script asks for a cookie",)))
    blocked = judge(LIVE, visit(challenge), plan=PLAN, now=NOW)
    assert blocked == Blocked(why="a challenge page (HTTP 200) (a script asks for a cookie)")
    assert judge(LIVE, visit(of(Verdict.LIST)), plan=PLAN, now=NOW) == Rejected(why="no article but: list")


TEXTS = st.lists(st.text(st.sampled_from("大桥通车，。123ab 年月"), max_size=30), max_size=6).map("\n".join)


@given(title=st.text(st.sampled_from("大桥通车ab1"), min_size=1, max_size=8), text=TEXTS)
def test_the_same_draft_twice_is_no_change(title: str, text: str) -> None:
    made = draft(title, text)
    assert judge(None, visit(made), plan=PLAN, now=NOW) == New()
    held = known(title=title, text=text, facts=facts_of(made), fingerprint=fingerprint(title, text, SOURCE.noise))
    assert judge(held, visit(made), plan=PLAN, now=NOW) == Unchanged()


def test_a_file_that_is_looked_at_again_keeps_the_headline_that_the_listing_told() -> None:
    assert name(judge(LIVE, visit(draft(None)), plan=PLAN, now=NOW)) == "unchanged"
    assert isinstance(judge(None, visit(draft(None)), plan=PLAN, now=NOW), Rejected)


@pytest.mark.parametrize(
    ("text", "kind", "summary"),
    [
        pytest.param("乙句。\n丙句。\n甲句。", RevisionKind.REORDERED, "段落换了次序", id="moved"),
        pytest.param(
            "丙句。\n甲句。\n丁句。", RevisionKind.BODY, "正文改动 1 处，另有 1 处移动", id="moved and edited"
        ),
        pytest.param("\n".join(f"新的第{n}句。" for n in range(20)), RevisionKind.BODY, "正文重写", id="rewritten"),
    ],
)
def test_a_summary_tells_moved_and_rewritten_from_edited(text: str, kind: RevisionKind, summary: str) -> None:
    old = "甲句。\n乙句。\n丙句。"
    item = known(text=old, fingerprint=fingerprint(DRAFT.title or "", old, SOURCE.noise))
    judged = judge(item, visit(draft(text=text)), plan=PLAN, now=NOW)
    assert isinstance(judged, Revised)
    assert (judged.kind, judged.summary) == (kind, summary)
