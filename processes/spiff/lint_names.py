"""Rules for expressions and the names they use."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Collection, Iterator
from typing import Final

from processes.spiff.expressions import CONSTANTS, MAX_CHARACTERS, ExpressionError, names_in, parse
from processes.spiff.fixes import rename_word
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
EXPRESSIONS: Final = ("calledExpression", "businessKey", "messageKey")
MOST_HINTS: Final = 20
FOREIGN: Final = re.compile(r"^\s*(=[^=]|[$#]\{)|[$#]\{[^}]*\}\s*$")

#: Element, its name, the expression, what else it may read there, the field it stands in.
Use = tuple[str, str, str, frozenset[str], str]


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
    for element_id, name, text, more, place in expressions_of(model.root):
        if FOREIGN.search(text[:MAX_CHARACTERS]):
            report.add("foreign-expression", element_id, name, text, place=place)
            continue
        try:
            parse(text)
        except ExpressionError as problem:
            report.add("expression", element_id, name, problem.en, detail_zh=problem.zh, place=place)
            continue
        unknown = sorted(names_in(text) - written - GIVEN - more) if model.declared is not None or model.foreign else []
        for missing in unknown:
            rule = "unknown-name" if model.declared is not None else "unkept-name"
            meant = _meant(missing, {*written, *more}) if len(report.findings) < MOST_HINTS else []
            fixes = [rename_word(element_id, place, missing, other) for other in meant]
            report.add(rule, element_id, name, missing, place=place, fixes=fixes)
        if model.declared is None:
            written.update(unknown)  # once for each name is enough


def _meant(word: str, names: Collection[str]) -> list[str]:
    return difflib.get_close_matches(word[:100], sorted(names), n=2, cutoff=0.6)


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


def expressions_of(scope: Scope) -> Iterator[Use]:
    """Every expression with its element and field, and what else it may read there."""
    nothing: frozenset[str] = frozenset()
    result = frozenset({"result"})
    for around, node in scope.walk():
        texts = [(f"input:{name}", text) for name, text in node.inputs]
        texts += [(f"yizhan:{key}", node.attributes[key]) for key in EXPRESSIONS if key in node.attributes]
        for event in node.events:
            if event.value and (event.kind == "conditional" or (event.kind == "timer" and not is_literal(event.value))):
                texts.append((event.kind, event.value))
        for place, text in texts:
            yield node.id, node.name, text, nothing, place
        for name, value in node.outputs:
            if value is not None:
                yield node.id, node.name, value, result, f"output:{name}"
        if node.loop is not None:
            for place, value in (("collection", node.loop.items), ("cardinality", node.loop.cardinality)):
                if value:
                    yield node.id, node.name, value, nothing, place
            for place, value in (("until", node.loop.until), ("while", node.loop.condition)):
                if value:
                    yield node.id, node.name, value, COUNTERS, place
            for raised in node.loop.raises:
                if raised.condition:
                    yield node.id, node.name, raised.condition, COUNTERS, ""
        if node.activation:
            yield node.id, node.name, node.activation, ACTIVATION, "activation"
        if node.ad_hoc is not None:
            for place, value in (("until", node.ad_hoc.until), ("yizhan:chosen", node.ad_hoc.chosen)):
                if value:
                    yield node.id, node.name, value, nothing, place
        phase = ACTIVATION if node.type == "complexGateway" else nothing
        for flow in around.leaving(node.id):
            if flow.condition is not None:
                yield flow.id, flow.name or node.name, flow.condition, phase, "condition"
