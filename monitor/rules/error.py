"""The one error of the rule language."""

from crawler.records import ChaoxunError


class RuleError(ChaoxunError):
    """A rule that cannot be used. line and column count from 1 and point into the rule as it was written."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column

    def __reduce__(self) -> tuple[type["RuleError"], tuple[str, int, int]]:
        return RuleError, (self.message, self.line, self.column)

    @classmethod
    def at(cls, rule: str, place: int, message: str) -> "RuleError":
        """The error at a code point of the rule."""
        before = rule[:place]
        return cls(message, before.count("\n") + 1, place - before.rfind("\n"))
