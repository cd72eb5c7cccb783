"""Pretended elements of business services: circuits, VPN sites, desktops, SD-WAN."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.provisioning_home import deleting, going_on, halting
from adapters.simulators.service_kinds import CIRCUIT, CPE, DESKTOPS, SDWAN, VPN, desktop_ids, device_id_of
from adapters.simulators.services import (
    change,
    create,
    find_service,
    go_on,
    halt,
    must_find,
    remove,
    service_key,
)
from adapters.simulators.work import Handler, Work

MOST_DESKTOPS: Final = 900


def create_circuit(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``trunk-alarm``, a trunk of the route has an alarm."""
    number = work.text("circuit_no") or work.number("YZC", 6)
    _check_trunks(work)
    create(work, CIRCUIT, number)
    return {"circuit_no": number}


def change_circuit(work: Work) -> dict[str, Any]:
    """Another route, bandwidth, or both."""
    _check_trunks(work)
    number = work.text("circuit_no")
    previous = change(work, CIRCUIT, number, ("route", "bandwidth_kbps"))
    values = must_find(work, CIRCUIT, number)["values"]
    return {"bandwidth_kbps": values.get("bandwidth_kbps"), "route": values.get("route"), "previous": previous}


def configure_vpn_site(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``address-overlap``, another site of the VPN has the address."""
    vpn_id, ce_address = work.text("vpn_id"), work.text("ce_address")
    sites = work.store.find("services", site=f"vpn {vpn_id}")
    site_id = work.text("site_id") or f"{vpn_id}-S{work.store.next_number(f'sites of {vpn_id}') + 100}"
    others = [doc for _, doc in sites if doc["code"] != site_id]
    if ce_address and any(doc["values"].get("ce_address") == ce_address for doc in others):
        raise Rejected("address-overlap", f"{ce_address} is used by another site of {vpn_id}")
    create(work, VPN, site_id, site=f"vpn {vpn_id}", site_id=site_id)
    return {"site_id": site_id}


def change_vpn_site(work: Work) -> dict[str, Any]:
    site_id = work.text("site_id")
    previous = change(work, VPN, site_id, ("bandwidth_kbps", "qos", "routing"))
    return {"site_id": site_id, "previous": {"vpn_id": work.text("vpn_id"), **previous}}


def create_desktops(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``quota-exceeded``, ``image-missing``."""
    quantity = int(work.inputs.get("quantity") or 0)
    _check_desktops(work, quantity)
    ids = _as_ids(work.inputs.get("desktop_ids")) or _new_desktops(work, quantity)
    create(work, DESKTOPS, ids[0], desktop_ids=ids, quantity=quantity)
    return {"desktop_ids": ids}


def change_desktops(work: Work) -> dict[str, Any]:
    """More, fewer or other desktops; the first stays the name of the group."""
    ids = _as_ids(work.inputs.get("desktop_ids"))
    doc = must_find(work, DESKTOPS, _first(work))
    quantity = int(work.inputs.get("quantity") or len(ids))
    _check_desktops(work, quantity)
    previous = {name: doc["values"].get(name) for name in ("desktop_ids", "spec", "quantity")}
    present = _as_ids(doc["values"].get("desktop_ids"))
    # The ids of exactly as many desktops are those to have, as when a change is undone.
    now = ids if len(ids) == quantity else present[:quantity] + _new_desktops(work, quantity - len(present))
    doc["values"].update(desktop_ids=now, quantity=quantity, spec=work.inputs.get("spec") or previous["spec"])
    work.store.put("services", service_key(DESKTOPS, _first(work)), doc)
    return {"desktop_ids": now, "previous": previous}


def recycle_desktops(work: Work) -> dict[str, Any]:
    return remove(work, DESKTOPS, _first(work))


def purge_desktops(work: Work) -> dict[str, Any]:
    remove(work, DESKTOPS, _first(work))
    return {"purged_at": work.at, "certificate_no": work.number("PURGE")}


def register_cpe(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``device-not-in-stock``."""
    serial = work.text("cpe_serial")
    if work.store.get("units", f"cpe:{serial}") is None:
        raise Rejected("device-not-in-stock", f"CPE {serial or '(empty)'} is not in the stock record")
    device_id = device_id_of(serial)
    create(work, CPE, serial, device_id=device_id)
    return {"device_id": device_id}


def push_sdwan_policy(work: Work) -> dict[str, Any]:
    """The version counts up; the answer tells the policy there was before."""
    site = work.text("site_code")
    known = find_service(work, SDWAN, site)
    before = {"site_code": site} | {name: (known or {}).get("values", {}).get(name) for name in SDWAN.fields}
    if not any(work.inputs.get(name) for name in SDWAN.fields):
        remove(work, SDWAN, site)  # no policy at all: as it was before the first one
        return {"policy_version": 0, "previous": before}
    version = 1 + (int(known["values"]["policy_version"]) if known else 0)
    create(work, SDWAN, site, policy_version=version)
    return {"policy_version": version, "previous": before}


def _check_trunks(work: Work) -> None:
    for code in work.mapping("route").get("trunks", []):
        trunk = work.store.get("trunks", str(code))
        if trunk is not None and trunk.get("alarm"):
            raise Rejected("trunk-alarm", f"{code}: {trunk['alarm']}")


def _check_desktops(work: Work, quantity: int) -> None:
    if quantity < 1 or quantity > MOST_DESKTOPS:
        raise Rejected("quota-exceeded", f"{quantity} desktops; 1 to {MOST_DESKTOPS} are possible")
    if work.text("spec").startswith("unknown"):
        raise Rejected("image-missing", f"no image for {work.text('spec')}")


def _new_desktops(work: Work, quantity: int) -> list[str]:
    return [work.number("VD", 6) for _ in range(quantity)]


def _as_ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for listed in value for one in desktop_ids(str(listed))]
    return desktop_ids(str(value)) if value else []


def _first(work: Work) -> str:
    ids = _as_ids(work.inputs.get("desktop_ids"))
    if not ids:
        raise Rejected("element-rejected", "desktop_ids is empty")
    return ids[0]


HANDLERS: Final[Mapping[str, Handler]] = {
    "provisioning.create_circuit": create_circuit,
    "provisioning.delete_circuit": deleting(CIRCUIT),
    "provisioning.change_circuit": change_circuit,
    "provisioning.block_circuit": halting(CIRCUIT, "blocked_at"),
    "provisioning.unblock_circuit": going_on(CIRCUIT),
    "provisioning.configure_vpn_site": configure_vpn_site,
    "provisioning.remove_vpn_site": deleting(VPN),
    "provisioning.change_vpn_site": change_vpn_site,
    "provisioning.block_vpn_site": halting(VPN, "blocked_at"),
    "provisioning.unblock_vpn_site": going_on(VPN),
    "provisioning.create_desktops": create_desktops,
    "provisioning.recycle_desktops": recycle_desktops,
    "provisioning.change_desktops": change_desktops,
    "provisioning.suspend_desktops": lambda work: {"suspended_at": halt(work, DESKTOPS, _first(work))},
    "provisioning.resume_desktops": lambda work: go_on(work, DESKTOPS, _first(work)),
    "provisioning.purge_desktops": purge_desktops,
    "provisioning.register_cpe": register_cpe,
    "provisioning.unregister_cpe": deleting(CPE),
    "provisioning.push_sdwan_policy": push_sdwan_policy,
    "provisioning.block_sdwan_site": halting(SDWAN, "blocked_at"),
    "provisioning.unblock_sdwan_site": going_on(SDWAN),
}
