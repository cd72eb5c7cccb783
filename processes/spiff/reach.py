"""Which names an element can read: what was there at the start, and what steps before it have written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.ways import Ways

Origin = Literal["start", "drawn", "output", "input", "item", "list"]


@dataclass(frozen=True)
class Name:
    """A name in reach. ``writer``: the element that writes it, None for data of the start; ``value``: the expression.

    ``always``: it is written on every way.
    """

    name: str
    origin: Origin
    writer: Node | None = None
    value: str | None = None
    always: bool = True


@dataclass(frozen=True)
class _Written:
    """Of one name in one scope: who writes it, where it may be there, where it may be missing (before and behind)."""

    rows: list[tuple[Node, str | None, Origin]]
    there: set[str]
    missing: set[str]
    missing_after: set[str]


class Reach:
    """The names in reach of every element of one process; what is asked twice is computed once."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self._ways: dict[int, Ways] = {}
        self._written: dict[int, dict[str, _Written]] = {}
        self._places = {node.id: scope for scope, node in model.root.walk()}
        self.scopes = [model.root, *[node.inner for _, node in model.root.walk() if node.inner is not None]]
        self._places |= {flow_id: scope for scope in self.scopes for flow_id in scope.flows}

    def ways(self, scope: Scope) -> Ways:
        """The ways of one scope."""
        found = self._ways.get(id(scope))
        if found is None:
            found = self._ways[id(scope)] = Ways(scope)
        return found

    def place_of(self, element_id: str) -> Scope | None:
        """The scope an element or flow is in."""
        return self._places.get(element_id)

    def names_at(self, element_id: str) -> dict[str, Name]:
        """The names an expression of this element, or of this flow, can read; those of the start first."""
        found = {name: Name(name, "start") for name in self.model.declared or ()}
        found |= {name: Name(name, "drawn") for name in self.model.drawn if name not in found}
        chain: list[tuple[Scope, str]] = []
        scope, place = self._places.get(element_id), element_id
        while scope is not None:
            chain.append((scope, place))
            scope, place = (scope.around, scope.owner.id) if scope.owner is not None else (None, "")
        for around, at in reversed(chain):
            self._add(around, at, found)
        return found

    def _add(self, scope: Scope, place: str, found: dict[str, Name]) -> None:
        """Add the names of one scope, seen from an element in it, or from behind the source of a flow in it."""
        owner = scope.owner
        if owner is not None:
            found |= {name: Name(name, "input", owner, value) for name, value in owner.inputs}
            if owner.loop is not None and owner.loop.item:
                found[owner.loop.item] = Name(owner.loop.item, "item", owner, owner.loop.items)
        flow = scope.flows.get(place)
        at = flow.source if flow is not None else place
        node = scope.nodes.get(at)
        anytime = (node is not None and node.by_event) or (owner is not None and owner.ad_hoc is not None)
        for name, written in self._names(scope).items():
            own = flow is not None and any(row[0].id == at for row in written.rows)
            if not (at in written.there or own or anytime):
                continue
            lacking = written.missing_after if flow is not None else written.missing
            known = found.get(name)
            always = not anytime and at not in lacking
            writer, value, origin = written.rows[0]
            found[name] = Name(name, origin, writer, value, always or (known is not None and known.always))
        if node is not None and flow is None and node.loop is not None and node.loop.item:
            found[node.loop.item] = Name(node.loop.item, "item", node, node.loop.items)

    def _names(self, scope: Scope) -> dict[str, _Written]:
        found = self._written.get(id(scope))
        if found is None:
            rows: dict[str, list[tuple[Node, str | None, Origin]]] = {}
            for node in scope.nodes.values():
                for name, value, origin in written_by(node):
                    rows.setdefault(name, []).append((node, value, origin))
            ways = self.ways(scope)
            starts = ways.starts()
            found = {}
            for name, those in sorted(rows.items()):
                writers = {node.id for node, _, _ in those}
                there = ways.ahead([after for writer in writers for after in ways.after[writer]])
                missing, missing_after = ways.unpassed(starts, writers)
                found[name] = _Written(those, there, missing, missing_after)
            self._written[id(scope)] = found
        return found


def written_by(node: Node) -> list[tuple[str, str | None, Origin]]:
    """What a finished element has written, with the expression; None for the whole answer.

    An embedded sub-process lets out what was written inside.
    """
    if node.loop is not None and node.loop.collect:
        return [(node.loop.collect, node.loop.output, "list")]
    rows: list[tuple[str, str | None, Origin]] = [(name, value, "output") for name, value in node.outputs]
    if node.inner is not None and not node.outputs:
        for inner in node.inner.nodes.values():
            rows += written_by(inner)
    return rows
