"""The list of teams, and one team: what it is like, who works in it, who is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.persistence.filters import contains_text
from app.persistence.people import Team, TeamMember, TeamRole, User
from app.persistence.scope import scoped
from app.persistence.teamwork.absences import absent_on
from app.persistence.teamwork.team_search import loads_of
from app.web.addresses import with_arguments
from app.web.pages.administration.admin_user_form import areas
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid, PageLink
from app.web.views.parts import Choice, Pages, Tab

PAGE_SIZE: Final = 50
TEAMS: Final = "/admin/teams"
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class TeamFilter:
    """Which teams; empty is all."""

    text: str = ""
    role: str = ""
    area: str = ""


def team_href(code: str) -> str:
    """The page of a team."""
    return f"{TEAMS}/{quote(code, safe='')}"


def team_tabs(reader: Reader, here: str) -> tuple[Tab, ...]:
    """Teams and areas."""
    t = reader.t
    places = (("teams", t("Teams"), TEAMS), ("areas", t("Areas"), "/admin/areas"))
    return tuple(Tab(text, href, name == here) for name, text, href in places)


def teams_page(session: Session, reader: Reader, wanted: TeamFilter, offset: int) -> BlockPage:
    """The teams of the reader's area with their load."""
    t, names = reader.t, Names(session, reader)
    query = scoped(select(Team), Team, reader.actor)
    if wanted.text:
        query = query.where(contains_text((Team.code, Team.name_zh, Team.name_en), wanted.text))
    if wanted.role:
        query = query.where(Team.role == wanted.role)
    if wanted.area:
        query = query.where(Team.area == wanted.area)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(Team.area, Team.role, Team.code).offset(offset).limit(PAGE_SIZE)).all()
    codes = [row.code for row in rows]
    today = reader.now.astimezone(ZONE).date()
    loads = loads_of(session, codes, today)
    staffed = people_of(session, codes)
    away = absent_on(session, {login for logins in staffed.values() for login in logins}, today)
    here = {"q": wanted.text, "role": wanted.role, "area": wanted.area}
    return BlockPage(
        title=t("Teams"),
        tabs=team_tabs(reader, "teams"),
        tabs_label=t("Teams and areas"),
        links=(PageLink(t("New team"), f"{TEAMS}/new", "plus", primary=True),) if reader.may("admin.users") else (),
        search=_search(session, reader, wanted),
        clear=TEAMS if any(here.values()) else "",
        blocks=(
            Block(
                id="teams",
                title=t("Teams"),
                grid=Grid(
                    caption=t("Teams"),
                    icon="team",
                    columns=(
                        Column(t("Team")),
                        Column(t("Kind of team")),
                        Column(t("Area")),
                        Column(t("There today"), num=True),
                        Column(t("To do"), num=True),
                        Column(t("Work items per day"), num=True),
                    ),
                    rows=tuple(
                        (
                            Cell(reader.said(row), href=team_href(row.code), sub=row.code),
                            Cell(names.team_role(row.role)),
                            Cell(names.area(row.area)),
                            Cell(_there(staffed.get(row.code, ()), away), num=True),
                            Cell(str(loads[row.code].open_items), num=True),
                            Cell(str(row.capacity_per_day), num=True),
                        )
                        for row in rows
                    ),
                    empty=t("No team fits these filters."),
                    pages=_pages(here, offset, len(rows), total),
                ),
            ),
        ),
    )


def _search(session: Session, reader: Reader, wanted: TeamFilter) -> Form:
    t = reader.t
    return Form(
        action=TEAMS,
        submit=t("Filter"),
        method="get",
        fields=(
            Field(name="q", label=t("Team"), kind="search", value=wanted.text, longest=64),
            Field(
                name="role",
                label=t("Kind of team"),
                kind="select",
                value=wanted.role,
                empty=t("All kinds of teams"),
                choices=team_kinds(session, reader),
            ),
            Field(
                name="area",
                label=t("Area"),
                kind="select",
                value=wanted.area,
                empty=t("All areas"),
                choices=areas(session, reader),
            ),
        ),
    )


def team_kinds(session: Session, reader: Reader) -> tuple[Choice, ...]:
    """The kinds of teams."""
    rows = session.scalars(select(TeamRole).order_by(TeamRole.code))
    return tuple(Choice(row.code, reader.said(row)) for row in rows)


def people_of(session: Session, codes: list[str]) -> dict[str, list[str]]:
    """The active people of each of these teams."""
    found: dict[str, list[str]] = {}
    rows = select(TeamMember.team_code, TeamMember.login).join(User, User.login == TeamMember.login)
    for code, login in session.execute(rows.where(TeamMember.team_code.in_(codes), User.active).order_by(User.login)):
        found.setdefault(code, []).append(login)
    return found


def _there(logins: list[str] | tuple[str, ...], away: Mapping[str, object]) -> str:
    there = sum(login not in away for login in logins)
    return f"{there} / {len(logins)}"


def _pages(here: Mapping[str, str], offset: int, shown: int, total: int) -> Pages:
    def at(where: int) -> str:
        return with_arguments(TEAMS, {**here, "offset": str(where or "")})

    return Pages.of(at, offset=offset, shown=shown, total=total, size=PAGE_SIZE)
