"""Rules for branches: those side by side meet in the right kind of join and do not write over each other."""

from __future__ import annotations

from typing import Final

from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.reach import Reach, written_by
from processes.spiff.report import Report
from processes.spiff.ways import Ways

MOST_SPLITS: Final = 100
#: What gathers tokens, or swallows them.
GATHERING: Final = ("parallelGateway", "inclusiveGateway", "complexGateway", "endEvent")


def lint_branches(model: ProcessModel, reach: Reach, report: Report) -> None:
    """Check the branches of every scope."""
    for scope in reach.scopes:
        ways = reach.ways(scope)
        for split in ways.splits("parallelGateway", "inclusiveGateway")[:MOST_SPLITS]:
            _lint_writes(scope, split, ways, report)
        for split in ways.splits("parallelGateway", "exclusiveGateway")[:MOST_SPLITS]:
            if not ways.is_circle(split.id):
                _lint_join(scope, split, ways, report)
        _lint_circles(scope, ways, report)


def _own_parts(split: Node, ways: Ways) -> list[set[str]]:
    """For every way out, what lies on it alone."""
    reached = [ways.ahead([first]) for first in ways.after[split.id]]
    return [part - set().union(*reached[:at], *reached[at + 1 :]) for at, part in enumerate(reached)]


def _lint_writes(scope: Scope, split: Node, ways: Ways, report: Report) -> None:
    seen: dict[str, str] = {}
    for part in _own_parts(split, ways):
        mine: dict[str, str] = {}
        for node_id in sorted(part):
            for name, _, _ in written_by(scope.nodes[node_id]):
                mine[name] = node_id
        for name in sorted(mine.keys() & seen.keys()):
            node = scope.nodes[mine[name]]
            report.add("branches-overwrite", node.id, node.name, name, place=f"output:{name}")
        seen |= mine


def _lint_join(scope: Scope, split: Node, ways: Ways, report: Report) -> None:
    """Where ways that lead from one split alone meet: of an exclusive one only one token comes, of a parallel one
    several."""
    parts = _own_parts(split, ways)
    for node in scope.nodes.values():
        sources = [flow.source for flow in scope.entering(node.id)]
        if len(sources) < 2 or ways.is_circle(node.id):
            continue
        met = {at for at, part in enumerate(parts) if any(source in part for source in sources)}
        met |= {at for at, first in enumerate(ways.after[split.id]) if first == node.id}
        if len(met) < 2:
            continue
        if split.type == "exclusiveGateway" and node.type == "parallelGateway":
            report.add("join-never", node.id, node.name, split.name or split.id)
        if split.type == "parallelGateway" and node.type not in GATHERING:
            report.add("runs-twice", node.id, node.name, split.name or split.id)


def _lint_circles(scope: Scope, ways: Ways, report: Report) -> None:
    """A circle of calls only: each waits for an answer, and the whole goes on as often as it likes."""
    automatic = {node.id for node in scope.nodes.values() if not _is_brake(node)}
    others = set(scope.nodes) - automatic
    seen: set[str] = set()
    for node in scope.nodes.values():
        if node.type not in ("serviceTask", "sendTask") or node.id in seen or node.id in others:
            continue
        ahead = ways.ahead(ways.after[node.id], without=others)
        if node.id in ahead:
            circle = [one for one in ahead if node.id in ways.ahead(ways.after[one], without=others)]
            seen |= set(circle)
            report.add("unlimited-loop", node.id, node.name, " > ".join(sorted(circle)[:6]))


def _is_brake(node: Node) -> bool:
    """Whether a token waits here for a person, for a time or for news, or is done by another process."""
    if node.type in ("userTask", "receiveTask", "callActivity", "manualTask"):
        return True
    if node.type in ("intermediateCatchEvent", "boundaryEvent"):
        return any(event.kind in ("timer", "message", "signal", "conditional") for event in node.events)
    return node.inner is not None and any(_is_brake(inner) for inner in node.inner.nodes.values())
