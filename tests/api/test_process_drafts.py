"""Drafts over HTTP: a file that cannot run is kept, saved again, fetched and thrown away; it never runs."""

from __future__ import annotations

import json

import pytest

from app.persistence.studio.forms import form_schema
from tests.api.world import Person, World
from tests.processes.drawing import bpmn, event, flows, start, user

DRAFTS = "/api/v1/process-drafts"
BROKEN = "<bpmn:definitions"
HALF = bpmn(start(), user("a", yz_team="nobody_at_all"), flows("s>a a>gone"), key="half_done").decode()


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


def kept(designer: Person, name: str = "half.bpmn", text: str = HALF) -> dict:
    answer = designer.post(DRAFTS, {"name": name, "text": text, "note": "until Monday"})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def test_a_file_that_cannot_run_is_kept_as_it_is(designer: Person) -> None:
    draft = kept(designer)
    assert draft["errors"] >= 1 and draft["revision"] == 1 and draft["saved_by"] == "designer"
    assert "bad-flow" in {row["rule"] for row in draft["findings"]}
    assert designer.get(f"{DRAFTS}/{draft['id']}/source").text == HALF
    listed = designer.get(DRAFTS).get_json()["drafts"]
    assert draft["id"] in {row["id"] for row in listed}
    assert designer.get("/api/v1/process-definitions/half_done").status_code == 404


def test_even_what_is_no_drawing_at_all_is_kept(designer: Person) -> None:
    draft = kept(designer, "x.bpmn", BROKEN)
    assert designer.get(f"{DRAFTS}/{draft['id']}/source").text == BROKEN


def test_saving_again_is_refused_when_somebody_else_was_quicker(designer: Person) -> None:
    draft = kept(designer)
    good = bpmn(start(), user("a", yz_team="home_field"), flows("s>a"), key="half_done").decode()
    saved = designer.patch(f"{DRAFTS}/{draft['id']}", {"text": good, "revision": 1})
    assert saved.status_code == 200 and saved.get_json()["errors"] == 0 and saved.get_json()["revision"] == 2
    assert designer.patch(f"{DRAFTS}/{draft['id']}", {"text": HALF, "revision": 1}).status_code == 409
    assert designer.get(f"{DRAFTS}/{draft['id']}/source").text == good


def test_a_draft_is_thrown_away_once(designer: Person) -> None:
    draft = kept(designer)
    assert designer.post(f"{DRAFTS}/{draft['id']}/remove").status_code == 200
    assert designer.post(f"{DRAFTS}/{draft['id']}/remove").status_code == 404
    assert designer.get(f"{DRAFTS}/{draft['id']}/source").status_code == 404
    assert designer.get(f"{DRAFTS}/no-such-id/source").status_code == 404


def test_who_may_only_look_keeps_nothing(world: World) -> None:
    assert world.person("ops").post(DRAFTS, {"name": "a.bpmn", "text": HALF}).status_code == 403
    assert world.person("front").get(DRAFTS).status_code == 403
    assert world.person("ops").post("/api/v1/model-files", {"files": {"a.bpmn": HALF}}).status_code == 403
    assert world.person("front").get("/api/v1/model-files").status_code == 403


def test_an_unknown_team_is_refused_at_deployment(designer: Person) -> None:
    drawing = bpmn(start(), user("a", yz_team="home_feild"), flows("s>a"), key="misspelt").decode()
    answer = designer.post("/api/v1/process-definitions/deploy", {"files": {"m.bpmn": drawing}})
    assert answer.status_code == 422
    assert "home_field" in answer.text


def test_an_unknown_form_is_refused_at_the_element(designer: Person) -> None:
    def drawing(form: str) -> dict[str, dict[str, str]]:
        task = user("survey", yz_team="home_field", yz_form=form)
        return {"files": {"m.bpmn": bpmn(start(), task, flows("s>survey"), key="surveyed").decode()}}

    answer = designer.post("/api/v1/process-definitions/deploy", drawing("survey_sight"))
    assert answer.status_code == 422
    [finding] = answer.json["findings"]
    assert (finding["rule"], finding["element_id"], finding["severity"]) == ("unknown-value", "survey", "error")
    assert 'yizhan:form="survey_sight" (survey_site' in finding["message_en"]
    checked = designer.post("/api/v1/process-definitions/check", drawing("survey_sight"))
    assert checked.json["deployable"] is False
    assert designer.post("/api/v1/process-definitions/deploy", drawing("survey_site")).status_code == 201


def form_of(key: str, label: str, **more: object) -> str:
    question = {"type": "textfield", "key": "note", "label": "备注", "labelEn": label}
    return json.dumps({"id": key, "name": "回访", "nameEn": "Call back", "components": [question], **more})


def test_a_form_is_deployed_with_the_drawing_that_names_it(world: World, designer: Person) -> None:
    task = user("ask", yz_team="noc", yz_form="call_back")
    begin = start("s", event("message", "called_back"))
    drawing = bpmn(begin, task, flows("s>ask"), key="called_back").decode()
    bad = {"c.bpmn": drawing, "c.form": form_of("call_back", "")}
    refused = designer.post("/api/v1/process-definitions/deploy", {"files": bad})
    assert refused.status_code == 422
    assert [(row["rule"], row["file"], row["element_id"]) for row in refused.json["findings"]] == [
        ("form-invalid", "c.form", "note")
    ]
    good = {"c.bpmn": drawing, "c.form": form_of("call_back", "Note")}
    assert designer.post("/api/v1/process-definitions/check", {"files": good}).json["deployable"] is True
    made = designer.post("/api/v1/process-definitions/deploy", {"files": good})
    assert made.status_code == 201
    assert "the form call_back is version 1" in made.text
    # Forms alone can be deployed as well, and content of before is in force again.
    for label, version in (("Remark", 2), ("Remark", 2), ("Note", 3)):
        alone = designer.post("/api/v1/process-definitions/deploy", {"files": {"x.form": form_of("call_back", label)}})
        assert alone.status_code == 201
        assert f"the form call_back is version {version}" in alone.text
    with world.deps.sessions() as session:
        schema = form_schema(session, "call_back")
    assert schema is not None and schema["components"][0]["labelEn"] == "Note"
