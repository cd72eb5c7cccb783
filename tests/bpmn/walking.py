"""Walks delivered processes from start to end without database or neighbours; saves and loads at every stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from app.domain.forms import FormField, form_fields, is_shown, validate_form
from app.domain.forms import walk as walk_form
from app.domain.ordering.item_context import item_context
from processes.spiff.bridge import Execution, StepContext, load_spec
from processes.spiff.decisions import load_decision
from processes.spiff.waits import Wait
from tests.bpmn.drawings import compiled, form, registry

NOW: Final = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
Outputs = Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    """A neighbour's refusal."""

    code: str


@dataclass
class Walk:
    """One walk. ``scripted``: answers by operation or by element id of a person's task, used up in order;
    afterwards the usual answer is given. ``steps``: what was done, as ``process/element``."""

    scripted: dict[str, list[Outputs | Refused]] = field(default_factory=lambda: defaultdict(list))
    steps: list[str] = field(default_factory=list)
    inputs: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    areas: dict[str, str] = field(default_factory=dict)
    business_keys: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    def run(self, key: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Walk a process to its end and return its final data; a failure of the process fails the test."""
        spec = load_spec(compiled()[0][key].spec_json)
        run = Execution.new(spec, data, context=self.context())
        run.start()
        run.advance()
        waiting = list(run.changes.opened)
        assert_no_failure(key, run)
        for _ in range(2000):
            if run.is_completed:
                assert run.outcome == "completed", (key, run.changes.thrown)
                return run.data
            assert waiting, f"{key} waits for nothing"
            wait = waiting.pop(0)
            run = Execution.load(spec, run.dump(), context=self.context())
            self.answer(key, run, wait)
            run.advance()
            assert_no_failure(key, run)
            gone = {task_id for task_id, _ in run.changes.closed}
            waiting = [one for one in waiting if one.task_id not in gone] + run.changes.opened
        raise AssertionError(f"{key} does not end")

    def context(self) -> StepContext:
        return StepContext(now=NOW, ids=lambda: str(UUID(int=next(self._numbers))), decide=decide)

    def answer(self, key: str, run: Execution, wait: Wait) -> None:
        step = f"{key}/{wait.element_id}"
        self.steps.append(step)
        self.inputs[step].append(wait.inputs)
        if wait.kind == "timer":
            run.fire_timer(wait.task_id)
        elif wait.kind == "message":
            run.deliver(wait.task_id, {})
        elif wait.kind == "call":
            assert wait.called_key
            if wait.business_key:
                self.business_keys.append(wait.business_key)
            run.complete(wait.task_id, self.run(wait.called_key, wait.inputs))
        elif wait.kind == "user":
            run.complete(wait.task_id, self.person(key, wait))
        else:
            self.job(key, run, wait)

    def person(self, key: str, wait: Wait) -> Outputs:
        schema = form(compiled()[0][key].elements[wait.element_id].attributes["form"])
        scripted = self.scripted[wait.element_id]
        given = scripted.pop(0) if scripted else filled_in(schema, wait.inputs)
        assert not isinstance(given, Refused)
        cleaned, problems = validate_form(schema, given)
        assert problems == [], (wait.element_id, problems)
        return cleaned

    def job(self, key: str, run: Execution, wait: Wait) -> None:
        code = compiled()[0][key].elements[wait.element_id].attributes["operation"]
        if code in registry():
            assert registry().check_inputs(code, wait.inputs) == [], (wait.element_id, wait.inputs)
        scripted = self.scripted[code]
        answer = scripted.pop(0) if scripted else usual_answer(code, wait.inputs)
        if isinstance(answer, Refused):
            assert run.throw_error(wait.task_id, answer.code, "refused"), f"nobody catches {answer.code}"
        else:
            run.complete(wait.task_id, answer)

    def did(self, element: str) -> int:
        """How often a step was done; named with or without its process."""
        return sum(step == element or step.endswith(f"/{element}") for step in self.steps)

    def before(self, first: str, second: str) -> bool:
        names = [step.rpartition("/")[2] for step in self.steps]
        return names.index(first) < names.index(second)


def filled_in(schema: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody who agrees with everything writes: what is known already, else the example of the field."""
    examples = {one["key"]: one.get("example") for one in walk_form(schema) if one.get("key")}
    found: dict[str, Any] = {}
    for one in form_fields(schema):
        value = answer_to(one, context, examples[one.key])
        if value is not None and not one.disabled and is_shown(one, found):
            found[one.key] = value
    return found


def answer_to(one: FormField, context: Mapping[str, Any], example: Any) -> Any:
    known = [value for value in (context.get(one.prefill), example, one.default) if value not in (None, "")]
    return known[0] if known else None


def assert_no_failure(key: str, run: Execution) -> None:
    assert run.changes.failures == [], (key, run.changes.failures)


def decide(key: str, inputs: Mapping[str, Any], _pinned: int | None = None) -> Any:
    return load_decision(compiled()[1][key].xml).evaluate(inputs)


ASSIGNED: Final = {
    **{"assignment_id": "ASG-1", "splitter_port": "SPL-SH-01-1#3", "olt_port": "OLT-SH-01/0/1", "loid": "SH20000001"},
    **{
        "svlan": 1000,
        "cvlan": 103,
        "number": "021-00001009",
        "device_model": "ont_wifi6",
        "account_name": "yz2@example",
    },
    **{"iptv_account": "tv10001", "ont_serial": "YZDMA0000100", "stb_serial": "STBDM000100"},
    **{"stb_mac": "00:00:5E:00:53:10", "circuit_no": "YZC000001", "device_serial": "LDEV000001"},
    "route": {"trunks": ["TRK-SH-01", "TRK-SH-JS"], "bandwidth_kbps": 102400},
}
TICKET: Final = {
    **{"id": "t1", "number": "T-2611-000001", "product_id": "P1", "product": "ftth_broadband", "order_no": ""},
    **{"ticket_type": "fault", "severity": "normal", "description": "LOS", "source": "order_test", "repair": "home"},
    **{"test_type": "access", "area": "SH-SH", "address_code": "A0013", "contact_name": "", "contact_phone": ""},
}
USUAL: Final[dict[str, Outputs]] = {
    "billing.check_credit": {"verdict": "ok", "arrears_cny": "0.00", "credit_left_cny": "200.00"},
    "resource.check_feasibility": {"verdict": "available"},
    "resource.reserve": {"reservation_id": "RSV-1", "resources": []},
    "resource.assign": ASSIGNED,
    "resource.query": {"resources": {"loid": "SH20000001"}, "states": {}},
    "provisioning.query_service": {"configured_values": {"services": ["internet"]}},
    "provisioning.run_test": {"passed": True, "measured": {"downstream_mbps": 500}},
    "billing.create_subscription": {"subscription_no": "S1"},
    "billing.query_subscription": {"prices": [], "charging_from": "2026-11-24", "state": "active"},
    "fault.register_service": {"monitor_id": "M1"},
    "fault.create_ticket": {"ticket_no": "F1"},
    "fault.run_diagnosis": {"verdict": "ont_offline", "segment": "drop", "optical_power_dbm": -31.0},
    "order.service_date": {"service_date": "2026-11-23", "charging_from": "2026-11-24", "charging_to": "2026-11-23"},
    "order.compare": {"differences": [], "owner": ""},
    "ticket.open": {"ticket": TICKET},
}


def usual_answer(code: str, inputs: Outputs) -> Outputs:
    special: dict[str, Callable[[Outputs], Outputs]] = {"order.split": split, "resource.pre_release": released}
    return special[code](inputs) if code in special else USUAL.get(code, {})


def released(inputs: Outputs) -> Outputs:
    return {"release_id": f"REL-{inputs['product_id']}", "resources": []}


def split(inputs: Outputs) -> Outputs:
    """What the application answers to ``order.split``, from its own rules."""
    verdicts = iter(inputs["verdicts"])
    items = []
    for item, rows, plan in zip(inputs["items"], inputs["decompositions"], inputs["plans"], strict=True):
        verdict = next(verdicts) if item["action"] == "add" else "available"
        items.append(item_after_split(item, rows, plan, verdict))
    return {"items": items}


def item_after_split(item: Outputs, rows: list[Outputs], plan: str, verdict: str = "available") -> dict[str, Any]:
    product_id = item["product_id"] or f"P{item['id']}"
    product = {"product_id": product_id, "product": item["product"], "subscription_no": "", "resources": {}}
    product["characteristics"] = item["characteristics"]
    if item["action"] == "delete":
        product |= {"subscription_no": f"S{item['id']}", "resources": {**ASSIGNED, "monitor_id": "M1"}}
    prices = [{"code": "p1", "kind": "recurring", "amount_cny": "99.00"}]
    prices += [{"code": "p2", "kind": "one_off", "amount_cny": "100.00"}]
    return item_context(
        item, rows=rows, plan=plan, verdict=verdict, products=[product], prices=prices, reserve_until=NOW
    )


def order_head(**more: Any) -> dict[str, Any]:
    return {
        **{"id": "o1", "number": "O-2611-000001", "channel": "counter", "category": "install", "area": "SH-SH"},
        **{"customer_no": "C100003", "account_no": "AC1000031", "tier": "standard", "segment": "public"},
        **{"ordered_at": NOW.isoformat(), "first_bill_cny": "149.00", "starts_at": "", "waits_for": []},
        **more,
    }


def plain_item(number: str, product: str, *, action: str = "add", **more: Any) -> dict[str, Any]:
    """An item as it is before the split."""
    place = {"role": "installation", "address_code": "A0013", "area": "SH-SH"}
    return {
        **{"id": number, "action": action, "order_type": "install" if action == "add" else "disconnect"},
        **{"product": product, "offering": "x", "product_id": "" if action == "add" else f"P{number}"},
        **{"characteristics": {}, "places": [place], "address_code": "A0013", "area": "SH-SH"},
        **{"area_class": "urban", "quantity": 1, "waits_for": [], "access_product_id": ""},
        **more,
    }


def bundle(number: str = "1", **more: Any) -> dict[str, Any]:
    traits = {"downstream_mbps": 500, "with_voice": True, "with_iptv": True}
    return plain_item(number, "home_bundle", characteristics=traits, **more)


def line(number: str = "1", **more: Any) -> dict[str, Any]:
    places = [
        {"role": "a_end", "address_code": "A0005", "area": "SH-SH"},
        {"role": "z_end", "address_code": "A0026", "area": "JS-NJ"},
    ]
    traits = {"bandwidth_kbps": 102400, "interface_a": "ge_electrical", "interface_z": "ge_optical"}
    return plain_item(number, "leased_line_national", places=places, characteristics=traits, **more)


def order_data(*items: Mapping[str, Any]) -> dict[str, Any]:
    rows = [dict(item) for item in items]
    return {"order": order_head(), "items": rows, "new_items": [row for row in rows if row["action"] == "add"]}
