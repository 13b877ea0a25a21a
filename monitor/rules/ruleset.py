"""Many rules against one article: one pass over the text proposes the few rules that are then evaluated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.model import HitField
from monitor.rules.evaluate import Evaluation, Scope, evaluation, matches
from monitor.rules.need import anchors
from monitor.rules.reading import Reading
from monitor.rules.rule import Rule
from monitor.rules.subject import Subject


class RuleSet(Mapping[str, Rule]):
    """Named rules, each with its scope.

    Every rule names literals of which at least one must occur (its anchors). One Aho-Corasick pass finds which do;
    rules without anchors (a regex, a field) are always evaluated. 1,000 rules cost about 0.1 ms an article.
    """

    def __init__(self, rules: Mapping[str, tuple[Rule, Scope]]) -> None:
        self._rules = dict(rules)
        self._order = {name: place for place, name in enumerate(self._rules)}
        owners: dict[str, list[str]] = defaultdict(list)
        self._always: list[str] = []
        for name, (rule, _) in self._rules.items():
            literals = anchors(rule.need)
            if literals is None:
                self._always.append(name)
            for literal in literals or ():
                owners[literal].append(name)
        self._owners = list(owners.values())
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.Standard)

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def evaluate(self, subject: Subject) -> dict[str, Evaluation]:
        """The rules that the article meets, in the order given. Pure."""
        reading = Reading(subject)
        text = f"{reading.folded[HitField.TITLE].text}\n{reading.folded[HitField.BODY].text}"
        candidates = set(self._always)
        for found in {index for index, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}:
            candidates.update(self._owners[found])
        results: dict[str, Evaluation] = {}
        for name in sorted(candidates, key=self._order.__getitem__):
            rule, scope = self._rules[name]
            if matches(rule.root, reading, scope):
                results[name] = evaluation(rule.root, reading, scope)
        return results
