"""Reading FEEL expressions. Bounded in length, parts and depth."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from processes.feel import tree
from processes.feel.errors import FeelError
from processes.feel.lexing import Token, tokens_of
from processes.feel.temporal import read_any
from processes.feel.tree import Node
from processes.feel.words import Words, checked

MAX_DEPTH: Final = 40
COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_STRENGTH: Final = {
    **{"or": 1, "and": 2, "between": 4, "in": 4},
    **dict.fromkeys(COMPARISONS, 4),
    **{"+": 5, "-": 5, "*": 6, "/": 6, "**": 7},
}
_AFTER_A_RANGE: Final = frozenset(
    {",", ")", "]", "}", "and", "or", "then", "else", "return", "satisfies", *COMPARISONS}
)


@lru_cache(maxsize=4096)
def parse(text: str, known: frozenset[str] = frozenset()) -> Node:
    """Read an expression. ``known``: names that have unusual signs in them. :raises FeelError: what is wrong."""
    return Reader(checked(text), tokens_of(text, known)).to_the_end()


class Reader(Words):
    """Reads expressions; each method reads one construct."""

    depth = 0

    def tests(self) -> tuple[tree.Test, ...]:
        """Tests with commas between."""
        found = [self.test()]
        while self.accept(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> tree.Test:
        """One test: a comparison without its left side, or an expression."""
        for sign in COMPARISONS:
            if self.accept(sign):
                return tree.Test(sign, self.expression(4))
        return tree.Test("", self.expression())

    def to_the_end(self) -> Node:
        """An expression with nothing behind it."""
        found = self.expression()
        if self.now.kind != "end":
            raise self.wrong()
        return found

    def expression(self, strength: int = 0) -> Node:
        """Whatever binds more strongly than ``strength``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelError(f"the expression is nested more than {MAX_DEPTH} levels", f"表达式嵌套超过 {MAX_DEPTH} 层")
        left = self.postfix(self.primary())
        while self.now.kind in ("sign", "word"):
            sign = self.now.value
            found = _STRENGTH.get(sign, 0)
            if found <= strength:
                break
            self.place += 1
            left = self.binary(left, sign, found)
        self.depth -= 1
        return left

    def binary(self, left: Node, sign: str, strength: int) -> Node:
        """What stands to the right of a sign, put together with what stood to its left."""
        if sign == "between":
            low = self.expression(4)
            self.expect("and")
            return tree.Between(left, low, self.expression(4))
        if sign == "in":
            return tree.Among(left, self.among())
        right = self.expression(strength)
        if sign in COMPARISONS and self.at(*COMPARISONS):
            raise FeelError(
                "comparisons cannot be chained; write a < b and b < c", "比较不能连写，请写成 a < b and b < c"
            )
        return tree.Binary(sign, left, right)

    def among(self) -> tuple[tree.Test, ...]:
        """What stands behind ``in``: one test, or several in brackets."""
        if not self.at("("):
            for sign in COMPARISONS:
                if self.accept(sign):
                    return (tree.Test(sign, self.expression(4)),)
            return (tree.Test("", self.expression(4)),)
        self.place += 1
        tests = self.tests()
        if len(tests) == 1 and not tests[0].sign and self.accept(".."):
            return (tree.Test("", self.span(tests[0].operand, closed=False)),)
        self.expect(")")
        return tests

    def span(self, low: Node, *, closed: bool) -> Node:
        """The rest of a range, behind its two dots."""
        high = self.expression(4)
        if self.accept("]"):
            return tree.Span(low, high, closed, True)
        if not self.accept(")"):
            self.expect("[")
        return tree.Span(low, high, closed, False)

    def postfix(self, left: Node) -> Node:
        """Fields, filters, calls and ``instance of`` behind a value."""
        while True:
            if self.accept("."):
                left = tree.Path(left, self.name())
            elif self.at("[") and not self._ends_a_range():
                self.place += 1
                left = tree.Filter(left, self.expression())
                self.expect("]")
            elif self.at("("):
                left = self.call(left)
            elif self.accept("instance of"):
                left = tree.InstanceOf(left, self.type_name())
            else:
                return left

    def _ends_a_range(self) -> bool:
        """``]1..5[``: an opening bracket that closes; what follows it could not stand in a filter."""
        following = self.tokens[self.place + 1]
        return following.kind == "end" or (following.kind in ("sign", "word") and following.value in _AFTER_A_RANGE)

    def type_name(self) -> str:
        """The name of a type, maybe with what it holds: ``list<number>``."""
        words = self.name()
        if self.accept("<"):
            words += f"<{self.name()}>"
            self.expect(">")
        return words

    def call(self, function: Node) -> Node:
        """The arguments of a function."""
        if isinstance(function, tree.Path):
            raise FeelError(
                f"there are no methods; write {function.field}(...) as a function",
                f"没有方法调用，请写成函数 {function.field}(...)",
            )
        self.expect("(")
        arguments: list[Node] = []
        names: list[str] = []
        while not self.at(")"):
            if self.now.kind in ("name", "text") and self.tokens[self.place + 1].value == ":":
                names.append(self.name())
                self.expect(":")
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        if names and len(names) != len(arguments):
            raise FeelError("either all arguments are named or none is", "参数要么都写名称，要么都不写")
        return tree.Call(function, tuple(arguments), tuple(names))

    def primary(self) -> Node:
        """A literal, a name, or something in brackets."""
        token = self.take()
        if token.kind in ("number", "text"):
            return tree.Literal(token.value)
        if token.kind == "name":
            return tree.Name(token.value)
        if token.kind == "word":
            return self.construct(token)
        if token.kind == "sign":
            if token.value == "-":
                return self.negative()
            if token.value == "?":
                return tree.Name(tree.INPUT)
            if token.value == "@" and self.now.kind == "text":
                return tree.Literal(read_any(self.take().value))
            if token.value == "(":
                return self.brackets()
            if token.value in ("[", "]"):
                return self.square(closed=token.value == "[")
            if token.value == "{":
                return self.fields()
        self.place -= 1
        raise self.wrong()

    def negative(self) -> Node:
        """A minus binds more strongly than a power, as the standard has it."""
        operand = self.expression(7)
        if isinstance(operand, tree.Literal) and isinstance(operand.value, Decimal):
            return tree.Literal(-operand.value)
        return tree.Unary(operand)

    def brackets(self) -> Node:
        """Round brackets: an expression, a range, or half a range."""
        for sign in ("<", "<=", ">", ">=", "="):
            if self.accept(sign):
                found = _half(sign, self.expression(4))
                self.expect(")")
                return found
        found = self.expression()
        if self.accept(".."):
            return self.span(found, closed=False)
        self.expect(")")
        return found

    def square(self, *, closed: bool) -> Node:
        """Square brackets: a list or a range; ``closed``: it began with ``[``."""
        if closed and self.accept("]"):
            return tree.Items(())
        items = [self.expression()]
        if self.accept(".."):
            return self.span(items[0], closed=closed)
        while closed and self.accept(","):
            items.append(self.expression())
        if not closed:
            raise self.wrong("..")
        self.expect("]")
        return tree.Items(tuple(items))

    def fields(self) -> Node:
        """A context."""
        entries: list[tuple[str, Node]] = []
        while not self.at("}"):
            name = self.name()
            self.expect(":")
            if name in {known for known, _ in entries}:
                raise FeelError(f"{name!r} is there twice", f"{name!r} 出现两次")
            entries.append((name, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        return tree.Fields(tuple(entries))

    def construct(self, token: Token) -> Node:
        """What begins with a keyword."""
        if token.value in _CONSTANTS:
            return tree.Literal(_CONSTANTS[token.value])
        if token.value == "if":
            condition = self.expression()
            self.expect("then")
            yes = self.expression()
            self.expect("else")
            return tree.If(condition, yes, self.expression())
        if token.value in ("for", "some", "every"):
            return self.loop(token.value)
        if token.value == "function":
            return self.definition()
        self.place -= 1
        raise self.wrong()

    def loop(self, what: str) -> Node:
        """``for``, ``some`` or ``every``."""
        variables: list[tuple[str, Node]] = []
        while not variables or self.accept(","):
            name = self.name()
            self.expect("in")
            source = self.expression()
            if self.accept(".."):
                source = tree.Span(source, self.expression(), True, True)
            variables.append((name, source))
        self.expect("return" if what == "for" else "satisfies")
        return tree.Loop(what, tuple(variables), self.expression())

    def definition(self) -> Node:
        """A function defined on the spot."""
        self.expect("(")
        names: list[str] = []
        while not self.at(")"):
            names.append(self.name())
            if self.accept(":"):
                self.name()  # the type of a parameter is a note to the reader
            if not self.accept(","):
                break
        self.expect(")")
        return tree.Definition(tuple(names), self.expression())


def _half(sign: str, end: Node) -> Node:
    """``(< 5)`` as a value: a range without an end on one side."""
    if sign == "=":
        return tree.Span(end, end, True, True)
    if sign in ("<", "<="):
        return tree.Span(None, end, False, sign == "<=")
    return tree.Span(end, None, sign == ">=", False)
