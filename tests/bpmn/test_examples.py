"""The examples are valid orders, and each runs to its end against the simulated neighbours."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from app.api.schemas.product_order_in import ProductOrderIn
from app.domain.commands import PlaceOrder
from processes.trial import try_files
from tests.bpmn.drawings import ROOT
from tests.bpmn.simulated import SimulatedWalk, example, start_of

EXAMPLES: Final = sorted(path.stem for path in (ROOT / "examples" / "orders").glob("*.json"))


def test_there_are_the_promised_kinds_of_orders() -> None:
    assert {
        "home-bundle",
        "broadband-voice-move-in",
        "leased-line-shanghai-nanjing",
        "shop-chain-20-sites",
        "disconnect-home-bundle",
    } <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_door_reads_the_example(name: str) -> None:
    command = ProductOrderIn().load(example(name))
    assert isinstance(command, PlaceOrder)
    assert command.customer_no and command.account_no and command.external_id
    assert len(command.items) == (20 if name.startswith("shop-chain") else len(command.items))


def test_external_ids_are_unique() -> None:
    ids = [example(name)["externalId"] for name in EXAMPLES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_to_its_end_with_the_books_in_agreement(name: str) -> None:
    walk = SimulatedWalk()
    walk.run("order_to_activate", start_of(name))
    items = len(example(name)["productOrderItem"])
    assert walk.did("complete_item") == items
    assert walk.did("close_order") == 1
    assert walk.did("resolve_network") + walk.did("resolve_billing") == 0


def test_a_port_lost_by_the_inventory_holds_the_order_until_it_is_back() -> None:
    walk = SimulatedWalk()
    lost: dict[str, Any] = {}

    def lose() -> None:
        port = walk.inputs["field_installation/visit_customer"][0]["splitter_port"]
        lost.update(key=f"splitter_port:{port}")
        walk.twin.plant("units", lost["key"], {"merge": {"product_id": "P-OTHER"}})

    walk.meanwhile["query_resources"].append(lose)
    walk.meanwhile["resolve_network"].append(
        lambda: walk.twin.plant("units", lost["key"], {"merge": {"product_id": "P90000001"}})
    )
    walk.run("order_to_activate", start_of("home-bundle"))
    assert walk.did("resolve_network") == 1
    assert [one["field"] for one in walk.inputs["reconcile_item/resolve_network"][0]["differences"]] == [
        "splitter_port",
        "olt_port",
    ]
    assert walk.did("compare") == 2


def test_the_order_process_can_be_tried_with_the_answers_of_the_example() -> None:
    folder = ROOT / "examples" / "trials" / "home-bundle"
    data, answers = (json.loads((folder / name).read_text("utf-8")) for name in ("data.json", "answers.json"))
    files = {path.name: path.read_bytes() for path in (ROOT / "bpmn").iterdir() if path.suffix in {".bpmn", ".dmn"}}
    trial = try_files(files, process="order_to_activate", data=data, answers=answers)
    assert (trial["state"], trial["incidents"]) == ("completed", [])
    done = {row["element"].rpartition("/")[2] for row in trial["path"] if row["event"] == "completed"}
    assert {"visit_customer", "run_test", "start_charging", "close_order"} <= done
