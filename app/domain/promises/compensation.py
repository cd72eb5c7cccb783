"""What a broken promise costs: an amount by each rule that applies, and of each group the highest.

Money is CNY; amounts are rounded half up to the cent, once, at the end of each rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from app.domain.words import Words

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")
DAY: Final = timedelta(days=1)
#: A month of rent has so many days, whatever the calendar says.
MONTH_DAYS: Final = 30
FAST_FROM_MBPS: Final = 50

KINDS: Final = frozenset(
    {
        "per_order",
        "per_visit",
        "per_day_or_part",
        "per_30_days",
        "percent_of_install_fee_per_day",
        "percent_of_month_per_working_day",
        "percent_of_month_by_step",
        "rent_pro_rata_of_fault_days",
    }
)
EXCLUSIONS: Final = frozenset({"build_told", "customer_stops"})


@dataclass(frozen=True, kw_only=True)
class CompensationRule:
    """One rule. ``clock`` says against what it is measured: ``promise``, ``regulator``, ``appointment``, ``measured``.

    ``amount`` and ``cap`` are CNY or per cent as the kind says; ``steps`` are pairs (availability at least, per cent).
    ``products``: those for which it holds without a policy that says so.
    """

    code: str
    name: Words
    clock: str
    kind: str
    amount: Decimal
    amount_slow: Decimal
    steps: tuple[tuple[Decimal, Decimal], ...]
    cap_cny: Decimal | None
    cap_percent: Decimal | None
    group: str
    payout: timedelta
    excludes: frozenset[str]
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Overrun:
    """What happened, as one clock or one measurement says.

    ``late``: time on the wall after the due time; ``customer_stops``: how much of it the customer stood in the way
    (of a clock that never stops); ``working_days_late``: working days or parts of them; ``fault``: how long a fault
    lasted; money per month and for the installation as the customer pays it.
    """

    clock: str
    late: timedelta = timedelta()
    customer_stops: timedelta = timedelta()
    working_days_late: int = 0
    fault: timedelta = timedelta()
    monthly_cny: Decimal = NOTHING
    install_cny: Decimal = NOTHING
    build_told: bool = False
    visits_missed: int = 0
    availability: Decimal | None = None
    speed_mbps: int = 0
    spells_of_30_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Due:
    """What one rule says is owed, and how that was worked out."""

    rule: CompensationRule
    amount: Decimal
    why: Words


def compensation_rule(row: Mapping[str, Any]) -> CompensationRule:
    """Read a row of ``compensation_rules``."""
    amount, cap = row["amount"], row.get("cap", {})
    main = amount.get("cny", amount.get("percent", amount.get("cny_else", "0")))
    return CompensationRule(
        code=row["code"],
        name=Words(row["name_zh"], row["name_en"]),
        clock=row["clock"],
        kind=row["kind"],
        amount=Decimal(main),
        amount_slow=Decimal(amount.get("cny_below_50m", main)),
        steps=tuple((Decimal(step["at_least"]), Decimal(step["percent"])) for step in amount.get("steps", ())),
        cap_cny=Decimal(cap["cny"]) if "cny" in cap else None,
        cap_percent=Decimal(cap["percent"]) if "percent" in cap else None,
        group=row["no_stacking_group"],
        payout=timedelta(days=row["payout_days"]),
        excludes=frozenset(row.get("excludes", ())),
        products=frozenset(row.get("products", ())),
    )


def owed(rules: Iterable[CompensationRule], happened: Sequence[Overrun]) -> list[Due]:
    """What is owed: by each rule its highest amount, of each group the highest rule (the first where equal)."""
    best: dict[str, Due] = {}
    for rule in rules:
        for overrun in happened:
            due = amount_due(rule, overrun)
            known = best.get(rule.group)
            if due is not None and (known is None or due.amount > known.amount):
                best[rule.group] = due
    return list(best.values())


def amount_due(rule: CompensationRule, overrun: Overrun) -> Due | None:
    """What one rule says about one overrun; None where it does not apply or nothing is owed."""
    if rule.clock != overrun.clock or ("build_told" in rule.excludes and overrun.build_told):
        return None
    raw, why = _raw(rule, overrun)
    capped = min(raw, _cap(rule, overrun))
    amount = capped.quantize(CENT, ROUND_HALF_UP)
    return Due(rule=rule, amount=amount, why=why) if amount > 0 else None


def days_or_part(span: timedelta) -> int:
    """Days, a day begun counted whole; none for no time at all."""
    return max(-(-span // DAY), 0)


def _raw(rule: CompensationRule, overrun: Overrun) -> tuple[Decimal, Words]:
    counted = overrun.late - (overrun.customer_stops if "customer_stops" in rule.excludes else timedelta())
    days = days_or_part(counted)
    match rule.kind:
        case "per_order":
            return rule.amount * (overrun.late > timedelta()), Words("逾期一次", "late once")
        case "per_visit":
            visits = overrun.visits_missed
            return rule.amount * visits, Words(f"失约 {visits} 次", f"{visits} missed visit(s)")
        case "per_day_or_part":
            return rule.amount * days, Words(f"逾期 {days} 天", f"{days} day(s) or part late")
        case "per_30_days":
            each = rule.amount if overrun.speed_mbps >= FAST_FROM_MBPS else rule.amount_slow
            spells = overrun.spells_of_30_days
            return each * spells, Words(f"不达标 {spells} 个 30 天", f"{spells} spell(s) of 30 days too slow")
        case "percent_of_install_fee_per_day":
            return overrun.install_cny * rule.amount / 100 * days, Words(
                f"装机费的 {rule.amount}% × {days} 天", f"{rule.amount} % of the installation fee x {days} day(s)"
            )
        case "percent_of_month_per_working_day":
            days = overrun.working_days_late
            return overrun.monthly_cny * rule.amount / 100 * days, Words(
                f"月租的 {rule.amount}% × {days} 个工作日", f"{rule.amount} % of the month x {days} working day(s)"
            )
        case "percent_of_month_by_step":
            percent = _step(rule, overrun.availability)
            return overrun.monthly_cny * percent / 100, Words(
                f"可用率 {overrun.availability}%：月租的 {percent}%",
                f"availability {overrun.availability} %: {percent} % of the month",
            )
        case _:  # rent_pro_rata_of_fault_days, once the regulator's limit is passed
            days = days_or_part(overrun.fault - overrun.customer_stops) if days else 0
            return overrun.monthly_cny * rule.amount / 100 * days / MONTH_DAYS, Words(
                f"障碍 {days} 天免租", f"{days} day(s) of the fault rent free"
            )


def _step(rule: CompensationRule, availability: Decimal | None) -> Decimal:
    if availability is None:
        return NOTHING
    reached = [percent for at_least, percent in sorted(rule.steps, reverse=True) if availability >= at_least]
    return reached[0] if reached else NOTHING


def _cap(rule: CompensationRule, overrun: Overrun) -> Decimal:
    if rule.cap_cny is not None:
        return rule.cap_cny
    if rule.cap_percent is None:
        return Decimal("Infinity")
    base = overrun.install_cny if rule.kind == "percent_of_install_fee_per_day" else overrun.monthly_cny
    return base * rule.cap_percent / 100
