"""What would be promised: an order that nobody has placed, accepted at an instant, by the rules that hold then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.calendar import BUSINESS_CALENDAR, WorkingCalendar
from app.domain.promises.sla import Case, Promise, promises
from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput
from app.persistence.areas import area_path
from app.persistence.products.catalogue import OrderType, ProductSpec
from app.persistence.promises.rule_versions import Rules, rules_at
from app.services.promises.promise_view import Day, days_between
from app.services.promises.sla_choice import order_policy
from app.unit_of_work import read


@dataclass(frozen=True)
class Tried:
    """One promise, day by day by the calendar that decides its end: that of working days, where those are promised."""

    promise: Promise
    calendar: WorkingCalendar
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Trial:
    """The policy that applies, by which versions of the rules, and every promise it gives."""

    policy: str
    policy_name: Words
    rules: Rules
    promises: tuple[Tried, ...]


def try_promise(case: Case, area: str, accepted_at: datetime, actor: Actor, deps: Deps) -> Trial:
    """Work a promise out; nothing is stored.

    :param accepted_at: aware instant.
    :raises InvalidInput: there is no such area, no rule fits the case, or no rules hold at that instant.
    """
    may(actor, "rules.view")
    with read(deps.read_sessions) as session:
        return tried(session, case, area, accepted_at)


def tried(session: Session, case: Case, area: str, accepted_at: datetime) -> Trial:
    """:func:`try_promise`, in the session of the caller."""
    path = area_path(session, area)
    if path is None:
        raise _wrong("area", "没有这个区域", "there is no such area")
    for name, entity, code in (("product", ProductSpec, case.product), ("type", OrderType, case.order_type)):
        if session.get(entity, code) is None:
            raise _wrong(name, "目录中没有", "the catalogue has no such thing")
    try:
        rules = rules_at(session, accepted_at)
        policy = order_policy(session, case, accepted_at)
        given = promises(rules.book, rules.calendars, policy, accepted_at=accepted_at, area_path=path)
    except LookupError as error:
        zh = "这种情况没有适用的时限规则，订单会被拒绝"
        raise _wrong("product", zh, "no rule fits this case: such an order would be refused") from error
    return Trial(
        policy, rules.book.policy(policy).name, rules, tuple(_by_day(one, rules, policy, path) for one in given)
    )


def _by_day(promise: Promise, rules: Rules, code: str, path: str) -> Tried:
    policy = rules.book.policy(code)
    target = policy.regulator if promise.kind == "regulator" else policy.promise
    is_cut = promise.kind == "promise" and policy.acceptance_rule is not None
    by_days = target is not None and target.unit == "working_day" and not is_cut
    calendar = rules.calendars.calendar(BUSINESS_CALENDAR if by_days else promise.calendar, path)
    return Tried(promise, calendar, tuple(days_between(calendar, promise.started_at, promise.due_at)))


def _wrong(path: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code="unknown", zh=zh, en=en)])
