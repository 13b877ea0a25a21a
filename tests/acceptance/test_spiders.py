"""Scrapy's own commands, run as a Scrapy user runs them, in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loop import HubLoop
from tests.site import Site

ROOT = Path(__file__).parents[2]
LONG = "市政府今天说，产业大脑与未来工厂的建设已有成效，今后还要继续。" * 12


@pytest.fixture
def site(hub_loop: HubLoop) -> Iterator[Site]:
    site = Site(hub_loop)
    rss = "".join(f"<item><title>第{n}篇</title><link>/a{n}</link></item>" for n in (1, 2, 3))
    site.answer("/rss.xml", f"<rss version='2.0'><channel><title>t</title>{rss}</channel></rss>")
    for n in (1, 2):
        site.answer(f"/a{n}", f"<html><head><title>第{n}篇</title></head><h1>第{n}篇</h1><p>{LONG}</p></html>")
    yield site
    site.close()


@pytest.fixture
def config(site: Site, tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "sources").mkdir(parents=True)
    source = f"name: 示例\n    engine: feed\n    url: {site.url('/rss.xml')}\n    region: 义乌\n    column: 要闻\n"
    for group, slugs in (("zhejiang", ("one", "two")), ("sina", ("three",))):
        entries = "".join(f"  - slug: {slug}\n    {source}" for slug in slugs)
        (folder / "sources" / f"{group}.yaml").write_text(f"sources:\n{entries}", encoding="utf-8")
    with (folder / "sources" / "zhejiang.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - slug: moved\n    {source}    disabled: moved\n")
    return folder


def scrapy(
    *arguments: str, config: Path | None = None, allow: str | None = "127.0.0.0/8"
) -> subprocess.CompletedProcess[str]:
    """allow: None leaves everything to the configuration."""
    settings: list[str] = []
    if arguments[0] != "list" and allow is not None:
        settings = ["-s", f"ALLOW_PRIVATE={allow}", "-s", "HOST_GAP=0", "-s", "DOWNLOAD_TIMEOUT=20"]
    environment = {**os.environ, **({"CHAOXUN_CONFIG": str(config)} if config else {})}
    command = [sys.executable, "-m", "scrapy", *arguments, *settings]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def items(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_list_names_the_three_groups_and_the_single_source() -> None:
    answer = scrapy("list")
    assert (answer.returncode, answer.stdout.split()) == (0, ["government", "sina", "source", "zhejiang"])


def test_one_source_is_crawled_into_a_file_of_articles(site: Site, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    answer = scrapy("crawl", "source", "-a", "source=one", "-O", str(out), config=config)
    assert answer.returncode == 0, answer.stderr
    articles = sorted(items(out), key=lambda item: str(item["url"]))
    assert [article["url"] for article in articles] == [site.url("/a1"), site.url("/a2")]
    first = articles[0]
    assert (first["title"], first["source"], first["region"], first["column"]) == ("第1篇", "one", "义乌", "要闻")
    assert "未来工厂" in str(first["text"])
    assert first["quality"] == {"verdict": "article", "repaired": False, "notes": []}
    assert site.paths()[:2] == ["/robots.txt", "/rss.xml"]


def test_a_group_spider_visits_the_sources_of_its_group(site: Site, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    answer = scrapy("crawl", "zhejiang", "-O", str(out), config=config)
    assert answer.returncode == 0, answer.stderr
    assert {str(item["source"]) for item in items(out)} == {"one", "two"}
    assert site.paths().count("/rss.xml") == 2
    assert site.paths().count("/robots.txt") == 1


def test_the_spiders_ask_as_the_configuration_says(site: Site, config: Path, tmp_path: Path) -> None:
    crawl = 'crawl: {allow_private: ["127.0.0.0/8"], gap: 0s, user_agent: "chaoxun (+desk@example.org)"}\n'
    (config / "chaoxun.yaml").write_text(f"database: sqlite:///x.db\n{crawl}", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    answer = scrapy("crawl", "source", "-a", "source=one", "-O", str(out), config=config, allow=None)
    assert answer.returncode == 0, answer.stderr
    assert len(items(out)) == 2, answer.stderr
    assert {hit.headers["User-Agent"] for hit in site.hits} == {"chaoxun (+desk@example.org)"}


def test_a_mistake_in_how_to_ask_ends_the_crawl(site: Site, config: Path) -> None:
    (config / "chaoxun.yaml").write_text("crawl: {gap: soon}\n", encoding="utf-8")
    answer = scrapy("crawl", "source", "-a", "source=one", config=config, allow=None)
    assert f"{config / 'chaoxun.yaml'}:1: gap: " in answer.stderr
    assert "Traceback" not in answer.stderr
    assert site.hits == []


def test_a_source_that_is_not_there_is_named_with_the_nearest(config: Path) -> None:
    answer = scrapy("crawl", "source", "-a", "source=thre", config=config)
    assert "there is no source 'thre'; did you mean 'three'?" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_mistake_in_the_configuration_is_named(config: Path) -> None:
    path = config / "sources" / "sina.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("engine: feed", "engine: fed"), encoding="utf-8")
    answer = scrapy("crawl", "sina", config=config)
    assert f"{path}:4: " in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_site_that_fails_is_told_and_the_others_go_on(site: Site, config: Path, tmp_path: Path) -> None:
    path = config / "sources" / "zhejiang.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("/rss.xml", "/gone.xml", 1), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    answer = scrapy("crawl", "zhejiang", "-O", str(out), config=config)
    assert {str(item["source"]) for item in items(out)} == {"two"}
    assert "answers 404; the column has moved: correct the url" in answer.stderr


def test_the_guard_stands_before_the_spiders_too(site: Site, config: Path) -> None:
    answer = scrapy("crawl", "sina", config=config, allow="")
    assert "address not allowed: 127.0.0.1; allow it with crawl.allow_private" in answer.stderr
    assert site.hits == []


def test_the_guard_stands_before_the_shell_too(site: Site) -> None:
    answer = scrapy("shell", "-c", "response", site.url("/a1", host="localhost"), allow="")
    assert "address not allowed: 127.0.0.1" in answer.stderr
    assert site.hits == []


def test_the_shell_fetches_by_the_same_rules(site: Site) -> None:
    answer = scrapy("shell", "--nolog", "-c", "response.css('h1::text').get()", site.url("/a1"))
    assert answer.stdout.strip() == "第1篇", answer.stderr
    assert site.paths() == ["/robots.txt", "/a1"]
    assert site.hits[-1].headers["Accept-Language"].startswith("zh-CN")
