"""The watch language, applied: every line of its contract as rule, text and verdict."""

import pytest

from monitor.model import Hit, HitField
from monitor.rules import EVERYWHERE, RuleError, Subject, parse

TITLE, BODY = HitField.TITLE, HitField.BODY


def article(text: str = "", title: str = "") -> Subject:
    return Subject.of(title=title, text=text)


def meets(rule: str, subject: Subject, scope: frozenset[HitField] = EVERYWHERE) -> bool:
    return parse(rule).evaluate(subject, scope).matched


def hits(rule: str, subject: Subject) -> list[tuple[str, str]]:
    """What hit, and the stored text at its place."""
    stored = {TITLE: subject.title, BODY: subject.text}
    return [(hit.term, stored[hit.field][hit.start : hit.end]) for hit in parse(rule).evaluate(subject).hits]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param("宁波 义乌", "宁波和义乌", True, id="blank: both"),
        pytest.param("宁波 义乌", "只有宁波", False, id="blank: one is missing"),
        pytest.param("宁波 AND 义乌", "宁波和义乌", True, id="AND: both"),
        pytest.param("宁波 OR 义乌", "只有义乌", True, id="OR: one"),
        pytest.param("宁波 | 温州", "只有义乌", False, id="OR: none"),
        pytest.param("宁波 NOT 招聘", "宁波新闻", True, id="NOT: not there"),
        pytest.param("宁波 -招聘", "宁波招聘会", False, id="minus: there"),
        pytest.param("宁波 -(招聘 OR 促销)", "宁波促销", False, id="minus: an excluded group"),
        pytest.param("宁波 -(招聘 促销)", "宁波促销", True, id="minus: half an excluded group"),
        pytest.param("(产业大脑 OR 未来工厂) AND (宁波 OR 义乌) -招聘", "义乌的未来工厂", True, id="groups"),
        pytest.param("宁波 - 招聘", "宁波招聘会", True, id="a lone minus excludes nothing"),
        pytest.param('"未来 工厂"', "未来 工厂", True, id="a phrase with its blank"),
        pytest.param('"未来 工厂"', "未来工厂", False, id="a phrase without its blank"),
        pytest.param("“未来工厂”", "宁波“未来工厂”", True, id="a phrase in Chinese quotes"),
        pytest.param("数字经济", "數(shù)字經(jīng)濟", True, id="traditional and glossed text"),
        pytest.param("數字經濟", "数字经济", True, id="traditional term"),
        pytest.param("數(shù)字經(jīng)濟", "数字经济", True, id="glossed term"),
        pytest.param("数字经济", "数 字 经 济", True, id="letter-spaced text"),
        pytest.param('"数 字 经 济"', "数字经济", True, id="letter-spaced phrase"),
        pytest.param("ＡＩ", "用ai写", True, id="width and case"),
        pytest.param("《意见》", "印发<意见>", True, id="punctuation"),
        pytest.param("5G+未来工厂", "走进“5G+未来工厂”", True, id="a plus in a word"),
        pytest.param("12:30", "会议12：30开始", True, id="a time"),
        pytest.param("宁波：发力数字经济", "宁波:发力数字经济系统", True, id="a headline"),
        pytest.param("柯", "柯桥", True, id="one character"),
        pytest.param("数字 经济", "数字\n经济", True, id="two paragraphs"),
        pytest.param("数字经济", "数字\n经济", False, id="no word runs across paragraphs"),
    ],
)
def test_operators_and_folding(rule: str, text: str, expected: bool) -> None:
    assert meets(rule, article(text)) is expected


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("600933", "爱柯迪(600933)", True),
        ("600933", "编号1600933", False),
        ("600933", "sh600933", False),
        ("sh600933", "sh600933", True),
        ("600933", "600933.SH", True),
        ("2674", "营收2674.3亿元", True),
        ("2674.3", "营收2674.3亿元", True),
        ("674.3", "营收2674.3亿元", False),
        ("35", "F-35战机", True),
        ("35", "135战机", False),
        ("AI", "用AI写", True),
        ("AI", "FAIR", False),
        ("AI", "AI2027", False),
        ("ai", "(AI)", True),
        ("AI大模型", "OpenAI大模型", False),
        ("AI大模型", "用AI大模型写", True),
        ("大模型GPT", "大模型GPT4", False),
        ("5G", "5G+", True),
        ("5G", "15G", False),
        ("35%", "增长35%", True),
        ("35%", "增长135%", False),
        ("café", "le café.", True),
        ("AI", "AIの時代", False),
        ("トヨタ", "トヨタは", True),
        ("二〇", "一二〇三", True),
        ("年", "2024年5月", True),
    ],
)
def test_latin_letters_and_digits_meet_whole_tokens(term: str, text: str, expected: bool) -> None:
    assert meets(f'"{term}"', article(text)) is expected


