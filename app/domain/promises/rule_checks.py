"""Whether a book of rules can be worked with: every wrong field with its path and reason, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from app.domain.actors import Role
from app.domain.promises.calendar import AREA_DEFAULT, BUSINESS_CALENDAR, WEEKDAYS, Calendars
from app.domain.promises.compensation import EXCLUSIONS, KINDS
from app.domain.promises.sla_book import SlaBook
from app.domain.promises.step_target import LEVEL_UNITS, STEP_LADDER, TEAMS_OWN
from app.errors import FieldProblem

UNITS: Final = ("hour", "working_day")
CLOCKS: Final = ("promise", "regulator", "appointment", "measured")
TOLD: Final = ("holder", "leader", "manager", "account_manager", "quality", "hq_dispatch", "hq_manager")
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "sla": (
        "tiers",
        "order_policies",
        "ticket_policies",
        "jeopardy_ladders",
        "jeopardy_forecast",
        "compensation_rules",
    ),
    "stop_reasons": ("stop_reasons",),
    "calendars": ("official_years", "calendars", "acceptance_rules"),
}
Books = Mapping[str, Mapping[str, Any]]


def problems_of(
    code: str, books: Books, *, before: Mapping[str, Any] | None, areas: Collection[str]
) -> list[FieldProblem]:
    """What is wrong with the book ``code``, beside the others of ``books``.

    :param before: the version it follows; policies and calendars that promises may have been made by must stay.
    :param areas: codes of areas that exist.
    """
    body = books[code]
    missing = [
        _problem(name, "required", "缺少该部分，或不是列表", "this part is missing, or is no list")
        for name in LISTS[code]
        if not isinstance(body.get(name), list)
    ]
    if missing:
        return missing
    checks: Mapping[str, Callable[[], Iterator[FieldProblem]]] = {
        "sla": lambda: _sla(body, books),
        "stop_reasons": lambda: _reasons(body),
        "calendars": lambda: _calendars(body, areas),
    }
    try:
        found = [*checks[code](), *_gone(code, body, before)]
        if not found:
            SlaBook.from_data(books["sla"], books["stop_reasons"], books["calendars"])
            Calendars.from_data(books["calendars"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, InvalidOperation) as error:
        return [_problem("", "unreadable", f"无法读取：{error!r}", f"cannot be read: {error!r}")]
    return found


def _sla(body: Mapping[str, Any], books: Books) -> Iterator[FieldProblem]:
    calendars = {row["code"] for row in books["calendars"]["calendars"]} | {AREA_DEFAULT}
    ladders = {row["code"] for row in body["jeopardy_ladders"]}
    cutoffs = {row["code"] for row in books["calendars"]["acceptance_rules"]}
    rules = {row["code"] for row in body["compensation_rules"]}
    for path, row in _rows(body, "order_policies"):
        yield from _target(f"{path}.promise", row.get("promise"))
        if row.get("regulator") is not None:
            yield from _target(f"{path}.regulator", row["regulator"])
        yield from _known(f"{path}.calendar", row.get("calendar"), calendars)
        yield from _known(f"{path}.jeopardy_ladder", row.get("jeopardy_ladder"), ladders)
        if row.get("acceptance_rule") is not None:
            yield from _known(f"{path}.acceptance_rule", row["acceptance_rule"], cutoffs)
        for rule in row.get("compensation", ()):
            yield from _known(f"{path}.compensation", rule, rules)
    for path, row in _rows(body, "ticket_policies"):
        yield from _whole(f"{path}.repair_hours", row.get("repair_hours"))
        yield from _whole(f"{path}.respond_min", row.get("respond_min"))
        yield from _known(f"{path}.calendar", row.get("calendar"), calendars)
    for path, row in _rows(body, "jeopardy_ladders"):
        percents = [step["at_percent"] for step in row["steps"]]
        if percents != sorted(set(percents)):
            yield _problem(f"{path}.steps", "order", "百分比须逐级递增", "the shares have to rise from level to level")
        for step in row["steps"]:
            yield from _whole(f"{path}.{step['level']}.at_percent", step["at_percent"])
            for told in step["tell"]:
                yield from _known(f"{path}.{step['level']}.tell", told, TOLD)
    if body.get("sub_orders") is not None:
        yield from _sub_orders(body["sub_orders"], body["jeopardy_ladders"])
    for path, row in _rows(body, "step_levels"):
        yield from _target(f"{path}.target", row.get("target"), LEVEL_UNITS)
        yield from _known(f"{path}.calendar", row.get("calendar") or TEAMS_OWN, calendars | {TEAMS_OWN})
        yield from _known(f"{path}.jeopardy_ladder", row.get("jeopardy_ladder") or STEP_LADDER, ladders)
    for path, row in _rows(body, "compensation_rules"):
        yield from _known(f"{path}.kind", row.get("kind"), KINDS)
        yield from _known(f"{path}.clock", row.get("clock"), CLOCKS)
        yield from _whole(f"{path}.payout_days", row.get("payout_days"))
        for part in ("amount", "cap"):
            yield from _money(f"{path}.{part}", row.get(part, {}))
        for exclusion in row.get("excludes", ()):
            yield from _known(f"{path}.excludes", exclusion, EXCLUSIONS)
    yield from _money("compensation_approval", body["compensation_approval"])


def _sub_orders(row: Mapping[str, Any], ladders: Sequence[Mapping[str, Any]]) -> Iterator[FieldProblem]:
    levels = {ladder["code"]: {str(step["level"]) for step in ladder["steps"]} for ladder in ladders}
    yield from _known("sub_orders.ladder", row.get("ladder"), levels)
    yield from _whole("sub_orders.percent", row.get("percent"))
    for part in ("level", "parent_level"):
        if row.get(part) is not None:
            yield from _known(f"sub_orders.{part}", str(row[part]), levels.get(str(row.get("ladder")), ()))


def _reasons(body: Mapping[str, Any]) -> Iterator[FieldProblem]:
    roles = set(Role)
    for path, row in _rows(body, "stop_reasons"):
        yield from _whole(f"{path}.max_working_days", row.get("max_working_days"))
        if not str(row.get("evidence") or "").strip():
            yield _problem(f"{path}.evidence", "required", "须说明凭证", "say what proves it")
        for role in [*row["set_by"], *([row["approved_by"]] if row.get("approved_by") else [])]:
            yield from _known(f"{path}.set_by", role, roles)
        for kind in row["applies_to"]:
            yield from _known(f"{path}.applies_to", kind, ("order", "ticket"))
        for clock in row["stops"]:
            yield from _known(f"{path}.stops", clock, ("promise", "internal"))


def _calendars(body: Mapping[str, Any], areas: Collection[str]) -> Iterator[FieldProblem]:
    codes = [row["code"] for row in body["calendars"]]
    if BUSINESS_CALENDAR not in codes:
        yield _problem("calendars", "required", f"缺少 {BUSINESS_CALENDAR}", f"{BUSINESS_CALENDAR} is missing")
    for path, row in _rows(body, "calendars"):
        for day, spans in row["weekly"].items():
            yield from _known(f"{path}.weekly", day, WEEKDAYS)
            moments = [moment for span in spans for moment in span]
            if moments != sorted(moments) or not all(_is_time(moment) for moment in moments):
                yield _problem(f"{path}.weekly.{day}", "time", "时段须为 HH:MM 且先后有序", "spans are HH:MM, in order")
        if not any(row["weekly"].values()):
            yield _problem(f"{path}.weekly", "empty", "没有任何工作时间", "there is no working time at all")
    for number, row in enumerate(body.get("area_overrides", ())):
        yield from _known(f"area_overrides.{number}.area", row.get("area"), areas)
        if not _is_date(row.get("date")):
            yield _problem(f"area_overrides.{number}.date", "date", "须为日期", "a date is wanted")
        if not isinstance(row.get("working"), bool):
            yield _problem(
                f"area_overrides.{number}.working", "yes-or-no", "须为 true 或 false", "true or false is wanted"
            )
    for number, row in enumerate(body.get("area_calendars", ())):
        yield from _known(f"area_calendars.{number}.calendar", row.get("calendar"), codes)
    for key, rows in body.items():
        if key.startswith(("holidays_", "provisional_holidays_", "makeup_working_days_")):
            for number, row in enumerate(rows):
                if not _is_date(row.get("date")):
                    yield _problem(f"{key}.{number}.date", "date", "须为日期", "a date is wanted")


def _gone(code: str, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[FieldProblem]:
    kept = {"sla": ("order_policies", "ticket_policies", "step_levels"), "calendars": ("calendars",)}.get(code, ())
    for section in kept if before is not None else ():
        now = {row["code"] for row in body.get(section, ())}
        for row in (before or {}).get(section, ()):
            if row["code"] not in now:
                text = "决策表或其他规则可能仍在使用，不能删除"
                yield _problem(
                    f"{section}.{row['code']}", "gone", text, "it may still be named by a table; it has to stay"
                )


def _rows(body: Mapping[str, Any], section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for row in body.get(section, ()):
        yield f"{section}.{row['code']}", row


def _target(path: str, target: Any, units: Collection[str] = UNITS) -> Iterator[FieldProblem]:
    if not isinstance(target, Mapping):
        yield _problem(path, "required", "缺少时限", "the time is missing")
        return
    yield from _whole(f"{path}.value", target.get("value"))
    yield from _known(f"{path}.unit", target.get("unit"), units)


def _known(path: str, value: Any, known: Collection[str]) -> Iterator[FieldProblem]:
    if value not in known:
        some = ", ".join(sorted(known)[:12])
        yield _problem(path, "unknown", f"没有 {value!r}，可选：{some}", f"there is no {value!r}; there are: {some}")


def _whole(path: str, value: Any) -> Iterator[FieldProblem]:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        yield _problem(path, "positive", "须为正整数", "a whole number above 0 is wanted")


def _money(path: str, amounts: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for name, value in amounts.items():
        values = [step["percent"] for step in value] if name == "steps" else [value]
        if any(Decimal(one) < 0 for one in values):
            yield _problem(f"{path}.{name}", "negative", "不能为负数", "it cannot be below 0")


def _is_time(text: Any) -> bool:
    if text == "24:00":
        return True
    try:
        time.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return len(text) == len("08:30")


def _is_date(text: Any) -> bool:
    try:
        date.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def _problem(path: str, code: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(path=path, code=code, zh=zh, en=en)
