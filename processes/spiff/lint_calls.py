"""Calls between processes: a circle would never end, and what the called one relies on has to be handed over."""

from __future__ import annotations

from collections.abc import Sequence

from processes.spiff.fixes import add_input
from processes.spiff.model import Node, ProcessModel
from processes.spiff.report import Report


def lint_calls(models: Sequence[tuple[ProcessModel, Report]]) -> None:
    """Note every call that is part of a circle among the files given, or hands over too little."""
    relied = {model.key: _relied_on(model) for model, _ in models}
    for model, report in models:
        for _, node in model.root.walk():
            called = node.called if _calls(node) else node.attributes.get("undoneBy", "")
            for name in sorted(relied.get(called, set()) - {name for name, _ in node.inputs}):
                fixes = [add_input(node.id, name, name if name in (model.declared or ()) else "")]
                report.add("call-input", node.id, node.name, name, place=f"input:{name}", fixes=fixes)
    calls: dict[str, list[tuple[str, Node]]] = {}
    for model, _ in models:
        calls[model.key] = [(node.called, node) for _, node in model.root.walk() if _calls(node)]
    for model, report in models:
        for called, node in calls[model.key]:
            way = _way(calls, called, model.key)
            if way is not None:
                report.add("call-cycle", node.id, node.name, " > ".join([model.key, *way]))


def _relied_on(model: ProcessModel) -> set[str]:
    """The declared data of a process that none of its own steps writes."""
    written = {name for _, node in model.root.walk() for name, _ in node.outputs}
    written |= {node.loop.collect for _, node in model.root.walk() if node.loop is not None and node.loop.collect}
    return set(model.declared or ()) - written


def _calls(node: Node) -> bool:
    return node.type == "callActivity" and bool(node.called) and not node.attributes.get("calledExpression")


def _way(calls: dict[str, list[tuple[str, Node]]], start: str, goal: str) -> list[str] | None:
    seen: set[str] = set()
    todo: list[list[str]] = [[start]]
    while todo:
        way = todo.pop()
        if way[-1] == goal:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            todo.extend([*way, called] for called, _ in calls.get(way[-1], ()))
    return None
