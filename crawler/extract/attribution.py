"""Whom a draft credits, out of all that a form gives: site, outlet, writers, editor, column, each with who read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract import credits, metas
from crawler.extract.feeditem import is_person
from crawler.extract.flat import section_of
from crawler.extract.forms import Material
from crawler.extract.places import author_of
from crawler.extract.told import Told, told, told_by_meta
from crawler.extract.trim import Trimmed, is_credit_line, same
from crawler.records import Entry, Reader

_SITE = re.compile(r"(?:网|網|报|報|在线|日报|新闻|社|政府|频道|财经|电视台)$")
#: So far behind a text its own credits may stand; further down they are another's.
_NEAR_TAIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Whom a draft credits."""

    source_name: Told | None
    origin: Told | None
    author: Told | None
    editor: Told | None
    column: Told | None


def attribution(material: Material, trimmed: Trimmed, entry: Entry | None) -> Attribution:
    """Whom the lines around a text, its page's head, and the listing credit. Never the editor as author. Pure."""
    below = [line for line in material.tail[:_NEAR_TAIL] if is_credit_line(line)]
    source_name, origin = _outlets(material, trimmed, below, entry)
    around = [*trimmed.head, *material.head, *trimmed.tail]
    editor = told(credits.editors([*around, *material.tail]), Reader.LINES)
    author = _author(material, [*around, *below], trimmed.text, entry)
    return Attribution(
        source_name=source_name or told(entry.site if entry else None, Reader.LISTING),
        origin=origin,
        author=None if author and editor and author.value == editor.value else author,
        editor=editor,
        column=told(material.column, Reader.LINES) or _column(material),
    )


def _outlets(
    material: Material, trimmed: Trimmed, below: Sequence[str], entry: Entry | None
) -> tuple[Told | None, Told | None]:
    """source_name and origin. Of two different credits the head's says where it stood, the end's where it is from."""
    head = [*trimmed.head, *material.head]
    in_head = credits.outlets(head)
    at_end = credits.outlets([*trimmed.tail, *below])
    if in_head:
        at_end = [name for name in at_end if name not in in_head[0] and not same(name, in_head[0])]
    named = told(material.source_name, Reader.FRONT_MATTER) or _site_name(material)
    if in_head and at_end and material.chosen_origin is None and (named is None or same(named.value, in_head[0])):
        return Told(in_head[0], Reader.LINES), Told(at_end[-1], Reader.LINES)
    origin = (
        told(material.chosen_origin, Reader.CONFIGURATION)
        or told(next(iter(in_head), None), Reader.LINES)
        or material.origin
        or told(next(iter(at_end), None), Reader.LINES)
        or told(credits.outlet_beside_time(head), Reader.LINES)
        or told(_listed_outlet(entry) if entry else None, Reader.LISTING)
    )
    return named, origin


def _listed_outlet(entry: Entry) -> str | None:
    """RSSHub's feeds name the outlet as the author."""
    if entry.origin or not entry.author or is_person(entry.author):
        return entry.origin
    return credits.outlet(entry.author)


def _site_name(material: Material) -> Told | None:
    page = material.page
    if page is None:
        return None
    named = told_by_meta(page.metas, "sitename", "og:site_name") or told(material.linked.publisher, Reader.JSON_LD)
    if named is not None:
        return named
    tag = page.title_tag or ""
    last = re.split(r"[_|｜]|\s?-+\s?|——", tag)[-1].strip()
    return Told(last, Reader.TITLE_TAG) if 2 < len(last) <= 14 and last != tag and _SITE.search(last) else None


def _author(material: Material, around: Sequence[str], text: Sequence[str], entry: Entry | None) -> Told | None:
    linked = "、".join(name for name in material.linked.authors if is_person(name)) or None
    meta = told_by_meta(material.page.metas, "author", "article:author", "og:article:author") if material.page else None
    return (
        told(credits.authors(around), Reader.LINES)
        or (author_of(material.page, around) if material.page else None)
        or told(material.author, Reader.FRONT_MATTER)
        or told(linked, Reader.JSON_LD)
        or (meta if meta and is_person(meta.value) else None)
        or told(credits.byline(text), Reader.TEXT)
        or told(entry.author if entry and entry.author and is_person(entry.author) else None, Reader.LISTING)
    )


def _column(material: Material) -> Told | None:
    crumbs = next((c for line in (*material.table, *material.head) if (c := section_of(line))), None)
    if material.page is None:
        return told(crumbs, Reader.LINES)
    return (
        told_by_meta(material.page.metas, *metas.COLUMNS)
        or told(material.linked.column, Reader.JSON_LD)
        or told(crumbs, Reader.LINES)
    )