def test_a_token_inside_does_not_hide_a_whole_one_behind_it() -> None:
    assert hits("600933", article("1600933和600933")) == [("600933", "600933")]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param("大脑 NEAR/3 宁波", "大脑一二三宁波", True, id="as far as allowed"),
        pytest.param("大脑 NEAR/3 宁波", "大脑一二三四宁波", False, id="one farther"),
        pytest.param("大脑 NEAR/3 宁波", "宁波一二三大脑", True, id="either order"),
        pytest.param("大脑 NEAR/0 宁波", "大脑宁波", True, id="side by side"),
        pytest.param("大脑 NEAR 宁波", "大脑" + "一" * 20 + "宁波", True, id="alone: twenty"),
        pytest.param("大脑 NEAR 宁波", "大脑" + "一" * 21 + "宁波", False, id="alone: not twenty-one"),
        pytest.param("大脑 NEAR/1 宁波", "大脑\n宁波", True, id="a paragraph's border is one"),
        pytest.param("大脑 NEAR/0 宁波", "大脑\n宁波", False, id="and not none"),
        pytest.param("产业大脑 NEAR/9 大脑", "产业大脑", False, id="disjoint: not inside"),
        pytest.param("大脑 NEAR/9 大脑", "大脑", False, id="disjoint: not itself"),
        pytest.param("大脑 NEAR/9 大脑", "大脑和大脑", True, id="two of the same"),
        pytest.param("数字 NEAR/2 经济", "數(shù)字的經(jīng)濟", True, id="folded characters are counted"),
        pytest.param("(大脑 OR 工厂) NEAR/1 (宁波 OR 义乌)", "义乌工厂", True, id="OR-groups"),
        pytest.param('"产业 大脑" NEAR/1 宁波', "产业 大脑宁波", True, id="a phrase"),
        pytest.param(r"/\d+亿元/ NEAR/2 宁波", "宁波达2674亿元", True, id="a regex"),
        pytest.param(r"/\d+亿元/ NEAR/2 宁波", "宁波去年达2674亿元", False, id="a regex too far"),
        pytest.param(r"/\(/ NEAR/9 /\(/", "數(shù)字", False, id="disjoint: nor in what the fold deletes"),
        pytest.param("a NEAR/1 b NEAR/1 c", "a b 二三四五 b c", True, id="a chain: each pair by itself"),
        pytest.param("a NEAR/1 b NEAR/1 c", "a b 二三四五 c", False, id="a chain: one pair is missing"),
        pytest.param("title:大脑 NEAR/3 宁波", "大脑宁波", False, id="a field on one side"),
        pytest.param("大脑 NEAR/3 宁波 -招聘", "大脑宁波招聘", False, id="beside an exclusion"),
    ],
)
def test_near(rule: str, text: str, expected: bool) -> None:
    assert meets(rule, article(text)) is expected


