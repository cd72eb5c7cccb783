"""Assigning and occupying: from a reservation to resources in service, and back."""

from collections.abc import Mapping
from typing import Any

from adapters.errors import Rejected
from adapters.simulators.resource_reads import held_by, patches
from adapters.simulators.resource_stock import (
    DEVICES,
    Holder,
    free_held,
    free_state,
    free_unit,
    make_up,
    pick_vlan,
    take,
    unit_key,
    used_state,
)
from adapters.simulators.resource_values import ASSIGN_OUTPUTS, values_of
from adapters.simulators.store import Doc, Row, need
from adapters.simulators.work import Work


def assign(work: Work) -> dict[str, Any]:
    """Turn a reservation into an assignment: choose LOID, VLAN and accounts, tell every value."""
    reservation_id = work.text("reservation_id")
    reservation = _open_reservation(work, reservation_id) if reservation_id else {"units": [], "product_id": None}
    characteristics = work.mapping("characteristics")
    given = str(characteristics.get("product_id") or "") or None
    product_id = work.text("product_id") or given or reservation["product_id"] or work.product()
    holder = Holder(reservation_id=reservation_id, product_id=product_id)
    rows = need(work.store, "units", reservation["units"])
    existing = [row for row in held_by(work, product_id) if row not in rows] if product_id else []
    extra = made_for(work, rows, existing, [*reservation.get("asked", ()), *wanted_kinds(characteristics)], holder)
    _tie(work, rows, product_id)
    assignment_id = work.number("ASG")
    units = [*reservation["units"], *extra]
    work.store.put(
        "assignments",
        assignment_id,
        {
            "state": "assigned",
            "reservation_id": reservation_id,
            "product_id": product_id,
            "units": units,
            "made_here": extra,
            "business_key": work.business_key,
            "assigned_at": work.at,
        },
    )
    if reservation_id:
        reservation.update(state="assigned", assignment_id=assignment_id, due=None, product_id=product_id)
        work.store.put("reservations", reservation_id, reservation)
    values = values_of(need(work.store, "units", units))
    values |= {f"patch_{where}_needed": True for where in sorted(patches(work, rows))}
    work.store.put("assignments", assignment_id, {**work.must_get("assignments", assignment_id, ""), "told": [*values]})
    for name, value in values_of(existing).items():
        values.setdefault(name, value)
    plain: dict[str, Any] = dict.fromkeys(ASSIGN_OUTPUTS)
    return {**plain, **values, "assignment_id": assignment_id, "address_code": reservation.get("address_code")}


def unassign(work: Work) -> dict[str, Any]:
    """Undo an assignment; its units are reserved again."""
    key = work.text("assignment_id")
    doc = work.store.get("assignments", key)
    if doc is None:
        return {"reservation_id": None}
    if doc["state"] == "occupied":
        raise Rejected("resource-conflict", f"{key} is in service; vacate it first")
    for unit in doc["made_here"]:
        free_held(work.store, unit, doc["reservation_id"])
    reservation = work.store.get("reservations", doc["reservation_id"])
    if reservation is not None and reservation["state"] == "assigned":
        reservation.update(state="reserved", assignment_id=None)
        work.store.put("reservations", doc["reservation_id"], reservation)
    work.store.delete("assignments", key)
    return {"reservation_id": doc["reservation_id"]}


def occupy(work: Work) -> dict[str, Any]:
    """Put the assigned units into service for a product, with the devices really installed."""
    key, product_id = work.text("assignment_id"), work.text("product_id")
    doc = work.must_get("assignments", key, "resource-conflict")
    if doc["state"] != "assigned":
        raise Rejected("resource-conflict", f"{key} is {doc['state']}")
    rows = need(work.store, "units", doc["units"])
    if len(rows) != len(doc["units"]) or any(row[1].get("ref") != doc["reservation_id"] for row in rows):
        raise Rejected("resource-conflict", f"units of {key} are held by somebody else")
    swaps, extra = _bind_devices(work, rows, product_id, doc["reservation_id"])
    for unit, unit_doc in need(work.store, "units", doc["units"]):
        if unit not in swaps.values():
            unit_doc.update(state=used_state(unit_doc["kind"]), product_id=product_id)
            work.store.put("units", unit, unit_doc)
    doc.update(state="occupied", product_id=product_id, occupied_at=work.at, swaps=swaps, extra=extra)
    work.store.put("assignments", key, doc)
    return {"occupied_at": work.at}


def vacate(work: Work) -> dict[str, Any]:
    """Undo an occupation; the units are reserved again, the devices as they were."""
    key = work.text("assignment_id")
    doc = work.store.get("assignments", key)
    if doc is None or doc["state"] != "occupied":
        return {"reservation_id": None if doc is None else doc["reservation_id"]}
    for used, unused in doc.get("swaps", {}).items():
        _swap_back(work, doc, used, unused)
    for unit in doc.get("extra", ()):
        free_held(work.store, unit, doc["reservation_id"])
    for unit in doc["units"]:
        _reserve_again(work, unit, doc)
    doc.update(state="assigned", occupied_at=None, swaps={}, extra=[])
    work.store.put("assignments", key, doc)
    return {"reservation_id": doc["reservation_id"]}


def _open_reservation(work: Work, reservation_id: str) -> Doc:
    doc = work.must_get("reservations", reservation_id, "reservation-expired")
    if doc["state"] == "expired" or doc["state"] == "released":
        raise Rejected("reservation-expired", f"{reservation_id} is {doc['state']}")
    if doc["state"] != "reserved":
        raise Rejected("resource-data-wrong", f"{reservation_id} is {doc['state']}")
    return doc


