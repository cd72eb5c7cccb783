"""Expressions of Camunda 7 and Flowable, ``${...}`` and ``#{...}``, in our language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from processes.spiff.dialects_grammar import (
    AND,
    ATOM,
    COMPARED,
    MAX_LENGTH,
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
    too_long,
)

TOKENS: Final = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d+)?)[lLdDfF]?(?!\w)|(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]])"
)
EQUAL: Final = {"==": "==", "eq": "==", "!=": "!=", "ne": "!="}
ORDER: Final = {"<": "<", "lt": "<", "<=": "<=", "le": "<=", ">": ">", "gt": ">", ">=": ">=", "ge": ">="}
WORDS: Final = {"true": "true", "false": "false", "null": "null"}
# What only the other engine has at hand.
HIDDEN: Final = {
    "execution": ("the execution object", "execution 对象"),
    "task": ("the task object", "task 对象"),
    "caseExecution": ("the case object", "caseExecution 对象"),
    "authenticatedUserId": ("the user who is signed in", "当前登录用户"),
    "runtimeService": ("a service of the engine", "引擎服务"),
    "connector": ("the connector", "连接器"),
}
PART: Final = re.compile(r"[$#]\{((?:[^{}\"']|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')*)\}")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _contains(thing: Piece, item: Piece) -> Piece:
    return call("contains", thing, item)


METHODS: Final[Mapping[tuple[str, int], Callable[..., Piece]]] = {
    ("size", 0): lambda thing: call("len", thing),
    ("length", 0): lambda thing: call("len", thing),
    ("isEmpty", 0): lambda thing: Piece(f"len({thing.text}) == 0", COMPARED),
    ("contains", 1): _contains,
    ("containsKey", 1): _contains,
    ("equals", 1): lambda thing, other: compared(thing, "==", other),
    ("equalsIgnoreCase", 1): lambda thing, other: compared(call("lower", thing), "==", call("lower", other)),
    ("startsWith", 1): lambda thing, start: call("starts_with", thing, start),
    ("toLowerCase", 0): lambda thing: call("lower", thing),
    ("toUpperCase", 0): lambda thing: call("upper", thing),
    ("toString", 0): lambda thing: call("str", thing),
    ("get", 1): lambda thing, key: call("get", thing, key),
    ("intValue", 0): lambda thing: call("int", thing),
    ("doubleValue", 0): lambda thing: call("float", thing),
    ("booleanValue", 0): lambda thing: thing,
}


def translated(text: str) -> str:
    """One or several ``${...}`` with text around them. :raises UntranslatableError: there is no counterpart."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise too_long()
    found = PART.fullmatch(text)
    if found is not None:
        return within(found[1])
    parts, place = [], 0
    for part in PART.finditer(text):
        if part.start() > place:
            parts.append(repr(text[place : part.start()]))
        parts.append(within(part[1]))
        place = part.end()
    if place < len(text):
        parts.append(repr(text[place:]))
    if re.search(r"[$#]\{", PART.sub("", text)):
        raise UntranslatableError("a bracket is not closed", "括号没有闭合")
    return f"concat({', '.join(parts)})"


def within(text: str) -> str:
    """What stands inside the brackets. :raises UntranslatableError: there is no counterpart."""
    return _Juel(tokens_of(text, TOKENS)).whole().text


