"""Promises: which policy, until when, how much is used."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendar import ZONE
from app.domain.sla import Case, Promise, conditions_of, promises, repair_promises
from app.domain.sla_clock import Pause, Running, next_level, passed_levels
from tests.domain.demo_data import book, by_code, calendars, data

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
    given_promises = promises(book(), calendars(), case_of(order, item), accepted_at=accepted)
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
    promise, regulator = promises(book(), calendars(), case, accepted_at=local(accepted))
    assert promise.due_at == local(due)
    assert (regulator.kind, regulator.due_at.hour) == ("regulator", 18)


def test_a_promise_into_an_unpublished_year_says_so() -> None:
    case = Case(product="leased_line_national", order_type="install")
    promise = promises(book(), calendars(), case, accepted_at=local("2026-12-30T10:00"))[0]
    assert promise.provisional
    assert promise.due_at == local("2027-01-21T18:00")
    assert any("not published" in reason.en for reason in promise.reasons)


def test_every_case_has_exactly_one_best_policy() -> None:
    rules = book()
    products = data("catalog")["product_specs"]
    tiers, classes = [row["code"] for row in data("sla")["tiers"]], ["urban", "rural"]
    for row, tier, area_class in product(products, tiers, classes):
        if row.get("internal"):
            continue
        for order_type, when in product(row["order_types"], {None} | {policy.when for policy in rules.policies}):
            conditions = frozenset() if when is None else frozenset({when})
            case = Case(
                product=row["code"], order_type=order_type, tier=tier, area_class=area_class, conditions=conditions
            )
            fitting = [policy for policy in rules.policies if policy.fits(case)]
            best = [one for one in fitting if one.priority == max(policy.priority for policy in fitting)]
            assert len(best) == 1, (case, best)


def test_a_product_without_a_policy_is_an_error() -> None:
    with pytest.raises(LookupError, match="no SLA policy"):
        book().choose(Case(product="leased_line_segment", order_type="install"))


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
    promise = repair_promises(book(), calendars(), ticket_type, case, opened_at=opened)[0]
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
    return promises(book(), calendars(), case, accepted_at=local("2026-11-24T10:00"))[0]


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
    assert [level.percent for level in passed_levels(ladder, 90.0)] == [50, 75, 90]
    assert passed_levels(ladder, 49.9) == []
    upcoming = next_level(ladder, 100.0)
    assert upcoming is not None and upcoming.percent == 150
    assert next_level(ladder, 200.0) is None


spells = st.lists(st.tuples(st.integers(0, 20 * 24 * 60), st.integers(0, 3 * 24 * 60)), max_size=4)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=ZONE)
starts = st.integers(0, 330 * 86_400).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))


@given(starts, spells, st.sampled_from(["leased_line_local", "ftth_broadband", "mobile_line"]))
@settings(max_examples=100, deadline=None)
def test_a_promise_is_used_up_exactly_when_it_is_due(
    accepted: datetime, pauses: list[tuple[int, int]], product_code: str
) -> None:
    promise = promises(book(), calendars(), Case(product=product_code, order_type="install"), accepted_at=accepted)[0]
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
    promise = promises(book(), calendars(), Case(product="sd_wan", order_type="install"), accepted_at=accepted)[0]
    running = Running(
        started_at=promise.started_at,
        promised=promise.working,
        calendar=calendars().calendar(promise.calendar),
        pauses=(Pause(from_at=accepted + timedelta(hours=30), to_at=accepted + timedelta(hours=60)),),
    )
    now = accepted + timedelta(minutes=minutes)
    assert running.used(now + timedelta(minutes=later)) >= running.used(now)
