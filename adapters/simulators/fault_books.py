"""The pretended fault management: what is watched, trouble tickets, windows, diagnosis."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.simulators.services import services_of
from adapters.simulators.store import Doc
from adapters.simulators.work import Handler, Work

BOOKS: Final = ("monitors", "tickets", "windows", "alarms")


def register_service(work: Work) -> dict[str, Any]:
    number = work.number("M")
    doc: Doc = {name: work.inputs.get(name) for name in ("product_id", "resources", "service_grade")}
    work.store.put("monitors", number, {**doc, "state": "watched", "since": work.at})
    return {"monitor_id": number}


def unregister_service(work: Work) -> dict[str, Any]:
    """Stop watching; the snapshot is what a new registration needs. Goes by the product where the number is not known:
    what is registered again gets a new one."""
    number = work.text("monitor_id")
    if work.store.get("monitors", number) is None and work.text("product_id"):
        rows = work.store.find("monitors", product_id=work.text("product_id"), limit=1)
        number = rows[0][0] if rows else ""
    doc = work.store.get("monitors", number)
    work.store.delete("monitors", number)
    names = ("product_id", "resources", "service_grade")
    return {"snapshot": None if doc is None else {name: doc.get(name) for name in names}}


def set_maintenance_window(work: Work) -> dict[str, Any]:
    number = work.number("MW")
    doc = {name: work.inputs.get(name) for name in ("resources", "from_at", "to_at")}
    work.store.put("windows", number, {**doc, "state": "open"})
    return {"window_id": number}


def clear_maintenance_window(work: Work) -> dict[str, Any]:
    work.store.delete("windows", work.text("window_id"))
    return {"cleared_at": work.at}


def create_ticket(work: Work) -> dict[str, Any]:
    number = work.number("FT")
    names = ("product_id", "ticket_type", "severity", "description", "order_no")
    doc: Doc = {name: work.inputs.get(name) for name in names}
    work.store.put("tickets", number, {**doc, "state": "open", "opened_at": work.at, "ref": work.business_key or None})
    return {"ticket_no": number}


def cancel_ticket(work: Work) -> dict[str, Any]:
    _set(work, state="cancelled", cancelled_at=work.at)
    return {"cancelled_at": work.at}


def update_ticket(work: Work) -> dict[str, Any]:
    """Change fields of a ticket; the answer tells what they were."""
    changes = work.mapping("changes")
    doc = work.must_get("tickets", work.text("ticket_no"), "ticket-unknown")
    _set(work, **changes)
    return {"previous": {name: doc.get(name) for name in changes}}


def close_ticket(work: Work) -> dict[str, Any]:
    _set(work, state="closed", resolution=work.inputs.get("resolution"), closed_at=work.at)
    return {"closed_at": work.at}


def reopen_ticket(work: Work) -> dict[str, Any]:
    doc = work.must_get("tickets", work.text("ticket_no"), "ticket-unknown")
    resolution = doc.get("resolution")
    _set(work, state="open", resolution=None, closed_at=None, reopened_for=work.inputs.get("reason"))
    return {"reopened_at": work.at, "resolution": resolution}


def query_alarms(work: Work) -> dict[str, Any]:
    """Return the alarms of resources, named as a list or as the values of a mapping."""
    named = work.inputs.get("resources")
    codes = set(map(str, named.values() if isinstance(named, Mapping) else named or ()))
    return {"alarms": [{"resource": key, **doc} for key, doc in work.store.find("alarms") if key in codes]}


def run_diagnosis(work: Work) -> dict[str, Any]:
    """Look at the line of a product from the exchange to the customer."""
    product_id = work.text("product_id")
    planted = work.store.get("diagnoses", product_id)
    if planted is not None:
        return {"verdict": "ok", "optical_power_dbm": -18.6, "segment": None} | planted
    rows = [doc for _, doc in services_of(work, product_id)]
    stopped = [doc for doc in rows if doc["state"] != "active"]
    if stopped:
        return {"verdict": "service_stopped", "optical_power_dbm": -18.6, "segment": stopped[0]["domain"]}
    return {"verdict": "ok", "optical_power_dbm": -18.6, "segment": None}


def _set(work: Work, **changes: Any) -> None:
    number = work.text("ticket_no")
    doc = work.must_get("tickets", number, "ticket-unknown")
    work.store.put("tickets", number, {**doc, **changes})


HANDLERS: Final[Mapping[str, Handler]] = {
    "fault.register_service": register_service,
    "fault.unregister_service": unregister_service,
    "fault.set_maintenance_window": set_maintenance_window,
    "fault.clear_maintenance_window": clear_maintenance_window,
    "fault.create_ticket": create_ticket,
    "fault.cancel_ticket": cancel_ticket,
    "fault.update_ticket": update_ticket,
    "fault.close_ticket": close_ticket,
    "fault.reopen_ticket": reopen_ticket,
    "fault.query_alarms": query_alarms,
    "fault.run_diagnosis": run_diagnosis,
}
