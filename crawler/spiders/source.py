"""One source by its slug: `scrapy crawl source -a source=yiwu-news -O articles.jsonl`."""

from typing import Any

from crawler.records import Source
from crawler.spiders.visit import VisitSpider, configured_sources
from crawler.yamlfile import ConfigError, nearest


class SourceSpider(VisitSpider):
    name = "source"

    def __init__(self, source: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slug = source

    def sources(self) -> tuple[Source, ...]:
        configured = {source.slug: source for source in configured_sources()}
        if self.slug not in configured:
            hint = nearest(self.slug, list(configured), "sources")
            raise ConfigError(f"there is no source {self.slug!r}; {hint} (say which: -a source=SLUG)")
        return (configured[self.slug],)
