"""One spider for each group of sources: `scrapy crawl zhejiang -O articles.jsonl`."""

from typing import ClassVar

from crawler.records import Group, Source
from crawler.spiders.visit import VisitSpider, configured_sources


class _GroupSpider(VisitSpider):
    group: ClassVar[Group]

    def sources(self) -> tuple[Source, ...]:
        return tuple(s for s in configured_sources() if s.group is self.group and s.disabled is None)


class SinaSpider(_GroupSpider):
    name = "sina"
    group = Group.SINA


class GovernmentSpider(_GroupSpider):
    name = "government"
    group = Group.GOVERNMENT


class ZhejiangSpider(_GroupSpider):
    name = "zhejiang"
    group = Group.ZHEJIANG
