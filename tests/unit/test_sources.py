"""config/sources/*.yaml: what it gives, and how each mistake is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.records import ArticleKind, Group, RowFields, Selectors, Source, Tls
from crawler.sources import load_source_file, load_sources
from crawler.yamlfile import ConfigError

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str, name: str = "government.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def entry(**keys: str) -> str:
    """One source in YAML; `engine: feed` with a url unless the keys say otherwise."""
    usual = {"slug": "a-feed", "name": "示例", "engine": "feed", "url": "https://news.example.cn/rss.xml"}
    merged = {name: value for name, value in {**usual, **keys}.items() if value}
    return "sources:\n  - " + "\n    ".join(f"{name}: {value}" for name, value in merged.items()) + "\n"


def mistakes(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_source_file(path)
    return str(caught.value)


def test_every_key_reaches_the_record(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """sources:
  - slug: zjol
    name: 浙江在线
    engine: html_list
    url: https://zjnews.example.cn/zjxc/
    group: zhejiang
    region: 浙江
    column: 评论
    kind: news
    every: 30m
    interval: {min: 5m, max: 4h}
    gap: 500ms
    charset: gbk
    headers: {X-Asked-By: desk, X-Number: 7}
    cookies: true
    noise: ['^浏览量', '阅读\\d+']
    max_pages: 2
    tls: {verify: false, legacy: true}
    disabled: moved
    article: {title: h1.main, body: "//div[@id='zoom']", published: .time, origin: "./span[2]"}
    rows: ul.listUl > li
    fields: {url: "a::attr(href)", title: "a::text", published: "span::text"}
    next: a.next::attr(href)
