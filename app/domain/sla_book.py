"""The rules of promises, read from data: policies, repair policies, jeopardy ladders, reasons to stop a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from app.domain.words import Words

ANY: Final = "*"


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
    """One row of the SLA rules. Of all rows that fit the highest priority wins."""

    code: str
    products: tuple[str, ...]
    order_types: tuple[str, ...]
    tiers: tuple[str, ...]
    area_classes: tuple[str, ...]
    grades: tuple[str, ...]
    promise: Target
    regulator: Target | None
    calendar: str
    ladder: str
    priority: int
    when: str | None = None
    acceptance_rule: str | None = None
    compensation: tuple[str, ...] = ()

    def fits(self, case: Case) -> bool:
        return (
            case.product in self.products
            and case.order_type in self.order_types
            and _among(case.tier, self.tiers)
            and _among(case.area_class, self.area_classes)
            and _among(case.grade, self.grades)
            and (self.when is None or self.when in case.conditions)
        )


@dataclass(frozen=True, kw_only=True)
class TicketPolicy:
    """One row of the repair rules; first match by how closely it fits."""

    code: str
    ticket_types: tuple[str, ...]
    products: tuple[str, ...]
    grades: tuple[str, ...]
    tiers: tuple[str, ...]
    area_classes: tuple[str, ...]
    respond: timedelta
    repair_hours: int
    regulator_hours: int | None
    calendar: str

    def fits(self, ticket_type: str, case: Case) -> bool:
        return (
            ticket_type in self.ticket_types
            and _among(case.product, self.products)
            and _among(case.grade, self.grades)
            and _among(case.tier, self.tiers)
            and _among(case.area_class, self.area_classes)
        )

    @property
    def closeness(self) -> int:
        """How many conditions the row names; a gold customer's row beats the one for everybody."""
        tier, named = (ANY not in self.tiers), (self.products, self.grades, self.area_classes)
        return 10 * tier + sum(ANY not in part for part in named)


@dataclass(frozen=True, kw_only=True)
class Level:
    """A step of the jeopardy ladder, reached when ``percent`` of the time is used."""

    level: int
    percent: int
    name: Words
    jeopardy_type: str


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


@dataclass(frozen=True, kw_only=True)
class SlaBook:
    """Every rule of promises, read from data."""

    policies: tuple[Policy, ...]
    ticket_policies: tuple[TicketPolicy, ...]
    ladders: Mapping[str, tuple[Level, ...]]
    stop_reasons: Mapping[str, StopReason]
    cutoffs: Mapping[str, int]

    @classmethod
    def from_data(
        cls, sla: Mapping[str, Any], stop_reasons: Mapping[str, Any], calendars: Mapping[str, Any]
    ) -> SlaBook:
        """Build from the mappings of ``sla.yaml``, ``stop_reasons.yaml`` and ``calendars.yaml``."""
        return cls(
            policies=tuple(_policy(row) for row in sla["order_policies"]),
            ticket_policies=tuple(_ticket_policy(row) for row in sla["ticket_policies"]),
            ladders={row["code"]: tuple(_level(step) for step in row["steps"]) for row in sla["jeopardy_ladders"]},
            stop_reasons={row["code"]: _stop_reason(row) for row in stop_reasons["stop_reasons"]},
            cutoffs={row["code"]: int(row["cutoff"].split(":")[0]) for row in calendars["acceptance_rules"]},
        )

    def choose(self, case: Case) -> Policy:
        """The policy for a case.

        :raises LookupError: no row fits; a product without a promise must not be sold.
        """
        fitting = [policy for policy in self.policies if policy.fits(case)]
        if not fitting:
            raise LookupError(f"no SLA policy for {case.product} {case.order_type}")
        return max(fitting, key=lambda policy: policy.priority)

    def choose_for_ticket(self, ticket_type: str, case: Case) -> TicketPolicy:
        """The repair policy for a ticket. :raises LookupError: no row fits."""
        fitting = [policy for policy in self.ticket_policies if policy.fits(ticket_type, case)]
        if not fitting:
            raise LookupError(f"no repair policy for {ticket_type} {case.product}")
        return max(fitting, key=lambda policy: policy.closeness)


def _among(value: str, allowed: Sequence[str]) -> bool:
    return ANY in allowed or value in allowed


def _target(row: Mapping[str, Any] | None) -> Target | None:
    return None if row is None else Target(value=row["value"], unit=row["unit"])


def _policy(row: Mapping[str, Any]) -> Policy:
    return Policy(
        code=row["code"],
        products=tuple(row["products"]),
        order_types=tuple(row["order_types"]),
        tiers=tuple(row["tiers"]),
        area_classes=tuple(row["area_classes"]),
        grades=tuple(row["service_grades"]),
        promise=Target(value=row["promise"]["value"], unit=row["promise"]["unit"]),
        regulator=_target(row.get("regulator")),
        calendar=row["calendar"],
        ladder=row["jeopardy_ladder"],
        priority=row["priority"],
        when=row.get("when"),
        acceptance_rule=row.get("acceptance_rule"),
        compensation=tuple(row.get("compensation", ())),
    )


def _ticket_policy(row: Mapping[str, Any]) -> TicketPolicy:
    return TicketPolicy(
        code=row["code"],
        ticket_types=tuple(row["ticket_types"]),
        products=tuple(row["products"]),
        grades=tuple(row["service_grades"]),
        tiers=tuple(row["tiers"]),
        area_classes=tuple(row["area_classes"]),
        respond=timedelta(minutes=row["respond_min"]),
        repair_hours=row["repair_hours"],
        regulator_hours=row.get("regulator_hours"),
        calendar=row["calendar"],
    )


def _level(row: Mapping[str, Any]) -> Level:
    return Level(
        level=row["level"],
        percent=row["at_percent"],
        name=Words(row["name_zh"], row["name_en"]),
        jeopardy_type=row["jeopardy_type"],
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
    )
