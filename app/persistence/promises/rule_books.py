"""Reading the rules that are kept as data; those of promises, which have versions, are in `rule_versions`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Text, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from app.domain.words import Words
from app.persistence.products.catalogue import RuleBook
from app.persistence.promises.rule_versions import newest, text_of

TEXTS: Final = select(RuleBook.code, type_coerce(RuleBook.body, Text).label("text")).where(
    RuleBook.code.in_(bindparam("codes", expanding=True))
)


def rule_book(session: Session, code: str) -> Mapping[str, Any]:
    """One set of rules as it was loaded, under the name of its file; not to be changed.

    :raises LookupError: it was never loaded; the reference data is missing.
    """
    return _parsed(*_texts(session, code))


def current_book(session: Session, code: str) -> Mapping[str, Any]:
    """The newest version of a set of rules that has versions; not to be changed."""
    return _parsed(text_of(session, code, newest(session, code)))


def stop_reasons(session: Session) -> dict[str, Words]:
    """Names of the reasons that may stop a promise clock, in the order people see them."""
    rows = current_book(session, "stop_reasons")["stop_reasons"]
    return {row["code"]: Words(row["name_zh"], row["name_en"]) for row in rows}


def tiers(session: Session) -> dict[str, Mapping[str, Any]]:
    """Names of the tiers of customers."""
    return {row["code"]: row for row in current_book(session, "sla")["tiers"]}


def failures(session: Session) -> dict[str, Mapping[str, Any]]:
    """What is known about each failure code: names, class, owner, what to do."""
    return {row["code"]: row for row in rule_book(session, "failures")["failures"]}


def work_order_types(session: Session) -> dict[str, Mapping[str, Any]]:
    """Names, team role and usual duration of each kind of work order."""
    return {row["code"]: row for row in rule_book(session, "work_order_types")["work_order_types"]}


def _texts(session: Session, *codes: str) -> list[str]:
    """The rules as JSON text: short to read, and what is built from equal texts is built once per process."""
    found = {row.code: row.text for row in session.execute(TEXTS, {"codes": codes})}
    for code in codes:
        if code not in found:
            raise LookupError(f"rule book {code} is not loaded")
    return [found[code] for code in codes]


@lru_cache(maxsize=32)
def _parsed(text: str) -> Mapping[str, Any]:
    body = orjson.loads(text)
    if not isinstance(body, dict):
        raise TypeError("a rule book is not a mapping")
    return body
