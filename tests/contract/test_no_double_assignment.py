"""Random orders come and go: a unit is never held twice, and what goes leaves nothing behind."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from adapters.errors import AdapterError
from adapters.operations_file import load_registry
from adapters.ports import OperationCall
from adapters.simulators.twin import Twin

ADDRESSES = ["A1", "A2"]
STOCK: dict[str, Any] = {
    "olts": [{"code": "OLT-1", "exchange": "EX-1", "area": "SH-SH", "svlan_from": 1000}],
    "vlan_pools": [{"olt": "OLT-1", "cvlan_from": 101, "cvlan_to": 104}],
    "splitters": [
        {"code": f"SPL-{n}", "pon_port": f"OLT-1/0/{n}", "area": "SH-SH", "ports": 2, "faulty": [2] if n == 2 else []}
        for n in (1, 2)
    ],
    "onts": [{"serial": f"ONT{n}", "model": "m", "state": "in_stock", "area": "SH-SH"} for n in range(3)],
    "fixed_numbers": [{"number": f"021-{n}", "area": "SH-SH", "grade": "normal", "state": "free"} for n in range(3)],
    "addresses": [
        {"code": f"A{n}", "area": "SH-SH", "exchange": "EX-1", "splitter": f"SPL-{n}", "feasibility": "available"}
        for n in (1, 2)
    ],
}
# Shrinking a failure of this machine takes minutes; the steps found are short enough.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
HELD = {"reserved", "occupied", "installed", "pre_released"}


class Inventory(RuleBasedStateMachine):
    """Steps of many orders in any order, also steps that make no sense."""

    reservations = Bundle("reservations")
    assignments = Bundle("assignments")
    occupied = Bundle("occupied")
    releases = Bundle("releases")

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.twin = Twin(load_registry(), now=lambda: self.now, seed_data=STOCK)
        self.first = self.units()
        self.calls = 0

    def units(self) -> dict[str, dict[str, Any]]:
        return {str(row["key"]): dict(row) for row in self.twin.ports["resource"].books("units", timeout_s=1)}

    def do(self, operation: str, **inputs: Any) -> dict[str, Any]:
        self.calls += 1
        call = OperationCall(
            name=operation, operation_id=f"op-{self.calls}", inputs=inputs, business_key="", area="SH-SH"
        )
        try:
            return dict(self.twin.ports["resource"].perform(call, timeout_s=1).outputs)
        except AdapterError:
            return {}

    @rule(
        target=reservations,
        address=st.sampled_from(ADDRESSES),
        kinds=st.sets(st.sampled_from(["splitter_port", "ont", "fixed_number"]), min_size=1),
        minutes=st.integers(1, 90),
        product=st.integers(1, 4),
    )
    def reserve(self, address: str, kinds: set[str], minutes: int, product: int) -> str:
        expires_at = (self.now + timedelta(minutes=minutes)).isoformat()
        answer = self.do(
            "resource.reserve",
            order_item="1",
            address_code=address,
            resource_kinds=sorted(kinds),
            quantity=1,
            expires_at=expires_at,
            product_id=f"P{product}",
        )
        return str(answer.get("reservation_id", ""))

    @rule(target=assignments, reservation=reservations)
    def assign(self, reservation: str) -> str:
        answer = self.do("resource.assign", reservation_id=reservation or "RSV0", characteristics={})
        return str(answer.get("assignment_id", ""))

    @rule(target=occupied, assignment=assignments, product=st.integers(1, 4), ont=st.integers(0, 4))
    def occupy(self, assignment: str, product: int, ont: int) -> tuple[str, str]:
        product_id = f"P{product}"
        self.do("resource.occupy", assignment_id=assignment, product_id=product_id, device_serial=f"ONT{ont}")
        return assignment, product_id

    @rule(pair=occupied)
    def vacate(self, pair: tuple[str, str]) -> None:
        self.do("resource.vacate", assignment_id=pair[0], product_id=pair[1])

    @rule(assignment=assignments)
    def unassign(self, assignment: str) -> None:
        self.do("resource.unassign", assignment_id=assignment)

    @rule(reservation=reservations)
    def release_reservation(self, reservation: str) -> None:
        self.do("resource.release_reservation", reservation_id=reservation)

    @rule(target=releases, product=st.integers(1, 4))
    def pre_release(self, product: int) -> str:
        return str(self.do("resource.pre_release", product_id=f"P{product}").get("release_id", ""))

    @rule(release=consumes(releases))
    def release(self, release: str) -> None:
        self.do("resource.release", release_id=release or "RLS0")

    @rule(release=releases)
    def cancel_pre_release(self, release: str) -> None:
        self.do("resource.cancel_pre_release", release_id=release)

    @rule(minutes=st.integers(1, 100))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def nothing_is_held_twice(self) -> None:
        port, units = self.twin.ports["resource"], self.units()
        held: Counter[str] = Counter()
        for row in port.books("reservations", timeout_s=1):
            if row["state"] == "reserved":
                held.update(row["units"])
        for row in port.books("assignments", timeout_s=1):
            ours = [unit for unit in row["units"] if units.get(unit, {}).get("ref") == row["reservation_id"]]
            held.update(unit for unit in ours if units[unit]["state"] in HELD)
        assert not [unit for unit, count in held.items() if count > 1]

    @invariant()
    def the_stock_is_complete(self) -> None:
        units = self.units()
        assert set(self.first) <= set(units)
        made = set(units) - set(self.first)
        assert all(units[key]["state"] in HELD for key in made)
        assert all(units[key]["state"] == "faulty" for key, row in self.first.items() if row["state"] == "faulty")
        assert all(row.get("ref") or row.get("product_id") for row in units.values() if row["state"] in HELD)

    def teardown(self) -> None:
        """Everything is given back: the stock is as it was, but for resting numbers and returned devices."""
        self.now += timedelta(days=1)
        port = self.twin.ports["resource"]
        for row in port.books("assignments", timeout_s=1):
            self.do("resource.vacate", assignment_id=row["key"], product_id="P1")
            self.do("resource.unassign", assignment_id=row["key"])
        for row in port.books("reservations", timeout_s=1):
            self.do("resource.release_reservation", reservation_id=row["key"])
        for row in port.books("releases", timeout_s=1):
            self.do("resource.release", release_id=row["key"])
        at_rest = {"free", "in_stock", "faulty", "quarantined", "returned"}
        left = {key: row["state"] for key, row in self.units().items() if row["state"] not in at_rest}
        assert left == {}, left


TestInventory = Inventory.TestCase
TestInventory.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, phases=PHASES)
