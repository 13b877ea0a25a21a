"""The one transaction of a visit (or of a group of documents): carries out what judge decides, with all it causes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import assert_never

import structlog

from crawler.records import BREAKS_OFF, Capture, Draft, Outcome, Source, Visit
from monitor import moving
from monitor.addresses import OldAddress
from monitor.announce import announce, match_rows, mention
from monitor.comeback import Comeback, entitled, noted
from monitor.content import content_of, held, read, shown, telling
from monitor.corpus import Connection, aliases, bands, index, learned, pending, sources, stories, storing
from monitor.corpus.storing import Content, Stored
from monitor.desk import Desk
from monitor.differences import Revised
from monitor.facts import facts_of, merged
from monitor.judge import (
    Blocked,
    Failed,
    Judgement,
    Missing,
    New,
    Rejected,
    Returned,
    Unchanged,
    Withdrawn,
    breaks_off,
    judge,
)
from monitor.learning import learn
from monitor.looking import Looking
from monitor.model import AlertKind, ArticleStatus, RevisionKind
from monitor.polls import carried, validators
from monitor.recheck import next_check
from monitor.retelling import Place, news, place, replace_text
from monitor.revising import comeback_of, settle, tell
from monitor.rules import Subject
from monitor.storable import storable
from monitor.trying import no_article, try_again
from monitor.urls import canonical_url
from monitor.volatile import learned as templates
from monitor.watched import weighed
from monitor.withdrawal import By, Sign, returned_lines, sign, withdrawn_lines
from monitor.withdrawing import Circumstances, circumstances, missed, returned, say_again, withdrawn

log = structlog.get_logger()

#: A new page that breaks off is tried so often before it is believed that its site never writes the end of a page.
WHOLE_WITHIN = 2
#: Revisions that nobody is told of.
_QUIET = {RevisionKind.REORDERED, RevisionKind.REEXTRACTED}


class Taking:
    """Takes visits within one transaction; `article_id` and `why` tell of the last one."""

    def __init__(
        self,
        tx: Connection,
        desk: Desk,
        now: datetime,
        *,
        alerting: bool,
        imported: bool,
        asked: OldAddress = OldAddress.ALIVE,
    ) -> None:
        """asked: see ingest."""
        self._tx = tx
        self._asked = asked
        self._desk = desk
        self._now = now
        self._alerting = alerting
        self._imported = imported
        self._looking = Looking(plan=desk.plan, now=now, imported=imported)
        self._past_baseline: dict[str, bool] = {}
        self._volatile: tuple[str, ...] = ()
        #: Of the visit: whether it says that an article that we hold is gone, and in which circumstances.
        self._sign: Sign | None = None
        self._around = Circumstances()
        #: Of the last visit: the article that it was about, and why it gave none.
        self.article_id: int | None = None
        self.why: str | None = None

    def visit(self, visit: Visit, before: Draft | None) -> Outcome:
        visit = replace(visit, draft=visit.draft and storable(visit.draft))
        url = canonical_url(visit.url)
        item = storing.stored(self._tx, url) or moving.held_at(self._tx, url)
        known = item.known if item else None
        self._sign = sign(visit, known.text if known else None)
        self._around = Circumstances()
        if item is not None and self._sign is not None:
            self._around = circumstances(self._tx, item, visit, self._now)
        suspects = learned.suspects(self._tx, visit.source.slug) if item and not self._imported else ()
        self._volatile = templates(suspects)
        judgement = self._judge(visit, item, before)
        if item is not None and not self._imported:
            taught = templates(learn(self._tx, item, visit, judgement, suspects, now=self._now))
            if taught != self._volatile:  # the flip that teaches is the first that nobody hears of
                self._volatile = taught
                judgement = self._judge(visit, item, before)
        self.article_id, self.why = item.id if item else None, None
        if item is None:
            return self._first_sight(url, visit, judgement)
        return self._known(item, visit, judgement)

    def _judge(self, visit: Visit, item: Stored | None, before: Draft | None) -> Judgement:
        return judge(
            item.known if item else None,
            visit,
            plan=self._desk.plan,
            now=self._now,
            imported=self._imported,
            before=before,
            well=not self._around.doubt,
            absence=self._around.absence,
            volatile=self._volatile,
        )

    def withdraw_quietly(self) -> None:
        """The article of the last visit is one that its site has taken down long since."""
        if self.article_id is not None:
            values = {"status": ArticleStatus.WITHDRAWN, "withdrawn_at": self._now}
            storing.set_visit(self._tx, self.article_id, values)

    # -- an article that we do not hold

    def _first_sight(self, url: str, visit: Visit, judgement: Judgement) -> Outcome:
        waiting = pending.waiting(self._tx, url)
        if isinstance(judgement, New) and visit.draft is not None:
            if waiting is None or waiting.attempts >= WHOLE_WITHIN or not breaks_off(visit.draft):
                return self._new(url, visit, visit.draft, waiting)
            judgement = Failed(why=f"{BREAKS_OFF}; it is tried again, and taken as it is after {WHOLE_WITHIN} tries")
        outcome, self.why = no_article(judgement)
        if waiting is not None:
            plan, missing = self._desk.plan, isinstance(judgement, Missing)
            try_again(self._tx, url, visit, waiting, missing=missing, why=self.why, plan=plan, now=self._now)
        return outcome

    def _new(self, url: str, visit: Visit, draft: Draft, waiting: pending.Waiting | None) -> Outcome:
        source, now = visit.source, self._now
        past_baseline = self._is_past_baseline(source) or self._imported
        baseline = not self._alerting or (waiting.baseline if waiting else not past_baseline)
        content = content_of(draft, facts_of(draft), source)
        subject = read(content, source=source.slug, source_name=source.name, region=source.region, url=url)
        found = self._desk.rules.evaluate(subject)
        placed = place(self._tx, telling(content, url=url, first_seen_at=now), content.text, source.noise, now)
        outcome = self._moved(url, visit, content, placed)
        if outcome is not None:
            return outcome
        number = storing.insert(
            self._tx,
            url=url,
            source=source.slug,
            region=source.region,
            story_id=placed.story_id,
            content=content,
            baseline=baseline,
            validators=validators(visit),
            next_check_at=self._looking.next_check(visit, since=now, checks=0, matched=bool(found)),
            closely=bool(found),
            now=now,
        )
        self.article_id = number
        self._add_revision(number, 1, Revised(kind=RevisionKind.FIRST, summary="首次收录"), content, visit)
        index.add(self._tx, number, subject)
        bands.put(self._tx, number, placed.hashes)
        told = stories.watches_that_met(self._tx, placed.story_id, but=number) if placed.joined and found else set()
        told -= news(found, told, placed.retelling, subject, self._desk.rules)
        alerted: set[str] = set()
        if not baseline:
            article = shown(number, content, url=url, source=source.slug, region=source.region, revision=1)
            wanted = {name: e.hits for name, e in found.items() if self._desk.watches[name].reposts or name not in told}
            alerted = announce(self._tx, self._desk, AlertKind.NEW, article, wanted, occasion="revision 1", now=now)
            heard = (told & found.keys()) - alerted
            mention(self._tx, self._desk, story_id=placed.story_id, article_id=number, heard=heard, now=now)
        storing.add_matches(self._tx, match_rows(self._desk, number, 1, found, alerted=alerted, now=now))
        if waiting is not None:
            pending.drop(self._tx, url)
        return Outcome.NEW

    def _moved(self, url: str, visit: Visit, content: Content, placed: Place) -> Outcome | None:
        """What came of it where this is an article that we hold, at another address; None where it is none."""
        source, now = visit.source, self._now
        if self._imported:
            return None
        new = moving.standing(source.slug, content, telling(content, url=url, first_seen_at=now), source.noise)
        asked = OldAddress.ALIVE if carried(visit) is not None else self._asked
        told = (placed.story_id,) if placed.joined else ()
        found = moving.moved(self._tx, new, told, source.noise, asked=asked)
        if found is None:
            return None
        if not placed.joined:
            stories.end(self._tx, placed.story_id)
        item, stays = found
        item = moving.settle(self._tx, item, url, stay=stays, read=partial(self._as_held, source), now=now)
        self.article_id = item.id
        if stays:
            return Outcome.UNCHANGED
        # What a new address changes of frame and attachments is no news; that the article is back is.
        back = item.known.status is ArticleStatus.WITHDRAWN
        again = Taking(self._tx, self._desk, now, alerting=self._alerting and back, imported=False)
        outcome = again.visit(visit, None)
        return outcome if back else Outcome.UNCHANGED

    def _is_past_baseline(self, source: Source) -> bool:
        """Also makes sure that the article may name its source."""
        if source.slug not in self._past_baseline:
            self._past_baseline[source.slug] = sources.ensure(self._tx, source, self._now) is not None
        return self._past_baseline[source.slug]

    # -- an article that we hold

    def _known(self, item: Stored, visit: Visit, judgement: Judgement) -> Outcome:  # one per judgement
        match judgement:
            case Missing() | Withdrawn() | Rejected() | Blocked() | Failed() if self._is_elsewhere(item, visit):
                return Outcome.UNCHANGED  # an address that it has left
            case Unchanged():
                self._seen(item, visit, checks=item.checks + 1)
                if self._sign is None and not self._imported:
                    moving.follow(self._tx, item, visit, read=partial(self._as_held, visit.source), now=self._now)
                settle(
                    self._tx,
                    self._desk,
                    item,
                    read=partial(self._subject, item, source=visit.source),
                    noise=visit.source.noise,
                    alerting=self._alerting,
                    now=self._now,
                )
                return Outcome.UNCHANGED
            case Revised():
                self._seen(item, visit, checks=0)
                self._revise(item, visit, judgement, AlertKind.CHANGED)
                return Outcome.CHANGED
            case Missing() | Withdrawn():
                return self._absent(item, visit.source, judgement)
            case Returned(revised=revised):
                self._return(item, visit, revised)
                return Outcome.RETURNED
            case New():
                raise AssertionError(f"judged new, but held: {item.url}")
            case Rejected() | Blocked() | Failed():
                outcome, self.why = no_article(judgement)
                log.warning("article not checked", source=visit.source.slug, url=item.url, why=self.why)
                due = self._looking.again(item, visit, checks=item.checks)
                storing.set_visit(self._tx, item.id, {"misses": 0, "missing_since": None, "absence": None, **due})
                return outcome
        assert_never(judgement)

    def _absent(self, item: Stored, source: Source, judgement: Missing | Withdrawn) -> Outcome:
        """It is withdrawn only when every address of its has failed."""
        self._missed(item, judgement.misses)
        others = aliases.of(self._tx, item.id)
        if isinstance(judgement, Withdrawn) and judgement.misses >= self._desk.plan.confirm + len(others):
            self._withdraw(item, source, judgement.misses)
            return Outcome.WITHDRAWN
        if others:
            aliases.move(self._tx, item.id, old=item.url, new=others[0], now=self._now)
        if self._around.doubt and self._sign is not None and self._sign.by is not By.NOT_FOUND:
            self.why = f"no article but: {self._sign.by}; {self._around.doubt}"
            return Outcome.REJECTED  # a site that gives one page for everything is a trouble of the source
        return Outcome.MISSING

    def _is_elsewhere(self, item: Stored, visit: Visit) -> bool:
        return not self._imported and canonical_url(visit.url) != item.url

    def _seen(self, item: Stored, visit: Visit, *, checks: int) -> None:
        """The page answered as it should (a withdrawn one: with its 404 again). Of a document that somebody hands in no
        page answered."""
        if self._imported:
            return
        well, here = self._sign is None, not self._is_elsewhere(item, visit)
        values = self._looking.seen(item, visit, checks=checks, well=well, here=here)
        storing.set_visit(self._tx, item.id, values)

    def _missed(self, item: Stored, misses: int) -> None:
        assert self._sign is not None, "only a sign makes an article missing"
        plan = self._desk.plan
        values = missed(self._tx, item, self._sign, misses=misses, around=self._around, plan=plan, now=self._now)
        storing.set_visit(self._tx, item.id, values | {"closely": True})

    def _withdraw(self, item: Stored, source: Source, misses: int) -> None:
        detail = withdrawn(self._tx, item, misses, self._now)
        values = {
            "status": ArticleStatus.WITHDRAWN,
            "withdrawn_at": self._now,
            "absence": None,
            "checks": 0,
            "next_check_at": next_check(plan=self._desk.plan, since=self._now, checks=0, now=self._now),
        }
        storing.set_visit(self._tx, item.id, values)
        other = moving.heir(self._tx, item, source.noise)
        if other is None:
            self._say_again(item, source, AlertKind.WITHDRAWN, withdrawn_lines(detail))
        else:
            log.info("article is gone and stands elsewhere", source=item.source, url=item.url, other=other)

    def _return(self, item: Stored, visit: Visit, revised: Revised | None) -> None:
        self._seen(item, visit, checks=0)
        storing.set_visit(self._tx, item.id, {"status": ArticleStatus.LIVE, "withdrawn_at": None})
        lines = returned_lines(returned(self._tx, item, revised, self._now))
        if revised is not None:
            self._revise(item, visit, revised, AlertKind.RETURNED, lines)
        else:
            self._say_again(item, visit.source, AlertKind.RETURNED, lines)

    def _say_again(self, item: Stored, source: Source, kind: AlertKind, lines: Sequence[str]) -> None:
        """An alert about the revision that we hold, to the watches that it meets. lines: of its evidence."""
        if not self._alerting:
            return
        found = self._desk.rules.evaluate(self._as_held(source, item))
        say_again(self._tx, self._desk, item, found, kind, lines=lines, now=self._now)

    def _revise(self, item: Stored, visit: Visit, revised: Revised, kind: AlertKind, lines: Sequence[str] = ()) -> None:
        """One more revision, its matches, and an alert to every watch that meets it or met the one before."""
        draft, n = visit.draft, item.revision + 1
        assert draft is not None, "only a page that was read can differ"
        content = content_of(draft, merged(item.known.facts, draft), visit.source, title=item.known.title)
        old, new = self._subject(item, held(item), visit.source), self._subject(item, content, visit.source)
        met, meets = self._desk.rules.evaluate(old), self._desk.rules.evaluate(new)
        noise = visit.source.noise
        back = comeback_of(self._tx, item, content, noise=noise, volatile=self._volatile, now=self._now)
        revised = entitled(weighed(revised, old, new, met, meets), back)
        storing.set_content(self._tx, item, content, n=n, now=self._now)
        self._add_revision(item.id, n, revised, content, visit, back=back)
        index.replace(self._tx, item.id, new)
        mine = telling(content, url=item.url, first_seen_at=item.first_seen_at, number=item.id)
        replace_text(self._tx, mine, item.story_id, before=item.known.text, text=content.text, noise=noise)
        alerted: set[str] = set()
        quiet = kind is AlertKind.CHANGED and (revised.kind in _QUIET or (back is not None and back.quiet))
        if self._alerting and not quiet:
            alerted = tell(
                self._tx,
                self._desk,
                kind,
                item,
                revised,
                content=content,
                n=n,
                found=(met, meets),
                now=self._now,
                lines=lines,
            )
        storing.add_matches(self._tx, match_rows(self._desk, item.id, n, meets, alerted=alerted, now=self._now))

    # -- parts

    def _subject(self, item: Stored, content: Content, source: Source) -> Subject:
        name = source.name if source.slug == item.source else sources.names(self._tx)[item.source]
        subject = read(content, source=item.source, source_name=name, region=item.region, url=item.url)
        return replace(subject, addresses=aliases.of(self._tx, item.id))

    def _as_held(self, source: Source, item: Stored) -> Subject:
        return self._subject(item, held(item), source)

    def _add_revision(
        self, number: int, n: int, revised: Revised, content: Content, visit: Visit, *, back: Comeback | None = None
    ) -> None:
        storing.add_revision(
            self._tx,
            number,
            n=n,
            kind=revised.kind,
            summary=revised.summary,
            content=content,
            page=visit.answer if isinstance(visit.answer, Capture) else None,
            now=self._now,
            change=noted(revised, back) if n > 1 else None,
        )
