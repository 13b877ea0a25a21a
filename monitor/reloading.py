"""Says what a reload brings that a person should know; pure."""

import shlex
from collections.abc import Mapping, Sequence

from monitor.model import Watch


def offers(before: Sequence[Watch], after: Sequence[Watch]) -> Mapping[str, str]:
    """Of each watch that is new, or has another rule: the command that shows what it would have found. Pure.

    Nothing stored is told for its sake.
    """
    rules = {watch.name: watch.rule for watch in before}
    return {
        watch.name: f"chaoxun watch test {'-- ' if watch.rule.startswith('-') else ''}{shlex.quote(watch.rule)}"
        for watch in after
        if rules.get(watch.name) != watch.rule
    }
