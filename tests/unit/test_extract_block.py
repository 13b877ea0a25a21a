"""The text of pages whose names say nothing: found by the headline, the prose and what stands around it."""

import random
import re
from pathlib import Path

import pytest

from crawler.extract import extract
from crawler.extract.block import block
from crawler.extract.page import parse
from crawler.records import Verdict

TITLE = "示例市首批产业大脑今天上线"
TEXT = (
    "示例市的试点今天开始，首批二十家企业参加，居民们反映良好。",
    "主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半。",
    "下一步，试点将扩大到全市，年底前再有五十家企业加入。",
)
MENU = "<ul>" + "".join(f'<li><a href="/c{i}/">栏目{i}频道</a></li>' for i in range(12)) + "</ul>"
HEAD = f"<div><h1>{TITLE}</h1><div>2026-07-06 17:31　来源：示例日报</div></div>"
BODY = "<div>" + "".join(f"<p>{line}</p>" for line in TEXT) + "</div>"
OTHER = (
    "另一条新闻说的是别的事情，它的摘要也是完整的句子，而且比正文还要长得多，写了很多与本文无关的内容，逐条列在下面。"
)


def page(*blocks: str) -> bytes:
    return (
        f'<html><head><meta charset="utf-8"><title>{TITLE}_示例网</title></head><body>{"".join(blocks)}</body></html>'
    ).encode()


def teasers(count: int) -> str:
    rows = (
        f'<li><div>示例社·{i} 小时前</div><h3><a href="/n{i}">别处的第{i}条标题在这里</a></h3><p>{OTHER}</p></li>'
        for i in range(count)
    )
    return f"<ul>{''.join(rows)}</ul>"


def comments(count: int) -> str:
    rows = (
        f"<div><div>网友{i}号</div><p>第{i}楼：说得好，支持这样的做法，希望早日推广到我们这里来。</p></div>"
        for i in range(count)
    )
    return f"<div><div>全部评论 {count}条</div>{''.join(rows)}</div>"


