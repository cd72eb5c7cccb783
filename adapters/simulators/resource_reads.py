"""Questions to the resource inventory: which address, can we serve it, what does a product hold."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.resource_values import values_of
from adapters.simulators.store import Row
from adapters.simulators.work import Work, family

_WORKING_DAYS: Final = {"available": 1, "survey_needed": 3, "build_needed": 10, "no_free_port": 10, "no_coverage": None}
_MOST_CANDIDATES: Final = 10


def query_address(work: Work) -> dict[str, Any]:
    """Find addresses by a piece of their text, in the area asked for or below it."""
    words = work.text("address_text").lower().split()
    wanted = work.text("area")
    if not words:
        raise Rejected("address-not-found", "no text to search for")
    found: list[Row] = []
    for code, doc in work.store.find("addresses"):
        text = f"{code} {doc.get('full_zh', '')} {doc.get('full_en', '')}".lower()
        in_area = wanted in ("", "CN", doc["area"]) or str(doc["area"]).startswith(f"{wanted}-")
        if in_area and all(word in text for word in words):
            found.append((code, doc))
    if not found:
        raise Rejected("address-not-found", f"no address like {' '.join(words)}")
    names = ("area", "full_zh", "full_en", "area_class")
    candidates = [{"address_code": code} | {name: doc.get(name) for name in names} for code, doc in found]
    return {"address_code": found[0][0], "candidates": candidates[:_MOST_CANDIDATES]}


def check_feasibility(work: Work) -> dict[str, Any]:
    """Say whether an address can be served; the answer is the verdict, not a refusal."""
    code = work.text("address_code")
    is_fibre = not str(work.text("product_spec")).startswith(("mobile", "cloud"))
    address = work.must_get("addresses", code, "address-not-found") if is_fibre else {}
    splitter = address.get("splitter")
    free = len(work.store.find("units", site=f"splitter_port@{splitter}", state="free")) if splitter else 0
    verdict = str(address.get("feasibility") or "available")
    if is_fibre and verdict == "available" and splitter and free == 0 and not work.is_ample:
        verdict = "no_free_port"
    if not is_fibre:
        verdict = "available"
    return {
        "verdict": verdict,
        "access_type": "ftth" if is_fibre else "none",
        "nearest_splitter": splitter,
        "free_ports": free,
        "distance_m": address.get("drop_m"),
        "build_needed": verdict == "build_needed",
        "expected_working_days": _WORKING_DAYS.get(verdict, 1),
    }


def query(work: Work) -> dict[str, Any]:
    """Say what a product and its components hold, by flat value names, and the state of each."""
    rows = held_by(work, work.text("product_id"))
    # What is in service comes first, what is on its way out last.
    order = {"occupied": 0, "installed": 0, "reserved": 1, "pre_released": 2}
    rows.sort(key=lambda row: (order.get(row[1]["state"], 3), row[0]))
    values = values_of(rows)
    states: dict[str, str] = {}
    for row in rows:
        for name in values_of([row]):
            states.setdefault(name, str(row[1]["state"]))
    units = [{"kind": doc["kind"], "code": doc["code"], "state": doc["state"]} for _, doc in rows]
    return {"resources": values, "states": states, "units": units}


def held_by(work: Work, product_id: str) -> list[Row]:
    """Return the units of a product and its components."""
    return [row for one in family(work.store, product_id) for row in work.store.find("units", product_id=one)]


def patches(work: Work, rows: Iterable[Row]) -> set[str]:
    """Where a person has to patch before the fibre of these units is through: ``in_exchange``, ``outside``."""
    splitters = {str(doc.get("splitter")) for _, doc in rows if doc["kind"] == "splitter_port"}
    return {where for code in splitters for where in (work.store.get("splitters", code) or {}).get("patch", ())}
