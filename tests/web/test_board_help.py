"""What the server tells the drawing board: words to choose from, names in reach, marks in an expression."""

from __future__ import annotations

from typing import Any

from app.services.studio.process_catalog import BUNDLED
from tests.web.site import Site


def asked(site: Site, path: str, body: dict[str, Any], who: str = "designer") -> Any:
    visitor = site.visitor(who)
    headers = {"X-CSRF-Token": visitor.token(), "Accept": "application/json"}
    return visitor.client.post(path, json=body, headers=headers)


def source(key: str) -> str:
    return (BUNDLED / f"{key}.bpmn").read_text(encoding="utf-8")


def names(site: Site, key: str, element: str) -> dict[str, Any]:
    answer = asked(site, "/processes/names", {"files": {f"{key}.bpmn": source(key)}, "element": element})
    assert answer.status_code == 200
    return {row["field"]["name"]: row for row in answer.get_json()["names"]}


def test_the_words_bring_templates_of_operations_and_names_for_codes(site: Site) -> None:
    words = site.visitor("designer").client.get("/processes/vocabulary.json").get_json()
    [assign] = [row for row in words["operations"] if row["code"] == "resource.assign"]
    assert (assign["undo"], assign["timeout_s"], assign["retry"]) == ("resource.unassign", 10, "sync")
    assert {"name": "address_code", "required": False} in assign["inputs"]
    assert assign["health"]["name_en"]
    kinds = (
        "teams",
        "skills",
        "forms",
        "decisions",
        "processes",
        "work_orders",
        "policies",
        "refusals",
        "functions",
        "levels",
    )
    for kind in kinds:
        assert words[kind], kind
        assert all(row["code"] and row["name_zh"] and row["name_en"] for row in words[kind]), kind


def test_the_names_at_a_step_are_those_before_it(site: Site) -> None:
    first, last = names(site, "home_install", "resource_assignment"), names(site, "home_install", "complete_item")
    assert {"order", "item", "now"} <= first.keys()
    assert "assignment" not in first
    assert last["assignment"]["from_en"]
    assert last["subscription_no"]["always"] is False
    item = {row["name"]: row for row in first["item"]["field"]["fields"]}
    assert (item["product"]["kind"], item["components"]["kind"], item["access"]["kind"]) == ("text", "list", "object")
    assert {row["name"] for row in item["access"]["fields"]} >= {"account_name", "profile"}


def test_what_a_called_process_takes_is_told_with_what_it_needs_first(site: Site) -> None:
    client = site.visitor("designer").client
    rows = client.get("/processes/resource_assignment/takes").get_json()["data"]
    needed = [row["needed"] for row in rows]
    assert needed == sorted(needed, reverse=True) and needed[0]
    assert {row["field"]["name"]: row["field"]["kind"] for row in rows}["item"] == "object"
    assert client.get("/processes/nobody/takes").status_code == 404


def test_the_answer_of_a_step_has_what_its_operation_or_form_gives(site: Site) -> None:
    result = names(site, "access_activation", "configure_olt_port")["result"]["field"]
    assert [row["name"] for row in result["fields"]] == ["service_port_id"]
    ours = names(site, "home_install", "fix_service_date")["result"]["field"]["fields"]
    assert {row["name"] for row in ours} == {"service_date", "charging_from", "charging_to"}
    task = source("device_removal").split('<bpmn:userTask id="')[1].split('"')[0]
    fields = names(site, "device_removal", task)["result"]["field"]["fields"]
    assert fields
    assert all(row["zh"] and row["en"] for row in fields)
    assert "signature" not in {row["name"] for row in fields}, "answers about people never reach the process"


def test_what_is_not_there_is_a_404_and_who_may_not_look_is_refused(site: Site) -> None:
    body = {"files": {"a.bpmn": source("access_activation")}, "element": "nowhere"}
    assert asked(site, "/processes/names", body).status_code == 404
    assert asked(site, "/processes/names", {"files": [], "element": 3}).status_code == 400
    assert asked(site, "/processes/names", body | {"element": "open_what"}, who="front").status_code == 403
    assert asked(site, "/processes/expression", {"expression": "1"}, who="front").status_code == 403


def test_an_expression_is_marked_where_it_is_wrong(site: Site) -> None:
    def marks(text: str) -> list[dict[str, Any]]:
        body = {"expression": text, "names": ["item", "order"]}
        found: list[dict[str, Any]] = asked(site, "/processes/expression", body).get_json()["marks"]
        return found

    assert marks("item.id == 'x' and len(order) > 0") == []
    [unknown] = marks("item.id == itm.id")
    assert (unknown["start"], unknown["end"], unknown["instead"]) == (11, 14, ["item"])
    [after_chinese] = marks("'上海' == itm")
    assert (after_chinese["start"], after_chinese["end"]) == (8, 11)
    [half] = marks("(item.id")
    assert half["start"] == 0
    assert "括号" in half["zh"]
    [method] = marks("item.upper()")
    assert "方法" in method["zh"]
    assert method["start"] == 0
    assert marks("item = 1")[0]["zh"].endswith("比较相等写 ==，不是 =")
    assert marks("__import__('os')")[0]["end"] > 0
