"""Every example order, through the door and all the way, on the system a newcomer starts."""

from __future__ import annotations

import json

import pytest

from tests.scenario.rig import Rig
from tests.servers import ROOT

pytestmark = pytest.mark.slow
EXAMPLES = sorted((ROOT / "examples" / "orders").glob("*.json"))


def test_there_are_at_least_five_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_order_completes_within_a_minute(running: Rig, example) -> None:  # type: ignore[no-untyped-def]
    printed = running.command("order", "submit", str(example), "--follow", "--play", "--json", "--timeout", "60")

    order = json.loads(printed)
    assert order["state"] == "completed"
    assert {item["state"] for item in order["items"]} == {"completed"}
    assert {row["state"] for row in order["work_orders"]} <= {"completed"}


def test_afterwards_the_books_agree_and_the_invariants_hold(running: Rig) -> None:
    assert json.loads(running.command("invariants", "--json")) == []
    compared = json.loads(running.command("reconcile", "--json"))
    assert compared["differences"] == []
    assert compared["unanswered"] == {}
    assert compared["compared"] > 0


def test_the_same_file_twice_is_one_order(running: Rig) -> None:
    first = json.loads(running.command("order", "submit", str(EXAMPLES[0]), "--json"))
    again = json.loads(running.command("order", "submit", str(EXAMPLES[0]), "--json"))
    assert first["number"] == again["number"]


def test_show_says_what_became_of_it(running: Rig) -> None:
    number = json.loads(running.command("order", "submit", str(EXAMPLES[0]), "--json"))["number"]
    assert number in running.command("order", "show", number)
    assert json.loads(running.command("order", "show", number, "--json"))["number"] == number


def test_doctor_finds_nothing_that_needs_a_person(running: Rig) -> None:
    facts = json.loads(running.command("doctor", "--json"))
    assert {fact["part"] for fact in facts} >= {"database", "workers", "jobs", "neighbours"}
    assert [fact for fact in facts if fact["state"] == "bad"] == []
