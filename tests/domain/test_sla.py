"""Promises: which policy, until when, how much is used."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.promises.calendar import ZONE
from app.domain.promises.sla import Case, Promise, conditions_of, promises, repair_promises
from app.domain.promises.sla_clock import Pause, Running, is_early, ladder_of
from tests.domain.demo_data import BPMN, book, by_code, calendars, chosen, data

ITEMS = [(order, item) for order in data("orders")["orders"] for item in order["items"]]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def case_of(order: dict[str, Any], item: dict[str, Any]) -> Case:
    """What the promise of a sample order depends on, found the way the product finds it."""
    installed = by_code("installed_products", "installed_products").get(item.get("installed_product", ""), {})
    addresses = by_code("addresses", "addresses")
    address = item.get("address") or installed.get("address")
    said = item.get("characteristics", {})
    return Case(
        product=item["product"],
        order_type=item["order_type"],
        tier=by_code("customers", "customers")[order["customer"]]["tier"],
        area_class=addresses[address]["area_class"] if address else "urban",
        grade=said.get("service_grade", "normal"),
        conditions=conditions_of(
            item["order_type"],
            said,
            present=installed.get("characteristics"),
            areas={addresses[place["address"]]["area"] for place in item.get("places", [])},
        ),
    )


@pytest.mark.parametrize(("order", "item"), ITEMS, ids=[f"{o['external_id']}-{i['id']}" for o, i in ITEMS])
def test_the_sample_orders_get_exactly_their_promises(order: dict[str, Any], item: dict[str, Any]) -> None:
    accepted = datetime.fromisoformat(order["ordered_at"])
    policy = chosen(case_of(order, item), accepted.date())
    given_promises = promises(book(), calendars(), policy, accepted_at=accepted)
    promise = given_promises[0]
    assert promise.policy == item["sla_policy"]
    if order.get("requested_start"):
        assert item.get("promised_at") is None  # set when the date has come
    else:
        assert promise.due_at.isoformat() == item["promised_at"]
    assert promise.reasons


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-11-23T15:59:59", "2026-11-23T20:00:00"),
        ("2026-11-23T16:00:00", "2026-11-24T16:00:00"),
        ("2026-11-23T00:00:00", "2026-11-23T20:00:00"),
        ("2026-02-14T10:00:00", "2026-02-14T20:00:00"),
    ],
)
def test_the_sixteen_hours_rule(accepted: str, due: str) -> None:
    case = Case(product="ftth_broadband", order_type="install")
    policy = chosen(case, local(accepted).date())
    promise, regulator = promises(book(), calendars(), policy, accepted_at=local(accepted))
    assert promise.due_at == local(due)
    assert (regulator.kind, regulator.due_at.hour) == ("regulator", 18)


def test_a_promise_into_an_unpublished_year_says_so() -> None:
    case = Case(product="leased_line_national", order_type="install")
    accepted = local("2026-12-30T10:00")
    promise = promises(book(), calendars(), chosen(case, accepted.date()), accepted_at=accepted)[0]
    assert promise.provisional
    assert promise.due_at == local("2027-01-21T18:00")
    assert any("not published" in reason.en for reason in promise.reasons)


def test_every_policy_that_the_tables_give_is_written_down() -> None:
    given = {
        rule for rule in (BPMN / "sla_policy.dmn").read_text(encoding="utf-8").split('"') if rule in book().policies
    }
    assert given == set(book().policies)
    repairs = (BPMN / "repair_policy.dmn").read_text(encoding="utf-8").split('"')
    assert {rule for rule in repairs if rule in book().ticket_policies} == set(book().ticket_policies)


def test_a_product_without_a_row_of_its_own_is_promised_something() -> None:
    case = Case(product="something_new", order_type="install")
    assert book().policy(chosen(case, date(2026, 11, 23))).promise.value == 10


def test_a_policy_that_nobody_wrote_down_is_an_error() -> None:
    with pytest.raises(LookupError, match="no SLA policy"):
        promises(book(), calendars(), "of-nobody", accepted_at=local("2026-11-23T10:00"))


@pytest.mark.parametrize(
    ("ticket_type", "case", "policy", "hours"),
    [
        ("fault", Case(product="ftth_broadband", order_type="repair"), "t-home-urban", 24),
        ("fault", Case(product="iptv", order_type="repair", area_class="rural"), "t-home-rural", 72),
        ("fault", Case(product="iptv", order_type="repair", area_class="rural", tier="gold"), "t-home-gold", 12),
        ("fault", Case(product="leased_line_local", order_type="repair", grade="AAA"), "t-ent-AAA", 4),
        ("complaint", Case(product="iptv", order_type="repair"), "t-complaint", 24),
        ("complaint", Case(product="iptv", order_type="repair", tier="platinum"), "t-complaint-gold", 4),
    ],
)
def test_repairs(ticket_type: str, case: Case, policy: str, hours: int) -> None:
    opened = local("2026-11-23T10:00")
    code = chosen(case, opened.date(), ticket_type=ticket_type)
    promise = repair_promises(book(), calendars(), code, opened_at=opened)[0]
    assert (promise.policy, promise.due_at - opened) == (policy, timedelta(hours=hours))


def test_conditions_come_from_what_is_known() -> None:
    assert conditions_of("install", {"port_in": True}) == {"port_in"}
    assert conditions_of("install", {"quantity": 50}) == frozenset()
    assert conditions_of("install", {"quantity": 51}, verdict="build_needed") == {"quantity_over_50", "build_needed"}
    assert conditions_of("install", {}, areas=["SH-SH", "SC-CD"]) == {"cross_area"}
    before = {"interface_a": "ge_optical", "ont_model": "ont_ge"}
    assert conditions_of("change", {"interface_a": "10ge_optical", "ont_model": "ont_ge"}, present=before) == {
        "interface_change"
    }


def clock(promise: Promise, *pauses: tuple[str, str | None]) -> Running:
    return Running(
        started_at=promise.started_at,
        promised=promise.working,
        calendar=calendars().calendar(promise.calendar),
        pauses=tuple(Pause(from_at=local(begin), to_at=local(end) if end else None) for begin, end in pauses),
    )


def line_promise() -> Promise:
    case = Case(product="leased_line_local", order_type="install", tier="gold", grade="AA")
    policy = chosen(case, date(2026, 11, 24))
    return promises(book(), calendars(), policy, accepted_at=local("2026-11-24T10:00"))[0]


def test_the_sample_line_waits_three_working_days_for_the_customer() -> None:
    running = clock(line_promise(), ("2026-11-25T09:00", "2026-11-30T09:00"))
    assert line_promise().due_at == local("2026-11-30T18:00")
    assert running.due_at(local("2026-11-30T10:00")) == local("2026-12-03T18:00")


def test_a_clock_that_stands_does_not_use_up_time() -> None:
    running = clock(line_promise(), ("2026-11-25T09:00", None))
    at_pause = running.used(local("2026-11-25T09:00"))
    assert running.used(local("2026-11-30T17:00")) == at_pause
    assert running.remaining(local("2026-11-30T17:00")) == line_promise().working - at_pause


def test_pauses_that_overlap_count_once() -> None:
    once = clock(line_promise(), ("2026-11-25T09:00", "2026-11-26T09:00"))
    twice = clock(line_promise(), ("2026-11-25T09:00", "2026-11-26T09:00"), ("2026-11-25T10:00", "2026-11-25T16:00"))
    now = local("2026-11-27T12:00")
    assert twice.paused(now) == once.paused(now)


def test_levels_of_the_ladder() -> None:
    ladder = book().ladders["standard"]
    assert [level.percent for level in ladder] == [50, 75, 90, 100, 150]
    assert [level.percent for level in ladder_of(ladder, early=True)] == [50, 75, 90, 100, 100]
    assert is_early(ladder, "platinum", None) and is_early(ladder, None, "group")
    assert not is_early(ladder, "gold", "business")


def test_a_share_is_used_at_one_instant_however_late_one_looks() -> None:
    running = clock(line_promise(), ("2026-11-25T09:00", "2026-11-30T09:00"))
    half = running.passed_at(50, local("2026-12-10T10:00"))
    assert half == local("2026-12-01T14:45")  # 38.5 h of work in all, 7 h of them before the stop
    assert running.passed_at(50, half - timedelta(seconds=1)) is None
    assert running.passed_at(15, local("2026-12-10T10:00")) == local("2026-11-24T17:16:30")
    standing = clock(line_promise(), ("2026-11-25T09:00", None))
    assert standing.passed_at(50, local("2026-12-10T10:00")) is None


spells = st.lists(st.tuples(st.integers(0, 20 * 24 * 60), st.integers(0, 3 * 24 * 60)), max_size=4)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=ZONE)
starts = st.integers(0, 330 * 86_400).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))


@given(starts, spells, st.sampled_from(["leased_line_local", "ftth_broadband", "mobile_line"]))
@settings(max_examples=100, deadline=None)
def test_a_promise_is_used_up_exactly_when_it_is_due(
    accepted: datetime, pauses: list[tuple[int, int]], product_code: str
) -> None:
    policy = chosen(Case(product=product_code, order_type="install"), accepted.date())
    promise = promises(book(), calendars(), policy, accepted_at=accepted)[0]
    running = Running(
        started_at=promise.started_at,
        promised=promise.working,
        calendar=calendars().calendar(promise.calendar),
        pauses=tuple(
            Pause(from_at=accepted + timedelta(minutes=begin), to_at=accepted + timedelta(minutes=begin + length))
            for begin, length in pauses
        ),
    )
    long_after = accepted + timedelta(days=40)
    due = running.due_at(long_after)
    assert due >= promise.due_at - timedelta(seconds=1)  # pauses only move it later
    assert running.percent(max(due, long_after)) >= 100.0
    if not pauses:
        assert running.remaining(due) == timedelta()
        assert abs(running.due_at(accepted) - promise.due_at) < timedelta(seconds=1)


@given(starts, st.integers(0, 40 * 24 * 60), st.integers(0, 10 * 24 * 60))
@settings(max_examples=100, deadline=None)
def test_used_time_never_runs_backwards(accepted: datetime, minutes: int, later: int) -> None:
    policy = chosen(Case(product="sd_wan", order_type="install"), accepted.date())
    promise = promises(book(), calendars(), policy, accepted_at=accepted)[0]
    running = Running(
        started_at=promise.started_at,
        promised=promise.working,
        calendar=calendars().calendar(promise.calendar),
        pauses=(Pause(from_at=accepted + timedelta(hours=30), to_at=accepted + timedelta(hours=60)),),
    )
    now = accepted + timedelta(minutes=minutes)
    assert running.used(now + timedelta(minutes=later)) >= running.used(now)
