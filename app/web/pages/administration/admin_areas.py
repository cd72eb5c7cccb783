"""The tree of areas: what lies where, and how many teams and people are there."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.persistence.areas import Area
from app.persistence.people import Team, User
from app.persistence.promises.rule_books import current_book
from app.persistence.scope import area_codes
from app.web.pages.administration.admin_teams import TEAMS, team_tabs
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Grid

LEVELS = {"group": Sentence("Headquarters"), "province": Sentence("Province"), "local": Sentence("Local network")}


def areas_page(session: Session, reader: Reader) -> BlockPage:
    """The areas at and below the reader's."""
    t = reader.t
    rows = session.scalars(select(Area).where(Area.code.in_(area_codes(reader.actor))).order_by(Area.path)).all()
    counted = select(Team.area, func.count()).group_by(Team.area)
    teams = {area: number for area, number in session.execute(counted)}  # noqa: C416 - rows are no pairs to mypy
    staff = select(User.area, func.count()).where(User.active).group_by(User.area)
    people = {area: number for area, number in session.execute(staff)}  # noqa: C416 - rows are no pairs to mypy
    book = current_book(session, "calendars")
    names = {row["code"]: reader.said_in(row) for row in book["calendars"]}
    own = {row["area"]: names.get(row["calendar"], row["calendar"]) for row in book.get("area_calendars", ())}
    top = rows[0].path.count("/") if rows else 0
    return BlockPage(
        title=t("Areas"),
        tabs=team_tabs(reader, "areas"),
        tabs_label=t("Teams and areas"),
        blocks=(
            Block(
                id="areas",
                title=t("Areas"),
                note=t("Whoever is of an area sees it and everything below it."),
                grid=Grid(
                    caption=t("Areas"),
                    icon="map",
                    columns=(
                        Column(t("Area")),
                        Column(t("Level")),
                        Column(t("Long-distance code")),
                        Column(t("Calendar of promises")),
                        Column(t("Teams"), num=True),
                        Column(t("People"), num=True),
                    ),
                    rows=tuple(
                        (
                            Cell(
                                "　" * (row.path.count("/") - top) + reader.said(row),
                                href=f"{TEAMS}?area={row.code}",
                                sub="　" * (row.path.count("/") - top) + row.code,
                            ),
                            Cell(t(LEVELS[row.level]) if row.level in LEVELS else row.level),
                            Cell(row.long_distance_code or "–", code=True),
                            Cell(own.get(row.code) or t("that of the area above")),
                            Cell(str(teams.get(row.code, 0)), num=True),
                            Cell(str(people.get(row.code, 0)), num=True),
                        )
                        for row in rows
                    ),
                ),
            ),
        ),
    )
