"""Changing a reservation or an assignment in place: kinds that come or go, another number, another bandwidth."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.resource_assigning import made_for, wanted_kinds
from adapters.simulators.resource_reads import held_by, patches
from adapters.simulators.resource_reserving import Choice, asked_kinds, choose
from adapters.simulators.resource_stock import NUMBERS, Holder, free_held, pick_vlan, used_state
from adapters.simulators.resource_values import ASSIGN_OUTPUTS, listed, values_of
from adapters.simulators.store import Doc, need
from adapters.simulators.work import Handler, Work


def change_reservation(work: Work) -> dict[str, Any]:
    """Free what is not wanted any more, reserve what is new; everything else stays as it is.

    :raises Rejected: a kind has run out, or the reservation holds nothing any more.
    """
    key = work.text("reservation_id")
    doc = work.must_get("reservations", key, "reservation-expired")
    if doc["state"] not in ("reserved", "assigned"):
        raise Rejected("reservation-expired", f"{key} is {doc['state']}")
    units = dict(need(work.store, "units", doc["units"]))
    before, now = list(doc.get("asked", ())), asked_kinds(work)
    previous: dict[str, Any] = {"reservation_id": key, "resource_kinds": before, "characteristics": _chosen(units)}
    if doc.get("places"):
        previous["places"] = doc["places"]
    address = work.text("address_code") or doc.get("address_code")
    moves = bool(doc.get("address_code")) and address != doc["address_code"]
    if moves:
        previous["address_code"] = doc["address_code"]
    others = {
        kind for kind in now if kind in before and (_is_other(work, kind, units) or (moves and kind == "splitter_port"))
    }
    gone = [unit for unit, row in units.items() if row["kind"] not in now or row["kind"] in others]
    swaps = _swaps(work, doc)
    for unit in gone:
        free_held(work.store, swaps.get(unit, unit), key)
    holder = Holder(reservation_id=key, product_id=doc["product_id"])
    wanted = [kind for kind in now if kind not in before or kind in others]
    asked = {**work.inputs, "resource_kinds": wanted, "address_code": address}
    fresh = choose(Choice(replace(work, inputs=asked), holder, {})) if wanted else []
    kept = [unit for unit in doc["units"] if unit not in gone]
    doc.update(
        units=[*kept, *fresh], asked=now, address_code=address, places=work.inputs.get("places") or doc.get("places")
    )
    work.store.put("reservations", key, doc)
    _follow(work, doc)
    return {"resources": listed(need(work.store, "units", doc["units"])), "previous": previous}


def change_assignment(work: Work) -> dict[str, Any]:
    """Tell the values of the changed reservation; accounts that came or went with it are made or freed.

    Also of one in service: what came is in service then too.
    """
    key = work.text("assignment_id")
    doc = work.must_get("assignments", key, "resource-data-wrong")
    if doc["state"] not in ("assigned", "occupied"):
        raise Rejected("resource-conflict", f"{key} is {doc['state']}")
    characteristics = work.mapping("characteristics")
    reservation = work.must_get("reservations", doc["reservation_id"], "reservation-expired")
    holder = Holder(reservation_id=doc["reservation_id"], product_id=doc["product_id"])
    asked = [*reservation.get("asked", ()), *wanted_kinds(characteristics)]
    made = dict(need(work.store, "units", doc["made_here"]))
    told: dict[str, Any] = dict.fromkeys((*ASSIGN_OUTPUTS, *doc.get("told", ())))
    rows = need(work.store, "units", reservation["units"])
    olts = {str(row["olt"]) for _, row in rows if row["kind"] == "splitter_port"}
    gone = [unit for unit, row in made.items() if row["kind"] == "iptv_account" and not _has_tv(asked)]
    moved = [unit for unit, row in made.items() if row["kind"] == "vlan" and olts and str(row["olt"]) not in olts]
    gone += moved
    for unit in gone:
        free_held(work.store, unit, doc["reservation_id"])
    plain = [row for row in rows if row[1]["kind"] != "splitter_port"]
    there = [row for row in held_by(work, doc["product_id"]) if row not in rows] if doc["product_id"] else []
    existing = [*there, *(row for unit, row in zip(made, made.items(), strict=True) if unit not in gone)]
    fresh = made_for(work, plain, existing, asked, holder)
    fresh += [pick_vlan(work, olt, holder) for olt in sorted(olts)] if moved else []
    kept = [unit for unit in doc["made_here"] if unit not in gone]
    doc.update(made_here=[*kept, *fresh], units=[*reservation["units"], *kept, *fresh])
    values = values_of(need(work.store, "units", doc["units"]))
    values |= {f"patch_{where}_needed": True for where in sorted(patches(work, rows))}
    doc["told"] = sorted(values)
    work.store.put("assignments", key, doc)
    _put_to_use(work, doc)
    for name, value in values_of(there).items():  # what the product has already, as when it was assigned
        values.setdefault(name, value)
    previous = {"assignment_id": key, "characteristics": characteristics}
    told["address_code"] = reservation.get("address_code")
    return {**told, **values, "assignment_id": key, "previous": previous}


def _chosen(units: Mapping[str, Doc]) -> dict[str, Any]:
    """What a reservation would have to be asked for to get the same number and bandwidth again."""
    found: dict[str, Any] = {}
    for row in units.values():
        if row["kind"] in NUMBERS:
            found["number"] = row["code"]
        elif row["kind"] == "trunk_capacity":
            found["bandwidth_kbps"] = row["kbps"]
    return found


def _is_other(work: Work, kind: str, units: Mapping[str, Doc]) -> bool:
    """Whether another unit of a kind is wanted than the one held."""
    characteristics, here = work.mapping("characteristics"), [row for row in units.values() if row["kind"] == kind]
    if kind in NUMBERS:
        wanted = characteristics.get("number") or characteristics.get("msisdn")
        return bool(wanted) and str(wanted) not in [row["code"] for row in here]
    return kind == "trunk_capacity"  # the way between the ends is looked for anew, with the bandwidth there is now


def _has_tv(asked: list[str]) -> bool:
    return "stb" in asked or "iptv_account" in asked


def _follow(work: Work, reservation: Doc) -> None:
    """What has been assigned already is the changed units from now on."""
    key = reservation.get("assignment_id")
    doc = work.store.get("assignments", str(key)) if key else None
    if doc is not None:
        doc["units"] = [*reservation["units"], *doc["made_here"]]
        work.store.put("assignments", str(key), doc)
        _put_to_use(work, doc)


def _swaps(work: Work, reservation: Doc) -> Mapping[str, str]:
    """Device that was reserved -> the one that was really installed instead."""
    doc = work.store.get("assignments", str(reservation.get("assignment_id") or "")) or {}
    return {unused: used for used, unused in (doc.get("swaps") or {}).items()}


def _put_to_use(work: Work, assignment: Doc) -> None:
    """What has come to an assignment that is in service is in service as well."""
    if assignment["state"] != "occupied":
        return
    for unit, row in need(work.store, "units", assignment["units"]):
        if row["state"] == "reserved" and row.get("ref") == assignment["reservation_id"]:
            row.update(state=used_state(row["kind"]), product_id=assignment["product_id"])
            work.store.put("units", unit, row)


HANDLERS: Final[Mapping[str, Handler]] = {
    "resource.change_reservation": change_reservation,
    "resource.change_assignment": change_assignment,
}
