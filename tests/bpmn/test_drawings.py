"""What every delivered process must be: compilable, drawn, named in two languages, complete in what it hands over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
import yaml
from lxml import etree

from app.domain.forms import form_fields
from scripts.draw.names import local_name, q
from tests.bpmn.drawings import (
    BPMN,
    FORM_FILES,
    OWN_OPERATIONS,
    PROCESS_FILES,
    ROOT,
    compiled,
    form,
    registry,
    source,
    start_data,
)

KEYS: Final = [path.stem for path in PROCESS_FILES]
WORDS: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FUNCTIONS: Final = {
    "add_days",
    "any_of",
    "concat",
    "exists",
    "first",
    "float",
    "get",
    "join",
    "len",
    "merge",
    "min",
    "pluck",
    "str",
    "where",
}
ALWAYS_THERE: Final = {"now", "true", "false", "null", "error"}
FORM_TYPES: Final = {
    *("text", "group", "textfield", "textarea", "number", "checkbox", "radio", "select", "datetime"),
    *("scan", "phone", "money", "photo", "file", "signature"),
}


def kind(element: etree._Element) -> str:
    return local_name(str(element.tag))


def nodes(key: str) -> Iterator[etree._Element]:
    process = source(key).find(q("bpmn:process"))
    assert process is not None
    for element in process:
        if isinstance(element.tag, str) and kind(element).endswith(("Event", "Gateway", "Task", "callActivity")):
            yield element


def flows(key: str) -> list[etree._Element]:
    return list(source(key).iter(q("bpmn:sequenceFlow")))


def inputs_of(node: etree._Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in node.iter(q("yizhan:input"))}


def outputs_of(node: etree._Element) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in node.iter(q("yizhan:output"))}


def test_all_files_compile_without_a_finding() -> None:
    processes, decisions, findings = compiled()
    assert [f"{one.file} {one.element_id}: {one.message_en}" for one in findings] == []
    assert set(processes) == set(KEYS)
    assert set(decisions) == {path.stem for path in BPMN.glob("*.dmn")}


@pytest.mark.parametrize("key", KEYS)
def test_everything_has_a_place_in_the_drawing(key: str) -> None:
    shapes = {one.get("bpmnElement"): one for one in source(key).iter(q("bpmndi:BPMNShape"))}
    edges = {one.get("bpmnElement") for one in source(key).iter(q("bpmndi:BPMNEdge"))}
    assert set(shapes) == {node.get("id") for node in nodes(key)}
    assert edges == {flow.get("id") for flow in flows(key)}


@pytest.mark.parametrize("key", KEYS)
def test_no_two_boxes_overlap(key: str) -> None:
    attached = {node.get("id") for node in nodes(key) if node.get("attachedToRef")}
    boxes = {}
    for shape in source(key).iter(q("bpmndi:BPMNShape")):
        box = shape.find(q("dc:Bounds"))
        assert box is not None
        x, y, width, height = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
        boxes[shape.get("bpmnElement")] = (x, y, x + width, y + height)
    free = [(name, box) for name, box in boxes.items() if name not in attached]
    for index, (name, one) in enumerate(free):
        for other_name, other in free[index + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, f"{name} and {other_name}"


@pytest.mark.parametrize("key", KEYS)
def test_arrows_run_at_right_angles(key: str) -> None:
    for edge in source(key).iter(q("bpmndi:BPMNEdge")):
        points = [(point.get("x"), point.get("y")) for point in edge.iter(q("di:waypoint"))]
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, edge.get("id")


@pytest.mark.parametrize("key", KEYS)
def test_ids_are_words_and_unique(key: str) -> None:
    ids = [one.get("id", "") for one in source(key).iter() if isinstance(one.tag, str) and one.get("id")]
    assert [one for one in ids if not WORDS.fullmatch(one)] == []
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("key", KEYS)
def test_names_are_given_in_chinese_and_in_english(key: str) -> None:
    process = source(key).find(q("bpmn:process"))
    assert process is not None
    unnamed_is_fine = {
        gateway.get("id")
        for gateway in nodes(key)
        if kind(gateway) == "parallelGateway" or len(gateway.findall(q("bpmn:outgoing"))) == 1
    }
    branching = {
        gateway.get("id")
        for gateway in nodes(key)
        if kind(gateway) in {"exclusiveGateway", "inclusiveGateway"} and len(gateway.findall(q("bpmn:outgoing"))) > 1
    }
    named = [process, *(node for node in nodes(key) if node.get("id") not in unnamed_is_fine - branching)]
    named += [node for node in nodes(key) if not kind(node).endswith("Gateway")]
    named += [flow for flow in flows(key) if flow.get("sourceRef") in branching]
    for element in named:
        assert re.search(r"[\u4e00-\u9fff]", element.get("name", "")), element.get("id")
        english = element.get(q("yizhan:nameEn"), "")
        assert english and english.isascii(), element.get("id")


def names_in(expression: str) -> set[str]:
    tree = ast.parse(expression.strip(), mode="eval")
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called <= FUNCTIONS, called
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called - ALWAYS_THERE


@pytest.mark.parametrize("key", KEYS)
def test_every_name_in_an_expression_is_provided(key: str) -> None:
    given = start_data(key)
    produced = {name for node in nodes(key) for name in outputs_of(node)}
    collected = {one.text or "" for one in source(key).iter(q("bpmn:loopDataOutputRef"))}
    known = given | produced | collected
    for node in nodes(key):
        item = {one.get("name", "") for one in node.iter(q("bpmn:inputDataItem"))}
        for expression in inputs_of(node).values():
            assert names_in(expression) <= known | item, (node.get("id"), expression)
        for expression in outputs_of(node).values():
            assert names_in(expression) <= known | item | {"result"}, (node.get("id"), expression)
        for name in ("messageKey", "businessKey", "calledExpression"):
            if text := node.get(q(f"yizhan:{name}")):
                assert names_in(text) <= known | item, node.get("id")
        for loop in node.iter(q("bpmn:loopDataInputRef")):
            assert names_in(loop.text or "") <= known, node.get("id")
    for condition in source(key).iter(q("bpmn:conditionExpression")):
        assert names_in(condition.text or "") <= known, condition.text


@pytest.mark.parametrize("key", KEYS)
def test_calls_hand_over_what_the_called_process_starts_with(key: str) -> None:
    for node in nodes(key):
        called = node.get("calledElement")
        if called:
            assert called in KEYS
            assert start_data(called) <= set(inputs_of(node)), node.get("id")
            assert set(inputs_of(node)) - start_data(called) <= {"area"}, node.get("id")


def test_every_plan_of_the_decision_starts_with_order_and_item() -> None:
    plans = {text.text for text in etree.parse(BPMN / "work_plan.dmn").iter("{*}text")} & {f'"{key}"' for key in KEYS}
    assert len(plans) >= 7
    for plan in plans:
        assert plan
        assert start_data(plan.strip('"')) == {"order", "item"}


@pytest.mark.parametrize("key", KEYS)
def test_service_tasks_name_known_operations_and_give_every_input(key: str) -> None:
    for node in nodes(key):
        code = node.get(q("yizhan:operation"))
        if kind(node) != "serviceTask":
            assert code is None
            continue
        assert code is not None
        given = set(inputs_of(node))
        if code in OWN_OPERATIONS:
            assert given == set(OWN_OPERATIONS[code].inputs), node.get("id")
        else:
            operation = registry().get(code)
            assert set(operation.inputs) <= given, node.get("id")
            assert given <= {*operation.inputs, *operation.optional_inputs, "product_id"}, node.get("id")


@pytest.mark.parametrize("key", KEYS)
def test_what_cannot_be_undone_lies_behind_the_hard_point(key: str) -> None:
    for node in nodes(key):
        code = node.get(q("yizhan:operation"))
        if code and code not in OWN_OPERATIONS and registry().get(code).irreversible:
            behind = key == "final_bill"  # both disconnect plans bill after the release
            assert behind or node.get(q("yizhan:pointOfNoReturn")) == "hard", node.get("id")


def test_tasks_of_people_name_a_team_and_a_form_that_reads_what_they_get() -> None:
    teams = yaml.safe_load((ROOT / "app" / "seed" / "data" / "teams.yaml").read_text(encoding="utf-8"))
    roles = {role["code"] for role in teams["team_roles"]}
    skills = {skill["code"] for skill in teams["skills"]}
    used = set()
    for key in KEYS:
        for node in nodes(key):
            if kind(node) != "userTask":
                continue
            used.add(node.get(q("yizhan:form"), ""))
            assert node.get(q("yizhan:team")) in roles, node.get("id")
            assert node.get(q("yizhan:skill"), "ftth") in skills, node.get("id")
            assert node.get(q("yizhan:duration")), node.get("id")
            fields = form_fields(form(node.get(q("yizhan:form"), "")))
            assert {field.prefill for field in fields if field.prefill} <= set(inputs_of(node)), node.get("id")
            answers = {field.key for field in fields if not field.disabled}
            read = {
                found
                for text in outputs_of(node).values()
                for found in re.findall(r"result\.(\w+)|get\(result, '(\w+)'", text)
                for found in found
                if found
            }
            assert read <= answers, node.get("id")
    assert used == {path.stem for path in FORM_FILES}


@pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)
def test_a_form_is_bilingual_and_of_known_field_types(path: Path) -> None:
    schema = form(path.stem)
    assert schema["id"] == path.stem
    assert schema["name"] and schema["nameEn"]
    keys = set()

    def check(components: list[dict[str, object]]) -> None:
        for one in components:
            assert one["type"] in FORM_TYPES
            words = "text" if one["type"] == "text" else "label"
            assert one[words] and str(one[f"{words}En"]).isascii()
            if "key" in one:
                assert one["key"] not in keys
                keys.add(one["key"])
            inner = one.get("components")
            if isinstance(inner, list):
                check(inner)

    check(schema["components"])
    assert keys


@pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)
def test_what_a_form_asks_about_a_person_stays_out_of_the_process(path: Path) -> None:
    schema = form(path.stem)
    told = {field.key for field in form_fields(schema) if not field.personal}
    assert [key for key in sorted(told) if re.search(r"contact|phone|person|id_number|signature|e?mail", key)] == []
