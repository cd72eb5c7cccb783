"""The rules of how we want to work: each fires where it should, with what mends it, and leaves good drawings alone."""

from __future__ import annotations

import pytest

from adapters.operations_file import load_registry
from processes.findings import Finding
from processes.spiff.compile import compile_files
from processes.spiff.lint_business import Advice
from tests.bpmn.drawings import PROCESS_FILES
from tests.processes.drawing import (
    boundary,
    bpmn,
    catch,
    end,
    event,
    flows,
    io,
    node,
    service,
    start,
    sub,
    timer,
    user,
)

REGISTRY = load_registry()
ADVICE = Advice(lambda code: REGISTRY.get(code) if code in REGISTRY else None)
NAMED = {"name": "名称", "yz_nameEn": "Name"}
DONE = {**NAMED, "yz_team": "home_field", "yz_form": "repair_visit", "yz_duration": "PT4H"}
NEWS = event("message", "news")
EXECUTABLE = 'isExecutable="true" yizhan:nameEn="Process"'


def found(*body: str, **more: str) -> list[Finding]:
    """What the rules of business say about a process, and nothing else."""
    files = {"p.bpmn": bpmn(start(), *body, process_attributes=EXECUTABLE, **more)}
    return [one for one in compile_files(files, advice=ADVICE)[2] if one.group == "business"]


def rules(*body: str, **more: str) -> list[tuple[str, str]]:
    return [(one.rule, one.element_id) for one in found(*body, **more)]


def person(id: str, inner: str = "", **more: str) -> str:
    return user(id, inner, **{**DONE, **more})


def writing(id: str, *names: str) -> str:
    return person(id, io(outputs=dict.fromkeys(names, "result.x")))


VACATE = {"assignment_id": "'a'", "product_id": "'p'"}
FIRES = {
    "an input the operation needs is missing": (
        ("operation-input", "a"),
        (service("a", io({"assignment_id": "'a'"}), operation="resource.vacate", **NAMED), flows("s>a")),
    ),
    "an input the operation has not": (
        ("operation-extra", "a"),
        (service("a", io({**VACATE, "colour": "'red'"}), operation="resource.vacate", **NAMED), flows("s>a")),
    ),
    "a slip of the pen in the answer": (
        ("operation-output", "a"),
        (
            service("a", io(VACATE, {"r": "result.reservation_ids"}), operation="resource.vacate", **NAMED),
            flows("s>a"),
        ),
    ),
    "what cannot be undone has no point of no return": (
        ("irreversible-early", "a"),
        (
            service("a", io({"release_id": "'r'"}), operation="resource.release", yz_workOrder="release", **NAMED),
            flows("s>a"),
        ),
    ),
    "a soft point behind a hard one": (
        ("return-order", "b"),
        (person("a", yz_pointOfNoReturn="hard"), person("b", yz_pointOfNoReturn="soft"), flows("s>a a>b")),
    ),
    "a message that may never come": (
        ("no-time-limit", "a"),
        (catch("a", NEWS, yz_messageKey="'k'", **NAMED), flows("s>a")),
    ),
    "a task that is never late": (("no-target-time", "a"), (person("a", yz_duration=""), flows("s>a"))),
    "a task that asks nothing": (("no-form", "a"), (person("a", yz_form=""), flows("s>a"))),
    "ends without a name": (
        ("nameless-end", "e"),
        (person("a"), boundary("b", "a", timer("PT1H")), end("e"), end("f"), flows("s>a a>e b>f")),
    ),
    "no name at all": (("no-name", "a"), (person("a", name="", yz_nameEn=""), flows("s>a"))),
    "no English name": (("no-english-name", "a"), (person("a", yz_nameEn=""), flows("s>a"))),
    "no Chinese name": (("no-chinese-name", "a"), (person("a", name="Visit"), flows("s>a"))),
    "branches that write the same name": (
        ("branches-overwrite", "b"),
        (
            node("parallelGateway", "g"),
            writing("a", "port"),
            writing("b", "port"),
            node("parallelGateway", "j"),
            flows("s>g g>a g>b a>j b>j"),
        ),
    ),
    "a join that waits for ever": (
        ("join-never", "j"),
        (
            node("exclusiveGateway", "x", default="x_b", **NAMED),
            person("a"),
            person("b"),
            node("parallelGateway", "j"),
            flows("s>x x>a x>b a>j b>j"),
        ),
    ),
    "branches that meet without a join": (
        ("runs-twice", "c"),
        (node("parallelGateway", "g"), person("a"), person("b"), person("c"), flows("s>g g>a g>b a>c b>c")),
    ),
    "an automatic circle": (
        ("unlimited-loop", "a"),
        (
            node("exclusiveGateway", "m"),
            service("a", io(VACATE, {"r": None}), operation="resource.vacate", **NAMED),
            node("exclusiveGateway", "x", **NAMED),
            end(),
            flows("s>m m>a a>x x>m x>e"),
        ),
    ),
    "a name that is written on one way only": (
        ("name-not-always", "c"),
        (
            node("exclusiveGateway", "x", **NAMED),
            writing("a", "port"),
            person("c", io({"port": "port"})),
            flows("s>x x>a x>c a>c"),
        ),
    ),
}