""",
    )
    assert load_source_file(path) == (
        Source(
            slug="zjol",
            name="浙江在线",
            engine="html_list",
            url="https://zjnews.example.cn/zjxc/",
            group=Group.ZHEJIANG,
            region="浙江",
            column="评论",
            kind=ArticleKind.NEWS,
            every=timedelta(minutes=30),
            interval=(timedelta(minutes=5), timedelta(hours=4)),
            gap=timedelta(milliseconds=500),
            charset="gbk",
            headers={"X-Asked-By": "desk", "X-Number": "7"},
            cookies=True,
            noise=("^浏览量", "阅读\\d+"),
            max_pages=2,
            tls=Tls(verify=False, legacy=True),
            disabled="moved",
            article=Selectors(title="h1.main", body="//div[@id='zoom']", published=".time", origin="./span[2]"),
            rows="ul.listUl > li",
            fields=RowFields(url="a::attr(href)", title="a::text", published="span::text"),
            next="a.next::attr(href)",
            where=f"{path}:2",
        ),
    )


@pytest.mark.parametrize(
    ("file_name", "keys", "group"),
    [
        pytest.param("sina.yaml", {}, Group.SINA, id="the file's name"),
        pytest.param("yiwu.yaml", {}, Group.GOVERNMENT, id="a file with another name"),
        pytest.param("sina.yaml", {"group": "zhejiang"}, Group.ZHEJIANG, id="its own word"),
    ],
)
def test_the_group_is_the_files_name_unless_the_source_says_so(
    tmp_path: Path, file_name: str, keys: dict[str, str], group: Group
) -> None:
    (source,) = load_source_file(written(tmp_path, entry(**keys), file_name))
    assert source.group is group


@pytest.mark.parametrize(
    ("keys", "line", "words"),
    [
        pytest.param({"regoin": "浙江"}, 6, "unknown key 'regoin'; did you mean 'region'?", id="an unknown key"),
        pytest.param(
            {"tls": "{verfy: false}"}, 6, "unknown key 'verfy'; did you mean 'verify'?", id="one inside another"
        ),
        pytest.param({"name": ""}, 2, "the key 'name' is missing", id="a missing key"),
        pytest.param({"slug": "Yi Wu"}, 2, "not a slug; use lower case letters", id="a slug that is none"),
        pytest.param({"engine": "hanweb_unti"}, 4, "did you mean 'hanweb_unit'?", id="an unknown engine"),
        pytest.param({"url": ""}, 2, "the key 'url' is missing; the engine feed needs it", id="no url"),
        pytest.param({"url": "ftp://a.example/x"}, 5, "begins with http:// or https://", id="another scheme"),
        pytest.param({"url": "https://"}, 5, "names a host", id="no host"),
        pytest.param(
            {"rows": "li"}, 6, "the engine feed does not use the key 'rows'; it uses: url", id="a useless key"
        ),
        pytest.param({"every": "30"}, 6, "write a number and a unit", id="a duration without a unit"),
        pytest.param({"every": "0m"}, 6, "longer than nothing", id="no duration"),
        pytest.param({"interval": "{min: 2h, max: 1h}"}, 6, "min is longer than max", id="bounds the wrong way round"),
        pytest.param({"noise": "['(']"}, 6, "is not a regular expression", id="a bad pattern"),
        pytest.param({"article": "{body: 'div['}"}, 6, "is not a CSS selector", id="a bad CSS selector"),
        pytest.param({"article": "{body: '//div['}"}, 6, "is not an XPath expression", id="a bad XPath"),
        pytest.param({"charset": "gb99"}, 6, "is no charset", id="an unknown charset"),
        pytest.param({"headers": '{"X A": b}'}, 6, "not a header that can be sent", id="a bad header name"),
        pytest.param(
            {"headers": '{X-A: "b\\r\\nX-C: d"}'}, 6, "not a header that can be sent", id="a header of two lines"
        ),
        pytest.param({"kind": "gossip"}, 6, "kind: ", id="an unknown kind"),
        pytest.param({"group": "world"}, 6, "group: ", id="an unknown group"),
        pytest.param({"max_pages": "0"}, 6, "max_pages: ", id="no pages"),
        pytest.param({"disabled": "true"}, 6, "disabled: ", id="disabled without a reason"),
        pytest.param({"disabled": "' '"}, 6, "say why", id="disabled with a blank reason"),
        pytest.param({"engine": "sina_roll", "url": ""}, 2, "the key 'params' is missing", id="no params"),
        pytest.param(
            {"engine": "sina_roll", "url": "", "params": "{lid: 1}"},
            5,
            "params: pageid is missing",
            id="half the params",
        ),
        pytest.param(
            {"engine": "sina_roll", "url": "", "params": "{pageid: 1, lid: 2, pagid: 3}"},
            5,
            "unknown key 'pagid'; did you mean 'pageid'?",
            id="a param too many",
        ),
        pytest.param({"engine": "sina_live", "url": ""}, 2, "the key 'params' is missing", id="no channel"),
        pytest.param(
            {"engine": "sina_live", "url": "", "params": "{tag_id: 1}"}, 5, "zhibo_id is missing", id="a tag alone"
        ),
        pytest.param(
            {"engine": "sina_live", "params": "{zhibo_id: 152, tagid: 1}"}, 6, "did you mean 'tag_id'?", id="a bad tag"
        ),
        pytest.param(
            {"engine": "hanweb_unit", "fallback": "{tplSetId: x}"},
            6,
            "fallback: webId is missing",
            id="half a fallback",
        ),
        pytest.param(
            {"engine": "hanweb_unit", "fallback": "{webId: 1, tplsetId: x}"},
            6,
            "did you mean 'tplSetId'?",
            id="a bad id",
        ),
        pytest.param(
            {"engine": "hanweb_jpage", "url": "https://a.gov.cn/module/jpage/dataproxy.jsp?unitid=1"},
            2,
            "columnid is missing; with the interface as url it says which list",
            id="an interface without its list",
        ),
        pytest.param(
            {"engine": "hanweb_jpage", "params": "{unitId: 1}"}, 6, "did you mean 'unitid'?", id="a bad number"
        ),
        pytest.param(
            {"engine": "hanweb_jpage", "method": "POST"}, 6, "the column page says how", id="a method for a page"
        ),
        pytest.param(
            {"engine": "hanweb_xxgk", "url": "https://a.gov.cn/module/xxgk/search.jsp", "params": "{jdid: 1}"},
            6,
            "infotypeId is missing",
            id="a catalogue without its code",
        ),
        pytest.param(
            {"engine": "hanweb_xxgk", "params": "{infotypeid: C02, jdid: 1}"},
            6,
            "did you mean 'infotypeId'?",
            id="case",
        ),
        pytest.param({"engine": "html_list", "rows": "li >"}, 6, "rows: 'li >' is not a CSS selector", id="bad rows"),
        pytest.param({"engine": "html_list", "next": "a::attr("}, 6, "is not a CSS selector", id="a bad next"),
        pytest.param(
            {"engine": "html_list", "rows": "li", "fields": "{title: '..'}"}, 7, "fields.title: ", id="a bad field"
        ),
        pytest.param({"engine": "html_list", "fields": "{title: a}"}, 6, "set rows too", id="fields without rows"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_remedy(
    tmp_path: Path, keys: dict[str, str], line: int, words: str
) -> None:
    path = written(tmp_path, entry(**keys))
    found = [message for message in mistakes(path).splitlines() if words in message]
    assert [message.split(": ", 1)[0] for message in found] == [f"{path}:{line}"], mistakes(path)


@pytest.mark.parametrize(
    ("keys", "kind"),
    [({}, ArticleKind.FLASH), ({"kind": "data"}, ArticleKind.DATA)],
    ids=["by its engine", "by its own word"],
)
def test_a_live_feed_brings_flashes(tmp_path: Path, keys: dict[str, str], kind: ArticleKind) -> None:
    path = written(tmp_path, entry(engine="sina_live", url="", params="{zhibo_id: 152}", **keys))
    (source,) = load_source_file(path, environ={})
    assert source.kind is kind


def test_all_mistakes_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    written(tmp_path, entry(slug="A") + entry(every="x").removeprefix("sources:\n"), "a.yaml")
    written(tmp_path, entry(regoin="x"), "b.yaml")
    with pytest.raises(ConfigError) as caught:
        load_sources(tmp_path)
    assert [line.split(": ", 1)[0] for line in str(caught.value).splitlines()] == [
        f"{tmp_path / 'a.yaml'}:2",
        f"{tmp_path / 'a.yaml'}:10",
        f"{tmp_path / 'b.yaml'}:6",
    ]


@pytest.mark.parametrize("second", ["a.yaml", "b.yaml"])
def test_a_slug_is_taken_once_and_both_places_are_named(tmp_path: Path, second: str) -> None:
    if second == "a.yaml":
        written(tmp_path, entry() + entry().removeprefix("sources:\n"), "a.yaml")
        places = (f"{tmp_path / 'a.yaml'}:6: ", f"{tmp_path / 'a.yaml'}:2;")
    else:
        written(tmp_path, entry(), "a.yaml")
        written(tmp_path, entry(), "b.yaml")
        places = (f"{tmp_path / 'b.yaml'}:2: ", f"{tmp_path / 'a.yaml'}:2;")
    with pytest.raises(ConfigError) as caught:
        load_sources(tmp_path)
    assert all(place in str(caught.value) for place in places)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["", "sources:\n", "sources: []\n", "# nothing yet\n"])
def test_a_file_may_hold_no_sources(tmp_path: Path, text: str) -> None:
    assert load_source_file(written(tmp_path, text)) == ()


def test_a_folder_that_is_not_there_has_no_sources(tmp_path: Path) -> None:
    assert load_sources(tmp_path / "sources") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("source: []\n", "did you mean 'sources'?", id="a wrong top key"),
        pytest.param("sources: {slug: a}\n", "must be a list", id="no list"),
        pytest.param("sources: [a]\n", "block of keys", id="a list of words"),
        pytest.param("- slug: a\n", "block of keys", id="a list at the top"),
        pytest.param("sources: [\n", "is not valid YAML", id="no YAML"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in mistakes(written(tmp_path, text))


def test_the_sources_that_we_ship_can_be_loaded() -> None:
    sources = load_sources(ROOT / "config" / "sources", environ={})
    assert {source.group for source in sources} == set(Group)
    assert all(source.region and source.column and source.every for source in sources)
    disabled = [source.slug for source in sources if source.disabled]
    assert disabled == ["yiwu-interpretations", "rsshub-sina-local", "rsshub-zjrb"]
