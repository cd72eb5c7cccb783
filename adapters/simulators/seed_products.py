"""What an installed product looks like in the books of every system."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.simulators.resource_stock import unit_key
from adapters.simulators.service_kinds import (
    ACCESS,
    CIRCUIT,
    CPE,
    DESKTOPS,
    IPTV,
    MOBILE,
    OLT,
    ONT,
    SDWAN,
    VOICE,
    VPN,
    ServiceKind,
    desktop_ids,
    device_id_of,
    olt_vlan_key,
)
from adapters.simulators.services import service_key
from adapters.simulators.store import Doc

Placed = tuple[str, str, Doc]


def documents(row: Mapping[str, Any]) -> Iterator[Placed]:
    """Yield book, key and document of everything one installed product leaves in the books."""
    product_id, resources = row["code"], dict(row.get("resources") or {})
    characteristics = dict(row.get("characteristics") or {})
    is_suspended = row.get("status") == "suspended"
    yield "products", product_id, {"ref": row.get("parent"), "product": row["product"], "area": row["area"]}
    yield from _subscription(row, is_suspended)
    if "monitor_id" in row:
        yield "monitors", row["monitor_id"], {"product_id": product_id, "resources": resources, "state": "watched"}
    yield from _made_up_units(product_id, resources)
    for kind, key, values, site in _services(row["product"], resources, characteristics):
        yield (
            "services",
            service_key(kind, key),
            {
                "domain": kind.domain,
                "key_name": kind.key,
                "code": key,
                "state": kind.halted if is_suspended and kind not in (OLT, ONT, CPE) else "active",
                "product_id": product_id,
                "ref": None,
                "site": site,
                "values": values,
            },
        )
        if kind is OLT:
            yield "olt_vlans", olt_vlan_key(str(site), values["svlan"], values["cvlan"]), {"loid": values["loid"]}
        for mac in values.get("stb_macs") or ():
            yield "stbs", mac, {"iptv_account": key}


def _subscription(row: Mapping[str, Any], is_suspended: bool) -> Iterator[Placed]:
    if not row.get("subscription_no"):
        return
    doc: Doc = {
        "account_no": row["account"],
        "product_id": row["code"],
        "offering": row.get("offering"),
        "prices": row.get("prices"),
        "state": "suspended" if is_suspended else "active",
        "charging_from": row.get("charging_from"),
        "charging_to": None,
    }
    yield "subscriptions", row["subscription_no"], doc


def _made_up_units(product_id: str, resources: Mapping[str, Any]) -> Iterator[Placed]:
    """Units that are in no stock table: accounts, LOIDs, VLANs."""

    def unit(kind: str, code: str, **more: Any) -> Placed:
        doc: Doc = {"kind": kind, "code": code, "state": "occupied", "product_id": product_id, "ref": None, **more}
        return "units", unit_key(kind, code), doc

    for kind, name in (("loid", "loid"), ("access_account", "account_name"), ("iptv_account", "iptv_account")):
        if resources.get(name):
            yield unit(kind, str(resources[name]))
    if resources.get("pool"):
        desktops = int(resources.get("desktops") or 0)
        yield unit("cloud_pool", f"{resources['pool']}/{product_id}", of=resources["pool"], desktops=desktops)
    if resources.get("cvlan"):
        olt = str(resources["olt_port"]).partition("/")[0]
        svlan, cvlan = resources["svlan"], resources["cvlan"]
        yield unit("vlan", f"{olt}:{svlan}.{cvlan}", svlan=svlan, cvlan=cvlan, olt=olt)


def _services(
    product: str, resources: Mapping[str, Any], characteristics: Mapping[str, Any]
) -> Iterator[tuple[ServiceKind, str, dict[str, Any], str | None]]:
    if resources.get("loid"):
        yield from _access(resources, characteristics)
    if product == "fixed_voice":
        features = {name: value for name, value in characteristics.items() if name != "number"}
        yield VOICE, str(resources["number"]), {"features": features, "ont_port": 1}, None
    if product == "iptv":
        macs = [resources["stb_mac"]] if resources.get("stb_mac") else []
        boxes = {"package": characteristics.get("package"), "stb_macs": macs, "stb_mac": resources.get("stb_mac")}
        yield IPTV, str(resources["iptv_account"]), boxes, None
    if product == "mobile_line":
        plan = {"plan": characteristics.get("plan")}
        yield MOBILE, str(resources["number"]), {name: resources.get(name) for name in ("imsi", "iccid")} | plan, None
    if resources.get("circuit_no"):
        kbps = characteristics.get("bandwidth_kbps")
        route = {"trunks": list(resources.get("trunks", ())), "bandwidth_kbps": kbps}
        circuit = {"route": route, "bandwidth_kbps": kbps, "interfaces": None}
        yield CIRCUIT, str(resources["circuit_no"]), circuit, None
    for site in resources.get("sites", ()):
        yield _site(site, resources, characteristics)
        if site.get("cpe_serial"):
            serial = site["cpe_serial"]
            device = {"site_code": site["site_code"], "template": "standard", "device_id": device_id_of(serial)}
            yield CPE, serial, device, None
    if resources.get("desktop_ids"):
        ids = desktop_ids(str(resources["desktop_ids"]))
        desktops: dict[str, Any] = {"desktop_ids": ids, "pool": resources.get("pool")}
        desktops |= {name: characteristics.get(name) for name in ("spec", "quantity")}
        yield DESKTOPS, ids[0], desktops, None


def _access(
    resources: Mapping[str, Any], characteristics: Mapping[str, Any]
) -> Iterator[tuple[ServiceKind, str, dict[str, Any], str | None]]:
    profile = f"{characteristics.get('downstream_mbps')}M"
    port, loid = str(resources["olt_port"]), str(resources["loid"])
    yield ACCESS, str(resources["account_name"]), {"profile": profile, "port_binding": port}, None
    names = ("olt_port", "loid", "svlan", "cvlan")
    values = {name: resources.get(name) for name in names}
    yield OLT, f"{port}:{loid}", {**values, "profile": profile, "service_port_id": f"SP-{loid}"}, port
    yield ONT, loid, {"services": ["internet"], "device_model": characteristics.get("ont_model")}, None


def _site(
    site: Mapping[str, Any], resources: Mapping[str, Any], characteristics: Mapping[str, Any]
) -> tuple[ServiceKind, str, dict[str, Any], str | None]:
    kbps = characteristics.get("site_bandwidth_kbps")
    if site.get("site_code"):
        values: dict[str, Any] = {"template": "standard", "links": [], "bandwidth_kbps": kbps, "policy_version": 1}
        return SDWAN, str(site["site_code"]), values, None
    vpn_id = str(resources.get("vrf"))
    values = {"vpn_id": vpn_id, "vrf": vpn_id, "pe_port": site.get("pe_port"), "ce_address": site.get("link_prefix")}
    values |= {"site_id": site["site_id"], "qos": characteristics.get("qos_class"), "bandwidth_kbps": kbps}
    values["routing"] = characteristics.get("routing")
    return VPN, str(site["site_id"]), values, f"vpn {vpn_id}"