def test_near_wants_both_in_one_field() -> None:
    assert not meets("大脑 NEAR/50 宁波", article("宁波", title="大脑"))
    assert meets("大脑 NEAR/50 宁波", article("无关", title="大脑宁波"))
    assert meets("title:(大脑 NEAR/5 (宁波 OR 义乌))", article("无关", title="大脑义乌"))
    assert not meets("title:(大脑 NEAR/5 宁波)", article("大脑宁波"))


@pytest.mark.parametrize(
    ("rule", "title", "text", "expected"),
    [
        pytest.param("数字{3}", "", "数字数字数字", True, id="three times"),
        pytest.param("数字{3}", "", "数字数字", False, id="twice"),
        pytest.param("数字{3}", "数字", "数字和数字", True, id="title and body together"),
        pytest.param("哈哈{2}", "", "哈哈哈", False, id="they do not overlap"),
        pytest.param("哈哈{2}", "", "哈哈哈哈", True, id="side by side"),
        pytest.param("数字｛２｝", "", "数字数字", True, id="full-width braces"),
        pytest.param('"数字 经济"{2}', "", "数字 经济，数字 经济", True, id="a phrase"),
        pytest.param(r"/数./{2}", "", "数字数学", True, id="a regex"),
        pytest.param(r"/\(/{2}", "數(shù)字", "經(jīng)濟", True, id="a regex in what the fold deletes"),
        pytest.param(r"/[数數]./{2}", "", "数(shù)字", False, id="a regex on both, the same place"),
        pytest.param("(数字 OR 数据){3}", "", "数字数据数字", True, id="an OR-group together"),
        pytest.param("(数字 OR 数字经济){2}", "", "数字经济", False, id="an OR-group does not overlap either"),
        pytest.param("title:数字{2}", "数字", "数字", False, id="in one field"),
        pytest.param("(数字){2}", "", "数字数字", True, id="a group of one"),
    ],
)
def test_counts(rule: str, title: str, text: str, expected: bool) -> None:
    assert meets(rule, article(text, title)) is expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param("=美的", "美的集团发布公告", True, id="a word"),
        pytest.param("=美的{2}", "美的与美的", True, id="twice in a line"),
        pytest.param("=美的", "优美的风景", False, id="the end of one and a particle"),
        pytest.param("=美的", "最美的乡村\n格力与美的竞争", True, id="once a word"),
        pytest.param("＝美的", "最美的乡村", False, id="full-width"),
        pytest.param('="美的"', "最美的乡村", False, id="a phrase"),
        pytest.param("title:=美的", "美的集团", False, id="in a field"),
        pytest.param("集团 -=美的", "优美的集团", True, id="excluded"),
        pytest.param("美的", "优美的风景", True, id="without it any place counts"),
    ],
)
def test_a_word_border_is_wanted_with_an_equals_sign(rule: str, text: str, expected: bool) -> None:
    assert meets(rule, article(text)) is expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param(r"/浙政办发〔20\d\d〕\d+号/", "根据浙政办发〔2023〕12号文", True, id="as stored"),
        pytest.param("/数字.济/", "數(shù)字經(jīng)濟", True, id="as folded"),
        pytest.param("/數字.濟/", "数字经济", False, id="the pattern is not folded"),
        pytest.param("/open ?ai/", "用OpenAI和", True, id="case-blind, with a blank"),
        pytest.param("/宁.波/", "宁\n波", False, id="a dot does not cross a paragraph"),
        pytest.param(r"/宁\s波/", "宁\n波", False, id="nothing does"),
        pytest.param("/^义乌/", "宁波\n义乌新闻", True, id="the beginning of a paragraph"),
        pytest.param("/新闻$/", "宁波新闻\n义乌", True, id="the end of a paragraph"),
        pytest.param("/5G|6G/", "6G时代", True, id="a bar in a regex"),
        pytest.param("/(产业|城市)大脑/ 宁波", "宁波城市大脑", True, id="brackets in a regex"),
        pytest.param(r"/a\/b/", "a/b", True, id="an escaped slash"),
        pytest.param("/a/b/", "a/b", True, id="a slash that ends nothing"),
        pytest.param("-/招.*聘/ 宁波", "宁波招人聘人", False, id="excluded"),
        pytest.param("body:/宁./", "宁波", True, id="in a field"),
        pytest.param("title:/宁./", "宁波", False, id="in the other field"),
        pytest.param(r"/\bx/ OR 宁", "\ud800宁x", True, id="half a character"),
        pytest.param(r"/\b/ OR 温州", "宁波 ab", False, id="an empty place is no hit"),
    ],
)
def test_regexes(rule: str, text: str, expected: bool) -> None:
    assert meets(rule, article(text)) is expected


