"""The list of users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from app.persistence.administration.staff_search import StaffFilter, list_staff, open_items_of, teams_of
from app.web.addresses import with_arguments
from app.web.block_forms import joined
from app.web.pages.administration.admin_user_form import USERS, role_name, roles, state_tag, user_href
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Field, Form, Grid, PageLink
from app.web.views.parts import Choice, Pages, Tab

PAGE_SIZE: Final = 50
STATES: Final[Mapping[str, Sentence]] = {
    "active": Sentence("Active"),
    "temporary": Sentence("With a temporary password"),
    "locked": Sentence("Locked"),
}


def people_tabs(reader: Reader, here: str) -> tuple[Tab, ...]:
    """Users, rights, tokens: pages about who may what."""
    t = reader.t
    places = (
        ("users", t("Users"), USERS, "admin.view"),
        ("rights", t("Roles and rights"), "/admin/rights", "admin.view"),
        ("tokens", t("Tokens"), "/admin/tokens", "admin.settings"),
    )
    return tuple(Tab(text, href, name == here) for name, text, href, right in places if reader.may(right))


def users_page(session: Session, reader: Reader, wanted: StaffFilter, offset: int) -> BlockPage:
    """Who works here, by login."""
    t = reader.t
    names = Names(session, reader)
    rows, total = list_staff(session, reader.actor, wanted, offset=offset, limit=PAGE_SIZE)
    logins = [row.login for row in rows]
    teams, loads = teams_of(session, logins), open_items_of(session, logins)
    here = {"q": wanted.text, "role": wanted.role, "state": wanted.state}
    return BlockPage(
        title=t("Users"),
        tabs=people_tabs(reader, "users"),
        tabs_label=t("Who may what"),
        links=(PageLink(t("New user"), f"{USERS}/new", "plus", primary=True),) if reader.may("admin.users") else (),
        search=Form(
            action=USERS,
            submit=t("Filter"),
            method="get",
            fields=(
                Field(name="q", label=t("Login or name"), kind="search", value=wanted.text, longest=64),
                Field(
                    name="role",
                    label=t("Role"),
                    kind="select",
                    value=wanted.role,
                    empty=t("All roles"),
                    choices=roles(reader),
                ),
                Field(
                    name="state",
                    label=t("State"),
                    kind="select",
                    value=wanted.state,
                    empty=t("All states"),
                    choices=tuple(Choice(code, t(text)) for code, text in STATES.items()),
                ),
            ),
        ),
        clear=USERS if any(here.values()) else "",
        blocks=(
            Block(
                id="users",
                title=t("Users"),
                grid=Grid(
                    caption=t("Users"),
                    icon="user",
                    columns=(
                        Column(t("Login")),
                        Column(t.about("person", "Name")),
                        Column(t("Role")),
                        Column(t("Area")),
                        Column(t("Teams")),
                        Column(t("Open work items"), num=True),
                        Column(t("State")),
                    ),
                    rows=tuple(
                        (
                            Cell(row.login, href=user_href(row.login), code=True),
                            Cell(reader.said(row)),
                            Cell(role_name(row.role, reader)),
                            Cell(names.area(row.area)),
                            Cell(joined([names.team(code) or code for code in teams[row.login]], reader), wrap=True),
                            Cell(f"{loads.get(row.login, 0)} / {row.max_open_items}", num=True),
                            Cell("", tag=state_tag(row, reader)),
                        )
                        for row in rows
                    ),
                    empty=t("Nobody fits these filters."),
                    pages=_pages(here, offset, len(rows), total),
                ),
            ),
        ),
    )


def _pages(here: Mapping[str, str], offset: int, shown: int, total: int) -> Pages:
    def at(where: int) -> str:
        return with_arguments(USERS, {**here, "offset": str(where or "")})

    return Pages.of(at, offset=offset, shown=shown, total=total, size=PAGE_SIZE)
