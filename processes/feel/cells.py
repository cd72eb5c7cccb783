"""Reading the cells of decision tables: ``-``, tests with commas between, ``not(...)``."""

from __future__ import annotations

from functools import lru_cache

from processes.feel import tree
from processes.feel.lexing import tokens_of
from processes.feel.parsing import Reader
from processes.feel.words import checked


@lru_cache(maxsize=4096)
def parse_tests(text: str, known: frozenset[str] = frozenset()) -> tree.Tests:
    """Read a cell. ``known``: names that have unusual signs in them. :raises FeelError: what is wrong."""
    if text.strip() in ("", "-"):
        return tree.Tests()
    return _CellReader(checked(text), tokens_of(text, known)).cell()


class _CellReader(Reader):
    def cell(self) -> tree.Tests:
        negated = self._negation()
        if negated:
            self.place += 2
        tests = self.tests()
        if negated:
            self.expect(")")
        if self.now.kind != "end":
            raise self.wrong()
        return tree.Tests(tests, negated)

    def _negation(self) -> bool:
        """Whether the whole cell is ``not( ... )``; else ``not(x) = y`` is an expression like any other."""
        if not (self.now.kind == "name" and self.now.value == "not"):
            return False
        depth = 0
        for place in range(1, len(self.tokens) - 1):
            token = self.tokens[place]
            if token.kind == "sign":
                depth += {"(": 1, ")": -1}.get(token.value, 0)
            if depth == 0:
                return place > 1 and place == len(self.tokens) - 2
        return False
