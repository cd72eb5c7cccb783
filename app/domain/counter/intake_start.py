"""When an order may begin: at once, on a day that was asked for, or after other orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.commands import PlaceOrder
from app.domain.counter.intake_facts import Facts, KnownOrder
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.domain.products.characteristics import problem
from app.errors import FieldProblem

#: Days are days in China.
ZONE: Final = ZoneInfo("Asia/Shanghai")
#: Relationships to another order that make this one wait until that one is completed.
PREREQUISITE: Final = frozenset({"reliesOn", "dependsOn", "requires"})
MAX_YEARS_AHEAD: Final = 2


def check_start(command: PlaceOrder, facts: Facts, today: date) -> list[FieldProblem]:
    """What is wrong with the dates that are asked for and with the orders this one is to wait for.

    :param today: the day in China. A time that has passed earlier today is taken as "now".
    """
    return [*_check_dates(command, today), *_check_orders(command, facts)]


def prerequisites(command: PlaceOrder, facts: Facts) -> tuple[KnownOrder, ...]:
    """The orders that have to be completed first, each once; those that are completed already are left out."""
    found = {
        known.id: known
        for tie in command.order_relationships
        if tie.type in PREREQUISITE and (known := facts.orders.get(tie.order)) is not None
    }
    return tuple(known for known in found.values() if OrderState(known.state) is not OrderState.COMPLETED)


def _check_dates(command: PlaceOrder, today: date) -> Iterable[FieldProblem]:
    start, end = command.requested_start_date, command.requested_completion_date
    for name, wanted in (("requestedStartDate", start), ("requestedCompletionDate", end)):
        if wanted is None:
            continue
        day = wanted.astimezone(ZONE).date()
        if day < today:
            yield problem(name, "in-the-past", f"日期 {day} 已过", f"the day {day} has passed")
        elif day.year > today.year + MAX_YEARS_AHEAD:
            yield problem(
                name,
                "too-far-ahead",
                f"日期 {day} 超过 {MAX_YEARS_AHEAD} 年",
                f"the day {day} is more than {MAX_YEARS_AHEAD} years ahead",
            )
    if start is not None and end is not None and end < start:
        yield problem(
            "requestedCompletionDate",
            "before-start",
            "期望完成时间早于期望开始时间",
            "the wanted completion is before the wanted start",
        )


def _check_orders(command: PlaceOrder, facts: Facts) -> Iterable[FieldProblem]:
    for position, tie in enumerate(command.order_relationships):
        path = f"orderRelationship.{position}"
        known = facts.orders.get(tie.order)
        if tie.type not in PREREQUISITE:
            allowed = ", ".join(sorted(PREREQUISITE))
            yield problem(
                f"{path}.relationshipType",
                "unknown-relationship",
                f"没有关系类型 {tie.type}，可用 {allowed}",
                f"there is no relationship {tie.type}; use one of {allowed}",
            )
        elif known is None:
            yield problem(f"{path}.id", "unknown-order", f"没有订单 {tie.order}", f"there is no order {tie.order}")
        elif OrderState(known.state) in FINAL and OrderState(known.state) is not OrderState.COMPLETED:
            yield problem(
                f"{path}.id",
                "prerequisite-not-met",
                f"前置订单 {known.number} 已结束（{known.state}），未完成",
                f"order {known.number} has ended ({known.state}) without being completed",
            )
