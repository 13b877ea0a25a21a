"""Articles that a site answers as JSON: where the source's `detail` says that their parts are. Pure."""

import html
from dataclasses import replace
from typing import Any

from crawler.extract.credits import chosen_outlet
from crawler.extract.forms import Given, Material, Refusal, has_markup, read_form
from crawler.extract.metas import tidy
from crawler.extract.page import parse
from crawler.extract.times import read_by, read_moment
from crawler.jsondoc import complaint, find, find_text, read_json, said
from crawler.quality import page_trouble
from crawler.records import Detail, Entry, Reader, Verdict

#: What a message may say that is more than "it failed": the article is gone, or a shield stands before it.
_TELLING = (Verdict.SOFT404, Verdict.CHALLENGE)


def read_json_article(given: Given, detail: Detail) -> Material | Refusal:
    """The article in an answer, or what came instead: a page, or JSON without the article, with what it says."""
    try:
        document = read_json(given.text)
    except ValueError:
        return _no_json(given)
    entry = given.hints.entry
    title = tidy(find_text(detail.title, document)) or (entry.title if entry else None)
    body = _markup(find_text(detail.body, document) or "")
    material = None if not body else read_form(_fragment(given, title, body))
    if not isinstance(material, Material) or not any(line.text for line in material.lines):
        return _no_article(detail, document, title)
    published = read_moment(find(detail.published, document))
    origin = chosen_outlet(tidy(find_text(detail.origin, document)) or "")
    return replace(
        material,
        title=title or material.title,
        # A form's address is the same for all articles; the entry's holds the article's number.
        url=entry.url if entry else given.url,
        published=read_by(Reader.CONFIGURATION, published) or material.published,
        chosen_origin=origin or material.chosen_origin,
        readers={"title": Reader.CONFIGURATION, "text": Reader.CONFIGURATION},
    )


def _fragment(given: Given, title: str | None, body: str) -> Given:
    """The body as a feed brings one along: a piece of a page that is all article."""
    entry = Entry(url=given.url or "", title=title, body=body)
    return Given(body, given.url, replace(given.hints, detail=None, entry=entry))


def _markup(text: str) -> str:
    """The body as markup: HTML as it is, HTML that was escaped once more, or plain text in paragraphs."""
    if has_markup(text):
        return text
    unescaped = html.unescape(text)
    if has_markup(unescaped):
        return unescaped
    return "".join(f"<p>{html.escape(line)}</p>" for line in unescaped.splitlines() if line.strip())


def _no_json(given: Given) -> Refusal:
    page = parse(given.text, url=given.url)
    shown = "\n".join(line.text for line in page.lines)
    trouble = page_trouble(given.text, shown, page.title_tag)
    if trouble is not None:
        return Refusal(*trouble, page.title_tag)
    return Refusal(Verdict.ERROR, f"a page in the place of JSON ({(page.title_tag or shown)[:40]})", page.title_tag)


def _no_article(detail: Detail, document: Any, title: str | None) -> Refusal:
    message = said(document)
    trouble = page_trouble("", message, None)
    if trouble is not None and trouble[0] in _TELLING:
        return Refusal(*trouble, title)
    why = complaint(document) or message or "it says no more"
    return Refusal(Verdict.ERROR, f"JSON without an article at {detail.body} ({why})", title)
