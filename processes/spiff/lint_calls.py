"""Calls between processes: a circle would never end, and what the called one relies on has to be handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from processes.spiff.fixes import add_input, remove_input
from processes.spiff.model import Node, ProcessModel
from processes.spiff.report import Report

#: Where the work is done: taken by the instance itself, whatever its process declares.
AREA: Final = "area"


@dataclass(frozen=True)
class Contract:
    """What a process takes from whoever calls it. ``needs``: what it relies on; ``takes``: None: it does not say."""

    needs: frozenset[str] = frozenset()
    takes: frozenset[str] | None = None


#: The contracts of processes that are deployed, by key, for those that are asked about.
Contracts = Callable[[frozenset[str]], Mapping[str, Contract]]


def contract_of(model: ProcessModel) -> Contract:
    """What a process takes."""
    takes = frozenset({*model.declared, AREA}) if model.declared is not None else None
    return Contract(frozenset(relied_on(model)), takes)


def lint_calls(models: Sequence[tuple[ProcessModel, Report]], deployed: Contracts | None = None) -> None:
    """Note every call that is part of a circle among the files given, or hands over too little, or what nobody takes.

    :param deployed: what is known of processes that are called and not among the files; None: nothing.
    """
    known = {model.key: contract_of(model) for model, _ in models}
    if deployed is not None:
        wanted = {node.called for model, _ in models for _, node in model.root.walk() if _calls(node)}
        known = {**deployed(frozenset(wanted - known.keys())), **known}
    for model, report in models:
        for _, node in model.root.walk():
            target = node.called if _calls(node) else node.attributes.get("undoneBy", "")
            for name in sorted(known.get(target, Contract()).needs - {name for name, _ in node.inputs}):
                fixes = [add_input(node.id, name, name if name in (model.declared or ()) else "")]
                report.add("call-input", node.id, node.name, name, place=f"input:{name}", fixes=fixes)
            for name in _unused(node, known):
                fixes = [remove_input(node.id, name)]
                report.add("call-extra", node.id, node.name, name, place=f"input:{name}", fixes=fixes)
    calls: dict[str, list[tuple[str, Node]]] = {}
    for model, _ in models:
        calls[model.key] = [(node.called, node) for _, node in model.root.walk() if _calls(node)]
    for model, report in models:
        for called, node in calls[model.key]:
            way = _way(calls, called, model.key)
            if way is not None:
                report.add("call-cycle", node.id, node.name, " > ".join([model.key, *way]))


def relied_on(model: ProcessModel) -> set[str]:
    """The declared data of a process that none of its own steps writes."""
    written = {name for _, node in model.root.walk() for name, _ in node.outputs}
    written |= {node.loop.collect for _, node in model.root.walk() if node.loop is not None and node.loop.collect}
    return set(model.declared or ()) - written


def _unused(node: Node, known: Mapping[str, Contract]) -> list[str]:
    """What a call hands over to a process that says what it takes, and takes something else."""
    takes = known.get(node.called, Contract()).takes if _calls(node) else None
    return sorted({name for name, _ in node.inputs} - takes) if takes is not None else []


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
