"""Deploying over HTTP: asked for and not done where a second person agrees, at an hour; cases keep it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.persistence.administration.parameters import LiveSettings
from tests.api.world import Person, World
from tests.processes.drawing import bpmn, flows, start, user

DEPLOY = "/api/v1/process-definitions/deploy"
CHECK = "/api/v1/process-definitions/check"


def drawn(key: str) -> str:
    return bpmn(start(), user("visit", name="上门", yz_team="home_field"), flows("s>visit"), key=key).decode()


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


@pytest.fixture
def _strict(world: World) -> Iterator[None]:
    """A second person has to agree."""
    live = world.deps.live
    strict = LiveSettings(replace(live.installed, second_person_deploys="yes"))
    live._now = strict.now
    yield
    live._now = live.installed


@pytest.mark.usefixtures("_strict")
def test_it_is_asked_for_with_a_note_for_each_warning(designer: Person) -> None:
    files = {"asked.bpmn": drawn("asked_over_http")}
    bare = designer.post(DEPLOY, {"files": files})
    assert bare.status_code == 422 and bare.json["code"] == "invalid-input", bare.text
    warnings = [row for row in designer.post(CHECK, {"files": files}).json["findings"] if row["severity"] == "warning"]
    assert {row["path"] for row in bare.json["details"]} == {f"note-{row['id']}" for row in warnings}
    notes = {row["id"]: "a pilot" for row in warnings}
    asked = designer.post(DEPLOY, {"files": files, "notes": notes})
    assert asked.status_code == 202 and asked.json["state"] == "waiting"
    assert designer.get("/api/v1/process-definitions/asked_over_http").status_code == 404
    assert designer.post(DEPLOY, {"files": files, "notes": notes}).status_code == 409


def test_an_hour_is_waited_for_without_a_second_person_too(designer: Person) -> None:
    at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    answer = designer.post(DEPLOY, {"files": {"later.bpmn": drawn("later_over_http")}, "activate_at": at})
    assert answer.status_code == 202 and answer.json["state"] == "scheduled"
    past = designer.post(DEPLOY, {"files": {"l.bpmn": drawn("too_late")}, "activate_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422 and "activate_at" not in past.json.get("definitions", [])
    assert designer.post(DEPLOY, {"files": {"l.bpmn": drawn("n")}, "activate_at": "soon"}).status_code == 422


def test_cases_come_with_the_files_and_keep_back_what_fails(designer: Person) -> None:
    def files(element: str) -> dict[str, str]:
        case = {"process": "kept_back", "tests": [{"name": "visited", "expect": {"path": [element]}}]}
        return {"kept_back.bpmn": drawn("kept_back"), "kept_back.test.json": json.dumps(case)}

    refused = designer.post(DEPLOY, {"files": files("somewhere")})
    assert refused.status_code == 422
    assert [row["rule"] for row in refused.json["findings"] if row["severity"] == "error"] == ["case-failed"]
    assert designer.get("/api/v1/process-definitions/kept_back").status_code == 404
    assert designer.post(DEPLOY, {"files": files("visit")}).status_code == 201
