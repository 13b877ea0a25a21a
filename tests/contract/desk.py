"""What the contract tests hand in: sources, pages, desks; all of it invented."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.records import (
    Answer,
    ArticleKind,
    Capture,
    Draft,
    Entry,
    NotModified,
    Precision,
    Quality,
    Source,
    Unreachable,
    Verdict,
    Visit,
)
from monitor.ingest import Desk
from monitor.model import Destination, RecheckPlan, Watch
from monitor.rules import RuleSet, parse

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list", url="https://yw.example/list", region="义乌")
OTHER = Source(slug="ningbo-news", name="宁波要闻", engine="html_list", url="https://nb.example/list", region="宁波")
URL = "https://yw.example/a/1.html"
TEXT = (
    "产业大脑建设推进会今天在义乌召开。\n会议提出，到2027年建成未来工厂30家，全年投入12.5亿元。\n"
    "与会企业表示，将加快数字化改造，带动上下游协同。\n推进会还发布了第三批揭榜挂帅项目清单，共18项。"
)
MAIL = Destination(channel="mail", recipient="desk@example.org")


def desk(*watches: Watch, plan: RecheckPlan | None = None) -> Desk:
    return Desk(
        rules=RuleSet({watch.name: (parse(watch.rule), watch.scope) for watch in watches}),
        watches={watch.name: watch for watch in watches},
        destinations={"mail": (MAIL,)},
        plan=plan or RecheckPlan(),
        operator=(MAIL,),
    )


def watch(name: str = "产业大脑", rule: str = "产业大脑", **more: Any) -> Watch:
    return Watch(name=name, rule=rule, channels=("mail",), **more)


def draft(
    title: str | None = "产业大脑落户义乌", text: str = TEXT, *, verdict: Verdict = Verdict.ARTICLE, **more: Any
) -> Draft:
    values: dict[str, Any] = {
        "url": None,
        "published_at": NOW - timedelta(hours=2),
        "published_precision": Precision.MINUTE,
        "language": "zh-Hans",
        "kind": ArticleKind.NEWS,
        "extractor": "1",
    }
    return Draft(title=title, text=text, quality=Quality(verdict=verdict), **{**values, **more})


def page(url: str = URL, status: int = 200, at: datetime = NOW, **more: Any) -> Capture:
    return Capture(url=url, final_url=url, status=status, body=b"<html>\xe4\xb9\x89</html>", fetched_at=at, **more)


def visit(made: Draft | None = None, *, url: str = URL, answer: Answer | None = None, source: Source = SOURCE) -> Visit:
    entry = Entry(url=url, title=made.title if made else None)
    return Visit(source=source, url=url, entry=entry, answer=answer or page(url), draft=made)


def gone(url: str = URL, status: int = 404, source: Source = SOURCE) -> Visit:
    return Visit(source=source, url=url, entry=None, answer=page(url, status), draft=None)


def not_modified(url: str = URL) -> Visit:
    return Visit(source=SOURCE, url=url, entry=None, answer=NotModified(url=url, fetched_at=NOW))


def unreachable(url: str = URL, **more: Any) -> Visit:
    return Visit(source=SOURCE, url=url, entry=None, answer=Unreachable(url=url, fetched_at=NOW, **more))