@pytest.mark.parametrize("case", FIRES)
def test_the_rule_fires_at_its_element(case: str) -> None:
    wanted, body = FIRES[case]
    assert wanted in rules(*body)


QUIET = {
    "the inputs are there, optional ones too": (
        service(
            "a",
            io({"reservation_id": "'r'", "characteristics": "{}", "product_id": "'p'"}),
            operation="resource.assign",
            **NAMED,
        ),
        flows("s>a"),
    ),
    "an operation nobody registered is another rule's matter": (
        service("a", **NAMED, operation="own.step"),
        flows("s>a"),
    ),
    "the hard point stands before": (
        person("h", yz_pointOfNoReturn="hard", yz_workOrder="stop"),
        service("a", io({"release_id": "'r'"}), operation="resource.release", **NAMED),
        flows("s>h h>a"),
    ),
    "a timer races the message": (
        node("eventBasedGateway", "g"),
        catch("a", NEWS, yz_messageKey="'k'", **NAMED),
        catch("t", timer("P1D"), **NAMED),
        flows("s>g g>a g>t"),
    ),
    "a timer stands at the edge of what is around": (
        sub("u", start("s2") + catch("a", NEWS, yz_messageKey="'k'", **NAMED) + flows("s2>a"), **NAMED),
        boundary("b", "u", timer("P1D")),
        flows("s>u"),
    ),
    "a work order brings its own times": (person("a", yz_duration="", yz_workOrder="visit"), flows("s>a")),
    "a level of the promises says until when": (person("a", yz_duration="", yz_sla="step-fast"), flows("s>a")),
    "branches that write different names": (
        node("parallelGateway", "g"),
        writing("a", "port"),
        writing("b", "number"),
        node("parallelGateway", "j"),
        person("c", io({"p": "port", "n": "number"})),
        flows("s>g g>a g>b a>j b>j j>c"),
    ),
    "only one of the ways that write is taken": (
        node("exclusiveGateway", "x", default="x_b", **NAMED),
        writing("a", "port"),
        writing("b", "port"),
        node("exclusiveGateway", "m"),
        person("c", io({"p": "port"})),
        flows("s>x x>a x>b a>m b>m m>c"),
    ),
    "a person stands in the circle": (
        node("exclusiveGateway", "m"),
        person("a"),
        node("exclusiveGateway", "x", **NAMED),
        end(),
        flows("s>m m>a a>x x>m x>e"),
    ),
    "who asks first may read it": (
        node("exclusiveGateway", "x", **NAMED),
        writing("a", "port"),
        person("c", io({"port": "port if exists('port') else ''"})),
        flows("s>x x>a x>c a>c"),
    ),
}


@pytest.mark.parametrize("case", QUIET)
def test_the_rules_leave_good_drawings_alone(case: str) -> None:
    assert rules(*QUIET[case]) == []


def test_fixes_say_what_a_machine_can_do() -> None:
    wrong = service("a", io({"assignment": "'a'", "product_id": "p"}), operation="resource.vacate")
    by_rule = {one.rule: one for one in found(wrong, flows("s>a"))}
    steps = [fix["steps"][0] for fix in by_rule["operation-input"].fixes]
    assert steps == [
        {"do": "renameInput", "element": "a", "name": "assignment", "to": "assignment_id"},
        {"do": "input", "element": "a", "name": "assignment_id", "value": ""},
    ]
    assert by_rule["operation-input"].place == "input:assignment_id"
    named = by_rule["no-name"].fixes[0]["steps"]
    assert [(step["name"], step["value"]) for step in named] == [
        ("name", "退回预占"),
        ("yizhan:nameEn", "Vacate (back to reserved)"),
    ]


def test_what_is_misspelt_is_offered_as_it_may_have_been_meant() -> None:
    files = {"p.bpmn": bpmn(start(), service("a", operation="resource.asign"), flows("s>a"))}
    known = {"operations": sorted(REGISTRY.codes())}
    [row] = [one for one in compile_files(files, **known)[2] if one.rule == "unknown-operation"]  # type: ignore[arg-type]
    assert row.fixes[0]["steps"] == [
        {"do": "set", "element": "a", "name": "yizhan:operation", "value": "resource.assign"}
    ]
    assert (row.group, row.place) == ("references", "yizhan:operation")


def test_without_advice_nothing_of_it_is_said() -> None:
    _, body = FIRES["no name at all"]
    assert not [one for one in compile_files({"p.bpmn": bpmn(start(), *body)})[2] if one.group == "business"]


#: What the shipped drawings are known to do: they wait for another order, whose own clock runs.
KNOWN = {
    ("no-time-limit", "home_install.bpmn", "wait_for_other"),
    ("no-time-limit", "home_move.bpmn", "wait_for_other"),
    ("no-time-limit", "mobile_install.bpmn", "wait_for_other"),
    ("no-time-limit", "wait_for_start.bpmn", "others_end"),
}


def test_the_shipped_drawings_keep_the_rules() -> None:
    files = {path.name: path.read_bytes() for path in PROCESS_FILES}
    told = [one for one in compile_files(files, advice=ADVICE)[2] if one.group == "business"]
    assert {(one.rule, one.file, one.element_id) for one in told if one.severity != "note"} == KNOWN
    assert {one.rule for one in told if one.severity == "note"} == {"name-not-always"}
