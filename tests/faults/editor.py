"""An editor who keeps the sample sites busy by chance, and whose every act has one right answer from the daemon.

So it changes only what the corpus is known to hold: nobody can say what an edit means to a reader who may or may not
have seen the text before it.
"""

import random
from collections.abc import Callable, Sequence

from monitor.demo.sites import ArticleRecord, SampleSites, Site, make_article
from tests.faults.checker import settled
from tests.faults.ledgers import History


class Editor:
    """Acts on the sites once per call; the same draw and the same readiness of articles give the same acts."""

    def __init__(self, sites: SampleSites, draw: random.Random, history: Callable[[], History]) -> None:
        self._sites = sites
        self._draw = draw
        self._history = history
        self._published = 0
        self._edited = 0

    def act(self) -> None:
        """Mostly publishes; sometimes edits, withdraws, restores, reposts or re-renders an article that is settled."""
        acts = (self.publish, self._edit, self._retitle, self._withdraw, self._restore, self._repost, self._touch)
        (act,) = self._draw.choices(acts, weights=(12, 2, 1, 1, 1, 1, 1))
        act()

    def publish(self) -> None:
        """A new article; every second one meets a watch."""
        self._published += 1
        self._sites.publish(make_article(self._published, topic_every=2))

    def _edit(self) -> None:
        record = self._choose(live=True)
        if record is not None:
            self._edited += 1
            *before, last = record.article.paragraphs
            changed = f"{last}更正：第{self._edited}次核对后，上文中的数字应为{self._draw.randint(101, 9999)}。"
            self._sites.edit(record.id, paragraphs=(*before, changed))

    def _retitle(self) -> None:
        record = self._choose(live=True)
        if record is not None:
            self._edited += 1
            self._sites.edit(record.id, title=f"{record.article.title}（第{self._edited}次修订）")

    def _withdraw(self) -> None:
        record = self._choose(live=True)
        if record is not None:
            self._sites.withdraw(record.id, status=self._draw.choice((404, 410)))

    def _restore(self) -> None:
        record = self._choose(live=False)
        if record is not None:
            self._sites.restore(record.id)

    def _repost(self) -> None:
        record = self._choose(live=True)
        if record is None or f"{record.id}@outlet-news" in self._sites.ledger.articles():
            return
        if record.article.column.site is Site.OUTLET:  # which would say it again: on another day that is news
            return
        if record.article.caption is None and not record.article.attachments:  # the other site would leave them out
            self._sites.repost(record.id)

    def _touch(self) -> None:
        record = self._choose(live=True)
        if record is not None:
            self._sites.touch(record.id)

    def _choose(self, *, live: bool) -> ArticleRecord | None:
        """An original whose last step has been told; None where there is none yet."""
        history = self._history()
        ready: Sequence[ArticleRecord] = [
            record
            for record in history.articles.values()
            if record.live is live and record.article.repost_of is None and settled(record, history)
        ]
        return self._draw.choice(ready) if ready else None
