"""Parallel joins that would wait for a token nobody can bring any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from processes.spiff.specs.gateways import Parallel


def starving(scope: Any, moving: Collection[str], arrived: Collection[tuple[str, str]]) -> set[str]:
    """The joins of a scope that some token comes to, or has, and that can never have one from every flow.

    :param moving: names of the elements where tokens stand that can go on.
    :param arrived: joins, each with a flow that has brought its token.
    """
    before = _before(scope)
    found: set[str] = set()
    for name, spec in scope.task_specs.items():
        incoming = spec.extensions["incoming"] if isinstance(spec, Parallel) else ()
        if len(incoming) < 2:
            continue
        here = {flow for join, flow in arrived if join == name}
        open_flows = [flow for flow in incoming if flow not in here]
        able = [flow for flow in open_flows if not _behind(scope, before, name, flow).isdisjoint(moving)]
        if (here or able) and len(able) < len(open_flows):
            found.add(name)
    return found


def _before(scope: Any) -> dict[str, list[str]]:
    """For every element, those a token can come from."""
    found: dict[str, list[str]] = {}
    for name, spec in scope.task_specs.items():
        facts = getattr(spec, "extensions", {})
        for _flow, target, *_ in facts.get("flows", ()):
            found.setdefault(target, []).append(name)
        for boundary in facts.get("boundary", ()):
            found.setdefault(boundary, []).append(name)
        if "instance" in facts.get("loop", {}):
            found.setdefault(name, []).append(facts["loop"]["instance"])
    return found


def _behind(scope: Any, before: dict[str, list[str]], join: str, flow: str) -> set[str]:
    """The elements from which a flow into a join can be reached without passing the join."""
    todo = [
        name
        for name, spec in scope.task_specs.items()
        if any(row[0] == flow for row in getattr(spec, "extensions", {}).get("flows", ()))
    ]
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached and name != join:
            reached.add(name)
            todo += before.get(name, ())
    return reached
