"""What the catalogue lets a customer change is done by the plan that carries the change out."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from tests.bpmn.drawings import BPMN
from tests.domain.demo_data import data, table

#: Kept in our books, the contract or the monitoring alone, or only about how an order is carried out.
NO_WORK: Final = {
    *("contract_months", "admin_email", "service_grade", "roaming_international", "self_install", "purpose"),
    *("upstream_mbps", "static_ip_count"),  # go with the speed, and with the way of addressing
}
#: By another name in the plan, or done by the order of the line that the segment belongs to.
OTHERWISE: Final = {"interface_a": "changed_ends", "interface_z": "changed_ends"}
ELSEWHERE: Final = {("leased_line_segment", "bandwidth_kbps")}
CHANGED: Final = [spec for spec in data("catalog")["product_specs"] if "change" in spec["order_types"]]


def told_by(key: str, seen: set[str]) -> str:
    """The drawing of a process and of all it calls, without where things are drawn."""
    file = BPMN / f"{key}.bpmn"
    if key in seen or not file.exists():
        return ""
    seen.add(key)
    drawing = file.read_text(encoding="utf-8").partition("BPMNDiagram")[0]
    return drawing + "".join(told_by(called, seen) for called in re.findall(r'calledElement="(\w+)"', drawing))


@pytest.mark.parametrize("spec", CHANGED, ids=lambda spec: spec["code"])
def test_what_may_be_changed_is_looked_at_by_the_plan_that_changes_it(spec: dict[str, Any]) -> None:
    plan = table("work_plan").evaluate({"product": spec["code"], "order_type": "change"})["plan"]
    told = told_by(str(plan), set())
    asked = [part["code"] for part in spec["characteristics"] if part["amendable"] and part["code"] not in NO_WORK]
    silent = [code for code in asked if not re.search(rf"\b{OTHERWISE.get(code, code)}\b", told)]
    assert [code for code in silent if (spec["code"], code) not in ELSEWHERE] == []
