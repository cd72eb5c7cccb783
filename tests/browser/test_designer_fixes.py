"""Quick fixes in a real browser: each is one step that one press of undo takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.browser.island import Island, serve
from tests.browser.test_designer_island import BPMN, YIZHAN, deployed_xml, open_designer

pytestmark = pytest.mark.slow
SOURCE = (Path(__file__).parent / "mend.bpmn").read_text(encoding="utf-8")
Root = ElementTree.Element


@pytest.fixture
def island(page) -> Iterator[Island]:  # type: ignore[no-untyped-def]
    with serve() as running:
        running.source = SOURCE
        yield running
        page.close()  # nothing it still asks for meets a server that has gone


def one(root: Root, path: str) -> Root:
    found = root.find(f".//{BPMN}{path}")
    assert found is not None, path
    return found


def text(root: Root, path: str) -> str | None:
    return root.findtext(f".//{BPMN}{path.replace('/', f'/{BPMN}')}")


def rows(root: Root, kind: str) -> dict[str | None, str | None]:
    return {row.get("name"): row.get("value") for row in one(root, "serviceTask").iter(f"{YIZHAN}{kind}")}


def timer(root: Root) -> str | None:
    return text(root, "boundaryEvent[@attachedToRef='answer']/timerEventDefinition/timeDuration")


def message(root: Root) -> str | None:
    wanted = one(root, f"intermediateCatchEvent[@id='news']/{BPMN}messageEventDefinition").get("messageRef")
    return {row.get("id"): row.get("name") for row in root.iter(f"{BPMN}message")}.get(wanted)


def people(root: Root) -> list[str | None]:
    return [row.get("id") for row in root.iter(f"{BPMN}userTask")]


FIXES: dict[str, tuple[dict[str, str], Callable[[Root], Any], Any]] = {
    "set": (
        {"element": "reserve", "name": "yizhan:pointOfNoReturn", "value": "hard"},
        lambda root: one(root, "serviceTask").get(f"{YIZHAN}pointOfNoReturn"),
        "hard",
    ),
    "input": (
        {"element": "reserve", "name": "quantity", "value": "1"},
        lambda root: rows(root, "input"),
        {"adress": "itm.address_code", "quantity": "1"},
    ),
    "renameInput": (
        {"element": "reserve", "name": "adress", "to": "address"},
        lambda root: rows(root, "input"),
        {"address": "itm.address_code"},
    ),
    "removeInput": ({"element": "reserve", "name": "adress"}, lambda root: rows(root, "input"), {}),
    "output": (
        {"element": "reserve", "name": "port", "value": "result.port"},
        lambda root: rows(root, "output"),
        {"port": "result.port"},
    ),
    "word": (
        {"element": "reserve", "place": "input:adress", "name": "itm", "to": "item"},
        lambda root: rows(root, "input"),
        {"adress": "item.address_code"},
    ),
    "default": (
        {"element": "which", "flow": "other"},
        lambda root: one(root, "exclusiveGateway").get("default"),
        "other",
    ),
    "field": (
        {"element": "fast", "place": "condition", "value": "item.fast"},
        lambda root: text(root, "sequenceFlow[@id='fast']/conditionExpression"),
        "item.fast",
    ),
    "event": ({"element": "news", "kind": "message", "value": "news"}, message, "news"),
    "timeLimit": ({"element": "answer", "value": "P3D"}, timer, "P3D"),
    "replace": ({"element": "plain", "type": "bpmn:UserTask"}, people, ["plain"]),
    "remove": ({"element": "plain"}, lambda root: root.find(f".//{BPMN}task") is None, True),
}


def test_every_fix_is_one_step_and_is_taken_back_by_one(page, island: Island, request) -> None:  # type: ignore[no-untyped-def]
    tried = FIXES if request.config.getoption("--full") else {do: FIXES[do] for do in ("word", "timeLimit")}
    findings = [
        {
            **{
                "rule": do,
                "severity": "warning",
                "file": "demo.bpmn",
                "element_id": step["element"],
                "element_name": "",
            },
            **{"message_zh": "问题", "message_en": "wrong", "fix_zh": "", "fix_en": "", "place": ""},
            "fixes": [{"label_zh": f"修-{do}", "label_en": f"mend-{do}", "steps": [{"do": do, **step}]}],
        }
        for do, (step, _, _) in tried.items()
    ]
    told = (200, {"findings": findings, "ok": True})
    island.answers["/check"] = told
    open_designer(page, island)
    undo = page.get_by_role("button", name="撤销", exact=True).first
    for do, (_, read, wanted) in tried.items():
        island.answers["/check"] = told
        before = read(drawn(page, island))
        assert before != wanted, do
        page.locator(".dsg-findings").get_by_role("button", name=f"修-{do}：").click()
        assert read(drawn(page, island)) == wanted, do
        undo.click()
        assert read(drawn(page, island)) == before, do
        assert undo.is_disabled(), do


def drawn(page: Any, island: Island) -> Root:
    """What is on the board; the findings stay."""
    with page.expect_response("**/check"):
        page.get_by_role("button", name="检查", exact=True).click()
    checked = [body for path, body, _ in island.asked if path == "/check"]
    return ElementTree.fromstring(checked[-1]["files"]["demo.bpmn"])


def test_a_change_is_checked_by_itself_and_only_the_last_state_counts(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    open_designer(page, island)
    before = len([path for path, _, _ in island.asked if path == "/check"])
    with page.expect_response("**/check"):
        for _ in range(3):
            page.get_by_role("button", name="人工任务").click()
    asked = [body for path, body, _ in island.asked if path == "/check"][before:]
    assert len(asked) == 1, "three changes at once are one question"
    assert asked[0]["files"]["demo.bpmn"].count("<bpmn:userTask") == 3


@pytest.mark.torture
def test_findings_are_filtered_by_how_bad_they_are(page, island: Island) -> None:  # type: ignore[no-untyped-def]
    row = {"file": "demo.bpmn", "element_id": "reserve", "element_name": "", "fix_zh": "", "fix_en": ""}
    findings = [
        {**row, "rule": f"r{n}", "severity": level, "message_zh": f"{level}-{n}", "message_en": ""}
        for n, level in enumerate(("note", "warning", "error"))
    ]
    island.answers["/check"] = (200, {"findings": findings, "ok": False})
    open_designer(page, island)
    shown = page.locator(".dsg-findings li")
    assert [text.split("\n")[0] for text in shown.all_inner_texts()] == ["错误", "提醒", "提示"], "the worst first"
    page.get_by_role("button", name="提醒 1").click()
    assert shown.count() == 1
    assert page.get_by_role("button", name="提醒 1").get_attribute("aria-pressed") == "true"
    assert deployed_xml(page, island) is not None
