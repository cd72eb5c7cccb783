"""The pretended provisioning systems: all operations, with the test and the question what is configured."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators import provisioning_business, provisioning_home
from adapters.simulators.service_kinds import STATE_NAMES
from adapters.simulators.services import services_of
from adapters.simulators.work import Handler, Work

BOOKS: Final = ("services", "portings")

_MEASURED: Final[Mapping[str, Mapping[str, Any]]] = {
    "access": {"optical_power_dbm": -18.6, "latency_ms": 4, "packet_loss_percent": 0.0},
    "voice": {"registered": True, "call_setup_ms": 900, "mos": 4.3},
    "iptv": {"channels_ok": True, "media_loss_percent": 0.0},
    "mobile": {"attached": True, "rsrp_dbm": -86},
    "circuit": {"bit_error_ratio": 1e-12, "latency_ms": 3.1},
    "vpn": {"reachable": True, "latency_ms": 12},
    "desktops": {"logins_ok": True},
    "sdwan": {"tunnels_up": True, "latency_ms": 15},
}


def run_test(work: Work) -> dict[str, Any]:
    """Measure a service. :raises Rejected: ``test-failed``, all of it is stopped."""
    rows = services_of(work, work.text("product_id"))
    switched = [doc for _, doc in rows if doc["domain"] in STATE_NAMES]
    if switched and all(doc["state"] != "active" for doc in switched):
        raise Rejected("test-failed", "the service is stopped on the element")
    measured: dict[str, Any] = {"test_type": work.inputs.get("test_type")}
    for domain in sorted({doc["domain"] for _, doc in rows} | ({"access"} if not rows else set())):
        measured.update(_MEASURED.get(domain, {}))
    for _, doc in rows:
        if doc["domain"] == "access" and doc["values"].get("profile"):
            measured["profile"] = doc["values"]["profile"]
    return {"passed": True, "measured": measured}


def query_service(work: Work) -> dict[str, Any]:
    """Tell what is configured for a product and its components, by flat names."""
    values: dict[str, Any] = {}
    services: list[dict[str, Any]] = []
    for _, doc in services_of(work, work.text("product_id")):
        values.setdefault(doc["key_name"], doc["code"])
        for name, value in doc["values"].items():
            if value is not None:
                values.setdefault(name, value)
        if doc["domain"] in STATE_NAMES:
            values.setdefault(STATE_NAMES[doc["domain"]], doc["state"])
        services.append({name: doc.get(name) for name in ("domain", "code", "state", "values", "product_id")})
    if "port_binding" in values:
        values.setdefault("olt_port", values["port_binding"])
    values.pop("service_key", None)
    return {"configured_values": values, "services": services}


HANDLERS: Final[Mapping[str, Handler]] = {
    **provisioning_home.HANDLERS,
    **provisioning_business.HANDLERS,
    "provisioning.run_test": run_test,
    "provisioning.query_service": query_service,
}
