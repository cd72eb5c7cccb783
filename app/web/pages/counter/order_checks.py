"""What the neighbours said before an order is placed, what it means, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import mask_address
from app.persistence.areas import Area, area_path
from app.persistence.counter.customers import Address
from app.persistence.counter.near_addresses import nearest_served
from app.persistence.people import Team
from app.persistence.promises.rule_books import failures
from app.web.counter.counter_checks import CheckAnswer
from app.web.pages.counter.places import PLACES
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.new_order import CheckRow
from app.web.views.parts import Choice, Tag

MOST_NEAR: Final = 5
SHOWN_FROM_S: Final = 0.1
CREDIT_DESK: Final = "credit_desk"
#: What the resource system's verdicts mean, and how good they are.
VERDICTS: Final = {
    "available": (Sentence("a port is free"), "ok"),
    "no_free_port": (Sentence("no free port, the line must be extended"), "warn"),
    "build_needed": (Sentence("building work is needed"), "warn"),
    "survey_needed": (Sentence("a survey is needed first"), "warn"),
    "no_coverage": (Sentence("no coverage at this address"), "bad"),
}
#: Verdicts after which another address may be the better answer.
NOT_SERVED: Final = ("no_coverage", "no_free_port", "build_needed", "address-not-found")
TONES: Final = {"ok": "done", "warn": "warn", "bad": "alert"}


def check_row(session: Session, reader: Reader, answer: CheckAnswer, *, area: str, role: str) -> CheckRow:
    """One answer as a row.

    :param area: of the order; it decides who may release a customer whose credit is refused.
    :param role: the field of the form that the answer is about; empty where it is about none.
    """
    t = reader.t
    row = CheckRow(
        name=t("Credit") if answer.question == "credit" else _network_name(session, reader, answer),
        state=Tag(t("fine"), "done", "ok"),
        note="",
        took=t("{n} s", n=f"{answer.took_s:.1f}" if answer.took_s >= SHOWN_FROM_S else f"<{SHOWN_FROM_S}"),
    )
    if answer.verdict == "silent":
        note = t("No answer. The order may be placed: this check stays pending and is asked again by itself.")
        return replace(row, state=Tag(t("check pending"), "clock", "warn"), note=note)
    if answer.question == "credit":
        return _credit(session, reader, answer, row, area)
    return _network(session, reader, answer, row, role)


def credit_desk(session: Session, reader: Reader, area: str) -> str:
    """Who looks after the credit of an area's customers: the nearest credit desk above it."""
    path = area_path(session, area) or ""
    query = select(Team, Area.path).join(Area, Area.code == Team.area).where(Team.role == CREDIT_DESK)
    above = [(row.path, row.Team) for row in session.execute(query) if f"{path}/".startswith(f"{row.path}/")]
    return reader.said(max(above, key=lambda pair: len(pair[0]))[1]) if above else ""


def release_note(session: Session, reader: Reader, area: str) -> str:
    """The sentence that says who can release a customer; empty where there is no such team."""
    desk = credit_desk(session, reader, area)
    return reader.t("{team} can release it.", team=desk) if desk else ""


def _credit(session: Session, reader: Reader, answer: CheckAnswer, row: CheckRow, area: str) -> CheckRow:
    t = reader.t
    if answer.verdict == "fine" and answer.code in ("ok", ""):
        left = answer.facts.get("credit_left_cny")
        return replace(row, note=t("credit left {amount}", amount=reader.f.money(str(left))) if left else "")
    code = answer.code.replace("_", "-")
    known = failures(session).get(code)
    parts = [reader.said_in(known) if known else str(answer.facts.get("message", ""))]
    owed = str(answer.facts.get("arrears_cny") or "0.00")
    if owed not in ("0.00", "0"):
        parts.append(t("arrears {amount}", amount=reader.f.money(owed)))
    said = " · ".join(part for part in parts if part)
    glue = " " if reader.language == "en" else ""
    end = "." if reader.language == "en" else "。"
    note = said + end + glue + t("The order may be placed; it waits for a decision.")
    who = release_note(session, reader, area)
    return replace(row, state=Tag(t("blocked"), "lock", "bad"), note=glue.join(part for part in (note, who) if part))


def _network(session: Session, reader: Reader, answer: CheckAnswer, row: CheckRow, role: str) -> CheckRow:
    t = reader.t
    if answer.verdict == "refused":
        known = failures(session).get(answer.code)
        note = reader.said_in(known) if known else str(answer.facts.get("message", answer.code))
        row = replace(row, state=Tag(t("not possible"), "alert", "bad"), note=note)
    else:
        sentence, tone = VERDICTS.get(answer.code, (Sentence("a port is free"), "ok"))
        word = {"ok": t("fine"), "warn": t("possible, later"), "bad": t("not possible")}[tone]
        looks: Any = tone
        row = replace(row, state=Tag(word, TONES[tone], looks), note=_with_days(reader, t(sentence), answer))
    if answer.code not in NOT_SERVED or not role:
        return row
    return replace(row, role=role, near=_near(session, reader, answer.address_code))


def _with_days(reader: Reader, text: str, answer: CheckAnswer) -> str:
    days = answer.facts.get("expected_working_days")
    return text + " · " + reader.t("about {n} working days", n=days) if isinstance(days, int) else text


def _network_name(session: Session, reader: Reader, answer: CheckAnswer) -> str:
    row = session.get(Address, answer.address_code) if answer.address_code else None
    role = reader.t(PLACES.get(answer.role, Sentence("Address")))
    where = mask_address(reader.said(row, "text")) if row is not None else ""
    return " · ".join(part for part in (reader.t("Network"), role, where) if part)


def _near(session: Session, reader: Reader, code: str) -> tuple[Choice, ...]:
    address = session.get(Address, code)
    if address is None:
        return ()
    return choices(reader, nearest_served(session, reader.actor, address, limit=MOST_NEAR))


def choices(reader: Reader, rows: Sequence[Address]) -> tuple[Choice, ...]:
    """Addresses to choose from; whole, because somebody has to tell them apart."""
    return tuple(Choice(row.code, reader.said(row, "text"), address_note(reader, row)) for row in rows)


def address_note(reader: Reader, row: Address) -> str:
    """The code of an address, and what was known of its network when it was loaded."""
    t = reader.t
    sentence, _ = VERDICTS.get(row.feasibility, ("", ""))
    parts = [row.code, t(sentence) if sentence else ""]
    if row.drop_m:
        parts.append(t("{drop} m from the box", drop=row.drop_m))
    return " · ".join(part for part in parts if part)
