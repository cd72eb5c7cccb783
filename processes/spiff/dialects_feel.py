"""FEEL expressions as Camunda 8 writes them, ``= ...``, in our language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from processes.spiff.dialects_grammar import (
    AND,
    ATOM,
    COMPARED,
    NOT,
    OR,
    PRODUCT,
    SIGNED,
    SUM,
    WHOLE,
    Piece,
    Reader,
    UntranslatableError,
    call,
    compared,
    existing,
    quoted,
    refused_call,
    tokens_of,
)

# FEEL has functions whose names are several words.
LONG_NAMES: Final = (
    "string length",
    "upper case",
    "lower case",
    "starts with",
    "list contains",
    "is defined",
    "get value",
    "get or else",
    "date and time",
    "string join",
)
TOKENS: Final = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<text>\"(?:\\.|[^\"\\])*\")"
    rf"|(?P<name>(?:{'|'.join(name.replace(' ', ' +') for name in LONG_NAMES)})(?=\s*\()|[^\W\d]\w*|\?)"
    r"|(?P<sign>\*\*|\.\.|[<>!]=|[-+*/=<>.,:()\[\]{}@])"
)
WORDS: Final = {"true": "true", "false": "false", "null": "null"}
SIGNS: Final = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
HARD_WORDS: Final = {"for", "some", "every", "function", "instance", "return", "satisfies", "external"}
ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}


def _same(name: str) -> Callable[..., Piece]:
    return lambda *arguments: call(name, *arguments)


def _written(value: Piece) -> Piece:
    """``duration("PT1H")``, ``date("2026-11-01")``: we keep such values as their text."""
    if value.literal is None:
        raise UntranslatableError("only a value written out can be a date or duration", "日期和时长只能直接写出")
    return value


def _or_else(value: Piece, default: Piece) -> Piece:
    if not value.path:
        raise refused_call("get or else")
    return Piece(f"{value.text} if {existing(value, wanted=True).text} else {default.within(WHOLE)}", WHOLE)


def _cycle(times: Piece, every: Piece) -> Piece:
    if every.literal is None or not (times.text.isdigit() or not times.text):
        raise refused_call("cycle")
    return quoted(f"R{times.text}/{every.literal}")


FUNCTIONS: Final[Mapping[tuple[str, int], Callable[..., Piece]]] = {
    ("not", 1): lambda value: Piece(f"not {value.within(COMPARED)}", NOT),
    ("count", 1): _same("len"),
    ("string length", 1): _same("len"),
    ("contains", 2): _same("contains"),
    ("list contains", 2): _same("contains"),
    ("upper case", 1): _same("upper"),
    ("lower case", 1): _same("lower"),
    ("starts with", 2): _same("starts_with"),
    ("string", 1): _same("str"),
    ("number", 1): _same("float"),
    ("sum", 1): _same("sum"),
    ("min", 1): _same("min"),
    ("max", 1): _same("max"),
    ("abs", 1): _same("abs"),
    ("split", 2): _same("split"),
    ("string join", 1): lambda items: call("join", items, quoted("")),
    ("string join", 2): _same("join"),
    ("concatenate", 2): _same("concat"),
    ("append", 2): lambda items, item: call("concat", items, Piece(f"[{item.text}]")),
    ("all", 1): _same("all_of"),
    ("any", 1): _same("any_of"),
    ("modulo", 2): lambda left, right: Piece(f"{left.within(PRODUCT)} % {right.within(SIGNED)}", PRODUCT),
    ("is defined", 1): lambda value: existing(value, wanted=True),
    ("get value", 2): _same("get"),
    ("get or else", 2): _or_else,
    ("now", 0): lambda: Piece("now"),
    ("date", 1): _written,
    ("time", 1): _written,
    ("date and time", 1): _written,
    ("duration", 1): _written,
    ("cycle", 1): lambda every: _cycle(Piece(""), every),
    ("cycle", 2): _cycle,
}


def translated(text: str) -> str:
    """One FEEL expression without its sign. :raises UntranslatableError: there is no counterpart."""
    return _Feel(tokens_of(text, TOKENS)).whole().text


class _Feel(Reader):
    def expression(self) -> Piece:
        if self.took("if"):
            condition = self.deeper(self.expression)
            self.needs("then")
            yes = self.deeper(self.expression)
            self.needs("else")
            no = self.deeper(self.expression)
            return Piece(f"{yes.within(OR)} if {condition.within(OR)} else {no.within(WHOLE)}", WHOLE)
        return self.chain(self._and, {"or": "or"}, OR)

    def _and(self) -> Piece:
        return self.chain(self._compared, {"and": "and"}, AND)

    def _compared(self) -> Piece:
        left = self._sum()
        while True:
            if self.at(*SIGNS):
                left = compared(left, SIGNS[self.move().value], self._sum())
            elif self.took("between"):
                low = self._sum()
                self.needs("and")
                left = _between(left, ">=", low, "<=", self._sum())
            elif self.took("in"):
                left = self._in(left)
            else:
                return left

    def _in(self, left: Piece) -> Piece:
        opening = self.token.value
        if opening not in ("[", "(", "]"):
            return Piece(f"{left.within(SUM)} in {self._sum().within(SUM)}", COMPARED)
        self.move()
        low = self.deeper(self.expression)
        if self.took(".."):
            high = self.deeper(self.expression)
            closing = self.move().value
            if closing not in ("]", ")", "["):
                raise UntranslatableError("the range is not closed", "区间没有闭合")
            return _between(left, ">=" if opening == "[" else ">", low, "<=" if closing == "]" else "<", high)
        items = [low]
        while self.took(","):
            items.append(self.deeper(self.expression))
        self.needs("]" if opening == "[" else ")")
        return Piece(f"{left.within(SUM)} in [{', '.join(item.text for item in items)}]", COMPARED)

    def _sum(self) -> Piece:
        return self.chain(self._product, {"+": "+", "-": "-"}, SUM)

    def _product(self) -> Piece:
        found = self.chain(self._signed, {"*": "*", "/": "/"}, PRODUCT)
        if self.at("**"):
            raise UntranslatableError("there are no powers here", "这里没有乘方")
        return found

    def _signed(self) -> Piece:
        if self.took("-"):
            return Piece(f"-{self.deeper(self._signed).within(SIGNED)}", SIGNED)
        return self._fields(self._first())

    def _first(self) -> Piece:
        token = self.move()
        if token.kind == "number":
            return Piece(f"0{token.value}" if token.value.startswith(".") else token.value)
        if token.kind == "text":
            return quoted(re.sub(r"\\(.)", lambda sign: ESCAPES.get(sign[1], sign[1]), token.value[1:-1]))
        if token.kind == "name":
            return self._name(token.value)
        if token.value == "(":
            inner = self.deeper(self.expression)
            self.needs(")")
            return inner
        if token.value == "[":
            return Piece(f"[{', '.join(item.text for item in self.arguments(']'))}]")
        if token.value == "{":
            return self._context()
        raise UntranslatableError(f"{token.value or 'the end'!r} is not understood here", f"这里看不懂 {token.value!r}")

    def _name(self, name: str) -> Piece:
        if name in WORDS:
            return Piece(WORDS[name])
        if name in HARD_WORDS:
            raise UntranslatableError(f"'{name}' has no counterpart here", f"没有与 {name} 相当的写法")
        name = re.sub(" +", " ", name)
        if not self.took("("):
            return Piece(name, path=name)
        arguments = self.arguments()
        function = FUNCTIONS.get((name, len(arguments)))
        if function is None and name in ("min", "max", "concatenate") and len(arguments) > 1:
            return call({"concatenate": "concat"}.get(name, name), *arguments)
        if function is None:
            raise refused_call(name)
        return function(*arguments)

    def _context(self) -> Piece:
        rows = []
        while not self.took("}"):
            key = self.move()
            if key.kind not in ("name", "text"):
                raise UntranslatableError(f"{key.value!r} is not a key", f"{key.value!r} 不是键")
            self.needs(":")
            name = key.value if key.kind == "name" else key.value[1:-1]
            rows.append(f"{name!r}: {self.deeper(self.expression).text}")
            if not self.took(",") and not self.at("}"):
                raise UntranslatableError("a comma or } is missing", "缺少逗号或 }")
        return Piece(f"{{{', '.join(rows)}}}")

    def _fields(self, thing: Piece) -> Piece:
        while True:
            if self.took("."):
                name = self.move()
                if name.kind != "name":
                    raise UntranslatableError(f"{name.value!r} is not a field", f"{name.value!r} 不是字段")
                path = f"{thing.path}.{name.value}" if thing.path else ""
                thing = Piece(f"{thing.within(ATOM)}.{name.value}", path=path)
            elif self.took("["):
                thing = Piece(f"{thing.within(ATOM)}[{self._index()}]")
            else:
                return thing

    def _index(self) -> int:
        """FEEL counts from 1; what is no written-out number is a filter, which we have not got."""
        sign = -1 if self.took("-") else 1
        number = self.move()
        if number.kind != "number" or not number.value.isdigit() or int(number.value) == 0 or not self.took("]"):
            raise UntranslatableError(
                "a filter or computed index has no counterpart; use where() or first()",
                "没有过滤和计算下标的写法；可用 where() 或 first()",
            )
        return int(number.value) - 1 if sign > 0 else -int(number.value)


def _between(value: Piece, above: str, low: Piece, below: str, high: Piece) -> Piece:
    lower = f"{value.within(SUM)} {above} {low.within(SUM)}"
    return Piece(f"{lower} and {value.within(SUM)} {below} {high.within(SUM)}", AND)