def test_a_regex_takes_linear_time() -> None:
    assert not meets("/(a+)+b/", article("a" * 5000))
    assert meets("/.{1,500}宁/", article("a" * 5000 + "宁"))
    with pytest.raises(RuleError, match="repeats too much"):
        parse("/.{1,1000}宁/")  # linear, too, and yet 20 s for 300,000 characters


KNOWN = Subject.of(
    title="关于数字经济的通知",
    text="正文",
    source="yiwu-news",
    source_names=("yiwu-news", "义乌市政府·义乌要闻", None),
    region="义乌",
    issuer="義烏市人民政府辦公室",
    origin="经济参考报",
    doc_number="浙政发〔2023〕1号",
    stocks=(("sh600933", "爱柯迪"), ("hk00700", "腾讯控股"), ("AAPL", "苹果")),
    url="https://www.yw.gov.cn/art/2023/7/6/Art_1.html",
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("source:yiwu-news", True),
        ("source:义乌要闻", True),
        ("信源：義烏要聞", True),
        ("source:宁波", False),
        ("region:义乌", True),
        ("地区：宁波", False),
        ("region:(宁波 OR 义乌)", True),
        ("通知 -region:义乌", False),
        ("通知 -region:宁波", True),
        ("issuer:人民政府", True),
        ("发布机构：义乌市", True),
        ("origin:经济参考报", True),
        ("origin:/经济.+报/", True),
        ("来源：新华社", False),
        ("docno:浙政发〔2023〕1号", True),
        ("docno:浙政发[2023]1号", True),
        ("docno:浙政发（2023）1号", True),
        ("docno:浙政发(2023)1号", True),
        ("文号：（浙政发（2024）1号　OR　浙政发(2023)1号）", True),
        ("docno:((浙政发(2023)1号) OR x)", True),
        ("docno:浙政发(2023 2024)", False),
        ("docno:浙政发(2023)2号", False),
        ('docno:"浙政发（2023）1号"', True),
        ("文号：“浙政发【2023】1号”", True),
        ('docno:"浙政发 (2023) 1号"', True),
        ("docno:2024", False),
        ("stock:600933", True),
        ("stock:sh600933", True),
        ("stock:SH600933", True),
        ("stock:600933.SH", True),
        ("stock:600933.ss", True),
        ("stock:sz600933", False),
        ("stock:60093", False),
        ("stock:00700.hk", True),
        ("stock:aapl", True),
        ("stock:爱柯迪", True),
        ("股票：愛柯迪", True),
        ("stock:/^sh6/", True),
        ("stock:茅台", False),
        ("url:yw.gov.cn/art", True),
        ("url:https://www.yw.gov.cn/art/2023", True),
        ("url:/art/2023", True),
        ("url:/2024/", False),
        (r"url:/art_\d+\.html/", True),
        ("url:/art/2023 region:义乌", True),
        ("url:/art/2023 region:宁波 OR url:/nothing/", False),
        ("url:art_1", False),
        ("title:数字经济", True),
        ("标题：（数字经济　OR　x）", True),
        ("body:数字经济", False),
        ("title:(通知 -数字经济)", False),
        ("title:AI", False),
    ],
)
def test_fields(rule: str, expected: bool) -> None:
    assert meets(rule, KNOWN) is expected


