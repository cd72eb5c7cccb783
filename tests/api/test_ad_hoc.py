"""Activities of ad-hoc sub-processes, begun by hand: by an operator, and by who has the work item."""

from __future__ import annotations

from typing import Any

import pytest

from processes.worker import Worker
from tests.api.world import Person, World
from tests.processes.drawing import bpmn, end, event, flows, node, start, user

INSTANCES, ITEMS = "/api/v1/process-instances", "/api/v1/work-items"
WHY = {"reason": "the customer asked for it"}


def drawing(key: str, **loose: str) -> str:
    """A case: look into it, call, visit, in no order."""
    inner = "".join(
        user(step, yz_team="noc", yz_nameEn=f"{step} {key}", name=f"步骤 {step}") for step in ("look", "call")
    )
    case = node("adHocSubProcess", "handle", inner, name="处理", yz_nameEn="Handle", **loose)
    begins = start("s", event("message", key), yz_businessKey="result.no")
    return bpmn(begins, case, end("e"), flows("s>handle handle>e"), key=key).decode()


class Case:
    """A running case, and those who work on it."""

    def __init__(self, world: World) -> None:
        self.world, self.ops, self.noc = world, world.person("ops"), world.person("sh.noc")
        self.worker = Worker(world.deps.engine, world.deps.sessions, name="ad-hoc")

    def begin(self, key: str, **loose: str) -> str:
        designer = self.world.person("designer")
        files = {"files": {f"{key}.bpmn": drawing(key, **loose)}}
        assert designer.post("/api/v1/process-definitions/deploy", files).status_code == 201
        message = {"name": key, "key": key, "payload": {"no": key}, "id": key, "area": "SH"}
        assert self.world.person("ops2").post("/api/v1/news/messages", message).status_code in (201, 202)
        self.worker.drain()
        [row] = self.ops.get(f"{INSTANCES}?process={key}&state=live").get_json()["items"]
        return str(row["id"])

    def items(self, title: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.noc.get(f"{ITEMS}?tab=team").get_json()["items"]
        return [row for row in rows if row["title_en"] == title]


@pytest.fixture
def case(world: World) -> Case:
    return Case(world)


def can_begin(person: Person, instance_id: str) -> list[str]:
    rows = person.get(f"{INSTANCES}/{instance_id}/choices").get_json()["items"]
    return [choice["element_id"] for row in rows for choice in row["choices"]]


def test_an_operator_begins_what_nobody_chose(case: Case) -> None:
    instance = case.begin("chosen_case", yz_chosen="['look']")
    [row] = case.ops.get(f"{INSTANCES}/{instance}/choices").get_json()["items"]
    assert (row["element_id"], row["name"], row["name_en"], row["running"]) == ("handle", "处理", "Handle", ["look"])
    assert row["choices"] == [
        {"element_id": "look", "name": "步骤 look", "name_en": "look chosen_case"},
        {"element_id": "call", "name": "步骤 call", "name_en": "call chosen_case"},
    ]
    refused = case.ops.post(f"{INSTANCES}/{instance}/begin", {"element_id": "visit", **WHY})
    assert refused.status_code == 409
    assert "cannot be begun" in refused.text
    assert case.ops.post(f"{INSTANCES}/{instance}/begin", {"element_id": "call"}).status_code == 422, "no reason"
    assert case.world.person("front").post(f"{INSTANCES}/{instance}/begin", {"element_id": "call"}).status_code == 403
    begun = case.ops.post(f"{INSTANCES}/{instance}/begin", {"element_id": "call", **WHY}).get_json()
    assert begun["items"][0]["running"] == ["call", "look"]
    assert len(case.items("call chosen_case")) == 1
    [noted] = case.world.person("ops2").get(f"/api/v1/repairs?instance={instance}").get_json()["items"]
    assert (noted["action"], noted["actor"], noted["element_id"]) == ("begin", "ops", "call")


def test_who_has_the_work_item_begins_activities_until_handing_it_in(case: Case) -> None:
    instance = case.begin("by_hand_case", yz_byHand="true", yz_team="noc")
    [item] = case.items("Handle")
    choices, begin = f"{ITEMS}/{item['id']}/choices", f"{ITEMS}/{item['id']}/begin"
    assert [row["element_id"] for row in case.noc.get(choices).get_json()["items"]] == ["handle"]
    assert case.noc.post(begin, {"element_id": "call"}).status_code == 409, "not claimed"
    assert case.noc.post(f"{ITEMS}/{item['id']}/claim").status_code == 200
    assert case.noc.post(begin, {"element_id": "call"}).get_json()["items"][0]["running"] == ["call"]
    [called] = case.items("call by_hand_case")
    assert case.noc.get(f"{ITEMS}/{called['id']}/choices").get_json()["items"] == []
    assert case.noc.post(f"{ITEMS}/{called['id']}/claim").status_code == 200
    assert case.noc.post(f"{ITEMS}/{called['id']}/begin", {"element_id": "look"}).status_code == 409
    assert case.noc.post(f"{ITEMS}/{called['id']}/complete", {"result": {}}).status_code == 200
    assert can_begin(case.ops, instance) == ["look", "call"], "it stays open with nothing in it"
    assert case.noc.post(f"{ITEMS}/{item['id']}/complete", {"result": {}}).status_code == 200
    assert case.ops.get(f"{INSTANCES}/{instance}").get_json()["state"] == "completed"
    assert can_begin(case.ops, instance) == []
    gone = case.ops.post(f"{INSTANCES}/{instance}/begin", {"element_id": "call", **WHY})
    assert gone.status_code == 409
