"""The articles that the sample sites publish: written ones from articles.yaml, and any number of made ones."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from crawler import yamlfile
from crawler.records import BEIJING, ArticleKind, ChaoxunError

#: What the demo's watches look for; `SampleArticle.topics` names those that an article is about.
TOPICS = ("产业大脑", "未来工厂", "数字经济", "一号发展工程", "揭榜挂帅", "新质生产力")


class Site(StrEnum):
    SINA = "sina"
    CITY = "city"
    PORTAL = "portal"
    OUTLET = "outlet"


class Column(StrEnum):
    """The columns of the sites; each is one source, and its value is that source's slug."""

    SINA_CHINA = "sina-china"
    SINA_LOCAL = "sina-local"
    CITY_NEWS = "city-news"
    CITY_POLICY = "city-policy"
    CITY_NOTICES = "city-notices"
    PORTAL_NEWS = "portal-news"
    OUTLET_NEWS = "outlet-news"

    @property
    def site(self) -> Site:
        return Site(self.value.partition("-")[0])


SITE_NAMES: Mapping[Site, str] = {
    Site.SINA: "示例财经",
    Site.CITY: "示例市人民政府",
    Site.PORTAL: "示例在线",
    Site.OUTLET: "示例企业网",
}

COLUMN_NAMES: Mapping[Column, str] = {
    Column.SINA_CHINA: "国内滚动",
    Column.SINA_LOCAL: "地方经济",
    Column.CITY_NEWS: "示例要闻",
    Column.CITY_POLICY: "政策文件",
    Column.CITY_NOTICES: "公告公示",
    Column.PORTAL_NEWS: "经济新闻",
    Column.OUTLET_NEWS: "创新创业",
}


