"""The stock of the resource inventory: finite units, who holds each, how one is taken and given back.

A unit is a document of the book ``units``, key ``kind:code``. Its states: ``free`` (devices:
``in_stock``), ``reserved``, ``occupied`` (devices: ``installed``), ``pre_released``, ``faulty``,
``quarantined`` (numbers), ``returned`` (devices). ``ref`` is the reservation that holds it.
Accounts, LOIDs, VLANs and circuits are made up when they are needed and vanish when freed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.store import Doc, Row, Store
from adapters.simulators.work import Work

DEVICES: Final = frozenset({"ont", "stb", "cpe", "sim"})
NUMBERS: Final = frozenset({"fixed_number", "mobile_number"})
MADE_UP: Final = frozenset(
    {"loid", "access_account", "iptv_account", "vlan", "circuit", "trunk_capacity", "cloud_pool", "line_device"}
    | {"partner_circuit", "vrf", "sdwan_tenant"}
)
QUARANTINE_DAYS: Final = 90
_PORTS_AT_MOST: Final = 64

_NONE_LEFT: Final = {
    "splitter_port": "no-free-port",
    "transmission_port": "no-free-port",
    "pe_port": "no-free-port",
    "fixed_number": "no-free-number",
    "mobile_number": "no-free-number",
    "fibre_pair": "no-fibre-pair",
    "trunk_capacity": "no-trunk-capacity",
    "cloud_pool": "no-cloud-capacity",
}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """For whom units are taken."""

    reservation_id: str
    product_id: str | None


def unit_key(kind: str, code: str) -> str:
    """Return the key of a unit in the book ``units``."""
    return f"{kind}:{code}"


def free_state(kind: str) -> str:
    """The state of a unit nobody holds."""
    return "in_stock" if kind in DEVICES else "free"


def used_state(kind: str) -> str:
    """The state of a unit in service."""
    return "installed" if kind in DEVICES else "occupied"


def none_left(kind: str, where: str) -> Rejected:
    """The refusal when the stock of a kind has run out."""
    return Rejected(_NONE_LEFT.get(kind, "device-out-of-stock"), f"no free {kind} at {where or 'any place'}")


def take(store: Store, row: Row, holder: Holder, **more: Any) -> str:
    """Reserve a unit for the holder and return its key."""
    key, doc = row
    doc.update(more, state="reserved", ref=holder.reservation_id, product_id=holder.product_id)
    store.put("units", key, doc)
    return key


def make_up(store: Store, kind: str, code: str, holder: Holder, **more: Any) -> str:
    """Create a unit that exists only while somebody holds it, reserved, and return its key."""
    key = unit_key(kind, code)
    if store.get("units", key) is not None:
        raise Rejected("reservation-conflict", f"{kind} {code} is held already")
    return take(store, (key, {"kind": kind, "code": code}), holder, **more)


def free_unit(store: Store, key: str) -> None:
    """Give a unit back to the stock; capacities go back, what was made up vanishes."""
    doc = store.get("units", key)
    if doc is None:
        return
    if doc["kind"] == "trunk_capacity":
        _give_back(store, "trunks", doc, "used_kbps", "kbps")
    if doc["kind"] == "cloud_pool":
        _give_back(store, "pools", doc, "used_desktops", "desktops")
    if doc["kind"] in MADE_UP:
        store.delete("units", key)
        return
    doc.update(state=free_state(doc["kind"]), ref=None, product_id=None)
    for name in ("role", "release_id", "held_for"):
        doc.pop(name, None)
    store.put("units", key, doc)


def free_held(store: Store, key: str, reservation_id: str) -> None:
    """Give a unit back if this reservation still holds it; somebody else's is left alone."""
    doc = store.get("units", key)
    if doc is not None and doc.get("ref") == reservation_id:
        free_unit(store, key)


def retire_unit(store: Store, key: str, now: datetime) -> None:
    """Give a unit back that was in service: numbers rest, devices come back as returned."""
    doc = store.get("units", key)
    if doc is None:
        return
    if doc["kind"] in NUMBERS:
        rest(store, key, doc, now, QUARANTINE_DAYS)
        return
    free_unit(store, key)
    if doc["kind"] in DEVICES and (freed := store.get("units", key)) is not None:
        freed["state"] = "returned"
        store.put("units", key, freed)


def rest(store: Store, key: str, doc: Doc, now: datetime, days: int) -> str:
    """Put a number into quarantine and return the last day of it, ISO 8601."""
    until = (now + timedelta(days=days)).date().isoformat()
    doc.update(state="quarantined", quarantined_until=until, quarantine_days=days, ref=None)
    doc["last_product_id"] = doc.get("product_id") or doc.get("last_product_id")
    doc["product_id"] = None
    doc.pop("release_id", None)
    store.put("units", key, doc)
    return until


