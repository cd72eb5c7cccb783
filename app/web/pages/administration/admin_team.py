"""One team: what it is like, who works in it and who is not there, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.persistence.administration.admin_changes import list_changes
from app.persistence.administration.staff_search import open_items_of
from app.persistence.people import Team, TeamMember, User
from app.persistence.products.catalogue_versions import CatalogueEntry, CatalogueRelease
from app.persistence.promises.rule_books import current_book
from app.persistence.teamwork.absences import KINDS, absences_from, absent_on
from app.persistence.teamwork.team_search import loads_of
from app.web.block_forms import faults_of, filled, joined, with_errors
from app.web.pages.administration.admin_names import FIELDS, act_of, difference_of
from app.web.pages.administration.admin_team_form import absence_form, members_form, team_form
from app.web.pages.administration.admin_teams import TEAMS
from app.web.pages.administration.admin_user import Entered
from app.web.pages.administration.admin_user_form import role_name, skills, user_href
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Form, Grid
from app.web.views.parts import Pair

#: Who brought in what comes with the product.
DELIVERED: Final = "yizhan"
SHOWN_CHANGES: Final = 20


def team_page(
    session: Session, reader: Reader, team: Team, *, entered: Entered | None = None, which: str = "team"
) -> BlockPage:
    """One team; ``which`` of its forms was refused."""
    t, names = reader.t, Names(session, reader)
    today = reader.now.astimezone(ZONE).date()
    members = _members(session, team.code)
    logins = [user.login for user in members]
    names.know_people(logins)
    away, items = absent_on(session, logins, today), open_items_of(session, logins)
    load = loads_of(session, [team.code], today)[team.code]
    forms = {
        "team": team_form(session, reader, team),
        "absence": absence_form(reader, team, members, today.isoformat()),
    }
    if entered:
        forms[which] = with_errors(filled(forms[which], entered.form), entered.error, reader)
    may_change = reader.may("admin.users")
    return BlockPage(
        title=reader.said(team),
        about=team.code,
        crumbs=(Crumb(t("Teams"), TEAMS), Crumb(reader.said(team))),
        faults=faults_of(entered.error, forms[which], reader) if entered else (),
        facts=(
            Pair(t("Kind of team"), names.team_role(team.role)),
            Pair(t("Area"), names.area(team.area)),
            Pair(t("To do"), str(load.open_items)),
            Pair(t("There today"), f"{load.people} / {sum(user.active for user in members)}"),
        ),
        blocks=(
            Block(
                id="members",
                title=t("Members"),
                grid=Grid(
                    caption=t("Members"),
                    icon="team",
                    columns=(
                        Column(t.about("person", "Name")),
                        Column(t("Role")),
                        Column(t("Skills")),
                        Column(t("Open work items"), num=True),
                        Column(t("Today")),
                    ),
                    rows=tuple(
                        (
                            Cell(reader.said(user), href=user_href(user.login), sub=user.login),
                            Cell(role_name(user.role, reader)),
                            Cell(_skill_names(session, reader, user.skills) or "–", wrap=True),
                            Cell(f"{items.get(user.login, 0)} / {user.max_open_items}", num=True),
                            Cell(
                                t("Locked")
                                if not user.active
                                else reader.words(KINDS[away[user.login].kind])
                                if user.login in away
                                else t("there")
                            ),
                        )
                        for user in members
                    ),
                    empty=t("Nobody works in this team."),
                ),
                forms=(members_form(session, reader, team, logins),) if may_change else (),
            ),
            _absences(session, reader, names, logins, forms["absence"], may_change=may_change),
            Block(id="team", title=t("What is said of this team"), forms=(forms["team"],))
            if may_change
            else Block(id="team", title=t("What is said of this team"), pairs=_facts(session, reader, names, team)),
            _changes(session, reader, names, team.code),
        ),
    )


def new_team_page(session: Session, reader: Reader, *, entered: Entered | None = None) -> BlockPage:
    """A team to be made."""
    t = reader.t
    form = team_form(session, reader, None)
    if entered:
        form = with_errors(filled(form, entered.form), entered.error, reader)
    return BlockPage(
        title=t("New team"),
        crumbs=(Crumb(t("Teams"), TEAMS), Crumb(t("New team"))),
        faults=faults_of(entered.error if entered else None, form, reader),
        blocks=(Block(id="team", title=t("What is said of this team"), forms=(form,)),),
    )


def _absences(
    session: Session,
    reader: Reader,
    names: Names,
    logins: Sequence[str],
    form: Form,
    *,
    may_change: bool,
) -> Block:
    t = reader.t
    back = form.action.rsplit("/", 1)[0]
    rows = absences_from(session, logins, reader.now.astimezone(ZONE).date())
    return Block(
        id="absences",
        title=t("Not there"),
        note=t("Dispatch offers nothing to who is absent."),
        grid=Grid(
            caption=t("Not there"),
            icon="cal",
            columns=(
                Column(t("Who")),
                Column(t("Why")),
                Column(t("From")),
                Column(t("Until, included")),
                Column(t("Remark")),
                Column(t("Actions"), hidden=True),
            ),
            rows=tuple(
                (
                    Cell(names.person(row.login)),
                    Cell(reader.words(KINDS[row.kind])),
                    Cell(row.from_day.isoformat()),
                    Cell(row.until_day.isoformat()),
                    Cell(row.note, wrap=True),
                    Cell(
                        "",
                        forms=(
                            Form(
                                action=f"/admin/absences/{row.id}/end", submit=t("Withdraw"), hidden=(("back", back),)
                            ),
                        )
                        if may_change
                        else (),
                    ),
                )
                for row in rows
            ),
            empty=t("Everybody is there, as far as is known."),
        ),
        forms=(form,) if may_change and logins else (),
    )


def _changes(session: Session, reader: Reader, names: Names, code: str) -> Block:
    """Releases that changed what is said of the team, and changes of its members, the latest first."""
    t = reader.t
    rows, _ = list_changes(session, reader.actor, kind="team", subject=code, limit=SHOWN_CHANGES)
    query = select(CatalogueEntry, CatalogueRelease).join(
        CatalogueRelease, CatalogueRelease.number == CatalogueEntry.release
    )
    query = query.where(CatalogueEntry.kind == "team", CatalogueEntry.code == code)
    releases = session.execute(query.order_by(CatalogueEntry.version.desc()).limit(SHOWN_CHANGES)).all()
    names.know_people([*(row.who for row in rows), *(release.recorded_by for _, release in releases)])
    found = [(row.at, row.who, act_of(row, reader), difference_of(row, reader, names), row.reason) for row in rows]
    for entry, release in releases:
        what = t("Version {n}", n=entry.version)
        fields = joined((reader.t(FIELDS[one]) if one in FIELDS else one for one in entry.fields), reader)
        found.append((release.recorded_at, release.recorded_by, what, fields, release.note))
    found.sort(key=lambda line: line[0], reverse=True)
    return Block(
        id="history",
        title=t("What was changed"),
        grid=Grid(
            caption=t("What was changed"),
            columns=(Column(t("At")), Column(t("Who")), Column(t("What")), Column(t("Reason"))),
            rows=tuple(
                (
                    Cell(reader.f.full(at)),
                    Cell(t("Came with the product") if who == DELIVERED else names.person(who)),
                    Cell(what, sub=differs, wrap=True),
                    Cell(why, wrap=True),
                )
                for at, who, what, differs, why in found
            ),
        ),
    )


def _facts(session: Session, reader: Reader, names: Names, team: Team) -> tuple[Pair, ...]:
    t = reader.t
    calendars = {row["code"]: reader.said_in(row) for row in current_book(session, "calendars")["calendars"]}
    return (
        Pair(t("Calendar"), calendars.get(team.calendar, team.calendar)),
        Pair(t("Work items per day"), str(team.capacity_per_day)),
        Pair(t("Skills"), _skill_names(session, reader, team.skills) or "–"),
        Pair(t("Customer tiers"), joined((names.tier(one) for one in team.tiers), reader) or t("all")),
    )


def _members(session: Session, code: str) -> Sequence[User]:
    of_team = select(User).join(TeamMember, TeamMember.login == User.login).where(TeamMember.team_code == code)
    return session.scalars(of_team.order_by(User.login)).all()


def _skill_names(session: Session, reader: Reader, codes: Sequence[str]) -> str:
    known = {choice.value: choice.text for choice in skills(session, reader)}
    return joined((known.get(code, code) for code in codes), reader)
