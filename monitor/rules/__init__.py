"""The watch language: parse a rule once, evaluate it on articles, many rules in one pass."""

from monitor.rules.error import RuleError
from monitor.rules.evaluate import EVERYWHERE, Evaluation
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need
from monitor.rules.rule import Rule, parse
from monitor.rules.ruleset import RuleSet
from monitor.rules.subject import Subject

__all__ = [
    "EVERYWHERE",
    "AllOf",
    "AnyOf",
    "Anything",
    "Evaluation",
    "Field",
    "FieldIs",
    "Literal",
    "Need",
    "Rule",
    "RuleError",
    "RuleSet",
    "Subject",
    "parse",
]
