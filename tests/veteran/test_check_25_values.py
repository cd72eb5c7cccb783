"""Check 25: values go through an instance unchanged, and no formula of a drawing reaches the outside.

That ``O'Brien <script>`` is text on every page is tested with the pages: ``tests/web/test_site.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from processes.spiff.compile import compile_files
from processes.spiff.decisions import load_decision
from tests.engine.diagrams import call, end, node, process, start, user
from tests.engine.rig import Rig
from tests.processes.test_decisions import table

VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "whole": 9_007_199_254_740_993,
    "negative": -42,
    "decimal": 0.1,
    "small": 1e-7,
    "money": 123456789.12,
    "decimal text": "12.30",
    "date": "2026-02-28",
    "leap day": "2028-02-29",
    "moment": "2026-11-22T08:30:00.123456+08:00",
    "duration": "P1Y2M",
    "chinese": "中国电信·上海分公司",
    "rare": "𠮷野家 𡘙",
    "emoji": "👩‍🔧 😀 🇨🇳",
    "combining": "e\u0301 ≠ é",
    "right to left": "שלום مرحبا",
    "quotes": "O'Brien <script>alert(\"1\")</script> & -- '; DROP TABLE job;",
    "controls": "tab\tline\r\nnul\x00bell\x07 \u2028",
    "empty": "",
    "spaces": "  two  ",
    "list": [1, [2, [3, []]], {}],
    "object": {"": 1, "a b": {"中文": None}, "__proto__": "x", "typename": "x"},
}
BIG = "测试 😀 value " * 300_000  # more than 5 MB in UTF-8

PARENT = process(
    "parent",
    start(),
    user("ask", {"kept": "result.value", "same": "result.value == value"}),
    call("pass_on", "child", {"value": "kept", "big": "big"}, {"back": "result"}),
    end(),
    flows="begin > ask > pass_on > done",
    data=["value", "big"],
)
CHILD = process(
    "child",
    start(),
    user("look", {"size": "len(big)", "opening": "big[0:5]"}),
    end(),
    flows="begin > look > done",
    data=["value", "big"],
)


def exactly(found: Any, wanted: Any) -> bool:
    """Equal, and of the same kinds all the way down."""
    if type(found) is not type(wanted):
        return False
    if isinstance(wanted, dict):
        return list(found) == list(wanted) and all(exactly(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(exactly, found, wanted))
    return bool(found == wanted)


def test_values_and_a_text_of_five_megabytes_come_back_as_they_went_in(rig: Rig) -> None:
    """Through start data, saved waits, a form, a called process and its answer."""
    size = len(BIG.encode())
    assert size > 5_000_000
    rig.deploy(PARENT, CHILD)
    root = rig.start("parent", value=VALUES, big=BIG)
    rig.complete(root, "ask", value=VALUES)
    rig.complete(root, "look")
    assert rig.incidents(root) == []
    data = rig.data(root)
    assert exactly(data["value"], VALUES) and exactly(data["kept"], VALUES) and exactly(data["back"]["value"], VALUES)
    assert data["same"] is True
    kept = [data["big"] == BIG, data["back"]["big"] == BIG]  # a failure need not print them
    assert kept == [True, True]
    assert (data["back"]["size"], data["back"]["opening"]) == (len(BIG), "测试 😀 ")
    rig.check()


@pytest.mark.parametrize("name", list(VALUES))
def test_a_decision_gives_back_what_it_was_given(name: str) -> None:
    """FEEL has values of its own; JSON goes in and the same JSON comes out."""
    found = load_decision(table(["true"], ["value"], [(["true"], ["value"])])).evaluate({"value": VALUES[name]})
    assert exactly(found, {"value": VALUES[name]})


def test_whole_numbers_and_money_are_exact_in_a_decision() -> None:
    decide = load_decision(table(["n"], ["n", "m"], [([f"{2**53 + 1}"], ["n + 1", "m * 3"])])).evaluate
    assert decide({"n": 2**53 + 1, "m": 0.1}) == {"n": 2**53 + 2, "m": 0.3}


OUTSIDE = (
    "__import__('os').environ",
    "open('/etc/passwd').read()",
    "().__class__.__base__.__subclasses__()",
    "(lambda: 1)()",
    "'{0.__class__}'.format(value)",
    "9 ** 9 ** 9",
)


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_formula_that_reaches_for_the_outside_is_refused_when_it_is_deployed(text: str) -> None:
    drawing = process("p", start(), user("u", {"x": text}), end(), flows="begin > u > done", data=["value"])
    compiled, _, findings = compile_files({"p.bpmn": drawing})
    assert compiled == []
    assert [(row.rule, row.element_id) for row in findings if row.severity == "error"] == [("expression", "u")]


@pytest.mark.parametrize("text", [*OUTSIDE[:5], "file(1)", "value.read()"])
def test_a_cell_that_reaches_for_the_outside_is_refused_when_it_is_deployed(text: str) -> None:
    """FEEL may reckon with large powers; what it has no word for is refused."""
    _, decisions, findings = compile_files({"t.dmn": table(["value"], ["x"], [(["-"], [text])])})
    assert decisions == []
    assert {(row.rule, row.element_id) for row in findings if row.severity == "error"} == {("decision-invalid", "sla")}


@pytest.mark.parametrize("kind", ["scriptTask", "businessRuleTask"])
def test_a_script_in_a_drawing_is_refused(kind: str) -> None:
    script = node(kind, "s", "<bpmn:script>open('/etc/passwd')</bpmn:script>")
    _, _, findings = compile_files({"p.bpmn": process("p", start(), script, end(), flows="begin > s > done")})
    assert any(row.severity == "error" and row.element_id == "s" for row in findings)
