"""What administrators keep, on both databases: made, changed, taken back, and never half."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.token_desk import issue, revoke
from app.deps import Deps
from app.domain.actors import Actor
from app.domain.administration.staff import StaffData
from app.domain.promises.calendar import ZONE
from app.errors import AppError, Conflict, InvalidInput
from app.persistence.administration.admin_changes import AdminChange, list_changes
from app.persistence.administration.staff_search import StaffFilter, list_staff, tokens_of
from app.persistence.people import ApiToken, Team, TeamMember, User, actor_for
from app.persistence.teamwork.absences import absent_on
from app.persistence.teamwork.team_search import hands_of
from app.services.administration import parameter_desk, staff_desk, team_staff
from app.services.teamwork import absences
from app.unit_of_work import read
from tests.api.world import make_deps, settings_for

DATA = StaffData(
    name_zh="钱拟新",
    name_en="Demo new",
    role="back_office",
    area="SH",
    language="zh",
    max_open_items=12,
    skills=("olt",),
    teams=("res_config.sh",),
)
EAST = "home_field.sh-sh.east"


@pytest.fixture(scope="module")
def deps(engine: object, migrated_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deps]:
    """The use cases on the loaded database of this file."""
    folder: Path = tmp_path_factory.mktemp("administration")
    found = make_deps(settings_for(migrated_database_url, folder))
    yield found
    found.database.dispose()


@pytest.fixture(scope="module")
def admin(deps: Deps) -> Actor:
    with read(deps.read_sessions) as session:
        return actor_for(session, "admin")


def lines(session: Session, subject: str) -> list[str]:
    rows = select(AdminChange.what).where(AdminChange.subject == subject).order_by(AdminChange.at, AdminChange.id)
    return list(session.scalars(rows))


def test_a_user_lives_through_everything_and_each_act_is_a_line(deps: Deps, admin: Actor) -> None:
    staff_desk.create("pg.new", DATA, "stored", admin, deps)
    with pytest.raises(InvalidInput, match="taken"):
        staff_desk.create("pg.new", DATA, "stored", admin, deps)
    changed = StaffData(**{**vars(DATA), "teams": ("order_desk.sh",), "max_open_items": 5})
    staff_desk.change("pg.new", changed, admin, deps, reason="moves")
    staff_desk.set_active("pg.new", "left", admin, deps, active=False)
    staff_desk.set_active("pg.new", "left", admin, deps, active=False)
    staff_desk.set_active("pg.new", "back", admin, deps, active=True)
    staff_desk.give_password("pg.new", "other", "forgot", admin, deps)
    with read(deps.read_sessions) as session:
        user = session.get_one(User, "pg.new")
        assert user.password_until is not None and user.password_hash == "other"
        teams = session.scalars(select(TeamMember.team_code).where(TeamMember.login == "pg.new")).all()
        assert list(teams) == ["order_desk.sh"]
        assert lines(session, "pg.new") == ["created", "changed", "locked", "unlocked", "password"]
        rows, total = list_changes(session, admin, kind="user", subject="pg.new")
        assert total == 5 and rows[3].after["max_open_items"] == 5
        found, many = list_staff(session, admin, StaffFilter(text="PG.NEW", state="temporary"), offset=0, limit=5)
        assert many == 1 and found[0].login == "pg.new"
    with pytest.raises(TypeError), deps.sessions() as session, session.begin():
        session.scalars(select(AdminChange)).first().reason = "nothing happened"  # type: ignore[union-attr]


def test_two_who_make_the_same_user_at_once_make_one(deps: Deps, admin: Actor) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def make() -> None:
        gate.wait()
        try:
            staff_desk.create("pg.twice", DATA, "stored", admin, deps)
            outcomes.append("made")
        except AppError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["InvalidInput", "made"]
    with read(deps.read_sessions) as session:
        assert lines(session, "pg.twice") == ["created"]


def test_of_two_changes_that_saw_the_same_the_later_is_refused(deps: Deps, admin: Actor) -> None:
    staff_desk.create("pg.seen", DATA, "stored", admin, deps)
    with read(deps.read_sessions) as session:
        seen = staff_desk.seen_of(session.get_one(User, "pg.seen"))
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def change(number: int) -> None:
        gate.wait()
        try:
            data = StaffData(**{**vars(DATA), "max_open_items": number})
            staff_desk.change("pg.seen", data, admin, deps, seen=seen)
            outcomes.append("kept")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=change, args=(number,)) for number in (3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "refused"]


def test_an_absence_is_noted_once_and_counts_until_its_last_day(deps: Deps, admin: Actor) -> None:
    with read(deps.read_sessions) as session:
        today = deps.clock(session).astimezone(ZONE).date()
    until = today + timedelta(days=1)
    row = absences.note_absence("field", today, until, "leave", admin, deps)
    with pytest.raises(Conflict):
        absences.note_absence("field", until, until + timedelta(days=3), "sick", admin, deps)
    with read(deps.read_sessions) as session:
        assert set(absent_on(session, ["field", "sh.lead"], today)) == {"field"}
        assert "field" not in {hand.login for hand in hands_of(session, [EAST], until)}
        assert "field" in {hand.login for hand in hands_of(session, [EAST], until + timedelta(days=1))}
    assert absences.end_absence(row.id, admin, deps) == "field"
    with read(deps.read_sessions) as session:
        assert not absent_on(session, ["field"], today)


def test_a_leader_notes_the_absences_of_the_own_team_only(deps: Deps) -> None:
    with read(deps.read_sessions) as session:
        leader = actor_for(session, "sh.lead")
        today = deps.clock(session).astimezone(ZONE).date()
    row = absences.note_absence("field", today, today, "training", leader, deps)
    absences.end_absence(row.id, leader, deps)
    with pytest.raises(AppError, match="may not"):
        absences.note_absence("front", today, today, "leave", leader, deps)


def test_a_team_is_changed_and_its_members_are_exactly_those(deps: Deps, admin: Actor) -> None:
    fields = {
        "name_zh": "上海西区装维班",
        "name_en": "Shanghai west",
        "calendar": "field_7x12",
        "capacity_per_day": 44,
        "districts": "west",
        "tiers": [],
        "skills": ["ftth", "iptv", "voice", "wifi_survey"],
    }
    west = "home_field.sh-sh.west"
    assert team_staff.change_team(west, fields, admin, deps, note="plan", new=False)
    assert not team_staff.change_team(west, fields, admin, deps, note="plan", new=False), "nothing differs"
    team_staff.set_members(west, {"sh.field2", "field"}, admin, deps, reason="helps")
    with read(deps.read_sessions) as session:
        assert session.get_one(Team, west).capacity_per_day == 44
        found = session.scalar(select(func.count()).where(TeamMember.team_code == west))
        assert found == 2


def test_a_token_is_issued_and_revoked(deps: Deps, admin: Actor) -> None:
    secret = issue("front", "robot", 10, admin, deps)
    with read(deps.read_sessions) as session:
        rows, _ = tokens_of(session, admin, offset=0, limit=200)
        token = next(one for one, _ in rows if one.label == "robot")
        assert secret not in (token.token_hash, token.label)
    revoke(token.id, "done", admin, deps)
    with read(deps.read_sessions) as session:
        assert session.get_one(ApiToken, token.id).revoked_at is not None


def test_a_parameter_is_changed_twice_and_taken_back(deps: Deps, admin: Actor) -> None:
    parameter_desk.change_parameter("keep_history_days", "400", "law", admin, deps)
    parameter_desk.change_parameter("keep_history_days", "500", "law", admin, deps)
    assert deps.watch.fits() and deps.live.now.keep_history_days == 500
    parameter_desk.reset_parameter("keep_history_days", "no law", admin, deps)
    deps.watch.look_again()
    assert deps.watch.fits() and deps.live.now.keep_history_days == deps.settings.keep_history_days
    with read(deps.read_sessions) as session:
        assert lines(session, "keep_history_days") == ["changed", "changed", "reset"]