class UnknownArticleError(ChaoxunError):
    """An article id that the sample sites have not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """What a newsroom wrote. Without `published_at` the sites' clock gives it one when it is published.

    government: the keys of the article JSON's `government`, what the page's table says.
    glossed: the page shows pinyin after some characters, as careless mirrors do; `paragraphs` have none.
    """

    id: str
    column: Column
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime | None = None
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    region: str | None = None
    kind: ArticleKind = ArticleKind.NEWS
    keywords: tuple[str, ...] = ()
    stocks: tuple[tuple[str, str], ...] = ()
    government: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[tuple[str, str], ...] = ()
    caption: str | None = None
    pinned: bool = False
    glossed: bool = False
    topics: tuple[str, ...] = ()
    repost_of: str | None = None

    @property
    def text(self) -> str:
        """What a perfect extraction gives: caption, paragraphs and the lines of attachments, joined by one newline."""
        caption = () if self.caption is None else (self.caption,)
        return "\n".join((*caption, *self.paragraphs, *(f"附件：{name}" for name, _ in self.attachments)))

    @property
    def published(self) -> datetime:
        """The time of publication, Beijing; raises ValueError before the article has one."""
        if self.published_at is None:
            raise ValueError(f"article {self.id} has no time yet; publish it first")
        return self.published_at.astimezone(BEIJING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFile:
    """articles.yaml, read: what is there before the first visit, and what comes later."""

    backlog: tuple[SampleArticle, ...]
    later: tuple[SampleArticle, ...]

    def __getitem__(self, article_id: str) -> SampleArticle:
        for article in (*self.backlog, *self.later):
            if article.id == article_id:
                return article
        raise UnknownArticleError(f"articles.yaml has no article {article_id!r}")


class _Article(yamlfile.Checked):
    id: str
    column: Column
    when: Literal["backlog", "later"]
    title: str
    paragraphs: tuple[str, ...]
    days_ago: int | None = None
    at: time | None = None
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    region: str | None = None
    kind: ArticleKind = ArticleKind.NEWS
    keywords: tuple[str, ...] = ()
    stocks: tuple[tuple[str, str], ...] = ()
    government: Mapping[str, str | int] = {}
    attachments: tuple[tuple[str, str], ...] = ()
    caption: str | None = None
    pinned: bool = False
    glossed: bool = False
    topics: tuple[str, ...] = ()


class _File(yamlfile.Checked):
    articles: tuple[_Article, ...]


def load_articles(now: datetime) -> ArticleFile:
    """The written articles, dated backwards from `now`; those of `later` have no time before they are published.

    Raises ConfigError for a mistake in the file.
    """
    document = yamlfile.load(Path(__file__).with_name("articles.yaml"), environ={})
    rows = yamlfile.check(document, _File).articles
    return ArticleFile(
        backlog=tuple(_article(row, now) for row in rows if row.when == "backlog"),
        later=tuple(_article(row, now) for row in rows if row.when == "later"),
    )


def dated(article: SampleArticle, moment: datetime) -> SampleArticle:
    """The article with its time (the minute of `moment` where it has none) and with {date} and {year} put in."""
    published = article.published_at or moment.replace(second=0, microsecond=0)
    day = published.astimezone(BEIJING).date()
    government = {key: _filled(value, day.year, _words(day)) for key, value in article.government.items()}
    before = government.pop("written_days_before", None)
    if before is not None:
        government["written_on"] = (day - timedelta(days=int(before))).isoformat()
    return replace(
        article,
        published_at=published,
        paragraphs=tuple(_filled(paragraph, day.year, _words(day)) for paragraph in article.paragraphs),
        government=government,
    )


def _article(row: _Article, now: datetime) -> SampleArticle:
    published = None
    if row.days_ago is not None and row.at is not None:
        day = now.astimezone(BEIJING).date() - timedelta(days=row.days_ago)
        published = datetime.combine(day, row.at, BEIJING)
    values = row.model_dump(exclude={"when", "days_ago", "at", "government"})
    government = {key: str(value) for key, value in row.government.items()}
    return SampleArticle(**values, published_at=published, government=government)


def _filled(text: str, year: int, date: str) -> str:
    return text.replace("{year}", str(year)).replace("{date}", date)


def _words(day: datetime | object) -> str:
    return f"{day:%Y}年{day:%-m}月{day:%-d}日"


# --- made articles -----------------------------------------------------------------------------------------------

_PLACES = ("宁波", "义乌", "杭州", "湖州", "温州", "金华", "嘉兴", "丽水")
_TRADES = ("针织", "轴承", "注塑", "阀门", "光伏", "饰品", "五金", "电机", "造纸", "茶叶", "竹木", "食品")
_UNITS = ("万元", "台", "吨", "件", "户", "人次", "公里", "笔")
_THINGS = ("订单", "产值", "用电量", "出口额", "设备", "专利", "库存", "运费", "产能", "损耗")
_OPENINGS = (
    "记者近日在{place}走访时看到，{trade}企业的{thing}比上年同期{move}了{number}{unit}。",
    "{place}公布的一组数字显示，{trade}行业的{thing}在过去{months}个月里{move}了{number}{unit}。",
    "一大早，{place}的{trade}市场已经热闹起来，当天的{thing}{move}到{number}{unit}。",
)
_MIDDLES = (
    "当地一家{trade}企业的负责人说，{thing}的变化主要来自老客户，占总数的{share}成。",
    "为此，{place}安排了{number}{unit}的专门支持，预计惠及{trade}企业{months}家。",
    "从{months}个月的情况看，{thing}{move}的势头没有改变，但不同规模的企业差别明显。",
    "也有企业反映，{thing}虽然{move}了，账期却从{months}天拉长到{days}天。",
    "{place}的办法是先选{months}家企业试一试，成了再推开，不成就停下来。",
    "业内人士提醒，{trade}行业的{thing}不宜只看一个月，至少要连着看{months}个月。",
)
_TOPICAL = (
    "在{place}，{topic}已经写进了年度计划，第一批涉及{trade}企业{months}家。",
    "围绕{topic}，{place}的{trade}行业今年安排了{number}{unit}的投入。",
    "负责人表示，{topic}不是一句口号，{trade}企业要看的是{thing}能不能{move}{share}成。",
)
_ENDINGS = (
    "下一步，{place}将继续跟踪{trade}行业的{thing}，有关情况每季度公布一次。",
    "记者将继续关注{place}{trade}行业的变化。",
)
_ALL_COLUMNS = tuple(Column)


def make_article(number: int, *, column: Column | None = None, seed: int = 0, topic_every: int = 5) -> SampleArticle:
    """A made article, the same for the same arguments; every number gives another text.

    topic_every: each so-many-th article is about one topic of TOPICS, the others about none (0: none at all).
    """
    draw = random.Random(f"{seed}:{number}")
    topic = draw.choice(TOPICS) if topic_every and number % topic_every == 0 else None
    chosen = column or _ALL_COLUMNS[number % len(_ALL_COLUMNS)]
    place, trade = draw.choice(_PLACES), draw.choice(_TRADES)

    def sentence(templates: tuple[str, ...]) -> str:
        return draw.choice(templates).format(
            place=place,
            trade=trade,
            topic=topic,
            thing=draw.choice(_THINGS),
            unit=draw.choice(_UNITS),
            move=draw.choice(("增加", "减少", "回升", "下降")),
            number=draw.randint(101, 9999),
            months=draw.randint(3, 29),
            days=draw.randint(30, 180),
            share=draw.randint(2, 9),
        )

    body = [sentence(_OPENINGS) + sentence(_MIDDLES)]
    body += [sentence(_MIDDLES) + sentence(_MIDDLES) for _ in range(draw.randint(2, 5))]
    if topic is not None:
        body.insert(1, sentence(_TOPICAL))
    # the number in words of its own makes the text unlike every other one, whatever was drawn
    body.append(f"{sentence(_ENDINGS)}本组报道编号第{number}号。")
    return SampleArticle(
        id=f"made-{seed}-{number}",
        column=chosen,
        title=f"{place}{trade}行业观察之{number}：{draw.choice(_THINGS)}里看{topic or '变化'}",
        paragraphs=tuple(body),
        origin="示例日报",
        editor="张三",
        region=place,
        keywords=(place, trade),
        topics=(topic,) if topic else (),
        government=_made_government(number) if chosen is Column.CITY_POLICY else {},
    )


def _made_government(number: int) -> dict[str, str]:
    return {
        "index_number": f"330799000000/{{year}}-{600000 + number}",
        "issuer": "市府办",
        "openness": "主动公开",
        "category": "市政府文件",
        "written_days_before": "2",
    }
