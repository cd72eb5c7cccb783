"""Reserving: choosing units of each kind asked for, and letting reservations run out."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.resource_lines import ends, hold_desktops, hold_route
from adapters.simulators.resource_stock import (
    NUMBERS,
    Holder,
    free_held,
    make_up,
    none_left,
    pick,
    pick_device,
    pick_wanted,
    wake_numbers,
)
from adapters.simulators.store import Doc, need
from adapters.simulators.work import Work, as_instant

_EXPIRE_AT_ONCE: Final = 500
_IN_USE: Final = frozenset({"installed", "occupied", "pre_released"})


class Choice:
    """What is being chosen for one reservation."""

    def __init__(self, work: Work, holder: Holder, item: Mapping[str, Any]) -> None:
        self.work = work
        self.holder = holder
        self.item = item
        self.characteristics = {**_mapping(item.get("characteristics")), **work.mapping("characteristics")}
        self.quantity = max(1, int(work.inputs.get("quantity") or 1))

    @property
    def area(self) -> str:
        """The area of the address, else of the order."""
        address = self.work.store.get("addresses", self.work.text("address_code"))
        return str(address["area"]) if address else self.work.area


def expire(work: Work) -> None:
    """Free what reservations hold that nobody used in time; a device that was installed meanwhile is in use."""
    for key, doc in work.store.due("reservations", work.now.timestamp(), _EXPIRE_AT_ONCE):
        for unit, row in need(work.store, "units", doc["units"]):
            if row["state"] not in _IN_USE:
                free_held(work.store, unit, key)
        work.store.put("reservations", key, {**doc, "state": "expired", "due": None})


def order_item(work: Work) -> dict[str, Any]:
    """Return the order item of the inputs; an id alone gives no more than itself."""
    value = work.inputs.get("order_item")
    return dict(value) if isinstance(value, Mapping) else {"id": value}


def asked_kinds(work: Work) -> list[str]:
    """Return the kinds asked for, each once."""
    kinds = work.inputs.get("resource_kinds") or []
    if isinstance(kinds, str):
        kinds = kinds.split(",")
    return list(dict.fromkeys(str(kind).strip() for kind in kinds))


def choose(choice: Choice) -> list[str]:
    """Reserve units of every kind asked for and return their keys. :raises Rejected: a kind has run out."""
    keys: list[str] = []
    for kind in asked_kinds(choice.work):
        chooser = _CHOOSERS.get(kind)
        if chooser is None:
            raise Rejected("request-not-understood", f"resource kind {kind} is not known")
        keys += chooser(choice, kind)
    return keys


def reservation_doc(choice: Choice, keys: list[str], expires_at: str | None) -> Doc:
    """Return the document of a new reservation; without an expiry it never runs out."""
    instant = as_instant(expires_at)
    return {
        "state": "reserved",
        "units": keys,
        "product_id": choice.holder.product_id,
        "address_code": choice.work.text("address_code") or None,
        "business_key": choice.work.business_key,
        "reserved_at": choice.work.at,
        "expires_at": expires_at,
        "due": instant.timestamp() if instant else None,
        "asked": asked_kinds(choice.work),
        "places": choice.work.inputs.get("places"),
    }


def _splitter_port(choice: Choice, kind: str) -> list[str]:
    work = choice.work
    address = work.must_get("addresses", work.text("address_code"), "address-not-found")
    if address.get("feasibility") == "no_coverage" and not work.is_ample:
        raise none_left(kind, work.text("address_code"))
    if address.get("splitter"):
        return [pick(work, kind, f"splitter_port@{address['splitter']}", choice.holder)]
    # No drop yet: it will be built from the next splitter of the exchange that has room.
    sites = [f"splitter_port@{code}" for code, _ in work.store.find("splitters", site=str(address["exchange"]))]
    for site in sites:
        if work.store.find("units", limit=1, site=site, state="free"):
            return [pick(work, kind, site, choice.holder)]
    if work.is_ample and sites:
        return [pick(work, kind, sites[0], choice.holder)]
    raise none_left(kind, str(address["exchange"]))


def _number(choice: Choice, kind: str) -> list[str]:
    wanted = choice.characteristics.get("number") or choice.characteristics.get("msisdn")
    if wanted:
        key = f"{kind}:{wanted}"
        doc = choice.work.store.get("units", key)
        if doc is not None and doc.get("product_id") and doc["product_id"] == choice.holder.product_id:
            return []  # the number the product has already
        return [pick_wanted(choice.work, kind, str(wanted), choice.holder)]
    site = f"{kind}@{choice.area}"
    wake_numbers(choice.work, site)
    return [pick(choice.work, kind, site, choice.holder) for _ in range(choice.quantity)]


def _ont(choice: Choice, kind: str) -> list[str]:
    model = str(choice.characteristics.get("ont_model") or "")
    return [pick_device(choice.work, kind, model, choice.area, choice.holder)]


def _devices(choice: Choice, kind: str) -> list[str]:
    count = int(choice.characteristics.get("stb_count") or choice.quantity) if kind == "stb" else choice.quantity
    model = str(choice.characteristics.get(f"{kind}_model") or "")
    if kind == "cpe":
        sites = ends(choice.work, choice.item) if choice.quantity > 1 or choice.work.inputs.get("places") else []
        if sites:
            return [
                pick_device(choice.work, kind, model, str(place["area"]), choice.holder, role=role)
                for role, place in sites
            ]
    return [pick_device(choice.work, kind, model, choice.area, choice.holder) for _ in range(count)]


def _at_each_end(choice: Choice, kind: str) -> list[str]:
    keys: list[str] = []
    for role, address in ends(choice.work, choice.item):
        site = f"{kind}@{address['exchange']}"
        if kind == "transmission_port" and not choice.work.store.find("units", limit=1, site=site, state="free"):
            site = _other_exchange(choice.work, str(address["area"])) or site
        keys.append(pick(choice.work, kind, site, choice.holder, role=role))
    return keys


def _other_exchange(work: Work, area: str) -> str | None:
    """The exchanges of a local network are joined by a ring: a port of another one will do."""
    sites = [str(doc["site"]) for _, doc in work.store.find("units", state="free") if doc.get("area") == area]
    return next((site for site in sites if site.startswith("transmission_port@")), None)


def _line_device(choice: Choice, kind: str) -> list[str]:
    return [
        make_up(choice.work.store, kind, choice.work.number("LDEV", 6), choice.holder, role=role, model="line_ntu")
        for role, _ in ends(choice.work, choice.item)
    ]


def _prefixes(choice: Choice, kind: str) -> list[str]:
    return [pick(choice.work, kind, kind, choice.holder, role=role) for role, _ in ends(choice.work, choice.item)]


def _addresses(choice: Choice, kind: str) -> list[str]:
    count = int(choice.characteristics.get("static_ip_count") or 1)
    return [pick(choice.work, kind, kind, choice.holder) for _ in range(count)]


def _trunk(choice: Choice, kind: str) -> list[str]:
    return hold_route(choice.work, ends(choice.work, choice.item), choice.characteristics, choice.holder)


def _cloud(choice: Choice, kind: str) -> list[str]:
    desktops = int(choice.characteristics.get("quantity") or choice.quantity)
    return [hold_desktops(choice.work, desktops, choice.characteristics, choice.holder)]


def _made_up(choice: Choice, kind: str) -> list[str]:
    work, holder = choice.work, choice.holder
    if kind == "vrf":
        code = work.number("VPN1", 3)
        return [make_up(work.store, kind, code, holder, rd=f"64496:{code[3:]}", rt=f"64496:{code[3:]}")]
    prefix, digits = {"circuit": ("YZC", 6), "sdwan_tenant": ("TEN1", 2), "partner_circuit": ("PA-1", 3)}[kind]
    return [make_up(work.store, kind, work.number(prefix, digits), holder)]


def _later(choice: Choice, kind: str) -> list[str]:
    """Accounts, LOIDs and VLANs are chosen when the resources are assigned; a PON port comes with the splitter."""
    return []


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


_CHOOSERS: Final[Mapping[str, Callable[[Choice, str], list[str]]]] = {
    "splitter_port": _splitter_port,
    **dict.fromkeys(NUMBERS, _number),
    "ont": _ont,
    **dict.fromkeys(("stb", "sim", "cpe"), _devices),
    **dict.fromkeys(("fibre_pair", "transmission_port", "pe_port"), _at_each_end),
    "line_device": _line_device,
    "ip_block": _prefixes,
    "ip_address": _addresses,
    "trunk_capacity": _trunk,
    "cloud_pool": _cloud,
    **dict.fromkeys(("circuit", "vrf", "sdwan_tenant", "partner_circuit"), _made_up),
    **dict.fromkeys(("olt_port", "vlan", "access_account", "iptv_account", "loid"), _later),
}
