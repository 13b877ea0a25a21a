"""What a change of a page comes to, from its bytes to the alert: its class, what flips, what only comes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crawler.extract import extract
from crawler.records import Capture, Entry, Outcome, Quality, Verdict, Visit
from monitor.corpus import Corpus, learned, tables
from monitor.ingest import Desk, ingest
from monitor.model import AlertKind
from tests.contract.desk import NOW, OTHER, SOURCE, desk, gone, not_modified, watch
from tests.contract.reading import shown

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "https://yw.example/a/1.html"
BODY = (
    "<p>产业大脑建设推进会今天在义乌召开，来自各县区的一百多家企业参加了会议，现场气氛热烈。</p>"
    "<p>会议提出，到2027年建成未来工厂30家，全年投入12.5亿元，带动上下游企业协同改造。</p>"
    "<p>副市长王小明表示，将加快数字化改造步伐，让更多中小企业用得起、用得好。</p>"
    "<p>推进会还发布了第三批揭榜挂帅项目清单，覆盖纺织、饰品、玩具等多个行业。</p>"
)
RELATED = "<div class='related'><h3>相关阅读</h3><ul><li><a href='/a/{0}.html'>第{0}条别的新闻标题</a></li></ul></div>"


def made(
    body: str = BODY,
    *,
    title: str = "产业大脑落户义乌",
    head: str = "发布时间：2026-03-01 09:30 来源：义乌发布",
    around: str = "",
    below: str = "",
) -> str:
    return (
        f"<html><head><meta charset='utf-8'><title>{title}_示例网</title></head><body>{around}"
        f"<h1>{title}</h1><div class='info'>{head}</div><div class='content'>{body}</div>{below}</body></html>"
    )


def fetched(html: str, url: str = URL) -> Visit:
    draft = extract(html.encode(), url=url, content_type="text/html; charset=utf-8")
    answer = Capture(url=url, final_url=url, status=200, body=html.encode(), fetched_at=NOW)
    return Visit(source=SOURCE, url=url, entry=Entry(url=url), answer=answer, draft=draft)


def told(corpus: Corpus) -> list[str]:
    """The texts of the alerts about changes, in the order of their making."""
    query = sa.select(tables.alert.c.text).where(tables.alert.c.kind == AlertKind.CHANGED)
    with corpus.read() as connection:
        return list(connection.execute(query.order_by(tables.alert.c.created_at)).scalars())


def summaries(corpus: Corpus) -> list[str]:
    return [f"{line['kind']}: {line['summary']}" for line in shown(corpus)["revisions"][1:]]


def take(
    corpus: Corpus, pages: Sequence[str], *, every: timedelta = HOUR, room: Desk | None = None, url: str = URL
) -> list[Outcome]:
    """One look after the other."""
    room = room or desk(watch())
    return [ingest(corpus, fetched(page, url), desk=room, now=NOW + n * every) for n, page in enumerate(pages)]


# -- classes


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(made(head="发布时间：2026-03-01 09:30 来源：义乌发布 浏览次数：1024"), id="a counter in the head"),
        pytest.param(made(BODY + "<p>阅读 2048 次</p>"), id="a counter below the text"),
        pytest.param(made(BODY + "<p>访问次数：<span>77</span></p><p>点赞 12</p>"), id="two counters"),
        pytest.param(made(around="<p>今天是2026年3月2日 星期一</p>"), id="today's date above"),
        pytest.param(made("<p>今天是2026年3月2日 星期一</p>" + BODY), id="today's date in the text"),
        pytest.param(made(below=RELATED.format(8)), id="a related list came"),
        pytest.param(made(BODY + RELATED.format(9)), id="a related list within the text"),
        pytest.param(made(BODY + "<p>延伸阅读：另一条新闻的标题</p>"), id="further reading"),
        pytest.param(
            made(below="<div class='ad'><a href='//ad.example'>春季促销五折起</a></div>"), id="an advertisement"
        ),
        pytest.param(made(BODY + "<p>【打印】【关闭】 分享到：微信 微博</p>"), id="buttons"),
        pytest.param(made(BODY + "<p>字体：大 中 小</p>"), id="font sizes"),
        pytest.param(made(BODY.replace("，", "， ").replace("<p>", "<p>　　")), id="blanks"),
        pytest.param(made(BODY.replace("2027", "２０２７")), id="width"),
        pytest.param(made(BODY.replace("</p><p>会议", "<br>会议")), id="where a paragraph breaks"),
        pytest.param(made(below="<div class='footer'>版权所有 示例网 2026</div>"), id="a footer"),
        pytest.param(
            made(around="<ul class='nav'><li><a href='/'>首页</a></li><li><a href='/x'>要闻</a></li></ul>"), id="a menu"
        ),
    ],
)
def test_noise_of_a_page_is_no_change(filled: Corpus, after: str) -> None:
    assert take(filled, [made(), after, made()]) == [Outcome.NEW, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert told(filled) == []


FILE = "<p>附件：<a href='/f/{0}.pdf'>{0}.pdf</a></p>"


@pytest.mark.parametrize(
    ("after", "said", "parts"),
    [
        pytest.param(
            made(BODY.replace("12.5亿", "15.2亿")),
            "body: 投入 12.5→15.2 亿元",
            ["figures", "share"],
            id="a figure",
        ),
        pytest.param(made(BODY.replace("王小明", "李大力")), "body: 王小明→李大力", ["names", "share"], id="a name"),
        pytest.param(made(BODY.replace("未来工厂", "智慧车间")), "body: “未来工厂”→“智慧车间”", ["share"], id="a word"),
        pytest.param(
            made(BODY.replace("产业大脑", "示例大脑")),
            "body: “产业”→“示例”",
            ["share", "watched"],
            id="a word of the rule, while the headline keeps it",
        ),
        pytest.param(
            made(title="产业大脑已在义乌启用"), "title: 标题改为《产业大脑已在义乌启用》", ["title"], id="the headline"
        ),
        pytest.param(
            made(head="发布时间：2026-03-01 09:30 来源：示例日报"),
            "metadata: 来源：义乌发布 → 来源：示例日报",
            ["facts"],
            id="the credit",
        ),
        pytest.param(
            made(head="发布时间：2026-03-01 10:00 来源：义乌发布"),
            "metadata: 发布时间：2026-03-01 09:30 → 发布时间：2026-03-01 10:00",
            ["facts"],
            id="the time",
        ),
    ],
)
def test_a_change_is_called_and_weighed_by_what_it_is(filled: Corpus, after: str, said: str, parts: list[str]) -> None:
    assert take(filled, [made(), after]) == [Outcome.NEW, Outcome.CHANGED]
    (line,) = shown(filled)["revisions"][1:]
    got = f"{line['kind']}: {line['summary']}"
    assert got.partition("；")[0] == said
    assert list(line["parts"]) == parts
    assert line["importance"] == min(100, sum(line["parts"].values()))
    (text,) = told(filled)
    assert f"\n摘要：{line['summary']}\n重要性：{line['importance']}/100（" in text


def test_another_file_behind_the_same_words_is_a_change_of_the_attachments(filled: Corpus) -> None:
    before, after = (made(BODY + f"<p>附件：<a href='/f/{n}.pdf'>项目清单.pdf</a></p>") for n in (1, 2))
    take(filled, [before, after])
    (line,) = shown(filled)["revisions"][1:]
    assert line["summary"] == "附件更换 1 个（项目清单.pdf）"
    assert (line["kind"], line["parts"], line["importance"]) == ("attachments", {"attachments": 20}, 20)


def test_moved_paragraphs_are_a_revision_that_nobody_is_told_of(filled: Corpus) -> None:
    paragraphs = BODY.split("</p>")[:-1]
    moved = made("</p>".join([*paragraphs[1:], paragraphs[0], ""]))
    assert take(filled, [made(), moved]) == [Outcome.NEW, Outcome.CHANGED]
    assert (summaries(filled), told(filled)) == (["reordered: 段落换了次序"], [])


# -- importance


def test_a_change_below_the_minimum_is_stored_and_told_to_nobody(filled: Corpus) -> None:
    """The very minimum is told; one more is not."""
    after = made(BODY.replace("12.5亿", "15.2亿"))
    take(filled, [made(), after])
    weight = shown(filled)["revisions"][1]["importance"]
    assert 40 <= weight < 100
    for n, (least, heard) in enumerate(((weight, True), (weight + 1, False)), 2):
        url = f"https://yw.example/a/{n}.html"
        before = len(told(filled))
        take(filled, [made(), after], room=desk(watch(min_importance=least, reposts=True)), url=url)
        assert len(told(filled)) - before == heard
        assert shown(filled, n)["revisions"][1]["importance"] == weight


def test_watched_words_that_go_weigh_what_words_that_come_weigh(filled: Corpus) -> None:
    without = made(BODY.replace("产业大脑", "示例大脑"), title="示例大脑落户义乌")
    take(filled, [made(), without])
    take(filled, [without, made()], url="https://yw.example/a/2.html")
    gone_, come = (shown(filled, n)["revisions"][1] for n in (1, 2))
    assert gone_["parts"]["watched"] == come["parts"]["watched"] == 30
    assert gone_["summary"].endswith("；不再出现监控词：产业大脑")
    assert come["summary"].endswith("；新出现监控词：产业大脑")


# -- there and back


A, B = made(), made(BODY.replace("30家", "40家"))
C = made(BODY.replace("30家", "50家"))


def test_a_page_that_goes_back_within_a_day_says_so_once(filled: Corpus) -> None:
    take(filled, [A, B, A])
    assert summaries(filled) == ["body: 未来工厂 30→40 家", "body: 恢复为第 1 版；未来工厂 40→30 家"]
    assert [text.count("摘要：恢复为第 1 版") for text in told(filled)] == [0, 1]


def test_ping_pong_within_a_day_is_told_twice_in_all(filled: Corpus) -> None:
    assert take(filled, [A, B, A, B, A, B, A]) == [Outcome.NEW, *[Outcome.CHANGED] * 6]
    assert len(told(filled)) == 2
    assert len(shown(filled)["revisions"]) == 7
    assert shown(filled)["revisions"][-1]["back_to"] == 1


def test_another_edit_amid_ping_pong_is_told(filled: Corpus) -> None:
    take(filled, [A, B, A, B, C, A])
    assert [text.split("摘要：")[1].split("；")[0].split("\n")[0] for text in told(filled)] == [
        "未来工厂 30→40 家",
        "恢复为第 1 版",
        "未来工厂 40→50 家",
        "恢复为第 1 版",
    ]


def test_what_comes_back_after_a_day_is_an_edit(filled: Corpus) -> None:
    take(filled, [A, B, A, B], every=DAY)
    assert len(told(filled)) == 3
    assert all("恢复" not in summary for summary in summaries(filled))


def test_a_page_that_flips_for_days_is_told_once_a_day(filled: Corpus) -> None:
    take(filled, [A, *[B, A] * 36])
    assert len(told(filled)) == 4, "the edit, its end, and once each further day"


def test_who_heard_of_another_state_hears_where_it_came_to_rest(filled: Corpus) -> None:
    """Told: B, and back to A. It went to B again, silently, and stays B: one more alert says so, once."""
    take(filled, [A, B, A, B])
    assert len(told(filled)) == 2
    rests = [(10, 2), (26, 2), (28, 3), (40, 3), (90, 3)]
    for hours, count in rests:
        assert ingest(filled, fetched(B), desk=desk(watch()), now=NOW + hours * HOUR) is Outcome.UNCHANGED
        assert len(told(filled)) == count, hours
    assert "摘要：反复修改后停在第 2 版；未来工厂 30→40 家" in told(filled)[-1]


def test_a_page_that_rests_where_it_was_told_to_be_is_not_told_again(filled: Corpus) -> None:
    take(filled, [A, B, A, B, A])
    ingest(filled, fetched(A), desk=desk(watch()), now=NOW + 40 * HOUR)
    assert len(told(filled)) == 2


def test_a_headline_or_an_attachment_that_goes_back_is_a_comeback_too(filled: Corpus) -> None:
    for n, other in enumerate((made(title="产业大脑启用"), made(BODY + FILE.format("清单"))), 1):
        take(filled, [A, other, A, other, A], url=f"https://yw.example/a/{n}.html", room=desk(watch(reposts=True)))
        assert shown(filled, n)["revisions"][2]["summary"].startswith("恢复为第 1 版；")
        assert len(told(filled)) == 2 * n


# -- lines that flip


def flipping(n: int, body: str = BODY) -> str:
    return made(body + f"<p>今日热线：{'甲乙丙丁戊己庚辛壬癸'[n % 10]}号话务员值班</p>")


def learnt(corpus: Corpus) -> list[str]:
    with corpus.read() as connection:
        return [line["template"] for line in learned.by_source(connection).get(SOURCE.slug, [])]


def test_a_line_that_flips_at_every_look_is_learned_and_told_no_more(filled: Corpus) -> None:
    outcomes = take(filled, [flipping(n) for n in range(9)])
    assert outcomes == [Outcome.NEW, *[Outcome.CHANGED] * 3, *[Outcome.UNCHANGED] * 5]
    assert learnt(filled) == ["今日热线:*"]
    assert len(told(filled)) == 3
    assert "今日热线：丁号话务员值班" in shown(filled)["text"], "the stored text keeps the line"


def test_an_edit_beside_a_learned_line_is_told_without_it(filled: Corpus) -> None:
    take(filled, [flipping(n) for n in range(6)])
    ingest(filled, fetched(flipping(7, BODY.replace("30家", "40家"))), desk=desk(watch()), now=NOW + 9 * HOUR)
    assert summaries(filled)[-1] == "body: 未来工厂 30→40 家"
    assert "热线" not in told(filled)[-1]
    assert "今日热线：辛号话务员值班" in shown(filled)["text"]


def test_a_line_of_the_site_is_learned_from_several_articles_however_seldom_it_flips(filled: Corpus) -> None:
    """Four articles, each looked at three times a day; the line is another one each day, the same in all of them."""
    heard = []
    for day, word in enumerate("甲乙丙丁戊己"):
        for look in range(3):
            for number, place in enumerate("东西南北", 1):
                body = BODY.replace("来自各县区", f"来自{place}面各县区").replace("30家", f"3{number}家")
                html = made(body + f"<p>今日热线：{word}号话务员值班</p>", title=f"产业大脑落户{place}苑")
                url = f"https://yw.example/a/{number}.html"
                now = NOW + day * DAY + look * 6 * HOUR + number * timedelta(minutes=5)
                ingest(filled, fetched(html, url), desk=desk(watch()), now=now)
        heard.append(len(told(filled)))
    assert learnt(filled) == ["今日热线:*"]
    assert heard[3:] == [heard[3]] * 3, "told on three days, and then no more"
    assert shown(filled, 4)["revision"] <= 4


def test_what_one_source_teaches_is_of_no_other(filled: Corpus) -> None:
    take(filled, [flipping(n) for n in range(6)])
    with filled.read() as connection:
        assert list(learned.by_source(connection)) == [SOURCE.slug]
        assert learned.suspects(connection, OTHER.slug) == ()


def test_a_line_that_stops_flipping_is_forgotten_and_what_it_says_is_then_a_change(filled: Corpus) -> None:
    take(filled, [flipping(n) for n in range(6)])
    for n in range(12):
        ingest(filled, fetched(flipping(9)), desk=desk(watch()), now=NOW + 3 * DAY + 6 * n * HOUR)
    assert learnt(filled) == []
    assert "今日热线：癸号话务员值班" in shown(filled)["text"]


def test_what_answers_304_stands_still(filled: Corpus) -> None:
    take(filled, [flipping(n) for n in range(6)])
    for n in range(12):
        ingest(filled, not_modified(URL), desk=desk(watch()), now=NOW + 3 * DAY + n * HOUR)
    assert learnt(filled) == []


def test_neither_a_withdrawal_nor_a_challenge_nor_an_upgrade_teaches_anything(filled: Corpus) -> None:
    room = desk(watch())
    ingest(filled, fetched(flipping(0)), desk=room, now=NOW)
    for n in range(1, 6):
        ingest(filled, gone(URL), desk=room, now=NOW + n * DAY)
    assert shown(filled)["status"] == "withdrawn"
    assert ingest(filled, fetched(flipping(1)), desk=room, now=NOW + 6 * DAY) is Outcome.RETURNED
    challenge = fetched(flipping(2))
    assert challenge.draft is not None
    refused = replace(challenge.draft, text="", quality=Quality(verdict=Verdict.CHALLENGE))
    ingest(filled, replace(challenge, draft=refused), desk=room, now=NOW + 7 * DAY)
    upgraded = replace(challenge.draft, extractor="another")
    ingest(filled, replace(challenge, draft=upgraded), desk=room, now=NOW + 8 * DAY)
    with filled.read() as connection:
        assert learned.suspects(connection, SOURCE.slug) == ()


def test_a_figure_that_grows_at_every_look_is_told_every_time(filled: Corpus) -> None:
    pages = [made(BODY + f"<p>截至{9 + n}时，现场已签约{12 + 3 * n}个项目。</p>") for n in range(12)]
    assert take(filled, pages) == [Outcome.NEW, *[Outcome.CHANGED] * 11]
    assert (len(told(filled)), learnt(filled)) == (11, [])
