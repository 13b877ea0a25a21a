"""What several commands take alike: ids, limits, days, and whether the answer is JSON."""

from typing import Annotated

import typer

#: What a database's integers hold.
MOST = 2**31 - 1
MOST_ROWS = 2**63 - 1

ArticleId = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=MOST_ROWS, help="Of the article, as `search` shows it.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
JsonLines = Annotated[bool, typer.Option("--json", help="JSON documents, one a line, on stdout and nothing else.")]
Limit = Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="At most so many.")]
Day = Annotated[str | None, typer.Option(metavar="DATE", help="2026-07-06, or with a time; Beijing.")]
