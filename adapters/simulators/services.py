"""The book of services: creating, removing, changing, halting one, whatever its kind."""

from collections.abc import Iterable
from typing import Any

from adapters.errors import Rejected
from adapters.simulators.service_kinds import ServiceKind, plain
from adapters.simulators.store import Doc, Row
from adapters.simulators.work import Work, family


def service_key(kind: ServiceKind, key: str) -> str:
    """Return the key of a service in the book ``services``."""
    return f"{kind.domain}:{key}"


def find_service(work: Work, kind: ServiceKind, key: str) -> Doc | None:
    """Return the service, or ``None``."""
    return work.store.get("services", service_key(kind, key))


def must_find(work: Work, kind: ServiceKind, key: str) -> Doc:
    """Return the service. :raises Rejected: ``element-rejected``, the element does not know it."""
    return work.must_get("services", service_key(kind, key), "element-rejected")


def create(work: Work, kind: ServiceKind, key: str, *, site: str | None = None, **values: Any) -> Doc:
    """Set up a service; one that the same product has already is adopted.

    :raises Rejected: another product has it.
    """
    if not key:
        raise Rejected("element-rejected", f"{kind.key} is empty")
    product_id = work.product()
    known = find_service(work, kind, key)
    if known is not None and not kind.is_shared and not _is_same(known, product_id, work.business_key):
        raise Rejected(kind.exists_code, f"{key} exists already")
    first_product = (known or {}).get("product_id")
    given = {name: plain(work.inputs.get(name)) for name in kind.fields if name in work.inputs}
    doc: Doc = {
        "domain": kind.domain,
        "key_name": kind.key,
        "code": key,
        "state": "active",
        "product_id": (first_product or product_id) if kind.is_shared else (product_id or first_product),
        "ref": work.business_key or None,
        "site": site,
        "values": {**(known or {}).get("values", {}), **given, **values},
        "since": work.at,
    }
    work.store.put("services", service_key(kind, key), doc)
    return doc


def remove(work: Work, kind: ServiceKind, key: str) -> dict[str, Any]:
    """Take a service away and tell everything its creation would need; one that is gone already is fine."""
    doc = find_service(work, kind, key)
    work.store.delete("services", service_key(kind, key))
    return {"snapshot": None if doc is None else snapshot(kind, doc), "removed_at": work.at}


def change(work: Work, kind: ServiceKind, key: str, names: Iterable[str]) -> dict[str, Any]:
    """Set the named values that are given, and return what they were, with the key."""
    doc = must_find(work, kind, key)
    names = list(names)
    previous = {kind.key: key} | {name: doc["values"].get(name) for name in names}
    doc["values"].update({name: plain(work.inputs[name]) for name in names if work.inputs.get(name) is not None})
    work.store.put("services", service_key(kind, key), doc)
    return previous


def halt(work: Work, kind: ServiceKind, key: str) -> str:
    """Stop a service without taking it away, and return the instant. Stopping it again is fine."""
    doc = must_find(work, kind, key)
    doc["values"]["mode"] = plain(work.inputs.get("mode")) or doc["values"].get("mode") or "full"
    work.store.put("services", service_key(kind, key), {**doc, "state": kind.halted, "halted_at": work.at})
    return work.at


def go_on(work: Work, kind: ServiceKind, key: str) -> dict[str, Any]:
    """Let a stopped service run again; the snapshot tells how it was stopped."""
    doc = must_find(work, kind, key)
    before = snapshot(kind, doc)
    doc["values"].pop("mode", None)
    work.store.put("services", service_key(kind, key), {**doc, "state": "active", "halted_at": None})
    return {"snapshot": before, "removed_at": work.at}


def snapshot(kind: ServiceKind, doc: Doc) -> dict[str, Any]:
    """Return everything the creation of this service needs."""
    return {
        kind.key: doc["code"],
        "mode": "full",
        "product_id": doc.get("product_id"),
        **dict.fromkeys(kind.fields),
        **doc["values"],
        "state": doc["state"],
    }


def services_of(work: Work, product_id: str) -> list[Row]:
    """Return the services of a product and its components, also those only known by their order."""
    found: dict[str, Doc] = {}
    for one in family(work.store, product_id):
        found.update(work.store.find("services", product_id=one))
        for business_key, _ in work.store.find("links", product_id=one):
            rows = work.store.find("services", ref=business_key)
            found.update((key, doc) for key, doc in rows if doc.get("product_id") is None)
    return sorted(found.items())


def _is_same(known: Doc, product_id: str | None, business_key: str) -> bool:
    if known.get("product_id") and product_id:
        return bool(known["product_id"] == product_id)
    return bool(business_key) and known.get("ref") == business_key
