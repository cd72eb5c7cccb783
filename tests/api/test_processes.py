"""Processes over HTTP: list, fetch, check, deploy, and files that are not what they say."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.world import Person, World

BPMN = Path(__file__).parents[2] / "bpmn"
DEFINITIONS = "/api/v1/process-definitions"
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>'
BOMB = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


def line_test() -> str:
    return (BPMN / "line_test.bpmn").read_text(encoding="utf-8")


def versions(designer: Person, key: str = "line_test") -> list[int]:
    return [row["version"] for row in designer.get(f"{DEFINITIONS}/{key}").get_json()["versions"]]


def test_the_bundled_processes_are_listed_with_their_names(designer: Person) -> None:
    rows = {row["key"]: row for row in designer.get(DEFINITIONS).get_json()["definitions"]}
    assert {"order_to_activate", "trouble_ticket"} <= rows.keys()
    assert rows["order_to_activate"]["name"] and rows["order_to_activate"]["name_en"]
    assert rows["order_to_activate"]["version"] == 1


def test_a_drawing_comes_back_as_it_was_deployed(designer: Person) -> None:
    answer = designer.get(f"{DEFINITIONS}/line_test/1/source")
    assert answer.status_code == 200 and answer.content_type.startswith("application/xml")
    assert answer.text == line_test()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for path in ("line_test/99", "line_test/x", "line_test/99999999999999999999", "nobody/1", "line_test/%D9%A3"):
        assert designer.get(f"{DEFINITIONS}/{path}/source").status_code == 404
    assert designer.get(f"{DEFINITIONS}/nobody").status_code == 404


def test_a_good_file_is_checked_without_being_stored(designer: Person) -> None:
    before = versions(designer)
    answer = designer.post(f"{DEFINITIONS}/check", {"files": {"line_test.bpmn": line_test()}})
    assert answer.status_code == 200
    assert answer.get_json()["deployable"] is True
    assert versions(designer) == before


@pytest.mark.parametrize(("name", "wrong"), [("skill", "ftht"), ("team", "home_feild")])
def test_a_team_or_a_skill_that_nobody_has_is_refused(designer: Person, name: str, wrong: str) -> None:
    drawing = (BPMN / "field_installation.bpmn").read_text(encoding="utf-8")
    changed = re.sub(f'yizhan:{name}="[^"]+"', f'yizhan:{name}="{wrong}"', drawing, count=1)
    assert changed != drawing
    answer = designer.post(f"{DEFINITIONS}/deploy", {"files": {"field_installation.bpmn": changed}})
    assert answer.status_code == 422
    (finding,) = [row for row in answer.get_json()["findings"] if row["rule"] == "unknown-value"]
    assert finding["severity"] == "error" and finding["element_id"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ('yizhan:sla="step-fats"', "yizhan:sla"),
        ('yizhan:duration="P1D" yizhan:calendar="office_5x9"', "yizhan:calendar"),
        ('yizhan:sla="step-fast"', None),
        ('yizhan:duration="P1D" yizhan:calendar="office_5x8"', None),
    ],
)
def test_a_level_or_a_calendar_that_is_in_no_book_is_refused(designer: Person, said: str, place: str | None) -> None:
    drawing = (BPMN / "field_installation.bpmn").read_text(encoding="utf-8")
    changed = re.sub('yizhan:duration="[^"]+"', said, drawing, count=1)
    assert changed != drawing
    answer = designer.post(f"{DEFINITIONS}/check", {"files": {"field_installation.bpmn": changed}}).get_json()
    assert [row["place"] for row in answer["findings"] if row["rule"] == "unknown-value"] == ([place] if place else [])
    assert answer["deployable"] is (place is None)


def test_a_changed_process_becomes_the_next_version(designer: Person) -> None:
    changed = line_test().replace('name="', 'name="新', 1)
    assert changed != line_test()
    answer = designer.post(f"{DEFINITIONS}/deploy", {"files": {"line_test.bpmn": changed}, "note": "renamed"})
    body = answer.get_json()
    assert answer.status_code == 201, body
    assert [(row["key"], row["version"]) for row in body["definitions"]] == [("line_test", 2)]
    assert versions(designer) == [2, 1]
    again = designer.post(f"{DEFINITIONS}/deploy", {"files": {"line_test.bpmn": changed}})
    assert again.get_json()["definitions"][0]["version"] == 2


def test_files_may_come_as_a_form(designer: Person) -> None:
    def form() -> dict[str, Any]:
        return {"note": "by form", "file": (io.BytesIO(line_test().encode()), "line_test.bpmn")}

    checked = designer.call("POST", f"{DEFINITIONS}/check", data={"file": form()["file"]})
    assert (checked.status_code, checked.get_json()["deployable"]) == (200, True)
    assert designer.call("POST", f"{DEFINITIONS}/deploy", data=form()).status_code == 201
    wrong = designer.call("POST", f"{DEFINITIONS}/check", data={"file": (io.BytesIO(b"x"), "virus.exe")})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    "text",
    ["", "not xml", "<a>", DOCTYPE, BOMB, "<definitions/>", "<a>" * 3000 + "</a>" * 3000, line_test()[:2000]],
    ids=["empty", "text", "open", "doctype", "bomb", "nothing", "deep", "half"],
)
def test_a_broken_file_is_refused_with_findings_and_stores_nothing(designer: Person, text: str) -> None:
    before = designer.get(DEFINITIONS).get_json()
    for name in ("x.bpmn", "x.dmn"):
        checked = designer.post(f"{DEFINITIONS}/check", {"files": {name: text}})
        assert checked.status_code == 200, checked.get_json()
        assert checked.get_json()["deployable"] is False
        deployed = designer.post(f"{DEFINITIONS}/deploy", {"files": {name: text}})
        shown = deployed.get_json()
        assert (deployed.status_code, shown["code"]) == (422, "definition-refused")
        assert shown["findings"] and all(row["message_zh"] and row["message_en"] for row in shown["findings"])
        assert "root:" not in str(shown)
    assert designer.get(DEFINITIONS).get_json() == before


def test_a_good_file_beside_a_broken_one_is_not_stored(designer: Person) -> None:
    before = versions(designer)
    files = {"line_test.bpmn": line_test().replace('name="', 'name="再', 1), "broken.bpmn": "<a>"}
    assert designer.post(f"{DEFINITIONS}/deploy", {"files": files}).status_code == 422
    assert versions(designer) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"files": {}},
        {"files": []},
        {"files": {"x.bpmn": 7}},
        {"files": {"../../x.bpmn": ""}},
        {"files": {"x.exe": ""}},
        {"files": {"x.bpmn\n": ""}},
        {"files": {"x.bpmn": ""}, "actor": "admin"},
    ],
)
def test_a_request_of_the_wrong_shape_is_422(designer: Person, body: dict[str, Any]) -> None:
    assert designer.post(f"{DEFINITIONS}/deploy", body).status_code == 422


def test_a_file_that_is_too_large_is_413(designer: Person) -> None:
    large = line_test() + "<!--" + "x" * 2_100_000 + "-->"
    assert designer.post(f"{DEFINITIONS}/check", {"files": {"line_test.bpmn": large}}).status_code == 413
    huge = "x" * 9_000_000
    assert designer.post(f"{DEFINITIONS}/check", {"files": {"line_test.bpmn": huge}}).status_code == 413


def test_operations_are_listed_for_the_designer(designer: Person) -> None:
    rows = {row["code"]: row for row in designer.get("/api/v1/operations").get_json()["operations"]}
    assert rows["resource.reserve"]["undo"] == "resource.release_reservation"
    assert rows["resource.reserve"]["name_zh"] == "资源预占"
