"""The rules of promises, read from data: policies, repair policies, jeopardy ladders, reasons to stop a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.domain.promises.compensation import CompensationRule, compensation_rule
from app.domain.promises.step_target import STEP_LADDER, StepLevel, step_level
from app.domain.words import Words


class NoPolicy(LookupError):
    """Nothing says what is promised. ``position`` is that of the item in its order, where it is known."""

    def __init__(self, text: str, position: int | None = None) -> None:
        super().__init__(text)
        self.position = position


@dataclass(frozen=True, kw_only=True)
class Target:
    """How long: ``value`` hours (elapsed) or working days (18:00 of the n-th)."""

    value: int
    unit: str

    def in_words(self) -> Words:
        if self.unit == "hour":
            return Words(f"{self.value} 小时", f"{self.value} h")
        return Words(f"{self.value} 个工作日", f"{self.value} working day(s)")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a promise is about: product, kind of order, customer, place, and special conditions."""

    product: str
    order_type: str
    tier: str = "standard"
    area_class: str = "urban"
    grade: str = "normal"
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is promised, and by which rules it is watched and paid for; which one applies a decision table says.

    ``as_asked``: the day the order asks for is promised, where it asks for one; ``promise`` where it does not.
    """

    code: str
    name: Words
    promise: Target
    regulator: Target | None
    calendar: str
    ladder: str
    acceptance_rule: str | None = None
    compensation: tuple[str, ...] = ()
    as_asked: bool = False


@dataclass(frozen=True, kw_only=True)
class SubOrders:
    """Steps that other areas do by an order of their own: due after ``percent`` of the promise they are part of.

    They are watched by the levels of ``ladder``; when one reaches ``level``, its promise reaches ``parent_level``.
    """

    steps: frozenset[str] = frozenset()
    percent: int = 100
    ladder: str = STEP_LADDER
    level: int | None = None
    parent_level: int | None = None


@dataclass(frozen=True, kw_only=True)
class TicketPolicy:
    """What is promised for a repair."""

    code: str
    respond: timedelta
    repair_hours: int
    regulator_hours: int | None
    calendar: str
    compensation: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Level:
    """A step of the jeopardy ladder, reached when ``percent`` of the time is used.

    ``tell`` names who hears of it, ``quiet`` for how long nobody is told the same again. One that ``repeats`` is told
    again after each such spell. Customers of ``early_tiers`` and ``early_segments`` reach it one level earlier.
    """

    level: int
    percent: int
    name: Words
    jeopardy_type: str
    tell: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    quiet: timedelta = timedelta()
    repeats: bool = False
    supervise: bool = False
    early_tiers: frozenset[str] = frozenset()
    early_segments: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class StopReason:
    """Why a promise clock may stop, for how long at most, and who may say so."""

    code: str
    name: Words
    evidence: str
    max_working_days: int
    set_by: tuple[str, ...]
    approved_by: str | None
    applies_to: tuple[str, ...]
    stops: tuple[str, ...] = ("promise", "internal")

    @property
    def is_customers(self) -> bool:
        """Whether it is the customer who stands in the way."""
        return self.code.startswith("customer-") or self.code == "future-dated"


@dataclass(frozen=True, kw_only=True)
class SlaBook:
    """Every rule of promises, read from data. ``forecast``: the level raised when the rest of the plan, by its
    ``median`` or ``p90`` durations, goes beyond the promise."""

    policies: Mapping[str, Policy]
    ticket_policies: Mapping[str, TicketPolicy]
    ladders: Mapping[str, tuple[Level, ...]]
    stop_reasons: Mapping[str, StopReason]
    cutoffs: Mapping[str, int]
    forecast: Mapping[str, int]
    compensation: Mapping[str, CompensationRule]
    automatic_up_to: Decimal
    second_person_above: Decimal
    sub_orders: SubOrders = SubOrders()
    #: Why a promise was broken: one is named before the breach is closed.
    breach_causes: Mapping[str, Words] = field(default_factory=dict)
    #: Times with a name that drawings give to their steps.
    step_levels: Mapping[str, StepLevel] = field(default_factory=dict)

    @classmethod
    def from_data(
        cls, sla: Mapping[str, Any], stop_reasons: Mapping[str, Any], calendars: Mapping[str, Any]
    ) -> SlaBook:
        """Build from the mappings of ``sla.yaml``, ``stop_reasons.yaml`` and ``calendars.yaml``."""
        approval = sla["compensation_approval"]
        return cls(
            policies={row["code"]: _policy(row) for row in sla["order_policies"]},
            ticket_policies={row["code"]: _ticket_policy(row) for row in sla["ticket_policies"]},
            ladders={row["code"]: tuple(_level(step) for step in row["steps"]) for row in sla["jeopardy_ladders"]},
            stop_reasons={row["code"]: _stop_reason(row) for row in stop_reasons["stop_reasons"]},
            cutoffs={row["code"]: int(row["cutoff"].split(":")[0]) for row in calendars["acceptance_rules"]},
            forecast={row["durations"]: row["level"] for row in sla["jeopardy_forecast"]},
            compensation={row["code"]: compensation_rule(row) for row in sla["compensation_rules"]},
            automatic_up_to=Decimal(approval["automatic_up_to_cny"]),
            second_person_above=Decimal(approval["second_person_above_cny"]),
            sub_orders=_sub_orders(sla.get("sub_orders")),
            breach_causes={row["code"]: Words(row["name_zh"], row["name_en"]) for row in sla.get("breach_causes", ())},
            step_levels={row["code"]: step_level(row) for row in sla.get("step_levels", ())},
        )

    def policy(self, code: str) -> Policy:
        """The policy of that code. :raises NoPolicy: the decision names one that nobody has written down."""
        if code not in self.policies:
            raise NoPolicy(f"there is no SLA policy {code}")
        return self.policies[code]

    def ticket_policy(self, code: str) -> TicketPolicy:
        """The repair policy of that code. :raises NoPolicy: the decision names one that nobody has written down."""
        if code not in self.ticket_policies:
            raise NoPolicy(f"there is no repair policy {code}")
        return self.ticket_policies[code]


def _target(row: Mapping[str, Any] | None) -> Target | None:
    return None if row is None else Target(value=row["value"], unit=row["unit"])


def _policy(row: Mapping[str, Any]) -> Policy:
    return Policy(
        code=row["code"],
        name=Words(row.get("name_zh") or row["code"], row.get("name_en") or row["code"]),
        promise=Target(value=row["promise"]["value"], unit=row["promise"]["unit"]),
        regulator=_target(row.get("regulator")),
        calendar=row["calendar"],
        ladder=row["jeopardy_ladder"],
        acceptance_rule=row.get("acceptance_rule"),
        compensation=tuple(row.get("compensation", ())),
        as_asked=row.get("as_asked", False),
    )


def _sub_orders(row: Mapping[str, Any] | None) -> SubOrders:
    if row is None:
        return SubOrders()
    return SubOrders(
        steps=frozenset(row["steps"]),
        percent=row["percent"],
        ladder=row["ladder"],
        level=row.get("level"),
        parent_level=row.get("parent_level"),
    )


def _ticket_policy(row: Mapping[str, Any]) -> TicketPolicy:
    return TicketPolicy(
        code=row["code"],
        respond=timedelta(minutes=row["respond_min"]),
        repair_hours=row["repair_hours"],
        regulator_hours=row.get("regulator_hours"),
        calendar=row["calendar"],
        compensation=tuple(row.get("compensation", ())),
    )


def _level(row: Mapping[str, Any]) -> Level:
    early = row.get("early_for", {})
    return Level(
        level=row["level"],
        percent=row["at_percent"],
        name=Words(row["name_zh"], row["name_en"]),
        jeopardy_type=row["jeopardy_type"],
        tell=tuple(row["tell"]),
        channels=tuple(row["channel"]),
        quiet=timedelta(hours=row["repeat_h"]),
        repeats=row.get("repeats", False),
        supervise=row.get("supervise", False),
        early_tiers=frozenset(early.get("tiers", ())),
        early_segments=frozenset(early.get("segments", ())),
    )


def _stop_reason(row: Mapping[str, Any]) -> StopReason:
    return StopReason(
        code=row["code"],
        name=Words(row["name_zh"], row["name_en"]),
        evidence=row["evidence"],
        max_working_days=row["max_working_days"],
        set_by=tuple(row["set_by"]),
        approved_by=row.get("approved_by"),
        applies_to=tuple(row["applies_to"]),
        stops=tuple(row["stops"]),
    )
