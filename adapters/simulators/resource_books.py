"""The pretended resource inventory: what each of its operations does to the books."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators import resource_changing
from adapters.simulators.resource_assigning import assign, occupy, unassign, vacate
from adapters.simulators.resource_lines import is_at
from adapters.simulators.resource_reads import check_feasibility, held_by, patches, query, query_address
from adapters.simulators.resource_reserving import Choice, choose, expire, order_item, reservation_doc
from adapters.simulators.resource_stock import (
    NUMBERS,
    QUARANTINE_DAYS,
    Holder,
    free_held,
    rest,
    retire_unit,
    unit_key,
    used_state,
)
from adapters.simulators.resource_values import listed
from adapters.simulators.store import Row, need
from adapters.simulators.work import Handler, Work, as_instant

BOOKS: Final = ("units", "reservations", "assignments", "releases", "addresses", "trunks", "pools")


def reserve(work: Work) -> dict[str, Any]:
    """Hold units of the kinds asked for until ``expires_at``."""
    expire(work)
    item = order_item(work)
    given = str(item.get("product_id") or "") or None
    holder = Holder(
        reservation_id=work.number("RSV"), product_id=work.text("product_id") or given or work.product() or None
    )
    choice = Choice(work, holder, item)
    keys = choose(choice)
    expires_at = work.text("expires_at") or None
    work.store.put("reservations", holder.reservation_id, reservation_doc(choice, keys, expires_at))
    resources = listed(need(work.store, "units", keys))
    return {"reservation_id": holder.reservation_id, "resources": resources, "expires_at": expires_at}


def extend_reservation(work: Work) -> dict[str, Any]:
    """Set a new end of a reservation, later or (to undo) earlier."""
    expire(work)
    key = work.text("reservation_id")
    doc = work.must_get("reservations", key, "reservation-expired")
    if doc["state"] not in ("reserved", "assigned"):
        raise Rejected("reservation-expired", f"{key} is {doc['state']}")
    previous, expires_at = doc["expires_at"], work.text("expires_at") or None
    instant = as_instant(expires_at)
    doc["expires_at"] = expires_at
    doc["due"] = instant.timestamp() if instant and doc["state"] == "reserved" else None
    work.store.put("reservations", key, doc)
    return {"expires_at": expires_at, "previous_expires_at": previous}


def release_reservation(work: Work) -> dict[str, Any]:
    """Give back what a reservation holds; one that is gone already is fine."""
    key = work.text("reservation_id")
    doc = work.store.get("reservations", key)
    if doc is not None and doc["state"] == "assigned":
        raise Rejected("resource-conflict", f"{key} is assigned; undo the assignment first")
    if doc is not None and doc["state"] == "reserved":
        for unit in doc["units"]:
            free_held(work.store, unit, key)
        work.store.put("reservations", key, {**doc, "state": "released", "due": None})
    return {"released_at": work.at}


def pre_release(work: Work) -> dict[str, Any]:
    """Mark what a product holds in service for release; in a move only the kinds and places that are replaced."""
    product_id = work.text("product_id")
    rows = _to_release(work, product_id)
    if not rows:
        raise Rejected("resource-data-wrong", f"{product_id} holds nothing in service")
    release_id = work.number("RLS")
    for key, doc in rows:
        work.store.put("units", key, {**doc, "state": "pre_released", "release_id": release_id})
    units = [key for key, _ in rows]
    doc = {"state": "marked", "units": units, "product_id": product_id, "at": work.at}
    work.store.put("releases", release_id, {**doc, "business_key": work.business_key})
    return {
        "release_id": release_id,
        "resources": listed(rows),
        "patched_outside": "outside" in patches(work, rows),
    }


def cancel_pre_release(work: Work) -> dict[str, Any]:
    """Undo the marking; the units are in service again."""
    key = work.text("release_id")
    doc = work.store.get("releases", key)
    if doc is not None and doc["state"] == "marked":
        for unit, unit_doc in need(work.store, "units", doc["units"]):
            if unit_doc["state"] == "pre_released" and unit_doc.get("release_id") == key:
                unit_doc.pop("release_id")
                work.store.put("units", unit, {**unit_doc, "state": used_state(unit_doc["kind"])})
        work.store.put("releases", key, {**doc, "state": "cancelled"})
    return {"restored_at": work.at}


def release(work: Work) -> dict[str, Any]:
    """Free what was marked, for good: numbers go into quarantine, devices count as returned."""
    key = work.text("release_id")
    if not key and work.text("product_id"):
        key = str(pre_release(work)["release_id"])
    doc = work.must_get("releases", key, "resource-conflict")
    if doc["state"] != "marked":
        raise Rejected("resource-conflict", f"{key} is {doc['state']}")
    for unit, unit_doc in need(work.store, "units", doc["units"]):
        if unit_doc["state"] == "quarantined":
            continue
        if unit_doc["state"] != "pre_released" or unit_doc.get("release_id") != key:
            raise Rejected("resource-conflict", f"{unit} is {unit_doc['state']}")
        retire_unit(work.store, unit, work.now)
    work.store.put("releases", key, {**doc, "state": "released"})
    return {"released_at": work.at}


def quarantine_number(work: Work) -> dict[str, Any]:
    """Let a number rest before anybody else may have it."""
    key, doc = _number(work)
    before = doc.get("product_id") or doc.get("last_product_id")
    until = rest(work.store, key, doc, work.now, int(work.inputs.get("quarantine_days") or QUARANTINE_DAYS))
    return {"quarantined_until": until, "product_id": before}


def restore_number(work: Work) -> dict[str, Any]:
    """Give a resting number back to the product that had it."""
    key, doc = _number(work)
    product_id = work.text("product_id")
    if doc["state"] != "quarantined" and doc.get("product_id") != product_id:
        raise Rejected("number-already-reused", f"{doc['code']} is {doc['state']}")
    days = int(doc.get("quarantine_days") or QUARANTINE_DAYS)
    doc.update(state="occupied", product_id=product_id, quarantined_until=None)
    work.store.put("units", key, doc)
    return {"restored_at": work.at, "quarantine_days": days}


#: What a device is again when the one it took the place of comes back.
_BEFORE: Final = ("state", "product_id", "ref")


def swap_device(work: Work) -> dict[str, Any]:
    """Record that one device took the place of another."""
    product_id = work.text("product_id")
    new = _device(work, work.text("new_serial"))
    old = _device(work, work.text("old_serial"))
    if new[1]["state"] == "installed" and new[1].get("product_id") != product_id:
        raise Rejected("device-already-sold", f"{new[1]['code']} is installed for {new[1].get('product_id')}")
    if new[1]["state"] not in ("in_stock", "returned", "reserved", "installed"):
        raise Rejected("device-not-in-stock", f"{new[1]['code']} is {new[1]['state']}")
    reservation, came_from = old[1].get("ref"), old[1].pop("came_from", None) or {}
    # Taken back by the device it took the place of, it is what it was before; replaced by a third one it comes back.
    is_undo = came_from.get("instead_of") == new[0]
    back = {name: came_from[name] for name in _BEFORE if name in came_from} if is_undo else {"state": "returned"}
    work.store.put("units", old[0], {**old[1], "product_id": None, "ref": None, **back})
    if new[1]["state"] != "installed":
        before = {name: new[1].get(name) for name in _BEFORE}
        fresh = {**before, "instead_of": old[0], "its": came_from}
        # One that was reserved for this order stays its, whatever becomes of the order.
        ref = new[1]["ref"] if new[1]["state"] == "reserved" else reservation
        new[1].update(came_from=came_from.get("its") if is_undo else fresh)
        new[1].update(state="installed", product_id=product_id, ref=ref)
        work.store.put("units", new[0], new[1])
    return {"swapped_at": work.at}


def _device(work: Work, serial: str) -> Row:
    for kind in ("ont", "stb", "cpe", "sim"):
        if (doc := work.store.get("units", unit_key(kind, serial))) is not None:
            return unit_key(kind, serial), doc
    raise Rejected("device-not-in-stock", f"device {serial or '(empty)'} is not in the stock record")


def _number(work: Work) -> Row:
    for kind in sorted(NUMBERS):
        key = unit_key(kind, work.text("number"))
        if (doc := work.store.get("units", key)) is not None:
            return key, doc
    raise Rejected("resource-data-wrong", f"number {work.text('number') or '(empty)'} is not ours")


def _to_release(work: Work, product_id: str) -> list[Row]:
    rows = held_by(work, product_id)
    wanted = work.inputs.get("resource_kinds") or {
        doc["kind"] for _, doc in rows if doc["state"] == "reserved" and doc["kind"] != "vlan"
    }
    kinds = {*wanted, "vlan"} if "splitter_port" in wanted else set(wanted)
    in_service = [row for row in rows if row[1]["state"] == used_state(row[1]["kind"])]
    fitting = [row for row in in_service if not kinds or row[1]["kind"] in kinds]
    return [row for row in fitting if is_at(row[1], work.inputs.get("places"))]


def _assign(work: Work) -> dict[str, Any]:
    expire(work)
    return assign(work)


HANDLERS: Final[Mapping[str, Handler]] = {
    **resource_changing.HANDLERS,
    "resource.query_address": query_address,
    "resource.check_feasibility": check_feasibility,
    "resource.reserve": reserve,
    "resource.extend_reservation": extend_reservation,
    "resource.release_reservation": release_reservation,
    "resource.assign": _assign,
    "resource.unassign": unassign,
    "resource.occupy": occupy,
    "resource.vacate": vacate,
    "resource.pre_release": pre_release,
    "resource.cancel_pre_release": cancel_pre_release,
    "resource.release": release,
    "resource.quarantine_number": quarantine_number,
    "resource.restore_number": restore_number,
    "resource.swap_device": swap_device,
    "resource.query": query,
}
