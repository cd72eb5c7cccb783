"""Rules for names that are read: what is written on some ways only has to be asked for first."""

from __future__ import annotations

import ast

from processes.spiff.expressions import ExpressionError, names_in, parse
from processes.spiff.lint_names import expressions_of
from processes.spiff.model import ProcessModel, Scope
from processes.spiff.reach import Reach
from processes.spiff.report import Report


def lint_reach(model: ProcessModel, reach: Reach, report: Report) -> None:
    """Point out expressions that read a name which is not there on every way to them."""
    anywhere = {id(scope) for scope in reach.scopes if _is_anywhere(scope)}
    for element_id, name, text, _, place in expressions_of(model.root):
        if id(reach.place_of(element_id)) in anywhere:
            continue
        try:
            read = names_in(text) - asked_for(text)
        except ExpressionError:
            continue  # said already
        for one in sorted(read):
            known = reach.name_at(element_id, one)
            if known is not None and not known.always:
                report.add("name-not-always", element_id, name, one, place=place)


def asked_for(text: str) -> set[str]:
    """The names that an expression asks for with ``exists('name')`` itself."""
    calls = [node for node in ast.walk(parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    asked = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "exists"]
    return {str(one.value).split(".")[0] for one in asked if isinstance(one, ast.Constant)}


def _is_anywhere(scope: Scope | None) -> bool:
    """Whether nothing can be said about what was before: an event began it, or people choose the order."""
    while scope is not None and scope.owner is not None:
        if scope.owner.by_event or scope.owner.ad_hoc is not None or scope.owner.for_compensation:
            return True
        scope = scope.around
    return False
