"""Walks in which the neighbours are the simulated far systems, with the stock of the demo."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, Final

import yaml

from adapters.errors import Rejected
from adapters.ports import OperationCall
from adapters.simulators.seed import read_folder
from adapters.simulators.twin import Twin
from app.domain.ordering.item_context import item_context
from app.services.order_steps.comparing import differences
from processes.spiff.bridge import Execution
from processes.spiff.waits import Wait
from tests.bpmn.drawings import ROOT, compiled, registry
from tests.bpmn.walking import NOW, Walk, order_head

SEED: Final = ROOT / "app" / "seed" / "data"
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def table(file: str, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.load((SEED / f"{file}.yaml").read_text("utf-8"), Loader=LOADER)[name]  # noqa: S506
    return rows


@cache
def stock() -> dict[str, Any]:
    return read_folder(SEED)


class SimulatedWalk(Walk):
    """Calls the simulators; their callbacks come as soon as they are due."""

    def __init__(self) -> None:
        super().__init__()
        self.time: datetime = NOW
        self.twin = Twin(registry(), now=lambda: self.time, seed_data=stock())
        self.calls = count(1)
        self.meanwhile: dict[str, list[Callable[[], object]]] = defaultdict(list)

    def answer(self, key: str, run: Execution, wait: Wait) -> None:
        """What happens ``meanwhile`` (by element) happens just before the step is done."""
        if self.meanwhile[wait.element_id]:
            self.meanwhile[wait.element_id].pop(0)()
        super().answer(key, run, wait)

    def job(self, key: str, run: Execution, wait: Wait) -> None:
        code = compiled()[0][key].elements[wait.element_id].attributes["operation"]
        if code == "order.compare":
            found = [one.as_json() for one in differences(wait.inputs)]
            owner = found[0]["owner"] if found else ""
            run.complete(wait.task_id, {"differences": found, "owner": owner})
        elif code == "order.split":
            run.complete(wait.task_id, {"items": self.split(wait.inputs)})
        elif code not in registry() or self.scripted[code]:
            super().job(key, run, wait)
        else:
            self.call(run, wait, code)

    def call(self, run: Execution, wait: Wait, code: str) -> None:
        port, operation_id = self.twin.ports[registry().get(code).adapter], f"op-{next(self.calls)}"
        area = str(wait.inputs.get("area") or "SH-SH")
        call = OperationCall(
            name=code,
            operation_id=operation_id,
            inputs=wait.inputs,
            business_key="order:o1",
            area=area,
            callback_url="http://127.0.0.1/callback",
        )
        try:
            answer = port.perform(call, timeout_s=5)
            while answer.pending:
                self.time += timedelta(seconds=1)
                self.twin.send_callbacks()
                found = port.query(operation_id, timeout_s=5)
                assert found is not None
                answer = found
        except Rejected as refusal:
            assert run.throw_error(wait.task_id, refusal.code, str(refusal)), (code, wait.inputs, refusal)
        else:
            run.complete(wait.task_id, answer.outputs)

    def split(self, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        verdicts = iter(inputs["verdicts"])
        items = []
        for item, rows, plan in zip(inputs["items"], inputs["decompositions"], inputs["plans"], strict=True):
            installs = item["action"] == "add"
            products = [new_product(item)] if installs else installed_products(item["product_id"])
            prices = [price for price in table("catalog", "prices") if price["offering"] == item["offering"]]
            items.append(
                item_context(
                    item,
                    rows=rows,
                    plan=plan,
                    verdict=next(verdicts) if installs else "available",
                    products=products,
                    prices=prices,
                    reserve_until=NOW + timedelta(hours=72),
                )
            )
        return items


def new_product(item: Mapping[str, Any]) -> dict[str, Any]:
    product_id = item["product_id"] or f"P9000{item['id']:>04}"
    return {
        "product_id": product_id,
        "product": item["product"],
        "subscription_no": "",
        "characteristics": {},
        "resources": {},
    }


def installed_products(product_id: str) -> list[dict[str, Any]]:
    rows = table("installed_products", "installed_products")
    family = [row for row in rows if product_id in (row["code"], row.get("parent"))]
    return [
        {
            "product_id": row["code"],
            "product": row["product"],
            "subscription_no": row["subscription_no"],
            "characteristics": row["characteristics"],
            "resources": row.get("resources", {}),
        }
        for row in family
    ]


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "examples" / "orders" / f"{name}.json").read_text("utf-8"))
    return found


def start_of(name: str) -> dict[str, Any]:
    """What an order process starts with for an example, as the order desk would complete it."""
    body = example(name)
    head = order_head(customer_no=body["relatedParty"][0]["id"], account_no=body["billingAccount"]["id"])
    items = [start_item(given) for given in body["productOrderItem"]]
    return {"order": head, "items": items, "new_items": [item for item in items if item["action"] == "add"]}


def start_item(given: Mapping[str, Any]) -> dict[str, Any]:
    product = given["product"]
    spec = product["productSpecification"]["id"]
    installed = next(
        (row for row in table("installed_products", "installed_products") if row["code"] == product.get("id")), {}
    )
    offering = given.get("productOffering", {}).get("id") or installed.get("offering", "")
    known = next(row for row in table("catalog", "product_specs") if row["code"] == spec)
    traits = {one["code"]: one["default"] for one in known["characteristics"] if "default" in one}
    traits |= installed.get("characteristics", {})
    traits |= {one["name"]: one["value"] for one in product.get("productCharacteristic", [])}
    places = [place_of(place["id"], place["role"]) for place in product.get("place", [])]
    if not places:
        kept = installed.get("places") or [{"role": "installation", "address": installed["address"]}]
        places = [place_of(place["address"], place["role"]) for place in kept]
    waits_for = [tie["id"] for tie in given.get("productOrderItemRelationship", [])]
    return {
        "id": given["id"],
        "action": given["action"],
        "order_type": "install" if given["action"] == "add" else "disconnect",
        "product": spec,
        "offering": offering,
        "product_id": product.get("id", ""),
        "characteristics": traits,
        "places": places,
        "address_code": places[0]["address_code"],
        "area": places[0]["area"],
        "area_class": "urban",
        "quantity": 1,
        "waits_for": waits_for,
        "access_product_id": f"P9000{waits_for[0]:>04}" if waits_for else "",
    }


def place_of(code: str, role: str) -> dict[str, Any]:
    area = next(row["area"] for row in table("addresses", "addresses") if row["code"] == code)
    return {"role": role, "address_code": code, "area": area}
