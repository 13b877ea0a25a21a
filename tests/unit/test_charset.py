"""What characters bytes are, whatever the page, the server and the configuration say about it."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import extract
from crawler.text.charset import decode
from crawler.text.mojibake import is_damaged, is_garbled

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


@pytest.mark.parametrize(
    ("declared", "header"),
    [
        pytest.param("big5", None, id="declared"),
        pytest.param(None, None, id="nobody says anything"),
        pytest.param("gb2312", "text/html; charset=utf-8", id="everybody says something else"),
    ],
)
def test_big5_is_read_whatever_is_declared(declared: str | None, header: str | None) -> None:
    found = decode(page(TRADITIONAL * 3, declared).encode("big5"), content_type=header)
    assert found.text == page(TRADITIONAL * 3, declared)
    assert found.encoding == "big5hkscs"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", [None, "text/html; charset=utf-8", "text/html; charset=utf-16"])
def test_utf_16_is_read_without_its_mark(codec: str, header: str | None) -> None:
    assert decode(page(CHINESE, "gb2312").encode(codec), content_type=header).text == page(CHINESE, "gb2312")


def test_a_meta_that_says_utf_16_is_wrong() -> None:
    """Who reads the meta has read the page as something else."""
    assert decode(page(CHINESE, "utf-16").encode("gbk"), content_type=None).text == page(CHINESE, "utf-16")


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(f'{{"title": "{CHINESE}"}}', "application/json; charset=utf-8", id="JSON"),
        pytest.param(f"<rss><title>{CHINESE}</title></rss>", "text/xml", id="a feed"),
        pytest.param(
            f"<?xml version='1.0' encoding='utf-8'?><rss><title>{CHINESE}</title></rss>", None, id="a declared one"
        ),
        pytest.param(f"<datastore><record><![CDATA[{CHINESE}]]></record></datastore>", None, id="a datastore"),
    ],
)
def test_listings_are_read_by_the_same_rules(body: str, header: str | None) -> None:
    """GBK under whatever they say they are."""
    assert decode(body.encode("gbk"), content_type=header).text == body


def test_the_configuration_is_asked_before_header_and_meta() -> None:
    """Two characters that both charsets read without a fault: who knows the site decides."""
    found = decode("联通".encode("gbk"), content_type="text/html; charset=utf-8", charset="gbk")
    assert (found.text, found.encoding) == ("联通", "gb18030")


@pytest.mark.parametrize(
    ("mark", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
    ids=["utf-8", "utf-16-le", "utf-16-be"],
)
def test_a_byte_order_mark_outvotes_everybody(mark: bytes, codec: str) -> None:
    assert decode(mark + CHINESE.encode(codec), content_type="text/html; charset=gbk").text == CHINESE


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        pytest.param(codecs.BOM_UTF8, "gbk", id="UTF-8's before GBK"),
        pytest.param(codecs.BOM_UTF16_LE, "utf-8", id="UTF-16's before UTF-8"),
        pytest.param(codecs.BOM_UTF16_BE, "gbk", id="UTF-16's before GBK"),
    ],
)
def test_a_byte_order_mark_that_the_bytes_behind_it_belie_is_passed_over(mark: bytes, codec: str) -> None:
    body = page(CHINESE, codec).encode(codec)
    assert decode(mark + body, content_type=None).text == page(CHINESE, codec)


NAMES = "王喆、陈昊、刘珺、璟玥、沈筱；邓琪、石勇、谢诗、孟喆、戴梅晨、田瑾、贺娟、吕英婷"


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        pytest.param("王喆 陈昊 刘珺 璟玥 沈筱", "gbk", "gb2312", id="names"),
        pytest.param(NAMES, "gbk", "gbk", id="more names"),
        pytest.param("龘靐齉爩鱻麤籱灪", "gbk", "gbk", id="rare characters"),
        pytest.param("审查", "gbk", "gb2312", id="one word"),
        pytest.param("陶娜浩 熊軒 肖鈺軒 戴雅", "big5", "big5", id="names in Big5"),
        pytest.param("한국 경제 뉴스입니다. 오늘의 소식.", "cp949", "euc-kr", id="Korean"),
        pytest.param("Новости о порте: губернатор открыл верфь.", "koi8-r", "koi8-r", id="Russian"),
        pytest.param("The city’s “new” café plan: 5 € a day", "cp1252", "windows-1252", id="English"),
        pytest.param("The city’s “new” café plan", "cp1252", "iso-8859-1", id="English that is said to be Latin-1"),
    ],
)
def test_what_the_page_declares_and_reads_without_damage_needs_no_frequent_characters(
    text: str, codec: str, charset: str
) -> None:
    assert decode(page(text, charset).encode(codec), content_type=None).text == page(text, charset)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=40))
def test_a_browser_reads_no_page_in_the_declared_gbk_better(text: str) -> None:
    found = decode(page(text, "gbk").encode("gbk"), content_type=None)
    assert found.text == page(text, "gbk") or found.encoding == "utf-8"  # chance made it valid UTF-8


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


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_no_byte_goes_without_a_trace(codec: str) -> None:
    body = CHINESE.encode(codec)
    found = decode(body[:20] + b"\xff" + body[20:], content_type=f"text/html; charset={codec}")
    assert "\ufffd" in found.text or found.shifted


PARAGRAPHS = "".join(f"<p>{CHINESE}</p>" for _ in range(3))


@pytest.mark.parametrize("place", [40, 60, 80])
def test_a_byte_lost_from_gbk_is_noticed(place: int) -> None:
    """It shifts the pairs up to the next ASCII byte, and no decoder complains."""
    body = PARAGRAPHS.encode("gbk")
    start = body.index(b"<p>", len(body) // 3) + 3
    found = decode(body[: start + place // 2] + body[start + place // 2 + 1 :], content_type=None)
    assert found.shifted == 1
    assert decode(body, content_type=None).shifted == 0


def test_a_page_with_shifted_characters_says_so() -> None:
    body = page(PARAGRAPHS, "gb2312").encode("gbk")
    start = body.index("产业大脑".encode("gbk"))
    draft = extract(body[: start + 1] + body[start + 2 :], content_type="text/html")
    assert "damaged: a lost byte shifted characters" in draft.quality.notes
    assert "repaired for matching alone: 1 run(s) behind a lost byte" in draft.quality.notes
    assert draft.quality.repaired
    assert "产业大脑" not in draft.text.split("\n")[0]


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_utf_8_that_the_site_took_for_latin_1_is_read_again(codec: str) -> None:
    twice = page(CHINESE, "utf-8").encode().decode(codec, "replace" if codec == "latin-1" else "surrogateescape")
    body = "".join(chr(ord(c) & 0xFF) if 0xDC80 <= ord(c) <= 0xDCFF else c for c in twice).encode()
    found = decode(body, content_type="text/html; charset=utf-8")
    assert (found.text, found.read_again) == (page(CHINESE, "utf-8"), True)
    assert extract(body).quality.repaired


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"乱码“ä¸\xadå›½”本来是中国。{CHINESE * 3}", id="an example of it"),
        pytest.param("L'été à la plage, «déjà vu», naïve façade. " * 5, id="French"),
        pytest.param("Ä Ö Ü ä ö ü ß, größer, schön: " * 5, id="German"),
    ],
)
def test_text_that_only_looks_misread_is_left_alone(text: str) -> None:
    found = decode(text.encode(), content_type=None)
    assert (found.text, found.read_again) == (text, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(CHINESE, False, id="Chinese"),
        pytest.param(CHINESE.encode("gbk").decode("utf-8", "replace"), True, id="GBK that was read as UTF-8"),
        pytest.param(CHINESE.encode().decode("gbk", "replace"), True, id="UTF-8 that was read as GBK"),
        pytest.param(CHINESE.encode().decode("latin-1"), True, id="UTF-8 that was read as Latin-1"),
        pytest.param("锟斤拷" * 8 + CHINESE, True, id="lost characters that were read as GBK"),
        pytest.param(CHINESE * 4 + "程序员常见的“锟斤拷”是这样来的。", False, id="an article about them"),
        pytest.param(CHINESE * 4 + "\ufffd", False, id="one character in a hundred"),
        pytest.param(CHINESE + "\ufffd", True, id="one in thirty"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_text_is_garbled_where_more_than_one_in_a_hundred_is_lost(text: str, expected: bool) -> None:
    assert is_garbled(text) is expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("示例大桥今日通车", False),
        ("示\ufffd大桥今日通车", True),
        ("示例大桥今日通车".encode().decode("latin-1"), True),
        ("示例大桥今日通车".encode().decode("gbk", "replace"), True),
        ("", False),
        (None, False),
    ],
)
def test_a_title_is_damaged_by_a_single_character(title: str | None, expected: bool) -> None:
    assert is_damaged(title) is expected


def test_a_guess_helps_where_nobody_says_and_it_is_no_chinese() -> None:
    text = "Пример новости о развитии порта и цифровой экономики в этом году. " * 5
    assert decode(text.encode("koi8-r"), content_type=None).replaced_share < 1


@settings(deadline=None)
@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=40)))
def test_any_bytes_decode(body: bytes, header: str | None) -> None:
    found = decode(body, content_type=header)
    assert 0 <= found.replaced_share <= 1
