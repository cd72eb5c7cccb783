"""Whether teams fit what lies outside their file: areas, calendars, tiers, and the drawings that need their skills."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.products.catalogue_check import said
from app.domain.products.catalogue_entries import Entries, merged
from app.errors import FieldProblem
from app.persistence.areas import Area
from app.persistence.people import User
from app.persistence.promises.rule_books import tiers
from app.persistence.promises.rule_versions import newest, text_of
from processes.versions import all_in_force


def team_problems(session: Session, known: Entries, changed: Entries) -> list[FieldProblem]:
    """What of these changes does not fit, by section, code and field."""
    areas = {row.code: row.level for row in session.execute(select(Area.code, Area.level))}
    calendars = {
        row["code"] for row in orjson.loads(text_of(session, "calendars", newest(session, "calendars")))["calendars"]
    }
    return [
        *_outside(merged(known, changed), changed, areas, calendars, set(tiers(session))),
        *_skills_gone(session, known, changed),
    ]


def _outside(
    whole: Entries, changed: Entries, areas: dict[str, str], calendars: Collection[str], known_tiers: Collection[str]
) -> Iterator[FieldProblem]:
    for body in changed.get("team_role", {}).values():
        if body["default_calendar"] not in calendars:
            name = body["default_calendar"]
            yield said(
                "team_role",
                body,
                "default_calendar",
                "unknown-reference",
                f"没有日历 {name}",
                f"there is no calendar {name}",
            )
    for body in changed.get("team", {}).values():
        area, name = body["area"], body["calendar"]
        if area not in areas:
            yield said("team", body, "area", "unknown-reference", f"没有区域 {area}", f"there is no area {area}")
        role = whole["team_role"].get(body["role"])
        if role is not None and areas.get(area, role["level"]) != role["level"]:
            zh, en = f"该类班组设在 {role['level']} 一级", f"teams of this kind are of the level {role['level']}"
            yield said("team", body, "area", "wrong-level", zh, en)
        if name not in calendars:
            yield said(
                "team", body, "calendar", "unknown-reference", f"没有日历 {name}", f"there is no calendar {name}"
            )
        for tier in body.get("tiers", ()):
            if tier not in known_tiers:
                yield said(
                    "team", body, "tiers", "unknown-reference", f"没有客户等级 {tier}", f"there is no tier {tier}"
                )


def _skills_gone(session: Session, known: Entries, changed: Entries) -> Iterator[FieldProblem]:
    """A skill that a drawing in force asks for, and that nobody would have any more."""
    people = {skill for skills in session.scalars(select(User.skills)) for skill in skills or ()}
    gone = _skills(known) - _skills(merged(known, changed)) - people
    if not gone:
        return
    needed = {
        str(element["attributes"].get("skill"))
        for row in all_in_force(session).values()
        for element in row.elements
        if element["attributes"].get("skill") in gone
    }
    for body in changed.get("team", {}).values():
        lost = (set(known.get("team", {}).get(body["code"], {}).get("skills", ())) & needed) - set(
            body.get("skills", ())
        )
        for skill in sorted(lost):
            zh, en = f"流程仍需要技能 {skill}，此后无人具备", f"processes need {skill}, and nobody would have it"
            yield said("team", body, "skills", "needed", zh, en)


def _skills(entries: Entries) -> set[str]:
    return {skill for body in entries.get("team", {}).values() for skill in body.get("skills", ())}