@pytest.mark.parametrize("field", ["source", "region", "issuer", "origin", "docno", "stock", "url"])
def test_what_is_unknown_of_an_article_meets_nothing(field: str) -> None:
    assert not meets(f"{field}:x", article("x"))


@pytest.mark.parametrize(
    ("rule", "scope", "expected"),
    [
        pytest.param("大脑", {TITLE}, True, id="a bare term in the scope"),
        pytest.param("宁波", {TITLE}, False, id="a bare term outside it"),
        pytest.param("body:宁波", {TITLE}, True, id="a named field has its own"),
        pytest.param("大脑 -宁波", {TITLE}, True, id="an exclusion keeps to it too"),
        pytest.param("宁{2}", {TITLE}, False, id="a count keeps to it"),
        pytest.param("宁波 NEAR 义乌", {TITLE}, False, id="NEAR keeps to it"),
        pytest.param("宁波 NEAR 义乌", {BODY}, True, id="NEAR in it"),
    ],
)
def test_the_scope_holds_for_bare_terms(rule: str, scope: set[HitField], expected: bool) -> None:
    assert meets(rule, article("宁波义乌宁", title="产业大脑"), frozenset(scope)) is expected


def test_hits_are_places_of_the_stored_text_in_order() -> None:
    subject = article("首段\n發展數(shù)字經(jīng)濟，数字经济。", title="數字經濟")
    assert parse("发展 OR 数字经济").evaluate(subject).hits == (
        Hit(term="数字经济", field=TITLE, start=0, end=4, context="數字經濟"),
        Hit(term="发展", field=BODY, start=3, end=5, context="發展數(shù)字經(jīng)濟，数字经济。"),
        Hit(term="数字经济", field=BODY, start=5, end=20, context="發展數(shù)字經(jīng)濟，数字经济。"),
        Hit(term="数字经济", field=BODY, start=21, end=25, context="發展數(shù)字經(jīng)濟，数字经济。"),
    )


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param("宁波 -招聘", "宁波", [("宁波", "宁波")], id="what must be there, not what must not"),
        pytest.param("宁波 OR (义乌 温州)", "宁波义乌", [("宁波", "宁波")], id="the branch that holds"),
        pytest.param(
            "宁波 NEAR/1 义乌", "宁波义乌，，宁波", [("宁波", "宁波"), ("义乌", "义乌")], id="only what is near"
        ),
        pytest.param("数字{2}", "數字、数字", [("数字", "數字"), ("数字", "数字")], id="each that counts"),
        pytest.param("/数.经/", "數(shù)字經", [("/数.经/", "數(shù)字經")], id="a regex on the fold"),
        pytest.param("/宁波/", "宁波", [("/宁波/", "宁波")], id="a regex on both, once"),
        pytest.param("宁波 宁波", "宁波", [("宁波", "宁波")], id="each place once"),
        pytest.param("=美的", "美的", [("美的", "美的")], id="without the sign"),
        pytest.param("region:x OR 宁波", "宁波", [("宁波", "宁波")], id="places only"),
        pytest.param("温州", "宁波", [], id="none without a match"),
    ],
)
def test_hits_show_what_made_the_rule_hold(rule: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert hits(rule, article(text)) == expected


def test_a_context_is_the_line_around_a_hit_cut_to_size() -> None:
    line = "前" * 60 + "宁波" + "后" * 60
    (hit,) = parse("宁波").evaluate(article(f"上一段\n{line}\n下一段")).hits
    assert hit.context == f"…{'前' * 40}宁波{'后' * 40}…"


def test_endless_hits_are_cut() -> None:
    assert len(parse("哈").evaluate(article("哈" * 3000)).hits) == 500


def test_a_subject_without_folds_is_folded_on_the_way() -> None:
    assert meets("数字经济", Subject(title="", text="數字經濟"))
