"""Which elements of a scope can follow which: the questions that several rules and the completion of names ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from processes.spiff.lint_flows import circles
from processes.spiff.model import Node, Scope


class Ways:
    """The ways tokens can take in one scope, over flows, boundary events, links and event sub-processes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.after: dict[str, list[str]] = {node_id: [] for node_id in scope.nodes}
        self.before: dict[str, list[str]] = {node_id: [] for node_id in scope.nodes}
        for flow in scope.flows.values():
            self._connect(flow.source, flow.target)
        catches: dict[str, list[str]] = {}
        for node in scope.nodes.values():
            if node.type == "intermediateCatchEvent" and node.event.kind == "link":
                catches.setdefault(node.event.name, []).append(node.id)
        for node in scope.nodes.values():
            if node.type == "intermediateThrowEvent" and node.event.kind == "link":
                for catch in catches.get(node.event.name, ()):
                    self._connect(node.id, catch)
        for node in scope.nodes.values():
            if node.attached_to in self.before:
                # What leaves by the edge of an activity comes from before it: the activity has written nothing.
                for source in self.before[node.attached_to] or [node.attached_to]:
                    self._connect(source, node.id)

    def _connect(self, source: str, target: str) -> None:
        if source in self.after and target in self.after:
            self.after[source].append(target)
            self.before[target].append(source)

    @cached_property
    def starts(self) -> list[str]:
        """Where tokens begin: start events, or what nothing leads to."""
        nodes = [node for node in self.scope.nodes.values() if not node.by_event and not node.for_compensation]
        found = [node.id for node in nodes if node.type == "startEvent"]
        loose = [node.id for node in nodes if not self.before[node.id] and not node.attached_to]
        return found or loose

    def ahead(self, start: Iterable[str], *, without: Collection[str] = ()) -> set[str]:
        """What tokens at ``start`` can come to, themselves included; none of ``without`` is passed."""
        return _walk(self.after, start, without)

    def behind(self, start: Iterable[str]) -> set[str]:
        """What tokens at ``start`` may have passed, themselves included."""
        return _walk(self.before, start, ())

    def unpassed(self, start: Iterable[str], by: Collection[str]) -> tuple[set[str], set[str]]:
        """Where a token can come, and whence it can go on, without having passed one of ``by``.

        Behind a parallel join it has, as soon as one of the branches has.
        """
        reached: set[str] = set()
        left: set[str] = set()
        todo = list(start)
        while todo:
            node_id = todo.pop()
            if node_id in reached:
                continue
            before = self.before[node_id]
            if self.scope.nodes[node_id].type == "parallelGateway" and not left.issuperset(before):
                continue
            reached.add(node_id)
            if node_id not in by:
                left.add(node_id)
                todo.extend(self.after[node_id])
        return reached, left

    @cached_property
    def in_circles(self) -> frozenset[str]:
        """The elements a token can come to again."""
        return frozenset(node_id for circle in circles(self.after) for node_id in circle)

    def splits(self, *kinds: str) -> list[Node]:
        """The elements of these kinds with several ways out."""
        return [node for node in self.scope.nodes.values() if node.type in kinds and len(self.after[node.id]) > 1]


def _walk(following: dict[str, list[str]], start: Iterable[str], without: Collection[str]) -> set[str]:
    reached: set[str] = set()
    todo = [node_id for node_id in start if node_id not in without]
    while todo:
        node_id = todo.pop()
        if node_id not in reached:
            reached.add(node_id)
            todo.extend(target for target in following.get(node_id, ()) if target not in without)
    return reached
