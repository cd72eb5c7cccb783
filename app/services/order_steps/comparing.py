"""The closed loop inside an order: what was asked, built and billed is compared before the item completes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.ordering.item_context import VOICE_FEATURES
from app.domain.ordering.reconcile_changes import (
    ACTIVE,
    REPLACED,
    SUSPENDED,
    compare_kept,
    compare_owner,
    compare_states,
)
from app.domain.ordering.reconciliation import BILLING, Difference, compare_installed, compare_removed, tariff_of
from app.domain.words import Words
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.reconciliation import Difference as DifferenceRow
from app.persistence.ordering.reconciliation import ReconcileRun
from app.services.ordering.subjects import find_item

#: What one neighbour answered about each product or subscription.
Answers = list[Mapping[str, Any]]
AGREE: Final = Words("网络、台账、账单一致", "network, books and bill agree")


def compare(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.compare``: differences between order, network and bill; each is a row until it is settled.

    The answer's ``owner`` says who must act first: ``network``, ``billing``, or "" where all agree.
    """
    subject = subject_of(call.business_key)
    order = session.get_one(ProductOrder, str(subject.order_id))
    item = find_item(session, order.id, subject.item_no)
    found = differences(call.inputs)
    keep(session, order, item, found, now)
    owners = {one.owner for one in found}
    owner = BILLING if owners == {BILLING} else "network" if owners else ""
    return {"differences": [one.as_json() for one in found], "owner": owner}


def differences(inputs: Mapping[str, Any]) -> list[Difference]:
    """Compare every product of the item with what its neighbours answered, in the way its ``mode`` asks for."""
    match inputs.get("mode"):
        case "disconnect":
            return removed(inputs)
        case "suspend" | "resume" as mode:
            return switched(inputs, SUSPENDED if mode == "suspend" else ACTIVE)
        case "owner_change":
            accounts = {number: bill.get("account_no") for number, bill in bills(inputs).items()}
            return compare_owner(inputs["item"]["to_account_no"], accounts)
        case "change" | "move" as mode:
            return kept(inputs, REPLACED if mode == "change" else [name for name in REPLACED if name != "number"])
    # What a sub-order of another installation builds is billed there, not here.
    expected = {"subscription_state": ACTIVE} if inputs["item"].get("prices") else {}
    return compare_installed({**asked(inputs), "expected": expected})


def removed(inputs: Mapping[str, Any]) -> list[Difference]:
    """After a disconnect nothing of any product or subscription may be left."""
    built, configured, billed = answers(inputs)
    found = [
        one
        for number, product_id in enumerate(inputs["item"]["product_ids"])
        for one in compare_removed(product_id, sides(built, configured, [], number))
    ]
    for number, subscription in enumerate(inputs["item"]["subscription_nos"]):
        found += compare_removed(subscription, sides([], [], billed, number))
    return found


def switched(inputs: Mapping[str, Any], wanted: str) -> list[Difference]:
    """After a suspension or a resumption; what billing has asked for itself it knows itself."""
    item = inputs["item"]
    states = {} if item["asked_by"] == BILLING else {no: bill.get("state") for no, bill in bills(inputs).items()}
    configured = sides([], answers(inputs)[1], [], 0)["configured"]
    return compare_states(item["product"], item["components"], wanted, configured, states)


def kept(inputs: Mapping[str, Any], names: Sequence[str]) -> list[Difference]:
    """After a change or a move of a product."""
    item, facts, built = inputs["item"], asked(inputs), answers(inputs)[0]
    wanted = {name: item["after"].get(name) for name in item["changed"]}
    if any(name in VOICE_FEATURES for name in wanted):
        wanted["features"] = item["voice"]["features"]
    # A profile that nobody asked to change may have any name at the network.
    access = {**item["access"], "profile": item["access"]["profile"] if "downstream_mbps" in wanted else ""}
    voice = {**item["voice"], "asked_number": facts["assignment"].get("number") if item["has_voice"] else ""}
    return compare_kept(
        {
            **facts,
            "item": {**facts["item"], "access": access, "voice": voice},
            "wanted": wanted,
            "before": item["held"],
            "units": built[0].get("units") if built else [],
        },
        names,
    )


def asked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the order asks for and what the first product's neighbours answered, as the rules look for it."""
    item = inputs["item"]
    return {
        "item": {**item, "bandwidth_kbps": item["bandwidth_kbps"] or "", "tariff": tariff_of(item.get("prices"))},
        "assignment": inputs.get("assignment") or {},
        "devices": inputs.get("devices") or {},
        "charging_from": inputs.get("charging_from"),
        **sides(*answers(inputs), 0),
    }


def answers(inputs: Mapping[str, Any]) -> tuple[Answers, Answers, Answers]:
    """What resource, provisioning and billing answered, one per product or subscription."""
    built, configured, billed = (list(inputs.get(name) or []) for name in ("built", "configured", "billed"))
    return built, configured, billed


def bills(inputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What billing answered, by number of the subscription."""
    return dict(zip(inputs["item"]["subscription_nos"], answers(inputs)[2], strict=False))


def sides(
    built: Sequence[Mapping[str, Any]],
    configured: Sequence[Mapping[str, Any]],
    billed: Sequence[Mapping[str, Any]],
    number: int,
) -> dict[str, Any]:
    """The answers about one product in plain form; an answer that is not there says nothing is there."""
    bill = billed[number] if number < len(billed) else {}
    return {
        "built": (built[number].get("resources") or {}) if number < len(built) else {},
        "configured": (configured[number].get("configured_values") or {}) if number < len(configured) else {},
        "billed": {**bill, "tariff": tariff_of(bill.get("prices"))} if bill else {},
    }


def keep(
    session: Session,
    order: ProductOrder,
    item: ProductOrderItem | None,
    found: Sequence[Difference],
    now: datetime,
) -> None:
    """Write what was found, close what is settled, and say so in the history."""
    run = ReconcileRun(
        order_id=order.id,
        who=ENGINE,
        started_at=now,
        ended_at=now,
        compared=1,
        found=len(found),
        area=item.area if item else order.area,
        unanswered={},
    )
    session.add(run)
    session.flush()
    open_rows = {
        row.field: row
        for row in session.scalars(
            select(DifferenceRow).where(
                DifferenceRow.order_id == order.id,
                DifferenceRow.item_id == (item.id if item else None),
                DifferenceRow.state == "open",
            )
        )
    }
    for one in found:
        row = open_rows.pop(one.field, None) or DifferenceRow(
            order_id=order.id,
            item_id=item.id if item else None,
            product_id=item.product_id if item else None,
            field=one.field,
            found_at=now,
            state="open",
            area=run.area,
        )
        row.run_id, row.owner_role = run.id, one.owner_role
        row.adapter = BILLING if one.owner == BILLING else "resource"
        row.asked, row.built, row.billed = one.asked, one.built, one.billed
        session.add(row)
    for settled in open_rows.values():
        settled.state, settled.resolved_at, settled.resolved_by = "resolved", now, ENGINE
    if found:
        names_zh = "、".join(one.label.zh for one in found)
        names_en = ", ".join(one.label.en for one in found)
        why = Words(f"核对不一致：{names_zh}", f"the books differ: {names_en}")
    else:
        why = AGREE
    order.record("reconcile", why, ENGINE, now, detail={"differences": [one.as_json() for one in found]})