class _Juel(Reader):
    def expression(self) -> Piece:
        condition = self._or()
        if not self.took("?"):
            return condition
        yes = self.deeper(self.expression)
        self.needs(":")
        no = self.deeper(self.expression)
        return Piece(f"{yes.within(OR)} if {condition.within(OR)} else {no.within(WHOLE)}", WHOLE)

    def _or(self) -> Piece:
        return self.chain(self._and, {"||": "or", "or": "or"}, OR)

    def _and(self) -> Piece:
        return self.chain(self._equal, {"&&": "and", "and": "and"}, AND)

    def _equal(self) -> Piece:
        left = self._ordered()
        while self.at(*EQUAL):
            left = compared(left, EQUAL[self.move().value], self._ordered())
        return left

    def _ordered(self) -> Piece:
        left = self._sum()
        while self.at(*ORDER):
            left = compared(left, ORDER[self.move().value], self._sum())
        return left

    def _sum(self) -> Piece:
        return self.chain(self._product, {"+": "+", "-": "-"}, SUM)

    def _product(self) -> Piece:
        return self.chain(self._signed, {"*": "*", "/": "/", "div": "/", "%": "%", "mod": "%"}, PRODUCT)

    def _signed(self) -> Piece:
        if self.took("!", "not"):
            return Piece(f"not {self.deeper(self._signed).within(COMPARED)}", NOT)
        if self.took("-"):
            return Piece(f"-{self.deeper(self._signed).within(SIGNED)}", SIGNED)
        if self.took("empty"):
            return self._empty(self.deeper(self._signed))
        return self._fields(self._first())

    def _empty(self, thing: Piece) -> Piece:
        if not thing.path:
            return Piece(f"{thing.within(SUM)} in [null, '', [], {{}}]", COMPARED)
        return Piece(f"{existing(thing, wanted=False).text} or {thing.text} in ['', [], {{}}]", OR)

    def _first(self) -> Piece:
        token = self.move()
        if token.kind == "number":
            return Piece(token.value.rstrip("lLdDfF"))
        if token.kind == "text":
            return quoted(_unescaped(token.value))
        if token.kind == "name":
            return self._name(token.value)
        if token.value == "(":
            inner = self.deeper(self.expression)
            self.needs(")")
            return inner
        raise UntranslatableError(f"{token.value or 'the end'!r} is not understood here", f"这里看不懂 {token.value!r}")

    def _name(self, name: str) -> Piece:
        if name in WORDS:
            return Piece(WORDS[name])
        if name == "execution" and self.at("."):
            return self._execution()
        if name in HIDDEN:
            en, zh = HIDDEN[name]
            raise UntranslatableError(f"{en} is not at hand here", f"这里没有{zh}")
        if self.at("("):
            raise refused_call(name)
        return Piece(name, path=name)

    def _execution(self) -> Piece:
        """``execution.getVariable('x')`` is the name x; ``hasVariable`` asks whether it is there."""
        self.needs(".")
        method = self.move().value
        if method in ("getVariable", "getVariableLocal", "hasVariable") and self.took("("):
            arguments = self.arguments()
            if len(arguments) == 1 and arguments[0].literal is not None and arguments[0].literal.isidentifier():
                piece = Piece(arguments[0].literal, path=arguments[0].literal)
                return existing(piece, wanted=True) if method == "hasVariable" else piece
        en, zh = HIDDEN["execution"]
        raise UntranslatableError(f"{en} ({method}) is not at hand here", f"这里没有{zh}（{method}）")

    def _fields(self, thing: Piece) -> Piece:
        while True:
            if self.took("."):
                thing = self._field(thing)
            elif self.took("["):
                index = self.deeper(self.expression)
                self.needs("]")
                thing = Piece(f"{thing.within(ATOM)}[{index.text}]")
            else:
                return thing

    def _field(self, thing: Piece) -> Piece:
        name = self.move()
        if name.kind != "name":
            raise UntranslatableError(f"{name.value!r} is not the name of a field", f"{name.value!r} 不是字段名")
        if not self.took("("):
            path = f"{thing.path}.{name.value}" if thing.path else ""
            return Piece(f"{thing.within(ATOM)}.{name.value}", path=path)
        arguments = self.arguments()
        method = METHODS.get((name.value, len(arguments)))
        if method is None:
            raise UntranslatableError(
                f"{name.value}() is a method of Java; only fields and the documented functions can be used",
                f"{name.value}() 是 Java 方法；这里只能用字段和文档列出的函数",
            )
        return method(thing, *arguments)
