"""The units a product holds, told as flat values: ``splitter_port``, ``loid``, ``number`` ..."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.simulators.store import Doc, Row

ASSIGN_OUTPUTS: Final = (
    "splitter_port",
    "olt_port",
    "loid",
    "svlan",
    "cvlan",
    "number",
    "device_model",
    "route",
)
# Of the kind, which attribute of the unit under which name; several kinds may fill one name.
_NAMES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "splitter_port": (("splitter_port", "code"), ("olt_port", "pon_port")),
    "loid": (("loid", "code"),),
    "access_account": (("account_name", "code"),),
    "iptv_account": (("iptv_account", "code"),),
    "vlan": (("svlan", "svlan"), ("cvlan", "cvlan")),
    "fixed_number": (("number", "code"),),
    "mobile_number": (("number", "code"), ("msisdn", "code")),
    "ont": (("ont_serial", "code"), ("device_serial", "code"), ("device_model", "model")),
    "stb": (("stb_serial", "code"), ("stb_mac", "mac")),
    "cpe": (("cpe_serial", "code"), ("device_serial", "code"), ("device_model", "model")),
    "sim": (("iccid", "code"), ("imsi", "imsi")),
    "ip_address": (("static_ip", "code"),),
    "circuit": (("circuit_no", "code"),),
    "vrf": (("vrf", "code"), ("vpn_id", "code"), ("rd", "rd"), ("rt", "rt")),
    "sdwan_tenant": (("tenant", "code"),),
    "partner_circuit": (("partner_order", "code"),),
    "cloud_pool": (("pool", "of"), ("desktops", "desktops")),
    "pe_port": (("pe_port", "code"),),
    "ip_block": (("link_prefix", "code"),),
    "line_device": (("device_serial", "code"), ("device_model", "model")),
}
_BY_ROLE: Final = {"fibre_pair": "fibre", "transmission_port": "port", "line_device": "device"}


def values_of(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the flat values of units; the first unit of a kind wins, further set-top boxes, trunks and sites
    are lists."""
    values: dict[str, Any] = {}
    trunks: list[str] = []
    sites: dict[str, dict[str, Any]] = {}
    boxes = 0
    for _, doc in rows:
        kind, role = doc["kind"], doc.get("role")
        boxes += kind == "stb"
        if kind == "stb" and boxes > 1:
            values.setdefault("more_stb_serials", []).append(doc["code"])
            values.setdefault("more_stb_macs", []).append(doc.get("mac"))
        for name, attribute in _NAMES.get(kind, ()):
            values.setdefault(name, doc.get(attribute))
        if kind in _BY_ROLE:
            values.setdefault(f"{_BY_ROLE[kind]}_{role or 'a'}", doc["code"])
        if kind == "trunk_capacity":
            trunks.append(doc["of"])
            values["route"] = {"trunks": trunks, "bandwidth_kbps": doc["kbps"]}
            values["trunks"] = trunks
        if role and role not in ("a", "z"):
            sites.setdefault(role, {"site": role})[_site_name(kind)] = doc["code"]
    if sites:
        values["sites"] = [sites[role] for role in sorted(sites, key=lambda role: (len(role), role))]
    return values


def _site_name(kind: str) -> str:
    return {"fibre_pair": "fibre", "ip_block": "link_prefix", "cpe": "cpe_serial"}.get(kind, kind)


def listed(rows: Iterable[Row]) -> list[Doc]:
    """Return units as a list of kind, code and state, for people and for the order's record."""
    names = ("kind", "code", "state", "role", "model", "kbps", "of")
    return [{name: doc[name] for name in names if doc.get(name) is not None} for _, doc in rows]
