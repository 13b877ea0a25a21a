"""Many rules against one article: one pass over the text proposes the few rules that are then evaluated."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from monitor.model import HitField
from monitor.rules.about import facts, sought
from monitor.rules.evaluate import Evaluation, Scope, hits, matches
from monitor.rules.need import FieldIs, anchors
from monitor.rules.nodes import Word, leaves
from monitor.rules.reading import Reading
from monitor.rules.rule import Rule
from monitor.rules.subject import Subject


class RuleSet(Mapping[str, Rule]):
    """Named rules, each with its scope.

    Every rule names literals of which at least one must occur (its anchors), in the text or in what is known of the
    article. One Aho-Corasick pass finds where the words of all rules stand, so that evaluating a proposed rule looks
    nothing up in the text. Rules without anchors (a regex without a sure part) are always evaluated. The
    figures: `python -m tests.bench.rules`.
    """

    def __init__(self, rules: Mapping[str, tuple[Rule, Scope]]) -> None:
        self._rules = {name: rule for name, (rule, _) in rules.items()}
        self._numbered = [(name, rule.root, scope) for name, (rule, scope) in rules.items()]
        #: The rules, by their numbers, that a literal proposes: where it stands in the text, and among the facts.
        by_text: dict[str, list[int]] = defaultdict(list)
        by_fact: dict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, (rule, _) in enumerate(rules.values()):
            for term in leaves(rule.root):
                if isinstance(term, Word):
                    by_text.setdefault(term.text, [])
            found = anchors(rule.need)
            if found is None:
                self._always.append(number)
            for anchor in found or ():
                if isinstance(anchor, FieldIs):
                    by_fact[sought(anchor.field, anchor.text)].append(number)
                else:
                    by_text[anchor.text].append(number)
        self._texts = list(by_text)
        self._by_text = list(by_text.values())
        self._by_fact = list(by_fact.values())
        self._in_text = _automaton(self._texts)
        self._in_facts = _automaton(list(by_fact))

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def evaluate(self, subject: Subject) -> dict[str, Evaluation]:
        """The rules that the article meets, in the order given. Pure."""
        candidates = set(self._always)
        if self._by_fact:
            for found, _, _ in self._in_facts.find_matches_as_indexes(facts(subject), overlapping=True):
                candidates.update(self._by_fact[found])
        places: dict[str, tuple[list[int], list[int]]] = {}
        reading = Reading(subject, places)
        title = reading.folded[HitField.TITLE].text
        text = f"{title}\n{reading.folded[HitField.BODY].text}"
        body = len(title) + 1
        for found, start, end in self._in_text.find_matches_as_indexes(text, overlapping=True):
            known = places.get(self._texts[found])
            if known is None:
                known = places[self._texts[found]] = ([], [])
                candidates.update(self._by_text[found])
            if start >= body:
                known[1].append(start - body)
            elif end < body:
                known[0].append(start)
        results: dict[str, Evaluation] = {}
        for number in sorted(candidates):
            name, root, scope = self._numbered[number]
            if matches(root, reading, scope):
                results[name] = Evaluation(matched=True, hits=hits(root, reading, scope))
        return results


def _automaton(literals: list[str]) -> AhoCorasick:
    # Of 100,000 literals this kind reads an article in half of the default's time; of 1,000 both take as long.
    return AhoCorasick(literals, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
