"""Text behind a lost byte: what is read on, and what is left alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.byteshift import find_shifts, mend
from monitor.demo.sites import make_article

LAW = settings(max_examples=60, deadline=None)
#: Of the sample sites, and of no ASCII but digits and letters.
ARTICLES = tuple("\n".join(make_article(number).paragraphs) for number in range(40))


def damaged(text: str, place: int) -> str:
    """What a reader shows of the text's GBK where a byte is lost."""
    body = text.encode("gbk")
    return (body[:place] + body[place + 1 :]).decode("gb18030", "replace")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("建成产业大脑并推广到各县市，", "产业大脑并推广到各县市", id="to the end of the line"),
        pytest.param("全市数字经济核心产业增加值2674.3亿元", "数字经济核心产业增加", id="to the next figure"),
        pytest.param("未来工厂已经上线运行。\n第二段照常。", "工厂已经上线运行", id="to the end of a paragraph"),
    ],
)
def test_a_text_is_read_on_behind_a_lost_byte(text: str, shown: str) -> None:
    broken = damaged(text, 3)
    assert shown not in broken
    assert shown in mend(broken)


def test_a_mirror_that_narrowed_the_marks_is_read_too() -> None:
    """The 。 lost its first half, and the second is a ！ with the mark that follows."""
    broken = damaged("灯会。“未来工厂”已建成了", 4)
    assert broken[2] == "！"
    assert mend(broken.replace("！", "!"))[:12] == "灯会!“未来工厂”已建成"


def test_two_damaged_paragraphs_are_both_read() -> None:
    one = damaged("建成产业大脑并推广到各县市，带动两千家企业", 3)
    assert len(find_shifts(f"{one}\n{one}")) == 2


@LAW
@given(st.sampled_from(ARTICLES), st.integers(0, 10_000))
def test_what_is_read_has_a_character_for_each_of_the_texts_own(text: str, place: int) -> None:
    broken = damaged(text, place % len(text.encode("gbk")))
    mended = mend(broken)
    assert len(mended) == len(broken)
    found = find_shifts(broken)
    assert [(shift.end - shift.start, mended[shift.start : shift.end]) for shift in found] == [
        (len(shift.read), shift.read) for shift in found
    ]
    rest = [*broken]
    for shift in found:
        rest[shift.start : shift.end] = shift.read
    assert "".join(rest) == mended


@LAW
@given(st.sampled_from(ARTICLES), st.integers(0, 10_000))
def test_a_long_run_is_read_as_it_was(text: str, place: int) -> None:
    run = max(re.findall(r"[^\x00-\x7f]+", text), key=len)
    broken = damaged(run, place % (len(run.encode("gbk")) // 3))
    lost = run[place % (len(run.encode("gbk")) // 3) // 2 + 1 :]
    assert lost[2:-2] in mend(broken)


@LAW
@given(st.sampled_from(ARTICLES), st.integers(0, 10_000))
def test_a_mended_text_is_not_mended_again(text: str, place: int) -> None:
    mended = mend(damaged(text, place % len(text.encode("gbk"))))
    assert mend(mended) == mended


INTACT = {
    "news": "示例市今年推进数字经济，产业大脑试点扩大到二十个行业，企业都说好。",
    "traditional": "示例市今年推進數位經濟，產業平臺試點擴大到二十個行業，廠長們歡迎這項舉措，還說應當繼續",
    "classical": "帝高阳之苗裔兮，朕皇考曰伯庸。摄提贞于孟陬兮，惟庚寅吾以降。扈江离与辟芷兮，纫秋兰以为佩",
    "rare names": "出席的有亓官鎏、佘祎琰、郗鋆、逄堃、缑旻昱、靳翀、璩淼焱、亶曌、禤喆、邸犇、麴赟、晁骉、阚垚",
    "chemistry": "苄嘧磺隆、氟虫腈、噻嗪酮、吡蚜酮、嘧菌酯、咯菌腈、氰戊菊酯、毒死蜱、噁霉灵、哒螨灵、咪鲜胺",
    "places": "歙县、黟县、鄞州、甪直、亳州、儋州、盱眙、邳州、睢宁、隰县、郫都、犍为、筠连、珙县、盩厔、鄠邑、岢岚",
    "Japanese": "東京都は産業の頭脳を活用して、中小企業のデジタル化を進めると発表した。鉄道の働き方も変わるという",
    "Korean": "서울시는 産業 頭腦를 活用하여 中小企業의 디지털 轉換을 推進한다고 發表하였다",
    "no Chinese": "Plain text, nothing else. Ünïcödé äöü ßß. Тут кириллица и ещё слова, ελληνικά",
    "frames": "┌──┬──┐│甲│乙│├──┼──┤│丙│丁│└──┴──┘①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤ℃‰§№☆★○●◎◇◆□■△▲",
    "all readings": (Path(__file__).parents[2] / "crawler" / "text" / "readings.txt").read_text(encoding="utf-8"),
}


@pytest.mark.parametrize("text", INTACT.values(), ids=INTACT.keys())
def test_an_intact_text_is_left_alone(text: str) -> None:
    assert find_shifts(text) == []


@pytest.mark.parametrize("text", ARTICLES[:5])
def test_intact_articles_are_left_alone(text: str) -> None:
    assert mend(text) is text


@pytest.mark.parametrize("text", ["2024年数字经济 ok", "全市产业5家", "未来工厂"])
def test_a_short_run_is_left_alone(text: str) -> None:
    """It costs a few characters, and by chance anything may be read out of it."""
    place = len(text.encode("gbk")) // 2
    assert damaged(text, place) != text
    assert find_shifts(damaged(text, place)) == []


@LAW
@given(st.text(max_size=200))
def test_any_text_keeps_its_length(text: str) -> None:
    assert len(mend(text)) == len(text)


def test_a_text_that_is_rare_throughout_ends_soon() -> None:
    """Beyond 50,000 characters nothing is looked at."""
    soup = "亓鎏佘祎琰郗鋆逄堃缑旻" * 6000 + "\n" + damaged("建成产业大脑并推广到各县市，带动两千家企业", 3)
    assert find_shifts(soup) == []