def wanted_kinds(characteristics: Mapping[str, Any]) -> list[str]:
    """Return the kinds that characteristics imply, and the account name, if one was chosen, as ``name:...``."""
    wanted = ["iptv_account"] if characteristics.get("with_iptv") else []
    name = characteristics.get("account_name")
    return [*wanted, f"name:{name}"] if name else wanted


def made_for(work: Work, rows: list[Row], existing: list[Row], asked: list[str], holder: Holder) -> list[str]:
    """Make up what comes with a PON access, and the accounts asked for, unless the product has them already.

    A telephone or television alone needs no account for the internet.
    """
    kinds = {row[1]["kind"] for row in rows} | set(asked)
    has = {row[1]["kind"] for row in existing}
    made: list[str] = []
    port = next((row[1] for row in rows if row[1]["kind"] == "splitter_port"), None)
    if port is not None:
        made.append(pick_vlan(work, str(port["olt"]), holder))
        if "loid" not in has:
            local = work.area.rpartition("-")[2] or "XX"
            made.append(make_up(work.store, "loid", work.number(f"{local}2", 7), holder))
    if "access_account" in asked and "access_account" not in has:
        chosen = next((kind.removeprefix("name:") for kind in asked if kind.startswith("name:")), "")
        made.append(make_up(work.store, "access_account", chosen or f"{work.number('yz2', 5)}@example", holder))
    if kinds & {"stb", "iptv_account"} and "iptv_account" not in has:
        made.append(make_up(work.store, "iptv_account", work.number("tv1", 5), holder))
    return made


def _tie(work: Work, rows: list[Row], product_id: str | None) -> None:
    for key, doc in rows:
        if product_id and doc.get("product_id") != product_id:
            work.store.put("units", key, {**doc, "product_id": product_id})


def _bind_devices(
    work: Work, rows: list[Row], product_id: str, reservation_id: str
) -> tuple[dict[str, str], list[str]]:
    """Install the devices named.

    Returns used unit -> reserved unit that went back to the stock instead, and units nobody had reserved.
    """
    named = work.inputs.get("devices")
    serials = [work.text("device_serial"), *(named if isinstance(named, list) else [])]
    swaps: dict[str, str] = {}
    extra: list[str] = []
    unused = [key for key, doc in rows if doc["kind"] in DEVICES]
    for serial in dict.fromkeys(str(serial).strip() for serial in serials if serial):
        found = need(work.store, "units", [unit_key(kind, serial) for kind in sorted(DEVICES)])
        if not found:
            if any(doc["kind"] == "line_device" for _, doc in rows) or not unused:
                continue  # devices of lines are the customer's or come from the workshop
            raise Rejected("device-not-in-stock", f"device {serial} is not in the stock record")
        key, doc = found[0]
        _check_device(work, doc, product_id, reservation_id)
        if key in unused:
            unused.remove(key)
            continue
        if doc["state"] == "installed":
            continue  # it serves the household already, and stays with the product it came with
        instead = next((other for other in unused if other.startswith(f"{doc['kind']}:")), None)
        if instead is None:
            extra.append(key)
        else:
            unused.remove(instead)
            free_unit(work.store, instead)
            swaps[key] = instead
        doc.update(state="installed", product_id=product_id, ref=reservation_id)
        work.store.put("units", key, doc)
    return swaps, extra


def _check_device(work: Work, doc: Doc, product_id: str, reservation_id: str) -> None:
    is_ours = doc.get("product_id") == product_id or doc.get("ref") == reservation_id
    if doc["state"] == "installed" and not is_ours and doc.get("product_id") not in _household(work, product_id):
        raise Rejected("device-already-sold", f"device {doc['code']} is installed for {doc['product_id']}")
    if doc["state"] not in (free_state(doc["kind"]), "reserved", "installed", "returned") or (
        doc["state"] == "reserved" and not is_ours
    ):
        raise Rejected("device-not-in-stock", f"device {doc['code']} is {doc['state']}")


def _household(work: Work, product_id: str) -> list[str]:
    """Return the products of the same bundle, which may share a device."""
    doc = work.store.get("products", product_id) or {}
    top = str(doc.get("ref") or product_id)
    return [top, *(key for key, _ in work.store.find("products", ref=top))]


def _swap_back(work: Work, assignment: Doc, used: str, unused: str) -> None:
    """Reserve the device first chosen again; if somebody else took it meanwhile, the one in use stays ours."""
    reservation_id = assignment["reservation_id"]
    doc = work.store.get("units", unused)
    if doc is not None and doc["state"] == free_state(doc["kind"]):
        free_held(work.store, used, reservation_id)
        holder = Holder(reservation_id=reservation_id, product_id=assignment["product_id"])
        take(work.store, (unused, doc), holder)
        return
    assignment["units"] = [used if unit == unused else unit for unit in assignment["units"]]
    reservation = work.store.get("reservations", reservation_id)
    if reservation is not None:
        reservation["units"] = [used if unit == unused else unit for unit in reservation["units"]]
        work.store.put("reservations", reservation_id, reservation)


def _reserve_again(work: Work, unit: str, assignment: Doc) -> None:
    doc = work.store.get("units", unit)
    if doc is not None and doc.get("ref") == assignment["reservation_id"]:
        doc.update(state="reserved", product_id=assignment["product_id"])
        doc.pop("release_id", None)
        work.store.put("units", unit, doc)
