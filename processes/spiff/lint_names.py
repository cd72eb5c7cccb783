"""Rules for expressions and the names they use."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Final

from processes.spiff.expressions import CONSTANTS, MAX_CHARACTERS, ExpressionError, names_in, parse
from processes.spiff.functions import FUNCTIONS
from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.report import Report
from processes.spiff.timers import is_literal

COUNTERS: Final = frozenset(
    f"{start}{what}"
    for start in ("numberOf", "nrOf")
    for what in ("Instances", "CompletedInstances", "ActiveInstances")
)
ACTIVATION: Final = frozenset({"activationCount", "waitingForStart"})
GIVEN: Final = frozenset({"now", "error", "escalation", "loopCounter"})
RESERVED: Final = frozenset({"now", "result", "loopCounter", "exists", "typename", *COUNTERS, *CONSTANTS, *FUNCTIONS})
GOOD_NAME: Final = re.compile(r"^[^\W\d_]\w{0,99}$")
FOREIGN: Final = re.compile(r"^\s*(=[^=]|[$#]\{)|[$#]\{[^}]*\}\s*$")

Use = tuple[str, str, str, frozenset[str]]


def lint_names(model: ProcessModel, report: Report) -> None:
    """Check every expression; and, if the process declares its start data, every name in them.

    A process taken over from another engine declares nothing, and that engine kept every answer by itself: there
    the names nobody writes are pointed out.
    """
    written = {*(model.declared or ()), *model.drawn}
    for _, node in model.root.walk():
        written |= {name for name, _ in node.outputs}
        if node.inner is not None or node.loop is not None:
            written |= _inner_names(node)
        _lint_written(node, report)
    for name in model.declared or ():
        if not good_name(name):
            report.add("bad-name", model.key, model.name, name)
    for element_id, name, text, more in _expressions(model.root):
        if FOREIGN.search(text[:MAX_CHARACTERS]):
            report.add("foreign-expression", element_id, name, text)
            continue
        try:
            parse(text)
        except ExpressionError as problem:
            report.add("expression", element_id, name, problem.en, detail_zh=problem.zh)
            continue
        unknown = sorted(names_in(text) - written - GIVEN - more) if model.declared is not None or model.foreign else []
        for missing in unknown:
            report.add("unknown-name" if model.declared is not None else "unkept-name", element_id, name, missing)
        if model.declared is None:
            written.update(unknown)  # once for each name is enough


def _inner_names(node: Node) -> set[str]:
    found = {name for name, _ in node.inputs} if node.inner is not None else set()
    if node.loop is not None:
        found |= {name for name in (node.loop.item, node.loop.collect) if name}
    return found


def _lint_written(node: Node, report: Report) -> None:
    names = [name for name, _ in node.outputs]
    names += sorted(_inner_names(node))
    for name in names:
        if not good_name(name):
            report.add("bad-name", node.id, node.name, name)
    loop = node.loop
    if loop is None or not loop.collect or not loop.output or node.inner is not None:
        return
    if loop.output not in {name for name, _ in node.outputs}:
        report.add("loop", node.id, node.name, f"outputDataItem {loop.output}: no yizhan:output")


def good_name(name: str) -> bool:
    """Whether data may be called that; Chinese names are fine."""
    return bool(GOOD_NAME.match(name)) and name not in RESERVED and not keyword.iskeyword(name)


def _expressions(scope: Scope) -> Iterator[Use]:
    nothing: frozenset[str] = frozenset()
    result = frozenset({"result"})
    for around, node in scope.walk():
        texts = [text for _, text in node.inputs]
        texts += [
            node.attributes[key] for key in ("calledExpression", "businessKey", "messageKey") if key in node.attributes
        ]
        for event in node.events:
            if event.value and (event.kind == "conditional" or (event.kind == "timer" and not is_literal(event.value))):
                texts.append(event.value)
        for text in texts:
            yield node.id, node.name, text, nothing
        for _, value in node.outputs:
            if value is not None:
                yield node.id, node.name, value, result
        if node.loop is not None:
            for value in (node.loop.items, node.loop.cardinality):
                if value:
                    yield node.id, node.name, value, nothing
            for value in (node.loop.until, node.loop.condition):
                if value:
                    yield node.id, node.name, value, COUNTERS
            for raised in node.loop.raises:
                if raised.condition:
                    yield node.id, node.name, raised.condition, COUNTERS
        if node.activation:
            yield node.id, node.name, node.activation, ACTIVATION
        for value in (node.ad_hoc.until, node.ad_hoc.chosen) if node.ad_hoc is not None else ():
            if value:
                yield node.id, node.name, value, nothing
        phase = ACTIVATION if node.type == "complexGateway" else nothing
        for flow in around.leaving(node.id):
            if flow.condition is not None:
                yield flow.id, flow.name or node.name, flow.condition, phase
