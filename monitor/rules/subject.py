"""What a rule looks at: one article's title, text and what is known of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.text.fold import Folded, fold_to_match


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One article as rules see it.

    source: the slug; source_names: every name of the source, the slug may be among them.
    stocks: (code, name) pairs. addresses: other URLs at which it stands or stood. folded_title and folded_text are the
    folds of title and text where somebody has them.
    """

    title: str
    text: str
    folded_title: Folded | None = None
    folded_text: Folded | None = None
    source: str = ""
    source_names: tuple[str, ...] = ()
    region: str | None = None
    issuer: str | None = None
    origin: str | None = None
    doc_number: str | None = None
    stocks: tuple[tuple[str, str], ...] = ()
    url: str | None = None
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        title: str | None,
        text: str,
        source: str = "",
        source_names: Iterable[str | None] = (),
        region: str | None = None,
        issuer: str | None = None,
        origin: str | None = None,
        doc_number: str | None = None,
        stocks: Iterable[tuple[str, str]] = (),
        url: str | None = None,
    ) -> "Subject":
        """A subject whose title and text are folded once, for all rules that will look at it."""
        return cls(
            title=title or "",
            text=text,
            folded_title=fold_to_match(title or ""),
            folded_text=fold_to_match(text),
            source=source,
            source_names=tuple(name for name in source_names if name),
            region=region,
            issuer=issuer,
            origin=origin,
            doc_number=doc_number,
            stocks=tuple(stocks),
            url=url,
        )
