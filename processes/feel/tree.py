"""What the parser makes of a text: a tree of small immutable nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

INPUT = "?"


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    def inner(self) -> Iterator[Node]:
        """The parts directly inside."""
        for field in fields(self):
            yield from _nodes(getattr(self, field.name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text, true, false, null, or a date, time or duration written as ``@"..."``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """The name of a value; ``?`` is the input of a cell."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-x``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``sign`` is one of ``+ - * / ** = != < <= > >= and or``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Span(Node):
    """A range; an end that is None is open for ever."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``x between a and b``, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Among(Node):
    """``x in a`` or ``x in (a, > b, [c..d])``."""

    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One test of a cell: compared with ``sign``, or (no sign) whether the input is, or is in, what it yields."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """A whole cell; no tests: everything fits."""

    tests: tuple[Test, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Items(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Fields(Node):
    """``{a: 1, b: a + 1}``; later ones see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``x.field``."""

    value: Node
    field: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``list[condition]`` or ``list[position]``."""

    value: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``f(a, b)``, or with ``names``: ``f(x: a, y: b)``."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if c then a else b``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """``for x in a, y in b return z`` (``what`` is "for"), ``some``/``every ... satisfies z``."""

    what: str
    variables: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Definition(Node):
    """``function(a, b) a + b``."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``x instance of number``."""

    value: Node
    type_name: str


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(found.inner())


def asks(node: Node) -> bool:
    """Whether the input of the cell is named in it."""
    return any(isinstance(part, Name) and part.name == INPUT for part in walk(node))


Use = tuple[str, bool]


def uses(node: Node, bound: frozenset[str] = frozenset()) -> frozenset[Use]:
    """The names a tree reads from outside, each with whether it is called as a function.

    Inside a filter the fields of the items are names as well, and which ones there are shows only when it runs: names
    in there are left out.
    """
    if isinstance(node, Name):
        return frozenset() if node.name in bound or node.name == INPUT else frozenset({(node.name, False)})
    if isinstance(node, Definition):
        return uses(node.body, bound | set(node.parameters))
    if isinstance(node, Loop):
        return _in_order(node.variables, bound, node.body, {"partial"} if node.what == "for" else set())
    if isinstance(node, Fields):
        return _in_order(node.entries, bound, None, set())
    if isinstance(node, Filter):
        return uses(node.value, bound) | {use for use in uses(node.condition, bound | {"item"}) if use[1]}
    found: frozenset[Use] = frozenset()
    for part in node.inner():
        found |= uses(part, bound)
    if isinstance(node, Call) and isinstance(node.function, Name):
        name = node.function.name
        others = [use for argument in node.arguments for use in uses(argument, bound)]
        return frozenset(others) if name in bound else frozenset([*others, (name, True)])
    return found


def _in_order(
    entries: tuple[tuple[str, Node], ...], bound: frozenset[str], body: Node | None, more: set[str]
) -> frozenset[Use]:
    found: frozenset[Use] = frozenset()
    for name, value in entries:
        found |= uses(value, bound)
        bound |= {name}
    return found | (uses(body, bound | more) if body is not None else frozenset())
