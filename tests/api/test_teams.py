"""Teams, their kinds and skills as a file: checked against areas, calendars, tiers and drawings, from an instant on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from app.persistence.people import Skill, Team
from app.persistence.products.catalogue_in_force import apply_due
from app.unit_of_work import transaction
from tests.api.world import Person, World, codes

NIGHT: dict[str, Any] = {
    **{"code": "home_field.sh-sh.night", "role": "home_field", "area": "SH-SH", "calendar": "noc_24x7"},
    **{"name_zh": "上海夜班", "name_en": "Shanghai night crew", "capacity_per_day": 20, "skills": ["ftth"]},
}


def bring(person: Person, content: dict[str, Any], what: str = "import", **more: Any) -> Any:
    text = yaml.safe_dump(content, allow_unicode=True)
    return person.post(f"/api/v1/teams/{what}", {"content": text, **more})


@pytest.fixture
def own(fresh_world: Callable[..., World]) -> World:
    return fresh_world()


def test_a_team_with_a_new_skill_counts_from_its_day(own: World) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    skill = {"code": "drone", "name_zh": "无人机", "name_en": "Drone"}
    file = {
        "skills": [skill],
        "teams": [{**NIGHT, "skills": ["ftth", "drone"], "districts": "west", "tiers": ["gold"]}],
    }
    answer = bring(own.person("admin"), file, valid_from=soon.isoformat())
    assert answer.status_code == 200, answer.get_json()
    assert [(one["kind"], one["code"]) for one in answer.get_json()["changes"]] == [
        ("skill", "drone"),
        ("team", NIGHT["code"]),
    ]
    assert own.look(lambda session: session.get(Team, NIGHT["code"])) is None
    with transaction(own.deps.sessions) as tx:
        apply_due(tx.session, soon)
    team = own.look(lambda session: session.get_one(Team, NIGHT["code"]))
    assert (team.skills, team.districts, team.tiers) == (["ftth", "drone"], ["west"], ["gold"])
    assert own.look(lambda session: session.get_one(Skill, "drone").name_zh) == "无人机"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("role", "night_watch", "unknown-reference"),
        ("skills", ["ftth", "diving"], "unknown-reference"),
        ("area", "SH-XX", "unknown-reference"),
        ("area", "SH", "wrong-level"),
        ("calendar", "moon_phase", "unknown-reference"),
        ("tiers", ["tin"], "unknown-reference"),
        ("capacity_per_day", 0, None),
        ("colour", "red", None),
    ],
)
def test_what_does_not_fit_is_refused_by_team_and_field(world: World, field: str, value: Any, code: str | None) -> None:
    answer = bring(world.person("admin"), {"teams": [{**NIGHT, field: value}]})
    assert answer.status_code == 422
    found = codes(answer)
    path = f"teams.{NIGHT['code']}.{field}"
    assert any(one == path or one.startswith(path) for one in found), found
    if code is not None:
        assert found[path] == code
    assert world.look(lambda session: session.get(Team, NIGHT["code"])) is None


def test_a_kind_of_team_needs_a_calendar_that_is_there(world: World) -> None:
    role = {"code": "night_watch", "name_zh": "夜班", "name_en": "Night watch", "level": "local"}
    answer = bring(world.person("admin"), {"team_roles": [{**role, "default_calendar": "moon_phase"}]})
    assert codes(answer) == {"team_roles.night_watch.default_calendar": "unknown-reference"}


def test_a_skill_that_a_drawing_needs_does_not_go_with_its_last_team(own: World) -> None:
    admin = own.person("admin")
    teams = yaml.safe_load(own.person("designer").get("/api/v1/teams/export").data)["teams"]
    without = [
        {**team, "skills": [one for one in team["skills"] if one != "vrf"]}
        for team in teams
        if "vrf" in team.get("skills", ())
    ]
    assert without
    answer = bring(admin, {"teams": without})
    assert set(codes(answer).values()) == {"needed"}
    assert bring(admin, {"teams": without[1:]}).status_code == 200  # one team keeps it


def test_teams_are_taken_out_brought_in_again_and_their_history_is_kept(own: World) -> None:
    admin, designer = own.person("admin"), own.person("designer")
    text = designer.get("/api/v1/teams/export")
    assert text.status_code == 200
    content = yaml.safe_load(text.data)
    assert set(content) == {"skills", "team_roles", "teams"}
    assert len(content["teams"]) == own.look(lambda session: len(session.scalars(select(Team.code)).all()))
    assert bring(admin, content).get_json()["release"] is None
    changed = {**content["teams"][0], "capacity_per_day": 99}
    assert bring(admin, {"teams": [changed]}, note="more people").status_code == 200
    newest, first = designer.get(f"/api/v1/teams/history?code={changed['code']}").get_json()["versions"]
    assert (newest["recorded_by"], newest["changed"], first["version"]) == ("admin", ["capacity_per_day"], 1)
    assert designer.get("/api/v1/teams/history?kind=price").get_json()["versions"] == []


def test_teams_are_changed_by_administrators_and_goods_by_designers(world: World) -> None:
    file = {"teams": [NIGHT]}
    assert bring(world.person("designer"), file).status_code == 403
    assert bring(world.person("designer"), file, "check").status_code == 200
    assert bring(world.person("front"), file, "check").status_code == 403
    text = yaml.safe_dump(file, allow_unicode=True)
    in_the_wrong_place = world.person("designer").post("/api/v1/catalogue/import", {"content": text})
    assert in_the_wrong_place.status_code == 422
    assert world.person("admin").post("/api/v1/catalogue/import", {"content": text}).status_code == 403
    assert "teams" not in yaml.safe_load(world.person("designer").get("/api/v1/catalogue/export").data)
