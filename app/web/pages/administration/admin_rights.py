"""What each role may do: the one table of rights, as the program has it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain.actors import ACTIONS, ROLE_NAMES
from app.domain.administration.staff import STAFF_ROLES
from app.persistence.administration.staff_search import roles_counted
from app.web.pages.administration.admin_user_form import USERS
from app.web.pages.administration.admin_users import people_tabs
from app.web.pages.administration.right_names import RIGHTS
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage


@dataclass(frozen=True)
class RoleColumn:
    """One role, and how many people have it."""

    name: str
    people: int
    href: str


@dataclass(frozen=True)
class RightRow:
    """One right; ``who`` says of each role, in order, whether it has it."""

    name: str
    who: tuple[bool, ...]


@dataclass(frozen=True)
class Matrix:
    """The whole table; rights in named groups."""

    roles: tuple[RoleColumn, ...]
    groups: tuple[tuple[str, tuple[RightRow, ...]], ...]


def rights_page(session: Session, reader: Reader) -> BlockPage:
    """Roles and rights."""
    t = reader.t
    counts = roles_counted(session, reader.actor)
    roles = tuple(
        RoleColumn(reader.words(ROLE_NAMES[role]), counts.get(role, 0), f"{USERS}?role={role}") for role in STAFF_ROLES
    )
    groups = tuple(
        (
            t(group),
            tuple(
                RightRow(t(text), tuple(right in ACTIONS[role] for role in STAFF_ROLES))
                for right, text in rights.items()
            ),
        )
        for group, rights in RIGHTS.items()
    )
    return BlockPage(
        title=t("Roles and rights"),
        tabs=people_tabs(reader, "rights"),
        tabs_label=t("Who may what"),
        blocks=(
            Block(
                id="rights",
                title=t("Roles and rights"),
                note=t("What is not granted here is refused. A right holds in the area of its user and below."),
                insert="admin/_rights.html",
                data=Matrix(roles, groups),
            ),
        ),
    )
