"""Reading the rules that are kept as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.calendar import Calendars
from app.domain.sla_book import SlaBook
from app.domain.words import Words
from app.persistence.catalogue import RuleBook


def rule_book(session: Session, code: str) -> Mapping[str, Any]:
    """One set of rules as it was loaded, under the name of its file.

    :raises LookupError: it was never loaded; the reference data is missing.
    """
    body = session.scalar(select(RuleBook.body).where(RuleBook.code == code))
    if body is None:
        raise LookupError(f"rule book {code} is not loaded")
    if not isinstance(body, dict):
        raise TypeError(f"rule book {code} is not a mapping")
    return body


def calendars(session: Session) -> Calendars:
    """The working calendars."""
    return Calendars.from_data(rule_book(session, "calendars"))


def sla_book(session: Session) -> SlaBook:
    """The SLA rules."""
    return SlaBook.from_data(
        rule_book(session, "sla"), rule_book(session, "stop_reasons"), rule_book(session, "calendars")
    )


def stop_reasons(session: Session) -> dict[str, Words]:
    """Names of the reasons that may stop a promise clock, in the order people see them."""
    rows = rule_book(session, "stop_reasons")["stop_reasons"]
    return {row["code"]: Words(row["name_zh"], row["name_en"]) for row in rows}


def failures(session: Session) -> dict[str, Mapping[str, Any]]:
    """What is known about each failure code: names, class, owner, what to do."""
    return {row["code"]: row for row in rule_book(session, "failures")["failures"]}


def work_order_types(session: Session) -> dict[str, Mapping[str, Any]]:
    """Names, team role and usual duration of each kind of work order."""
    return {row["code"]: row for row in rule_book(session, "work_order_types")["work_order_types"]}
