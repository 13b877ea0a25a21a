"""One rule: its text, its nodes, and what may be asked of it."""

from dataclasses import dataclass
from functools import lru_cache

from monitor.rules.evaluate import EVERYWHERE, Evaluation, Scope, evaluate, matches
from monitor.rules.explain import explain
from monitor.rules.need import Need, need
from monitor.rules.nodes import Node, Word, leaves, name
from monitor.rules.parser import parse_nodes
from monitor.rules.reading import Reading
from monitor.rules.subject import Subject


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule. need: a filter for searching; warnings: what its author should know though nothing is wrong."""

    text: str
    root: Node
    need: Need
    warnings: tuple[str, ...]

    @property
    def reads_folds_only(self) -> bool:
        """Whether the folded title and text are all that the verdict needs."""
        return all(isinstance(term, Word) for term in leaves(self.root))

    def evaluate(self, subject: Subject, scope: Scope = EVERYWHERE) -> Evaluation:
        """Whether the article meets the rule, with evidence. scope: where bare terms are looked for."""
        return evaluate(self.root, subject, scope)

    def terms(self) -> "tuple[Rule, ...]":
        """Each term of the rule as a rule of its own, once, in the order written; excluded ones too."""
        alone = dict.fromkeys(leaves(self.root))
        return tuple(Rule(name(term), term, need(term), ()) for term in alone)

    def explain(self, subject: Subject, scope: Scope = EVERYWHERE) -> tuple[str, ...]:
        """Why the article meets the rule or does not: one line for each part of the rule, those of a group indented."""
        return explain(self.root, subject, scope)

    def matches(self, subject: Subject, scope: Scope = EVERYWHERE) -> bool:
        """The verdict alone, without evidence: for counting."""
        return matches(self.root, Reading(subject), scope)


@lru_cache(maxsize=1 << 17)  # the configuration checks a rule, the daemon runs it, a reload reads it again: 0.1 ms each
def parse(text: str) -> Rule:
    """The rule that a text says; raises RuleError with line and column of what is wrong. Pure.

    >>> parse("(产业大脑 OR 未来工厂) AND (宁波 OR 义乌) -招聘").warnings
    ()
    """
    parsed = parse_nodes(text)
    return Rule(text, parsed.root, need(parsed.root), parsed.warnings)