PAGES = {
    "a stream of teasers longer than the text": (MENU, HEAD, BODY, "<div>其他人也在看</div>", teasers(12)),
    "teasers in the block of the text": (MENU, f"<div>{HEAD}{BODY}{teasers(9)}</div>"),
    "teasers above the headline": (MENU, teasers(9), HEAD, BODY),
    "comments longer than the text": (MENU, HEAD, BODY, comments(40)),
    "comments beside the text": (MENU, f"<div>{HEAD}{''.join(f'<p>{line}</p>' for line in TEXT)}{comments(40)}</div>"),
    "a second article behind the first": (
        MENU,
        HEAD,
        BODY,
        "<div>看了又看</div><div><h2>别处的另一篇文章</h2>" + f"<p>{OTHER}</p>" * 6 + "</div>",
    ),
    "a long first paragraph and a short last one": (
        MENU,
        HEAD,
        f"<div><p>{TEXT[0]}{TEXT[1]}{TEXT[0]}{TEXT[1]}</p><p>{TEXT[2]}</p></div>",
    ),
    "one paragraph in the cell of a table": (
        f"<table><tr><td>{MENU}</td></tr><tr><td>{HEAD}{'<br>'.join(TEXT)}</td></tr><tr><td>主办单位：示例网</td></tr></table>",
    ),
    "a lead above the block with the rest": (
        MENU,
        HEAD,
        f"<div><p>{TEXT[0]}</p><div>" + "".join(f"<p>{line}</p>" for line in TEXT[1:]) + "</div></div>",
    ),
    "blocks that are never closed": (MENU, HEAD, "".join(f"<div><p>{line}</p>" for line in TEXT)),
    "a block that is named like an advertisement": (MENU, HEAD, f'<div class="ad-box">{BODY}</div>'),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_text_is_what_follows_the_headline_and_nothing_else(name: str) -> None:
    draft = extract(page(*PAGES[name]))
    assert draft.quality.verdict is Verdict.ARTICLE
    assert [line for line in TEXT if line not in draft.text] == []
    assert len(draft.text) <= 2.2 * sum(map(len, TEXT))
    assert OTHER not in draft.text
    assert "说得好" not in draft.text


def test_a_page_without_its_headline_still_gives_its_prose() -> None:
    found = parse(page(MENU, BODY).decode(), url=None)
    start, end = block(found, None)
    assert [line.text for line in found.lines[start:end]] == list(TEXT)


def test_a_page_that_lost_its_html_element_is_no_article_from_end_to_end() -> None:
    draft = extract(f"<div>{MENU}{MENU}{HEAD}{BODY}{comments(30)}</div>".encode())
    assert "说得好" not in draft.text
    assert draft.text.startswith(TEXT[0])


def test_of_many_blocks_that_are_never_closed_none_is_lost() -> None:
    lines = [f"第{i}段说的是一件别的事情，句子是完整的，也有标点。" for i in range(200)]
    draft = extract(page(MENU, HEAD, "".join(f"<div><p>{line}</p>" for line in lines)))
    assert [line for line in lines if line not in draft.text] == []


def test_a_feeds_list_of_links_is_kept_whole() -> None:
    links = "".join(f'<li><a href="/n{i}">今天的第{i}条要闻是这样说的</a></li>' for i in range(30))
    draft = extract(f"---\ntitle: 今日要闻\ndate: 2026-07-06 08:00:00\n---\n<ul>{links}</ul>".encode())
    assert "第29条" in draft.text


_NAMES = re.compile(r"""\b(id|class)(=)(["'])([^"']{1,200})\3""")
FIXTURES = Path(__file__).parent.parent / "fixtures" / "extract"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fixture", ["portal.html", "sina.html", "hanweb.html"])
def test_other_names_and_more_wrappings_change_little_of_a_text(fixture: str, seed: int) -> None:
    """A redesign gives new names to the same page; a rule that lives on them alone would lose the article."""
    dice = random.Random(seed)
    original = (FIXTURES / fixture).read_text(encoding="utf-8")
    renamed = _NAMES.sub(
        lambda found: f"{found[1]}={found[3]}{''.join(dice.choices('bcdfghjkmpqxz', k=8))}{found[3]}", original
    )
    wrapped = re.sub(r"(<body[^>]*>)(.*)(</body>)", r"\1<div><div>\2</div></div>\3", renamed, flags=re.DOTALL)
    before, after = extract(original.encode()), extract(wrapped.encode())
    assert (after.title, after.published_at) == (before.title, before.published_at)
    kept, got = set(before.text.split("\n")), set(after.text.split("\n"))
    assert len(kept & got) >= 0.75 * len(kept)
    assert len(got - kept) <= 2


COLUMN = "".join(f"<li><a href='/n{i}'>别处的第{i}条标题在这里</a></li>" for i in range(8))
LISTS = {
    "headlines with summaries": teasers(20),
    "the same in divisions": "".join(
        f'<div><div><a href="/n{i}">别处的第{i}条标题在这里</a></div><div>{OTHER}</div></div>' for i in range(20)
    ),
    "a front page of columns": "".join(
        f"<div><h2>栏目{j}</h2><div><a href=/t{j}>第{j}栏的头条标题在这里</a><p>{OTHER}</p></div>"
        f"<ul>{COLUMN}</ul></div>"
        for j in range(6)
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_page_that_only_tells_of_other_articles_is_a_list(name: str) -> None:
    html = f'<html><head><meta charset="utf-8"><title>示例新闻网</title></head><body>{LISTS[name]}</body></html>'
    draft = extract(html.encode(), url="https://www.example.cn/xw/")
    assert (draft.quality.verdict, draft.text) == (Verdict.LIST, "")
    assert draft.title == "示例新闻网"


def test_a_digest_with_a_headline_of_its_own_is_an_article() -> None:
    """早报: every piece is a link and a summary, and the page is what a watch is for."""
    draft = extract(page(HEAD, teasers(12)), url="https://www.example.cn/xw/1.html")
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.text.count(OTHER) == 12
