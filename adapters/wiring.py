"""Builds the ports; the only place that knows which vendor stands behind which adapter."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import httpx

from adapters import area, billing, fault, provisioning, resource
from adapters.answer_codes import AnswerCodes
from adapters.gate import Gate, GatePolicy
from adapters.http_client import HttpPort, open_http_client
from adapters.operations import OperationRegistry
from adapters.ports import Port
from adapters.redaction import CallLog, no_log

VENDORS: Final[Mapping[str, AnswerCodes]] = MappingProxyType(
    {
        "resource": resource.ANSWER_CODES,
        "provisioning": provisioning.ANSWER_CODES,
        "billing": billing.ANSWER_CODES,
        "fault": fault.ANSWER_CODES,
        "area": area.ANSWER_CODES,
    }
)


def build_ports(
    base_url: str,
    *,
    registry: OperationRegistry,
    base_urls: Mapping[str, str] | None = None,
    call_log: CallLog | None = None,
    gate_policy: GatePolicy | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    client: httpx.Client | None = None,
) -> dict[str, Port]:
    """Return one port per adapter, keyed by adapter code.

    :param base_url: where all systems live, each under its own path (``{base_url}/billing``).
    :param base_urls: for single adapters the address of that system itself, instead.
    :param monotonic: seconds of a clock that never steps back, for the gates.
    :raises ValueError: an address is not http or https.
    """
    shared = client or open_http_client()
    ports: dict[str, Port] = {}
    for adapter, codes in VENDORS.items():
        address = (base_urls or {}).get(adapter, f"{base_url.rstrip('/')}/{adapter}").rstrip("/")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"address of the adapter {adapter} must begin with http:// or https://")
        ports[adapter] = HttpPort(
            adapter=adapter,
            base_url=address,
            client=shared,
            gate=Gate(f"{adapter} at {parts.netloc}", monotonic, gate_policy),
            registry=registry,
            codes=codes,
            call_log=call_log or no_log,
            monotonic=monotonic,
        )
    return ports
