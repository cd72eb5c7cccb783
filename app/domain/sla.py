"""Promises: which policy applies, until when, and how much of the time is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from app.domain.calendar import ZONE, Calendars, WorkingCalendar
from app.domain.words import Words

ANY: Final = "*"
ONE_SECOND: Final = timedelta(seconds=1)


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


def conditions_of(
    order_type: str,
    characteristics: Mapping[str, Any],
    *,
    present: Mapping[str, Any] | None = None,
    areas: Iterable[str] = (),
    verdict: str | None = None,
) -> frozenset[str]:
    """The special conditions of an item that policies ask about.

    :param present: characteristics of the installed product, for changes.
    :param verdict: what the feasibility check answered (``build_needed`` and so on), when it was asked.
    """
    before = present or {}
    found = {
        "build_needed": verdict == "build_needed",
        "port_in": characteristics.get("port_in") is True,
        "quantity_over_50": int(characteristics.get("quantity", 0)) > 50,
        "cross_area": len(set(areas)) > 1,
        "ont_swap_or_visit_needed": order_type == "change" and _differs("ont_model", characteristics, before),
        "interface_change": order_type == "change"
        and any(_differs(end, characteristics, before) for end in ("interface_a", "interface_z")),
    }
    return frozenset(name for name, holds in found.items() if holds)


def _differs(code: str, after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return code in after and code in before and after[code] != before[code]


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A promise and how it came about. ``working`` is the working time of ``calendar`` from start to due."""

    policy: str
    kind: str
    calendar: str
    ladder: str
    started_at: datetime
    due_at: datetime
    working: timedelta
    provisional: bool
    reasons: tuple[Words, ...]

    def as_data(self) -> dict[str, Any]:
        """For the page that explains the promise; instants as ISO 8601 text."""
        return {
            "policy": self.policy,
            "kind": self.kind,
            "calendar": self.calendar,
            "started_at": self.started_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "working_s": int(self.working.total_seconds()),
            "provisional": self.provisional,
            "reasons": [{"zh": reason.zh, "en": reason.en} for reason in self.reasons],
        }


def promises(
    book: SlaBook, calendars: Calendars, case: Case, *, accepted_at: datetime, area_path: str = ""
) -> list[Promise]:
    """The promise to the customer, and the regulator's limit where there is one.

    :raises LookupError: no policy fits.
    """
    policy = book.choose(case)
    given = [_promise(book, calendars, policy, accepted_at, area_path)]
    if policy.regulator is not None:
        due, reason = _due(calendars, policy.regulator, accepted_at, area_path)
        given.append(_made(calendars, policy, "regulator", accepted_at, due, [reason], area_path))
    return given


def repair_promises(
    book: SlaBook, calendars: Calendars, ticket_type: str, case: Case, *, opened_at: datetime, area_path: str = ""
) -> list[Promise]:
    """The promises of a trouble ticket. :raises LookupError: no policy fits."""
    policy = book.choose_for_ticket(ticket_type, case)
    given = []
    for kind, hours in (("promise", policy.repair_hours), ("regulator", policy.regulator_hours)):
        if hours is not None:
            target = Target(value=hours, unit="hour")
            due, reason = _due(calendars, target, opened_at, area_path)
            given.append(
                Promise(
                    policy=policy.code,
                    kind=kind,
                    calendar=policy.calendar,
                    ladder="standard",
                    started_at=opened_at.astimezone(ZONE),
                    due_at=due,
                    working=due - opened_at,
                    provisional=calendars.is_provisional(opened_at, due),
                    reasons=(reason,),
                )
            )
    return given


def _promise(book: SlaBook, calendars: Calendars, policy: Policy, accepted_at: datetime, area_path: str) -> Promise:
    if policy.acceptance_rule is None:
        due, reason = _due(calendars, policy.promise, accepted_at, area_path)
    else:
        due, reason = _due_by_cutoff(accepted_at, book.cutoffs[policy.acceptance_rule])
    return _made(calendars, policy, "promise", accepted_at, due, [reason], area_path)


