"""Rules for branches: those side by side meet in the right kind of join and do not write over each other."""

from __future__ import annotations

from collections import Counter
from typing import Final

from processes.spiff.lint_flows import circles
from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.reach import Reach, written_by
from processes.spiff.report import Report
from processes.spiff.ways import Ways

MOST_SPLITS: Final = 100
MOST_BRANCHES: Final = 50
#: What gathers tokens, or swallows them.
GATHERING: Final = ("parallelGateway", "inclusiveGateway", "complexGateway", "endEvent")


def lint_branches(model: ProcessModel, reach: Reach, report: Report) -> None:
    """Check the branches of every scope."""
    for scope in reach.scopes:
        ways = reach.ways(scope)
        for split in ways.splits("parallelGateway", "inclusiveGateway")[:MOST_SPLITS]:
            _lint_writes(scope, split, ways, report)
        for split in ways.splits("parallelGateway", "exclusiveGateway")[:MOST_SPLITS]:
            if split.id not in ways.in_circles:
                _lint_join(scope, split, ways, report)
        _lint_circles(scope, ways, report)


def _own_parts(split: Node, ways: Ways) -> list[set[str]]:
    """For every way out, what lies on it alone."""
    reached = [ways.ahead([first]) for first in ways.after[split.id][:MOST_BRANCHES]]
    times = Counter(node_id for part in reached for node_id in part)
    return [{node_id for node_id in part if times[node_id] == 1} for part in reached]


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
        sources = ways.before[node.id]
        if len(sources) < 2 or node.id in ways.in_circles:
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
    following = {one: [after for after in ways.after[one] if after in automatic] for one in automatic}
    for circle in circles(following):
        calls = [scope.nodes[one] for one in circle if scope.nodes[one].type in ("serviceTask", "sendTask")]
        if calls:
            report.add("unlimited-loop", calls[0].id, calls[0].name, " > ".join(circle[:6]))


def _is_brake(node: Node) -> bool:
    """Whether a token waits here for a person, for a time or for news, or is done by another process."""
    if node.type in ("userTask", "receiveTask", "callActivity", "manualTask"):
        return True
    if node.type in ("intermediateCatchEvent", "boundaryEvent"):
        return any(event.kind in ("timer", "message", "signal", "conditional") for event in node.events)
    return node.inner is not None and any(_is_brake(inner) for inner in node.inner.nodes.values())
