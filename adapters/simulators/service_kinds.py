"""The kinds of service the provisioning systems keep, as a table: name of the key, fields, what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class ServiceKind:
    """``key``: the input that names a service; ``fields``: the other inputs of its creation.

    ``is_shared``: products share it (an ONT serves broadband, voice and TV), so pushing to it again is no conflict.
    """

    domain: str
    key: str
    fields: tuple[str, ...]
    exists_code: str = "element-rejected"
    halted: str = "suspended"
    is_shared: bool = False


ACCESS: Final = ServiceKind(
    domain="access", key="account_name", fields=("profile", "port_binding"), exists_code="account-exists"
)
OLT: Final = ServiceKind(domain="olt", key="service_key", fields=("olt_port", "loid", "svlan", "cvlan", "profile"))
ONT: Final = ServiceKind(domain="ont", key="loid", fields=("services", "device_model"), is_shared=True)
VOICE: Final = ServiceKind(domain="voice", key="number", fields=("features", "ont_port"), exists_code="number-in-use")
IPTV: Final = ServiceKind(domain="iptv", key="iptv_account", fields=("package",), exists_code="account-exists")
MOBILE: Final = ServiceKind(
    domain="mobile", key="msisdn", fields=("imsi", "iccid", "plan"), exists_code="number-in-use"
)
CIRCUIT: Final = ServiceKind(
    domain="circuit", key="circuit_no", fields=("route", "bandwidth_kbps", "interfaces"), halted="blocked"
)
VPN: Final = ServiceKind(
    domain="vpn",
    key="site_id",
    fields=("vpn_id", "vrf", "rd", "rt", "pe_port", "ce_address", "routing", "qos", "bandwidth_kbps"),
    halted="blocked",
)
DESKTOPS: Final = ServiceKind(
    domain="desktops", key="first_desktop", fields=("desktop_ids", "pool", "spec", "quantity", "users", "network")
)
CPE: Final = ServiceKind(domain="cpe", key="cpe_serial", fields=("site_code", "template"))
SDWAN: Final = ServiceKind(
    domain="sdwan", key="site_code", fields=("template", "links", "bandwidth_kbps"), halted="blocked", is_shared=True
)

# Kind of service -> the name its state has among the configured values.
STATE_NAMES: Final[Mapping[str, str]] = {
    "access": "access_state",
    "voice": "voice_state",
    "iptv": "iptv_state",
    "mobile": "mobile_state",
    "circuit": "circuit_state",
    "vpn": "vpn_state",
    "desktops": "desktop_state",
    "sdwan": "sdwan_state",
}


def olt_vlan_key(olt_port: str, svlan: Any, cvlan: Any) -> str:
    """Return the key of a VLAN of a PON port in the book ``olt_vlans``."""
    return f"{olt_port}:{svlan}.{cvlan}"


def plain(value: Any) -> Any:
    """Return a value fit to be kept: what is not given is ``None``."""
    return None if value == "" else value


def device_id_of(serial: str) -> str:
    """The network's name of a CPE: the same whenever it is registered."""
    return f"DEV-{serial}"


def desktop_ids(text: str) -> list[str]:
    """Return the ids of desktops told as a range (``P1-001..012``), or the one that is told."""
    first, dots, last = text.partition("..")
    stem, _, start = first.rpartition("-")
    if not dots:
        return [text]
    return [f"{stem}-{number:0{len(start)}}" for number in range(int(start), int(last) + 1)]
