"""The rules of promises as files: checked whole, brought in whole with the day from which they hold, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.calendar import Calendars, Holidays
from app.domain.promises.holiday_lines import read_lines, with_year
from app.domain.promises.rule_checks import problems_of
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.areas import Area, area_path, top_area
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import (
    BOOKS,
    RulesByVersion,
    RuleVersion,
    digest_of,
    in_force,
    newest,
    text_of,
)
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped
from app.services.ordering.order_state import locked
from app.services.promises.sla_clock_rows import STOPPED, carry_due, clocks_of, count_again, promised_anew
from app.unit_of_work import read, retried, transaction

SATURDAY: Final = 5


@dataclass(frozen=True)
class BroughtIn:
    """The version a file became; ``version`` is None where it is the same as the newest, or was only checked."""

    code: str
    version: int | None
    effective_from: datetime


@retried
def bring_in(
    code: str,
    body: Mapping[str, Any],
    actor: Actor,
    deps: Deps,
    *,
    effective_from: datetime | None = None,
    note: str = "",
    only_check: bool = False,
) -> BroughtIn:
    """Make a file the next version of a book; orders accepted from that instant on are promised by it.

    :raises NotFound: there is no such book.
    :raises InvalidInput: every wrong field with its path and reason, or a day that has passed; nothing is stored.
    """
    known_book(code)
    with transaction(deps.sessions) as tx:
        session = tx.session
        right = "calendar.edit" if code == "calendars" else "sla.rules"
        may(actor, right, area_path=area_path(session, top_area(session)))
        now = deps.clock(session)
        starts = effective_from or now
        if starts < now:
            en, zh = "rules cannot hold from a day that has passed", "生效时间不能早于现在"
            raise InvalidInput(en, zh, details=[FieldProblem(path="effective_from", code="past", zh=zh, en=en)])
        last = newest(session, code)
        before = orjson.loads(text_of(session, code, last))
        refuse_problems(session, code, body, before)
        if digest_of(body) == digest_of(before) or only_check:
            return BroughtIn(code, None, starts)
        row = RuleVersion(
            code=code,
            version=last + 1,
            effective_from=starts,
            body=dict(body),
            digest=digest_of(body),
            made_by=actor.login,
            made_at=now,
            note=note[:500],
        )
        session.add(row)
        return BroughtIn(code, row.version, starts)


def refuse_problems(session: Session, code: str, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """:raises InvalidInput: something is wrong with the book."""
    books = {name: orjson.loads(text_of(session, name, newest(session, name))) for name in BOOKS}
    areas = set(session.scalars(select(Area.code)))
    problems = problems_of(code, {**books, code: body}, before=before, areas=areas)
    if problems:
        raise InvalidInput(
            f"the rules cannot be taken: {problems[0].path}: {problems[0].en}",
            f"规则有误：{problems[0].path}：{problems[0].zh}",
            details=problems,
        )


def take_out(code: str, actor: Actor, deps: Deps, *, at: datetime | None = None) -> dict[str, Any]:
    """A book as it holds now or at an instant. :raises NotFound: there is no such book, or it did not hold then."""
    known_book(code)
    may(actor, "rules.view")
    with read(deps.read_sessions) as session:
        row = in_force(session, code, at or deps.clock(session))
        if row is None:
            raise NotFound()
        return dict(row.body)


def versions(code: str, actor: Actor, deps: Deps) -> Sequence[RuleVersion]:
    """Every version of a book, the newest first. :raises NotFound: there is no such book."""
    known_book(code)
    may(actor, "rules.view")
    with read(deps.read_sessions) as session:
        rows = select(RuleVersion).where(RuleVersion.code == code).order_by(RuleVersion.version.desc())
        return session.scalars(rows).all()


def override_day(
    area: str, day: date, actor: Actor, deps: Deps, *, working: bool, name: Words, note: str = ""
) -> BroughtIn:
    """Let an area work, or not, on one day, whatever its calendars say; a new version of the calendars."""
    with read(deps.read_sessions) as session:
        body = orjson.loads(text_of(session, "calendars", newest(session, "calendars")))
    row = {"area": area, "date": day.isoformat(), "working": working, "name_zh": name.zh, "name_en": name.en}
    others = [one for one in body.get("area_overrides", ()) if (one["area"], one["date"]) != (area, row["date"])]
    return bring_in(
        "calendars", {**body, "area_overrides": [*others, {**row, "enabled": True}]}, actor, deps, note=note
    )


@dataclass(frozen=True)
class HolidaysLoaded:
    """What the holidays of a year change: day, its name, whether it is worked; empty where nothing differs."""

    changed: tuple[tuple[date, Words, bool], ...]
    version: int | None


def load_holidays(
    year: int, off: str, make_up: str, source: str, actor: Actor, deps: Deps, *, only_check: bool
) -> HolidaysLoaded:
    """Make the official holidays of a year part of the calendars; both lists as lines (see ``holiday_lines``).

    :raises InvalidInput: lines that cannot be read, with their numbers; nothing is stored.
    """
    may(actor, "calendar.edit")
    days, problems = read_lines(off, year, "off")
    extra, more = read_lines(make_up, year, "make_up")
    problems += more
    if not days and not problems:
        problems.append(FieldProblem(path="off", code="required", zh="须填写放假日期", en="the days off are wanted"))
    if not source.strip():
        problems.append(FieldProblem(path="source", code="required", zh="须填写来源", en="say where it is published"))
    twice = sorted({row["date"] for row in days} & {row["date"] for row in extra})
    if twice:
        zh, en = f"{twice[0]} 同时在放假中", f"{twice[0]} is a day off as well"
        problems.append(FieldProblem(path="make_up", code="both", zh=zh, en=en))
    if problems:
        raise InvalidInput(problems[0].en, problems[0].zh, details=problems)
    with read(deps.read_sessions) as session:
        before = orjson.loads(text_of(session, "calendars", newest(session, "calendars")))
    after = with_year(before, year, days, extra, source.strip()[:200])
    changed = _changed_days(Calendars.from_data(before).holidays, Calendars.from_data(after).holidays, year)
    made = bring_in("calendars", after, actor, deps, note=f"{year}: {source.strip()}"[:500], only_check=only_check)
    return HolidaysLoaded(changed, made.version)


def _changed_days(before: Holidays, after: Holidays, year: int) -> tuple[tuple[date, Words, bool], ...]:
    """The days of a year that are off or worked after, and were not so before; and those that are plain again."""
    found = []
    days = {*before.off, *before.make_up, *after.off, *after.make_up}
    for day in sorted(day for day in days if day.year == year):
        was, now = (before.off.get(day), before.make_up.get(day)), (after.off.get(day), after.make_up.get(day))
        if was != now:
            name = now[0] or now[1] or Words("不再特殊", "plain again")
            found.append((day, name, now[0] is None and (now[1] is not None or day.weekday() < SATURDAY)))
    return tuple(found)


@retried
def apply_to_order(order_id: str, reason: str, actor: Actor, deps: Deps) -> ProductOrder:
    """Count the clocks of one open order by the rules that hold now, because somebody asks for it.

    :raises NotFound: no such order in the actor's area. :raises Conflict: it has ended.
    """
    with transaction(deps.sessions) as tx:
        session = tx.session
        found = session.execute(
            scoped(select(ProductOrder.id, ProductOrder.area), ProductOrder, actor).where(
                (ProductOrder.id == order_id) | (ProductOrder.number == order_id)
            )
        ).one_or_none()
        if found is None:
            raise NotFound()
        may(actor, "sla.rules", area_path=area_path(session, found.area))
        order = locked(session, found.id)
        if order.is_final:
            raise Conflict("the order has ended", "订单已经结束")
        now = deps.clock(session)
        rules = RulesByVersion(session, now).now()
        counted: list[SlaClock] = []
        for clock in clocks_of(session, order, None):
            if clock.state != STOPPED and clock.kind != "internal":
                promised_anew(clock, rules)
                count_again(clock, order, rules, now)
                counted.append(clock)
        carry_due(order, counted)
        words = Words(f"按现行规则重新计算时限：{reason}", f"counted by the rules of today: {reason}")
        order.record("clock", words, actor.login, now, detail={"sla_version": rules.sla_version})
        return order


def known_book(code: str) -> None:
    """:raises NotFound: there is no such book."""
    if code not in BOOKS:
        raise NotFound(f"there is no book of rules {code}", f"没有规则 {code}")
