"""A small corpus whose every article is known: edits, a repost, a withdrawal, a document, a stock, hostile pages."""

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.records import ArticleKind, Attachment, Draft, Precision, Stock, Visit
from monitor.corpus import Corpus, tables
from monitor.ingest import ingest, register_sources
from monitor.model import RecheckPlan
from tests.commands import Chaoxun
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, desk, draft, gone, page, visit, watch

#: The articles by their numbers in the corpus.
EDITED, COPY, DOCUMENT, STOCK, WITHDRAWN, FORMULA, HOSTILE = range(1, 8)

WATCHES = (watch(), watch("招聘", "招聘公告"), watch("不中", "不会出现的词"))
CONFIG = """\
database: sqlite:///{database}
web: {{bind: "127.0.0.1:0"}}
operator: [mail]
"""
WATCHES_YAML = "watches:\n" + "".join(
    f"  - {{name: {item.name}, rule: {item.rule}, channels: [mail]}}\n" for item in WATCHES
)
SOURCES_YAML = """\
sources:
  - {slug: yiwu-news, name: 义乌要闻, engine: html_list, url: "https://yw.example/list", region: 义乌}
  - {slug: ningbo-news, name: 宁波要闻, engine: html_list, url: "https://nb.example/list", region: 宁波}
  - {slug: closed-news, name: 旧闻, engine: html_list, url: "https://old.example/list", disabled: moved house}
"""
MAILBOX = "mailto://127.0.0.1:9?from=chaoxun@example.org&to=desk@example.org"

#: Long enough to be known again as a copy.
LONG = f"{TEXT}\n义乌市经信部门表示，推进会之后将逐个走访入选企业，按季度公布进展，并把做法整理成册供其他地方参考。"
SCRIPT = "<script>alert(1)</script>"
HANDLER = '"><img src=x onerror=alert(2)>'


def write_config(folder: Path, *, mailbox: str = MAILBOX) -> Path:
    """A configuration over the corpus `corpus.db` beside it; answers the folder."""
    (folder / "sources").mkdir(parents=True)
    (folder / "chaoxun.yaml").write_text(CONFIG.format(database=folder / "corpus.db"), encoding="utf-8")
    (folder / "watches.yaml").write_text(WATCHES_YAML, encoding="utf-8")
    (folder / "sources" / "zhejiang.yaml").write_text(SOURCES_YAML, encoding="utf-8")
    (folder / "channels.yaml").write_text(f'channels:\n  mail: {{url: "{mailbox}"}}\n', encoding="utf-8")
    return folder


def fill(corpus: Corpus) -> None:
    """Put the articles in, as polls would have, an hour apart, with their alerts."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - timedelta(days=1)))
    known = desk(*WATCHES, plan=RecheckPlan(confirm=1))
    moment = NOW
    for made in _visits():
        moment += timedelta(hours=1)
        ingest(corpus, made, desk=known, now=moment)


def _visits() -> list[Visit]:
    withdrawn = "https://yw.example/a/5.html"
    return [
        _visit(1, draft(text=LONG, origin="示例日报", editor="张三")),
        visit(draft(text=LONG, published_at=NOW, origin="示例晚报"), url="https://nb.example/a/2.html", source=OTHER),
        _visit(3, _document()),
        _visit(4, _stock()),
        _visit(5, draft("招聘公告：示例中心招聘三人", "示例中心因工作需要招聘三人。\n报名时间为三月一日至三月十日。")),
        _visit(6, draft('=HYPERLINK("https://evil.example")', "一篇标题像公式的文章。\n表格软件不该把它当公式。")),
        _hostile(),
        _visit(1, draft(text=LONG.replace("30家", "40家"), origin="示例日报", editor="张三")),
        _visit(1, draft("产业大脑落户义乌（更正）", LONG.replace("30家", "40家"), origin="示例日报", editor="张三")),
        gone(withdrawn),
    ]


def _visit(number: int, made: Draft) -> Visit:
    return visit(made, url=f"https://yw.example/a/{number}.html")


def _document() -> Draft:
    return draft(
        "关于推进数字经济的通知",
        "各镇人民政府：\n为推进数字经济，现就有关事项通知如下。\n一、提高认识。\n二、加强领导。",
        kind=ArticleKind.NOTICE,
        published_at=datetime.fromisoformat("2026-02-01T00:00:00+08:00"),
        published_precision=Precision.DAY,
        government={"issuer": "义乌市人民政府办公室", "doc_number": "义政办发〔2026〕7号"},
        attachments=(Attachment(name="任务表.xlsx", url="https://yw.example/f/1.xlsx", type="xlsx"),),
    )


def _stock() -> Draft:
    return draft(
        "示例公司发布年报",
        "示例公司今天发布年报，全年营收一百二十亿元。\n董事会建议每十股派现三元。",
        published_at=datetime.fromisoformat("2025-12-30T09:30:00+08:00"),
        stocks=(Stock(code="sh600933", name="爱柯迪"),),
    )


def _hostile() -> Visit:
    """Every text of it tries to be markup; its address is no address."""
    made = draft(
        f"恶意页面{SCRIPT}",
        f"正文里有脚本{SCRIPT}。\n{HANDLER}",
        origin=HANDLER,
        editor=SCRIPT,
        author=SCRIPT,
        column=HANDLER,
        keywords=(SCRIPT,),
        government={"issuer": HANDLER, SCRIPT: SCRIPT},
        attachments=(Attachment(name=HANDLER, url="javascript:alert(3)", type="x"),),
    )
    url = "javascript:alert(4)"
    return visit(made, url=url, answer=page(url))


def stocked(folder: Path) -> Chaoxun:
    """The commands of a configuration in that folder, whose corpus is filled."""
    corpus = Corpus.open(f"sqlite:///{write_config(folder)}/corpus.db")
    fill(corpus)
    corpus.close()
    return Chaoxun(folder)
