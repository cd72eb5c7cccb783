"""Pinned decisions for those who draw: tried, tested, exported and kept as what they are pinned to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from app.deps import Deps
from app.domain.actors import Actor
from app.errors import Conflict
from app.services.studio import process_deployments, process_trials, taking_back
from app.services.studio.case_running import run_cases_of
from app.services.studio.deploy_parts import references_of
from app.services.studio.form_desk import step_uses
from app.services.studio.trial_subjects import stage_of, version_subject
from processes.canonical import canonical
from processes.versions import all_in_force
from tests.processes.drawing import bpmn, end, flows, io, node, start
from tests.processes.test_decisions import table
from tests.services.desk import Desk

DESIGNER = Actor(login="designer", role="designer", area="CN", area_path="CN")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def fee(amount: int) -> bytes:
    return table([], ["fee"], [([], [str(amount)])], key="pin_fee")


def rated(*pins: int | None) -> bytes:
    """A decision for each: pinned to that version, or not."""
    steps = [
        node(
            "businessRuleTask",
            f"rate{number}",
            io(outputs={f"fee{number}": "result.fee"}),
            name="计费",
            yz_decision="pin_fee",
            **({} if pin is None else {"yz_decisionVersion": str(pin)}),
        )
        for number, pin in enumerate(pins)
    ]
    ways = " ".join(f"rate{number}>rate{number + 1}" for number in range(len(pins) - 1))
    return bpmn(start(), *steps, end(), flows(f"s>rate0 {ways} rate{len(pins) - 1}>e"), key="pin_rated")


def deploy(deps: Deps, **files: bytes) -> None:
    process_deployments.deploy({name.replace("_dot_", "."): body for name, body in files.items()}, DESIGNER, deps)


def test_a_pinned_decision_is_tried_tested_shown_and_kept(office: Desk) -> None:
    deps = office.whole.deps
    deploy(deps, fee_dot_dmn=fee(10))
    deploy(deps, fee_dot_dmn=fee(20))
    drawing = rated(1, None, 2)
    deploy(deps, p_dot_bpmn=drawing)
    with deps.sessions() as session:
        subject = version_subject(session, "pin_rated", 1)
        setup = process_trials.setup_from(None, stage_of(session, subject), NOON)
        uses = [(one.element, one.pinned) for one in step_uses(session, "decision")["pin_fee"]]
        named = references_of(session, [all_in_force(session)["pin_rated"]], deps.registry)
    assert uses == [("rate0", 1), ("rate1", None), ("rate2", 2)]
    assert [(one.version, one.used) for one in named if one.kind == "decision"] == [(2, 1), (1, 1), (2, 1)]
    told = process_trials.run(subject, setup, DESIGNER, deps).result
    assert told["data"] == {"fee0": 10, "fee1": 20, "fee2": 20}
    assert [step.get("version") for step in told["steps"]] == [1, None, 2]
    # A newer table together with it: the pinned steps stay, one of them with what is going to be version 3.
    body = {
        "process": "pin_rated",
        "tests": [{"name": "fees", "expect": {"data": {"fee0": 10, "fee1": 30, "fee2": 30}}}],
    }
    files: Mapping[str, bytes] = {
        "p.bpmn": rated(1, None, 3),
        "fee.dmn": fee(30),
        "p.test.json": json.dumps(body).encode(),
    }
    report = run_cases_of(files, deps)
    assert [(run.name, run.problems) for run in report.runs] == [("fees", ())]
    assert b'yizhan:decisionVersion="1"' in canonical(drawing)
    with pytest.raises(Conflict) as refused:
        taking_back.take_back("decision", "pin_fee", 1, "wrong fee", DESIGNER, deps)
    assert "pin_rated v1" in refused.value.message_zh and "pin_rated v1" in refused.value.message_en
    deploy(deps, p_dot_bpmn=rated(2))
    with pytest.raises(Conflict):
        taking_back.take_back("decision", "pin_fee", 1, "wrong fee", DESIGNER, deps)
