"""Teams, members, absences, rights, tokens and areas: what administrators change counts at once and is written down."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from app.domain.actors import ALL_ACTIONS
from app.domain.promises.calendar import ZONE
from app.persistence.administration.admin_changes import AdminChange
from app.persistence.people import Team, TeamMember
from app.persistence.teamwork.absences import Absence, absent_on
from app.persistence.teamwork.team_search import hands_of
from app.unit_of_work import read
from app.web.pages.administration.right_names import RIGHTS
from tests.web.site import Site, text_of

EAST = "home_field.sh-sh.east"
TEAM = {
    "name_zh": "上海东区装维一班",
    "name_en": "Shanghai east field crew",
    "calendar": "field_7x12",
    "capacity_per_day": "31",
    "districts": "east",
    "skills": ["ftth", "iptv", "voice", "wifi_survey"],
}


def members(site: Site, code: str) -> set[str]:
    with read(site.world.deps.read_sessions) as session:
        return set(session.scalars(select(TeamMember.login).where(TeamMember.team_code == code)))


def test_a_team_is_changed_by_a_release_and_the_reason_is_kept(site: Site) -> None:
    admin = site.visitor("admin")
    assert admin.post(f"/admin/teams/{EAST}", TEAM).status_code == 422, "a reason is wanted"
    answer = admin.post(f"/admin/teams/{EAST}", {**TEAM, "note": "spring plan"})
    assert answer.status_code == 303, text_of(answer)
    with read(site.world.deps.read_sessions) as session:
        team = session.get_one(Team, EAST)
        assert (team.name_zh, team.capacity_per_day, team.role) == ("上海东区装维一班", 31, "home_field")
    page = text_of(admin.get(f"/admin/teams/{EAST}"))
    assert "spring plan" in page and "第 2 版" in page
    wrong = admin.post(f"/admin/teams/{EAST}", {**TEAM, "capacity_per_day": "0", "name_en": " ", "note": "x"})
    assert wrong.status_code == 422 and "1 至 1000" in text_of(wrong)
    needed = admin.post(f"/admin/teams/{EAST}", {**TEAM, "calendar": "moon", "note": "x"})
    assert needed.status_code == 422 and "没有日历 moon" in text_of(needed)


def test_a_new_team_exists_at_once(site: Site) -> None:
    admin = site.visitor("admin")
    new = {**TEAM, "code": "home_field.sh-sh.north", "role": "home_field", "area": "SH-SH", "note": "new district"}
    assert admin.post("/admin/teams", {**new, "area": "SH"}).status_code == 422, "of another level than its kind"
    assert admin.post("/admin/teams", new).status_code == 303
    assert admin.get("/admin/teams/home_field.sh-sh.north").status_code == 200
    again = admin.post("/admin/teams", new)
    assert again.status_code == 422 and "已存在" in text_of(again)
    assert admin.get("/admin/teams/nobody.here").status_code == 404


def test_members_are_exactly_those_that_were_chosen(site: Site) -> None:
    admin = site.visitor("admin")
    before = members(site, EAST)
    assert "field" in before
    wanted = [*before, "sh.field2"]
    assert admin.post(f"/admin/teams/{EAST}/members", {"members": wanted, "reason": "helps out"}).status_code == 303
    assert members(site, EAST) == {*before, "sh.field2"}
    assert admin.post(f"/admin/teams/{EAST}/members", {"members": [*before, "who"]}).status_code == 422
    assert members(site, EAST) == {*before, "sh.field2"}, "nothing half done"
    assert admin.post(f"/admin/teams/{EAST}/members", {"members": list(before)}).status_code == 303
    assert members(site, EAST) == before


def test_who_is_absent_is_offered_nothing_until_taken_back(site: Site) -> None:
    admin, deps = site.visitor("admin"), site.world.deps
    with read(deps.read_sessions) as session:
        today = deps.clock(session).astimezone(ZONE).date()
        assert "field" in {hand.login for hand in hands_of(session, [EAST], today)}
    form = {"login": "field", "kind": "leave", "from_day": today.isoformat(), "note": "home"}
    yesterday = (today - timedelta(days=1)).isoformat()
    wrong = admin.post(f"/admin/teams/{EAST}/absences", {**form, "until_day": yesterday})
    assert wrong.status_code == 422 and "不能早于开始日期" in text_of(wrong)
    until = (today + timedelta(days=2)).isoformat()
    assert admin.post(f"/admin/teams/{EAST}/absences", {**form, "until_day": until}).status_code == 303
    assert admin.post(f"/admin/teams/{EAST}/absences", {**form, "until_day": until}).status_code == 409, "noted twice"
    with read(deps.read_sessions) as session:
        assert "field" not in {hand.login for hand in hands_of(session, [EAST], today)}
        noted = absent_on(session, ["field"], today)["field"]
        assert not absent_on(session, ["field"], today + timedelta(days=3))
    assert "休假" in text_of(admin.get(f"/admin/teams/{EAST}"))
    assert site.visitor("ops2").post(f"/admin/absences/{noted.id}/end", {}).status_code == 403
    ended = admin.post(f"/admin/absences/{noted.id}/end", {"back": f"/admin/teams/{EAST}"})
    assert ended.status_code == 303 and ended.headers["Location"].startswith(f"/admin/teams/{EAST}")
    outside = admin.post(f"/admin/absences/{noted.id}/end", {"back": "//evil.example"})
    assert outside.status_code == 404
    with read(deps.read_sessions) as session:
        assert session.get(Absence, noted.id) is None
        whats = set(session.scalars(select(AdminChange.what).where(AdminChange.subject == "field")))
    assert {"absent", "present"} <= whats


def test_every_right_has_a_name_and_the_table_is_the_one_that_counts(site: Site) -> None:
    named = [right for rights in RIGHTS.values() for right in rights]
    assert sorted(named) == sorted(ALL_ACTIONS)
    page = text_of(site.visitor("admin").get("/admin/rights"))
    assert "受理订单" in page and "后台班组" in page
    assert site.visitor("front").get("/admin/rights").status_code == 403


def test_a_token_is_shown_once_works_and_is_revoked_at_once(site: Site) -> None:
    admin = site.visitor("admin")
    assert admin.post("/admin/tokens", {"login": "nobody", "label": "", "days": "0"}).status_code == 422
    shown = text_of(admin.post("/admin/tokens", {"login": "front", "label": "the shop's robot", "days": "30"}))
    found = re.search(r"[\w-]{43}", shown)
    assert found is not None
    assert found[0] not in text_of(admin.get("/admin/tokens?offset=0"))
    client = site.stranger()
    bearer = {"Authorization": f"Bearer {found[0]}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 200
    pages = [admin.get(f"/admin/tokens?offset={offset}").get_data(as_text=True) for offset in (0, 25, 50)]
    row = next(page for page in pages if "the shop" in page).split("the shop", 1)[1]
    action = re.search(r'action="(/admin/tokens/[^"]+/revoke)"', row)
    assert action is not None
    assert admin.post(action[1], {"reason": " "}).status_code == 422
    assert admin.post(action[1], {"reason": "the shop is closed"}).status_code == 303
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    assert site.visitor("ops2").get("/admin/tokens").status_code == 403


def test_areas_are_a_tree_and_the_audit_has_a_book_of_administrators(site: Site) -> None:
    page = text_of(site.visitor("admin").get("/admin/areas"))
    assert "上海" in page, page[:600]
    assert page.index("集团") < page.index("上海分公司") < page.index("上海本地网")
    site.visitor("admin").post(f"/admin/teams/{EAST}/members", {"members": [*members(site, EAST), "sh.field2"]})
    assert "修改班组" in text_of(site.visitor("ops2").get("/audit?book=admin"))
