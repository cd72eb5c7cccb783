"""Promises: from a case, the policy that applies, until when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.domain.promises.calendar import ZONE, Calendars
from app.domain.promises.sla_book import Case, Policy, SlaBook, Target
from app.domain.promises.sla_clock import Pause, Running
from app.domain.words import Words

__all__ = ["Case", "Pause", "Promise", "Running", "SlaBook", "conditions_of", "promises", "repair_promises"]

ONE_SECOND: Final = timedelta(seconds=1)


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
    """A promise and how it came about. ``working`` is the working time of ``calendar`` from start to due; the
    exceptions of the areas on ``area_path`` are in it."""

    policy: str
    kind: str
    calendar: str
    ladder: str
    started_at: datetime
    due_at: datetime
    working: timedelta
    provisional: bool
    reasons: tuple[Words, ...]
    area_path: str = ""

    def as_data(self) -> dict[str, Any]:
        """For the page that explains the promise; instants as ISO 8601 text."""
        return {
            "policy": self.policy,
            "kind": self.kind,
            "calendar": self.calendar,
            "area_path": self.area_path,
            "started_at": self.started_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "working_s": int(self.working.total_seconds()),
            "provisional": self.provisional,
            "reasons": [{"zh": reason.zh, "en": reason.en} for reason in self.reasons],
        }


def promises(
    book: SlaBook,
    calendars: Calendars,
    policy_code: str,
    *,
    accepted_at: datetime,
    area_path: str = "",
    asked_for: datetime | None = None,
) -> list[Promise]:
    """The promise to the customer, and the regulator's limit where there is one.

    :param asked_for: when the order wants to be done, which some policies promise; aware.
    :raises LookupError: there is no such policy.
    """
    policy = book.policy(policy_code)
    given = [_promise(book, calendars, policy, accepted_at, area_path, asked_for)]
    if policy.regulator is not None:
        due, reason = _due(calendars, policy.regulator, accepted_at, area_path)
        given.append(_made(calendars, policy, "regulator", accepted_at, due, [reason], area_path))
    return given


def repair_promises(
    book: SlaBook, calendars: Calendars, policy_code: str, *, opened_at: datetime, area_path: str = ""
) -> list[Promise]:
    """The promises of a trouble ticket. :raises LookupError: there is no such policy."""
    policy = book.ticket_policy(policy_code)
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
                    area_path=area_path,
                )
            )
    return given


def _promise(
    book: SlaBook,
    calendars: Calendars,
    policy: Policy,
    accepted_at: datetime,
    area_path: str,
    asked_for: datetime | None,
) -> Promise:
    if policy.as_asked and asked_for is not None and asked_for > accepted_at:
        due, reason = asked_for.astimezone(ZONE), Words("按订单要求的完成时间", "done by the time the order asks for")
    elif policy.acceptance_rule is None:
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
        calendar=calendar.code,
        ladder=policy.ladder,
        started_at=start,
        due_at=due,
        # A promise always has some time, or no share of it could be said.
        working=max(calendar.between(start, due), ONE_SECOND),
        provisional=provisional,
        reasons=tuple(reasons),
        area_path=area_path,
    )
