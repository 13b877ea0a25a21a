"""What characters bytes are, whatever the page, the server and the configuration say about it."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.charset import decode

CHINESE = "示例市今年推进数字经济，产业大脑试点扩大到二十个行业，企业都说好。"
TRADITIONAL = "示例市今年推進數位經濟，產業平臺試點擴大到二十個行業，企業都說好。"


def page(text: str, charset: str | None) -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return f"<html><head>{meta}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("declared", "codec", "header", "configured"),
    [
        pytest.param("utf-8", "utf-8", None, None, id="meta tells the truth"),
        pytest.param(None, "utf-8", None, None, id="nobody says anything"),
        pytest.param("gb2312", "gbk", None, None, id="meta says gb2312"),
        pytest.param(None, "gb18030", "text/html; charset=GBK", None, id="header says GBK"),
        pytest.param(None, "gbk", None, None, id="GBK that nobody declares"),
        pytest.param("utf-8", "gbk", "text/html; charset=utf-8", None, id="header and meta say UTF-8 over GBK bytes"),
        pytest.param("gb2312", "utf-8", "text/html; charset=gb2312", None, id="both say gb2312 over UTF-8 bytes"),
        pytest.param(None, "gbk", "text/html; charset=ISO-8859-1", None, id="a server that does not know"),
        pytest.param(None, "gbk", "text/html", "gbk", id="the configuration knows"),
        pytest.param(None, "gbk", 'text/html; charset="zlib"', None, id="a codec that is no charset"),
    ],
)
def test_the_text_comes_out_whatever_is_declared(
    declared: str | None, codec: str, header: str | None, configured: str | None
) -> None:
    found = decode(page(CHINESE, declared).encode(codec), content_type=header, charset=configured)
    assert found.text == page(CHINESE, declared)
    assert found.replaced_share == 0


def test_big5_is_read_where_it_is_declared() -> None:
    assert TRADITIONAL in decode(page(TRADITIONAL, "big5").encode("big5"), content_type=None).text


@pytest.mark.parametrize(
    ("mark", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
    ids=["utf-8", "utf-16-le", "utf-16-be"],
)
def test_a_byte_order_mark_outvotes_everybody(mark: bytes, codec: str) -> None:
    assert decode(mark + CHINESE.encode(codec), content_type="text/html; charset=gbk").text == CHINESE


def test_two_characters_that_happen_to_be_utf8_stay_what_the_page_declares() -> None:
    """联通 in GBK is valid UTF-8: the classic of wrong guesses."""
    assert "联通" in decode(page("联通", "gbk").encode("gbk"), content_type=None).text


def test_a_character_cut_off_at_the_end_does_not_spoil_the_rest() -> None:
    found = decode(page(CHINESE, "gbk").encode("utf-8") + "尾".encode()[:2], content_type=None)
    assert found.encoding == "utf-8"


def test_lost_bytes_are_counted() -> None:
    damaged = "示例".encode("gbk") + b"\xff" * 8 + CHINESE.encode("gbk")
    found = decode(damaged, content_type="text/html; charset=gbk")
    assert found.replaced_share > 0.01
    assert "产业大脑" in found.text


def test_a_guess_helps_where_nobody_says_and_it_is_no_chinese() -> None:
    text = "Пример новости о развитии порта и цифровой экономики в этом году. " * 5
    assert decode(text.encode("koi8-r"), content_type=None).replaced_share < 1


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=40)))
def test_any_bytes_decode(body: bytes, header: str | None) -> None:
    found = decode(body, content_type=header)
    assert 0 <= found.replaced_share <= 1
