"""What must always be true: of the engine, of orders and tickets, and of the neighbours' books against ours.

``docs/invariants.md`` says what each rule means and what to do when it fires.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deps import Deps
from app.services.truth import alarms, areas, desks, histories, orders
from app.services.truth.books import Books
from app.services.truth.names import name_of
from app.unit_of_work import read
from processes import invariants
from processes.invariants import Check, FarBooks, Look, Violation

__all__ = ["RULES", "Tally", "check", "far_effects"]

FAR_TIMEOUT_S: Final = 5.0
FAR_PAGE: Final = 5000
#: One sentence each; the order in which they are looked at.
RULES: Final[Mapping[str, str]] = {
    "I1": "every order is final, or waits for something or somebody that is named",
    "I2": "every operation is in force at the neighbours exactly as often as our ledger says",
    "I3": "nothing is left over, and nothing is late for more than a minute",
    "I4": "our books and the neighbours' books agree, both ways",
    "I5": "every change has its line in a history without gaps",
    "I6": "the history, replayed, gives the state that is stored",
    "I7": "nothing lies in, or was changed from, another area",
    "I8": "every alarm that is due rang once, and none too early",
}
OUR_CHECKS: Final[Mapping[str, tuple[Check, ...]]] = {
    "I1": (
        orders.orders_without_process,
        orders.final_orders_that_go_on,
        orders.tickets_without_process,
        orders.unanswered_cancels,
        desks.steps_in_no_queue,
    ),
    "I3": (desks.items_of_nobody,),
    "I5": (histories.broken_histories,),
    "I7": (
        areas.rows_of_another_area,
        areas.steps_of_another_area,
        areas.work_with_a_foreign_team,
        areas.written_by_strangers,
        areas.areas_that_do_not_exist,
    ),
    "I8": (alarms.alarms, alarms.promises_nobody_counts, alarms.clocks_left_running),
}


@dataclass
class Tally:
    """What was looked at, by rule; and what could not be, with the reason."""

    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def check(
    deps: Deps,
    rules: Collection[str] = tuple(RULES),
    *,
    tally: Tally | None = None,
    count_effects: Callable[[str], Iterator[Mapping[str, Any]]] | None = None,
) -> Iterator[Violation]:
    """Everything that is not as it must be, one after the other; nothing is changed.

    All of it is asked of one state of the database, however long it takes; the neighbours are asked after that state
    was fixed, so that what is in our ledger must be in their books. ``subject`` is what people call the thing.

    :param count_effects: asks for what the neighbours count, given their address; see :func:`far_effects`.
    """
    told = tally if tally is not None else Tally()
    with ExitStack() as stack:
        session = stack.enter_context(read(deps.read_sessions))
        hold_still(session)
        look = Look(session=session, now=deps.clock(session))
        if "I2" in rules:
            look = asked(look, stack, deps, told, count_effects or far_effects)
        books = Books(deps)
        for rule in RULES:
            if rule not in rules:
                continue
            for found in found_by(look, rule, books):
                name = name_of(session, found.business_key, found.subject) if found.business_key else found.subject
                yield Violation(found.rule, name, found.message, found.business_key)
        told.left_out.update({f"I4 at {adapter}": why for adapter, why in books.silent.items()})
        for (rule, what), count in look.seen.items():
            told.seen.setdefault(rule, {})[what] = count


def found_by(look: Look, rule: str, books: Books) -> Iterator[Violation]:
    """What one rule finds, the engine's half first."""
    yield from invariants.find(look, [rule])
    checks = (books.differences,) if rule == "I4" else OUR_CHECKS.get(rule, ())
    for one in checks:
        # The tokens of a demonstration act for every area; whoever used one is of another.
        if one is not areas.written_by_strangers or not books.deps.settings.demo:
            yield from one(look)


def hold_still(session: Session) -> None:
    """Let all that follows see one and the same state of the database, for as long as it takes."""
    if session.get_bind().dialect.name != "postgresql":
        return  # a read transaction of SQLite is one anyway
    session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        session.execute(text(f"SET LOCAL {limit} = 0"))


def asked(
    look: Look,
    stack: ExitStack,
    deps: Deps,
    tally: Tally,
    count_effects: Callable[[str], Iterator[Mapping[str, Any]]],
) -> Look:
    """The look with what the neighbours count, if they tell."""
    base_url = deps.settings.adapter_url
    try:
        far = stack.enter_context(closing(FarBooks(count_effects(base_url), asked=list(deps.ports))))
    except (httpx.HTTPError, LookupError) as error:
        why = f"nobody at {base_url} counts effects ({type(error).__name__})"
        tally.left_out["I2 at the neighbours"] = why
        return look
    return Look(session=look.session, now=look.now, far=far, definitions=look.definitions, seen=look.seen)


def far_effects(base_url: str) -> Iterator[Mapping[str, Any]]:
    """How often each operation took effect at the far side, one row per operation, page by page.

    :raises httpx.HTTPError: nobody answers. :raises LookupError: nobody tells there (simulated neighbours do).
    """
    with httpx.Client(timeout=FAR_TIMEOUT_S) as client:
        after = ""
        while True:
            answer = client.get(f"{base_url}/control/effects", params={"after": after, "limit": FAR_PAGE})
            if not answer.is_success:
                raise LookupError(answer.status_code)
            rows: list[Mapping[str, Any]] = answer.json()
            yield from rows
            if len(rows) < FAR_PAGE:
                return
            after = str(rows[-1]["operation_id"])
