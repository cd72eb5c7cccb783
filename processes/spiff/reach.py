"""Which names an element can read: what was there at the start, and what steps before it have written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.ways import Ways

Origin = Literal["start", "drawn", "output", "input", "item", "list"]
#: Of so many names of a drawing it is found out where they are written.
MOST_NAMES: Final = 500
#: Who writes a name, with which expression, and how.
Row = tuple[Node, str | None, Origin]


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

    rows: list[Row]
    there: set[str]
    missing: set[str]
    missing_after: set[str]


class Reach:
    """The names in reach of every element of one process; what is asked twice is computed once."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self._ways: dict[int, Ways] = {}
        self._writers: dict[int, dict[str, list[Row]]] = {}
        self._written: dict[tuple[int, str], _Written] = {}
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
        names = [*(self.model.declared or ()), *self.model.drawn]
        for scope, place in self._chain(element_id):
            names += [name for name, _ in (scope.owner.inputs if scope.owner is not None else ())]
            names += sorted(self._rows(scope))
            loops = [scope.owner, scope.nodes.get(place)]
            names += [node.loop.item for node in loops if node is not None and node.loop is not None and node.loop.item]
        found = {name: self.name_at(element_id, name) for name in dict.fromkeys(names)}
        return {name: one for name, one in found.items() if one is not None}

    def name_at(self, element_id: str, name: str) -> Name | None:
        """One name as it is seen there; None if it is not in reach."""
        found = Name(name, "start") if name in (self.model.declared or ()) else None
        if found is None and name in self.model.drawn:
            found = Name(name, "drawn")
        for scope, place in self._chain(element_id):
            found = self._seen(scope, place, name, found)
        return found

    def _chain(self, element_id: str) -> list[tuple[Scope, str]]:
        """The scopes around an element, the outermost first, with the place in each."""
        chain: list[tuple[Scope, str]] = []
        scope, place = self._places.get(element_id), element_id
        while scope is not None:
            chain.append((scope, place))
            scope, place = (scope.around, scope.owner.id) if scope.owner is not None else (None, "")
        return chain[::-1]

    def _seen(self, scope: Scope, place: str, name: str, known: Name | None) -> Name | None:
        """The name in one scope, seen from an element in it, or from behind the source of a flow in it."""
        owner = scope.owner
        if owner is not None:
            known = next((Name(name, "input", owner, value) for one, value in owner.inputs if one == name), known)
            if owner.loop is not None and owner.loop.item == name:
                known = Name(name, "item", owner, owner.loop.items)
        flow = scope.flows.get(place)
        at = flow.source if flow is not None else place
        node = scope.nodes.get(at)
        if node is not None and flow is None and node.loop is not None and node.loop.item == name:
            return Name(name, "item", node, node.loop.items)
        written = self._name(scope, name)
        if written is None:
            return known
        anytime = (node is not None and node.by_event) or (owner is not None and owner.ad_hoc is not None)
        own = flow is not None and any(row[0].id == at for row in written.rows)
        if not (at in written.there or own or anytime):
            return known
        lacking = written.missing_after if flow is not None else written.missing
        always = not anytime and at not in lacking
        writer, value, origin = written.rows[0]
        return Name(name, origin, writer, value, always or (known is not None and known.always))

    def _rows(self, scope: Scope) -> dict[str, list[Row]]:
        """Who writes what in a scope."""
        found = self._writers.get(id(scope))
        if found is None:
            found = self._writers[id(scope)] = {}
            for node in scope.nodes.values():
                for name, value, origin in written_by(node):
                    found.setdefault(name, []).append((node, value, origin))
        return found

    def _name(self, scope: Scope, name: str) -> _Written | None:
        key = (id(scope), name)
        rows = self._rows(scope).get(name)
        if rows is None:
            return None
        if key not in self._written:
            if len(self._written) >= MOST_NAMES:  # a file made to keep us busy; of the others nothing is said
                return None
            ways, writers = self.ways(scope), {node.id for node, _, _ in rows}
            there = ways.ahead([after for writer in writers for after in ways.after[writer]])
            self._written[key] = _Written(rows, there, *ways.unpassed(ways.starts, writers))
        return self._written[key]


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
