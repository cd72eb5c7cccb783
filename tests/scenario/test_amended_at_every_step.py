"""Orders amended at each of their steps: only what the difference touches is done again, each effect once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from tests.scenario.amending import Amended, Amending, Change
from tests.scenario.cancelling import watched
from tests.scenario.cells import Cell
from tests.services.whole import SECRET, Whole, stock, whole


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    neighbours = Twin(
        load_registry(),
        now=lambda: datetime.now(UTC),
        seed_data=stock(),
        secret=SECRET.encode(),
        callback_delay_s=0.0,
        is_ample=True,  # so many orders at one address
    )
    url, folder = make_database("sqlite", migrated=True), tmp_path_factory.mktemp("amended")
    with whole(url, folder, neighbours=neighbours) as one:
        yield one


PERSON: dict[str, Any] = {"order_type": "install", "customer": "C100001", "account": "AC1000011"}
FIBRE = Cell(name="fibre", product="ftth_broadband", offering="fb-300", places=(("installation", "A0013"),), **PERSON)
BUNDLE = Cell(
    name="bundle",
    product="home_bundle",
    offering="hb-500",
    traits={"with_voice": False, "with_iptv": True},
    places=(("installation", "A0013"),),
    **PERSON,
)
LINE = Cell(
    name="line",
    order_type="install",
    customer="C200003",
    account="AC2000031",
    product="leased_line_local",
    offering="ll-local-10m",
    places=(("a_end", "A0010"), ("z_end", "A0014")),
)
IN_PLACE = frozenset({"resource.change_reservation", "resource.change_assignment", "billing.change_charging"})
#: The fee for setting up belongs to the offering: another offering, another line on the bill.
FEE = frozenset({"billing.charge_one_off", "billing.refund_one_off"})
#: Another address keeps the account and the number; only what is tied to the port is another one.
PORT = frozenset({"provisioning.set_access_profile", "provisioning.clear_olt_port", "provisioning.configure_olt_port"})
TELEVISION = frozenset(
    {
        "provisioning.push_ont_config",
        "provisioning.create_iptv_account",
        "provisioning.delete_iptv_account",
        "provisioning.bind_stb",
        "provisioning.unbind_stb",
    }
)
END = frozenset({"resource.reserve", "resource.release_reservation", "resource.assign", "resource.unassign"})
SPEED = Change(
    name="speed",
    item={"item_no": "1", "offering": "fb-1000"},
    cell=replace(FIBRE, offering="fb-1000"),
    more=IN_PLACE | FEE | {"provisioning.set_access_profile"},
)
ADDRESS = Change(
    name="address",
    item={"item_no": "1", "places": [{"address_code": "A0014"}]},
    cell=replace(FIBRE, places=(("installation", "A0014"),)),
    more=IN_PLACE | PORT,
    late="install_at_customer",
)
VOICE = Change(
    name="with a telephone",
    item={"item_no": "1", "characteristics": {"with_voice": True}},
    cell=replace(BUNDLE, traits={"with_voice": True, "with_iptv": True}),
    # Monitoring knows the number too.
    more=IN_PLACE | {"provisioning.push_ont_config", "fault.register_service", "fault.unregister_service"},
)
NO_TV = Change(
    name="without television",
    item={"item_no": "1", "characteristics": {"with_iptv": False}},
    cell=replace(BUNDLE, traits={"with_voice": False, "with_iptv": False}),
    more=IN_PLACE | TELEVISION,
    late="install_at_customer",  # somebody has set out with a set-top box
)
BANDWIDTH = Change(
    name="bandwidth",
    item={"item_no": "1", "offering": "ll-local-100m"},
    cell=replace(LINE, offering="ll-local-100m"),
    more=IN_PLACE | FEE | {"provisioning.change_circuit"},
)
ONE_END = Change(
    name="one end",
    item={
        "item_no": "1",
        "places": [{"role": "a_end", "address_code": "A0010"}, {"role": "z_end", "address_code": "A0006"}],
    },
    cell=replace(LINE, places=(("a_end", "A0010"), ("z_end", "A0006"))),
    more=IN_PLACE | END | {"provisioning.change_circuit"},
    late="install_end",
)
CASES = [(FIBRE, SPEED), (FIBRE, ADDRESS), (BUNDLE, VOICE), (BUNDLE, NO_TV), (LINE, BANDWIDTH), (LINE, ONE_END)]
#: The steps at which each change is made where not all of them are tried.
SHORT = {"speed": (2, 9), "address": (5,), "with a telephone": (7,), "bandwidth": (8,)}
#: Of these only in full runs: each walks several orders from beginning to end.
LONG = frozenset({"address", "with a telephone"})
MOST_STEPS = 60


def judged(one: Amended, amended: Amended, plain: Amended, change: Change, running: Whole) -> None:
    """One order: as it would have been if it had been placed like that; or, refused, as it was placed."""
    registry = running.deps.engine.parts.registry
    assert one.view["state"] == "completed", (one.step, one.view["state"])
    assert [str(found) for found in running.violations()] == []
    wanted = plain if one.refused or one.needs_approval else amended
    assert one.left == wanted.left, (one.step, one.left - wanted.left, wanted.left - one.left)
    more = one.calls - wanted.calls
    assert not wanted.calls - one.calls, (one.step, wanted.calls - one.calls)
    if wanted is plain:
        assert not more, (one.step, more)
        return
    assert set(more) <= change.more, (one.step, more)
    # Whatever was done again was undone exactly as often, and before.
    undone = Counter({code: more[registry.get(code).undo or ""] for code in more if registry.get(code).undo != code})
    again = Counter({code: times for code, times in more.items() if code in wanted.calls})
    assert all(undone[code] == times for code, times in again.items() if code not in change_in_place(change)), more


def change_in_place(change: Change) -> frozenset[str]:
    """Operations that change what they did before by being called again."""
    return frozenset({"provisioning.push_ont_config"}) & change.more


@pytest.mark.parametrize(
    ("cell", "change"),
    [
        pytest.param(*case, id=case[1].name, marks=[pytest.mark.torture] if case[1].name in LONG else [])
        for case in CASES
        if case[1].name in SHORT
    ],
)
def test_an_amended_order_is_as_one_that_was_placed_like_that(running: Whole, cell: Cell, change: Change) -> None:
    with watched(running) as watch:
        tried = Amending(running, cell, change, watch)
        amended, plain = tried.plain(), tried.carried_out(cell, None)
        for number in SHORT[change.name]:
            one = tried.amended_at(number)
            assert not one.refused
            judged(one, amended, plain, change, running)


@pytest.mark.torture
@pytest.mark.parametrize(("cell", "change"), [pytest.param(*case, id=case[1].name) for case in CASES])
def test_an_order_can_be_amended_at_every_step(running: Whole, cell: Cell, change: Change) -> None:
    late: list[str] = []
    with watched(running) as watch:
        tried = Amending(running, cell, change, watch)
        amended, plain = tried.plain(), tried.carried_out(cell, None)
        for number in range(MOST_STEPS):
            one = tried.amended_at(number)
            if not one.step:
                break
            judged(one, amended, plain, change, running)
            if one.refused or one.needs_approval:
                late.append(one.step)
            else:
                assert not late, f"{one.step} could be amended, but {late[0]} before it could not"
    assert late[0] == (change.late or "billing.start_charging"), late