def _due_by_cutoff(accepted_at: datetime, cutoff_hour: int) -> tuple[datetime, Words]:
    local = accepted_at.astimezone(ZONE)
    if local.hour < cutoff_hour:
        due = local.replace(hour=20, minute=0, second=0, microsecond=0)
        return due, Words(
            f"{cutoff_hour}:00 前受理，当日 20:00 前完成",
            f"accepted before {cutoff_hour}:00: done the same day by 20:00",
        )
    return local + timedelta(hours=24), Words(
        f"{cutoff_hour}:00 后受理，24 小时内完成", f"accepted after {cutoff_hour}:00: done within 24 hours"
    )


def _due(calendars: Calendars, target: Target, accepted_at: datetime, area_path: str) -> tuple[datetime, Words]:
    length = target.in_words()
    if target.unit == "hour":
        due = accepted_at.astimezone(ZONE) + timedelta(hours=target.value)
        return due, Words(f"受理后 {length.zh}", f"{length.en} after acceptance")
    due = calendars.nth_working_day(accepted_at, target.value, area_path)
    return due, Words(
        f"受理日后第 {target.value} 个工作日 18:00", f"18:00 of working day {target.value} after the day of acceptance"
    )


def _made(
    calendars: Calendars,
    policy: Policy,
    kind: str,
    accepted_at: datetime,
    due: datetime,
    reasons: list[Words],
    area_path: str,
) -> Promise:
    start = accepted_at.astimezone(ZONE)
    calendar = calendars.calendar(policy.calendar, area_path)
    provisional = calendars.is_provisional(start, due)
    if provisional:
        reasons = [
            *reasons,
            Words(
                "该年法定假日尚未公布，暂按工作周推算",
                "the holidays of that year are not published; plain weeks are used",
            ),
        ]
    return Promise(
        policy=policy.code,
        kind=kind,
        calendar=policy.calendar,
        ladder=policy.ladder,
        started_at=start,
        due_at=due,
        # A promise always has some time, or no share of it could be said.
        working=max(calendar.between(start, due), ONE_SECOND),
        provisional=provisional,
        reasons=tuple(reasons),
    )


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A spell in which a clock stands still; an open one has no end."""

    from_at: datetime
    to_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Running:
    """A clock as it runs: where it started, how much working time it has, and when it stood still."""

    started_at: datetime
    promised: timedelta
    calendar: WorkingCalendar
    pauses: tuple[Pause, ...] = field(default=())

    def paused(self, now: datetime) -> timedelta:
        """Working time that does not count, up to ``now``; pauses that overlap count once."""
        total = timedelta()
        reached = self.started_at
        for pause in sorted(self.pauses, key=lambda pause: pause.from_at):
            begins = max(pause.from_at, reached)
            ends = min(pause.to_at or now, now)
            if ends > begins:
                total += self.calendar.between(begins, ends)
                reached = ends
        return total

    def used(self, now: datetime) -> timedelta:
        """Working time that counted, up to ``now``; never negative."""
        if now <= self.started_at:
            return timedelta()
        return self.calendar.between(self.started_at, now) - self.paused(now)

    def percent(self, now: datetime) -> float:
        """How much of the promised time is used: 100 at the end, more after it."""
        return 100.0 * (self.used(now) / self.promised)

    def remaining(self, now: datetime) -> timedelta:
        """Working time left; negative once the promise is broken."""
        return self.promised - self.used(now)

    def due_at(self, now: datetime) -> datetime:
        """When the promise ends, with the pauses so far; an open pause is counted up to ``now``."""
        return self.reaches(100, now)

    def reaches(self, percent: int, now: datetime) -> datetime:
        """When ``percent`` of the time is used if the clock runs on from ``now``."""
        return self.calendar.add(self.started_at, self.promised * percent / 100 + self.paused(now))


def passed_levels(ladder: Sequence[Level], percent: float) -> list[Level]:
    """The levels of a ladder that are reached at ``percent``, lowest first."""
    # Working time is counted in whole seconds; a level is reached with its second.
    return [level for level in ladder if percent + 1e-6 >= level.percent]


def next_level(ladder: Sequence[Level], percent: float) -> Level | None:
    """The lowest level that is not reached yet."""
    return next((level for level in ladder if percent + 1e-6 < level.percent), None)