def wake_numbers(work: Work, site: str) -> None:
    """Numbers whose quarantine is over are free again."""
    today = work.now.date().isoformat()
    for key, doc in work.store.find("units", site=site, state="quarantined"):
        if str(doc.get("quarantined_until", "9999")) < today:
            doc.update(state="free", last_product_id=None)
            work.store.put("units", key, doc)


def pick(work: Work, kind: str, site: str, holder: Holder, **more: Any) -> str:
    """Reserve the first free unit at a site, and return its key. :raises Rejected: none is left."""
    rows = work.store.find("units", limit=_PORTS_AT_MOST, site=site, state=free_state(kind))
    if rows:
        first = min(rows, key=lambda row: (len(row[0]), row[0]))  # port 2 comes before port 10
        return take(work.store, first, holder, **more)
    if work.is_ample:
        return _one_more(work, kind, site, holder, more)
    raise none_left(kind, site)


def pick_wanted(work: Work, kind: str, code: str, holder: Holder, **more: Any) -> str:
    """Reserve one certain unit. :raises Rejected: it is not free."""
    key = unit_key(kind, code)
    doc = work.store.get("units", key)
    if doc is None or doc["state"] != free_state(kind):
        raise none_left(kind, code)
    return take(work.store, (key, doc), holder, **more)


def pick_device(work: Work, kind: str, model: str, area: str, holder: Holder, **more: Any) -> str:
    """Reserve a device: of this model in this area, else of this model anywhere, else any. :raises Rejected: none."""
    here = work.store.find("units", site=f"{kind}@{area}", state="in_stock")
    for row in here:
        if not model or row[1].get("model") == model:
            return take(work.store, row, holder, **more)
    anywhere = [row for row in work.store.find("units", state="in_stock") if row[1]["kind"] == kind]
    for row in [row for row in anywhere if row[1].get("model") == model] + here + anywhere:
        return take(work.store, row, holder, **more)
    if work.is_ample:
        return _one_more(work, kind, f"{kind}@{area}", holder, {**more, "model": model or f"{kind}_any"})
    raise none_left(kind, area)


def pick_vlan(work: Work, olt: str, holder: Holder) -> str:
    """Reserve the next free customer VLAN of an OLT. :raises Rejected: ``no-vlan``."""
    pool = work.must_get("olts", olt, "resource-data-wrong")
    first, last = int(pool["cvlan_from"]), int(pool["cvlan_to"]) + (10**9 if work.is_ample else 0)
    start = max(first, int(pool.get("next_cvlan", first)))
    for cvlan in chain(range(start, last + 1), range(first, start)):
        code = f"{olt}:{pool['svlan_from']}.{cvlan}"
        if work.store.get("units", unit_key("vlan", code)) is None:
            work.store.put("olts", olt, {**pool, "next_cvlan": cvlan + 1})
            return make_up(work.store, "vlan", code, holder, svlan=pool["svlan_from"], cvlan=cvlan, olt=olt)
    raise Rejected("no-vlan", f"all VLANs of {olt} are in use")


def _one_more(work: Work, kind: str, site: str, holder: Holder, more: dict[str, Any]) -> str:
    number = work.store.next_number(f"more {kind}")
    template = next(iter(work.store.find("units", limit=1, site=site)), None)
    doc: Doc = dict(template[1]) if template else {}
    # As on a label, which people scan into forms; no other kind has one like it.
    code = f"{site.partition('@')[2] or site}-{kind.replace('_', '-').upper()}-{number}"
    if kind in NUMBERS:
        code = f"{str(doc.get('code', '0000-')).partition('-')[0]}-{90000000 + number}"
    if kind == "sim":
        doc["imsi"] = f"00101{number:010d}"
    if kind == "stb":
        doc["mac"] = "02:00:5E:" + ":".join(f"{number:06X}"[i : i + 2] for i in (0, 2, 4))
    for name in ("role", "last_product_id", "quarantined_until", "release_id"):
        doc.pop(name, None)
    doc.update(kind=kind, code=code, site=site)
    return take(work.store, (unit_key(kind, code), doc), holder, **more)


def _give_back(store: Store, book: str, unit: Doc, total: str, part: str) -> None:
    pool = store.get(book, unit["of"])
    if pool is not None:
        pool[total] = int(pool[total]) - int(unit[part])
        store.put(book, unit["of"], pool)
