"""An article as the rules read it: the same subject whether it has just come in or is searched for years later."""

from collections.abc import Mapping
from typing import Any

from monitor.rules import Subject
from monitor.text.fold import Folded, fold_to_match


def subject(
    *,
    title: str,
    text: str,
    facts: Mapping[str, Any],
    source: str,
    source_name: str,
    region: str | None,
    url: str,
    addresses: tuple[str, ...] = (),
    folded_title: Folded | None = None,
    folded_text: Folded | None = None,
) -> Subject:
    """facts: the article JSON without title and text. source_name: the one that the configuration gives.

    The folds are made here where they are not given.
    """
    government = facts.get("government") or {}
    names = dict.fromkeys(name for name in (source, source_name, facts.get("source_name")) if name)
    return Subject(
        title=title,
        text=text,
        folded_title=folded_title or fold_to_match(title),
        folded_text=folded_text or fold_to_match(text),
        source=source,
        source_names=tuple(names),
        region=region,
        issuer=government.get("issuer"),
        origin=facts.get("origin"),
        doc_number=government.get("doc_number"),
        stocks=tuple((stock["code"], stock["name"]) for stock in facts.get("stocks") or ()),
        url=url,
        addresses=addresses,
    )
