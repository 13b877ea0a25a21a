"""Plain text that was a page once, with other lines above it than those that its page's title stands in."""

import pytest

from crawler.extract import extract

TITLE = "未来工厂名单公布"
TEXT = (
    "记者从市经信局获悉，今年上半年全市新增未来工厂四家、智能工厂三十七家，数量均为历年同期最多。\n"
    "相关负责人表示，下半年将围绕针织、饰品两个行业编制改造指南，让中小企业看得懂、学得会、用得起。"
)


@pytest.mark.parametrize(
    "above",
    [
        pytest.param(f"{TITLE}\n2026-03-02 08:30 来源：示例日报", id="the headline first"),
        pytest.param(f"2026-03-02 08:30\n{TITLE}\n来源：示例日报", id="the time first"),
        pytest.param(f"标题：{TITLE}\n时间：2026/3/2 8:30\n来源：示例日报\n正文：", id="every line with its label"),
        pytest.param(f"首页 新闻 政务 服务\n{TITLE}\n2026-03-02 08:30 来源：示例日报", id="a menu"),
        pytest.param(f"https://city.example/art/9.html\n{TITLE}\n2026-03-02 08:30 来源：示例日报", id="the address"),
        pytest.param(f"# {TITLE}\n\n2026-03-02 08:30 来源：示例日报\n", id="a heading of Markdown"),
    ],
)
def test_the_headline_is_found_and_the_text_begins_behind(above: str) -> None:
    draft = extract(f"{above}\n{TEXT}\n".encode())
    assert (draft.title, draft.text, draft.origin) == (TITLE, TEXT, "示例日报")
    assert draft.published_at is not None


@pytest.mark.parametrize("front", ["", f"---\ntitle: {TITLE}\n---\n"], ids=["a text", "a feed's item"])
def test_marks_of_markdown_part_no_word(front: str) -> None:
    marked = TEXT.replace("未来工厂", "未来**工厂**").replace("改造指南", "[改造指南](https://city.example/1.html)")
    draft = extract(f"{front or f'# {TITLE}'}\n\n![图](https://city.example/1.jpg)\n\n{marked}\n".encode())
    assert (draft.title, draft.text) == (TITLE, TEXT)


@pytest.mark.parametrize(
    "text", ["共2**10种，即1024种。", "评级为**的有三家，*号表示预计。", "详见[附件1](见下页)。", "#话题# 今天开幕。"]
)
def test_what_is_no_markdown_stays(text: str) -> None:
    assert text in extract(f"{TITLE}\n\n{TEXT}\n{text}\n".encode()).text
