"""config/ as it is shipped: it runs without a secret, and its watches find what a newcomer expects of them."""

import re
from pathlib import Path

import pytest

from crawler.records import INTERVAL, CrawlPolicy, Source
from crawler.yamlfile import load
from monitor.configuration import ChannelsFile, MainFile, WatchesFile
from monitor.model import RecheckPlan
from monitor.rules import Subject, parse
from monitor.settings import Settings, load_settings

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load_settings(CONFIG, {})


def test_the_shipped_configuration_needs_no_secret_and_no_variable(shipped: Settings) -> None:
    assert shipped.sources
    assert shipped.watches
    assert dict(shipped.channels) == {}


def test_the_shipped_values_are_the_defaults_that_its_comments_promise(shipped: Settings) -> None:
    default, policy = CrawlPolicy(), shipped.policy

    assert shipped.recheck == RecheckPlan()
    assert (shipped.database, shipped.bind) == ("sqlite:///var/chaoxun.db", ("127.0.0.1", 8787))
    assert (policy.every, policy.hours, policy.off_hours_every) == (
        default.every,
        default.hours,
        default.off_hours_every,
    )
    assert (policy.gap, policy.interval, policy.allow_private) == (default.gap, INTERVAL, default.allow_private)


def test_the_main_file_shows_every_key_that_there_is() -> None:
    shown = load(CONFIG / "chaoxun.yaml").data

    assert set(shown) == set(MainFile.model_fields)
    for part in ("web", "crawl", "recheck"):
        assert set(shown[part]) == set(type(getattr(MainFile(), part)).model_fields)


@pytest.mark.parametrize(("file", "shape", "part"), [
    pytest.param("watches.yaml", WatchesFile, "watches", id="watches"),
    pytest.param("channels.yaml", ChannelsFile, "channels", id="channels"),
])  # fmt: skip
def test_the_comments_name_every_key_of_an_entry(
    file: str, shape: type[WatchesFile] | type[ChannelsFile], part: str
) -> None:
    text = (CONFIG / file).read_text(encoding="utf-8")
    entry = shape.model_fields[part].annotation
    (model,) = (kind for kind in getattr(entry, "__args__", ()) if hasattr(kind, "model_fields"))

    assert [key for key in model.model_fields if not re.search(rf"\b{key}\b", text)] == []


def test_the_example_channels_are_right_once_their_comment_is_taken_away(tmp_path: Path) -> None:
    text = re.sub(r"^  # ([a-z-]+: \{)", r"  \1", (CONFIG / "channels.yaml").read_text(encoding="utf-8"), flags=re.M)
    (tmp_path / "channels.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "chaoxun.yaml").write_text("operator: [desk-mail]\n", encoding="utf-8")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "none.yaml").write_text("sources: []\n", encoding="utf-8")
    for name in ("desk-mail", "desk-slack", "desk-dingtalk"):
        (tmp_path / name).write_text("json://127.0.0.1/", encoding="utf-8")

    settings = load_settings(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path), "WECOM_KEY": "key"})

    assert sorted(settings.channels) == ["desk-dingtalk", "desk-mail", "desk-slack", "desk-wecom", "hook"]


@pytest.mark.parametrize(
    ("watch", "title", "text", "meets"),
    [
        pytest.param("产业大脑", "纺织产业大脑上线", "接入企业三百家。", True, id="the term"),
        pytest.param("产业大脑", "一块布的旅程", "建设產業大腦，打通上下游。", True, id="traditional script"),
        pytest.param("未来工厂", "全市新增未来工厂十家", "名单公布。", True, id="factory"),
        pytest.param("未来工厂", "未来工厂招聘启事", "诚聘操作工。", False, id="an advertisement for staff"),
        pytest.param("数字经济·浙江", "宁波数字经济增长一成", "总量第二。", True, id="in the headline"),
        pytest.param("数字经济·浙江", "宁波旧桥改造", "数字经济也有涉及。", False, id="once in passing"),
        pytest.param("一号发展工程", "实施“一号发展工程”", "以更大力度。", True, id="project"),
        pytest.param("揭榜挂帅", "攻关名单公布", "揭榜掛帥解決產業“卡脖子”技術難題。", True, id="challenge"),
        pytest.param("新质生产力", "发展新质生产力", "因地制宜。", True, id="new productive forces"),
        pytest.param("共同富裕示范区", "共同富裕改革试点名单", "共十项。", True, id="common prosperity"),
        pytest.param("义乌科创", "义乌新增专精特新企业", "二十家。", True, id="Yiwu"),
        pytest.param("上市公司·光伏", "爱旭义乌基地投产", "年产能十吉瓦。", True, id="listed company"),
        pytest.param("上市公司·光伏", "旧桥改造", "市区一座旧桥。", False, id="something else"),
    ],
)
def test_a_shipped_watch_meets_what_its_name_says(
    shipped: Settings, watch: str, title: str, text: str, meets: bool
) -> None:
    (rule,) = (each.rule for each in shipped.watches if each.name == watch)

    assert parse(rule).evaluate(Subject.of(title=title, text=text)).matched is meets


def test_the_seeds_topics_are_all_watched(shipped: Settings) -> None:
    rules = " ".join(watch.rule for watch in shipped.watches)

    for topic in ("产业大脑", "未来工厂", "数字经济", "一号发展工程", "揭榜挂帅", "新质生产力", "共同富裕"):
        assert topic in rules


def test_every_source_says_the_line_that_declares_it(shipped: Settings) -> None:
    assert [source.slug for source in shipped.sources if not place_is_right(source)] == []


def place_is_right(source: Source) -> bool:
    file, _, line = source.where.rpartition(":")
    return source.slug in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
