"""A shared step is changed: the cases of those who call it, decide with it or ask it stand against it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from app.deps import Deps
from app.domain.actors import Actor
from app.errors import DefinitionRefusedError
from app.persistence.studio.process_cases import cases_of
from app.services.studio import case_running, draft_making, process_deployments
from app.services.studio.deploy_reports import report_on
from app.services.studio.deployment_making import Wanted
from app.unit_of_work import read
from tests.processes.drawing import bpmn, call, flows, io, node, start, user
from tests.processes.test_decisions import table
from tests.services.desk import Desk

DESIGNER = Actor(login="designer", role="designer", area="CN", area_path="CN")


@pytest.fixture(scope="module")
def deps(office: Desk) -> Deps:
    return office.whole.deps


def deploy(deps: Deps, *files: tuple[str, bytes]) -> None:
    process_deployments.deploy(dict(files), DESIGNER, deps)


def cases_for(key: str, *rows: dict[str, Any]) -> tuple[str, bytes]:
    return f"{key}.test.json", json.dumps({"process": key, "tests": rows}).encode()


def shared(key: str, said: str) -> tuple[str, bytes]:
    """A step of its own that says something."""
    told = io(outputs={"verdict": f"'{said}'"})
    return f"{key}.bpmn", bpmn(start(), user("look", told, yz_team="home_field"), flows("s>look"), key=key)


def caller(key: str, called: str) -> tuple[str, bytes]:
    inside = call("inside", called, io(outputs={"verdict": "get(result, 'verdict', '')"}))
    return f"{key}.bpmn", bpmn(start(), inside, flows("s>inside"), key=key)


def test_callers_far_and_near_stand_against_a_step_that_says_something_else(deps: Deps) -> None:
    step, near, far = (f"{name}_{uuid4().hex[:6]}" for name in ("step", "near", "far"))
    seen = {"name": "it is well", "nameZh": "一切正常", "expect": {"data": {"verdict": "well"}}}
    deploy(
        deps, shared(step, "well"), caller(near, step), caller(far, near), cases_for(far, seen), cases_for(near, seen)
    )
    changed = dict([shared(step, "ill")])
    report = report_on(changed, DESIGNER, deps)
    assert [(one.key, one.passed, bool(one.user)) for one in report.cases] == [(near, False, True), (far, False, True)]
    assert report.is_blocked and not report.left_out
    with pytest.raises(DefinitionRefusedError) as refused:
        deploy(deps, *changed.items())
    said = [row for row in refused.value.findings if row["rule"] == "case-failed"]
    assert [row["file"] for row in said] == [near, far] and "一切正常" in said[0]["message_zh"]
    # Together with who calls it, and what that expects now, it goes.
    mended = {**seen, "expect": {"data": {"verdict": "ill"}}}
    deploy(
        deps, *changed.items(), caller(near, step), caller(far, near), cases_for(near, mended), cases_for(far, mended)
    )


def test_whoever_decides_with_a_table_or_asks_a_form_stands_against_it_too(deps: Deps) -> None:
    fee, form, asks = (f"{name}_{uuid4().hex[:6]}" for name in ("fee", "form", "asks"))

    def decided(amount: str) -> tuple[str, bytes]:
        return f"{fee}.dmn", table(["n"], ["fee"], [(["-"], [amount])], key=fee)

    def asked(*values: str, key: str = "grade") -> tuple[str, bytes]:
        choice = {"type": "select", "key": key, "label": "等级", "labelEn": "Grade"}
        choice["values"] = [{"value": one, "label": one, "labelEn": one} for one in values]  # type: ignore[assignment]
        return f"{form}.form", json.dumps({"id": form, "name": "问", "nameEn": "Ask", "components": [choice]}).encode()

    person = user("ask", io(outputs={"grade": "result.grade"}), yz_team="home_field", yz_form=form)
    rule = node("businessRuleTask", "fee", io({"n": "1"}, {"fee": "get(result, 'fee', result)"}), yz_decision=fee)
    drawn = f"{asks}.bpmn", bpmn(start(), person, rule, flows("s>ask ask>fee"), key=asks)
    case = {"name": "gold", "answers": {"userTasks": {"ask": {"grade": "gold"}}}}
    case["expect"] = {"data": {"grade": "gold", "fee": 5}}  # type: ignore[assignment]
    deploy(deps, decided("5"), asked("gold", "iron"), drawn, cases_for(asks, case))
    problems = [
        [(case.key, [one.en for one in case.problems]) for case in report_on(dict([new]), DESIGNER, deps).failed_cases]
        for new in (decided("6"), asked("iron"), asked("gold", key="rank"), asked("gold", "iron", "tin"))
    ]
    assert [[key for key, _ in found] for found in problems] == [[asks], [asks], [asks], []], problems
    assert "fee" in problems[0][0][1][0]
    assert f"the form {form} does not take this any more" in problems[1][0][1][0]
    assert "grade" in problems[2][0][1][0]


def test_what_is_left_out_is_said(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    step, near, far = (f"{name}_{uuid4().hex[:6]}" for name in ("step", "near", "far"))
    seen = [{"name": f"case {n}", "expect": {"data": {"verdict": "well"}}} for n in range(3)]
    deploy(deps, shared(step, "well"), caller(near, step), caller(far, near), cases_for(near, *seen))
    deploy(deps, caller(far, near), cases_for(far, *seen))
    changed = dict([shared(step, "well")])
    monkeypatch.setattr(case_running, "MOST_OF_USERS", 4)
    many = report_on(changed, DESIGNER, deps)
    assert [one.key for one in many.cases] == [near] * 3 + [far]
    assert [(one.key, one.count, one.why) for one in many.left_out] == [(far, 2, "many")]
    monkeypatch.setattr(case_running, "TIME_S", -1.0)
    late = report_on(changed, DESIGNER, deps)
    assert late.cases == () and {(one.key, one.count, one.why) for one in late.left_out} == {
        (far, 2, "many"), (near, 3, "time"), (far, 1, "time")
    }  # fmt: skip


def test_cases_of_a_sample_run_and_gate_under_the_new_key_with_both_names(deps: Deps) -> None:
    key = f"mine_{uuid4().hex[:6]}"
    made = draft_making.from_sample("line_test", key, DESIGNER, deps, name="我的测试", name_en="My test")
    files = {f"{key}.bpmn": made.content}
    with read(deps.read_sessions) as session:
        shipped = {(row.name_en, row.name_zh) for row in cases_of(session, "process", "line_test")}
        rows = cases_of(session, "process", key, made.id)
        assert {(row.name_en, row.name_zh) for row in rows} == shipped
        assert {(row.key, row.draft_id, row.is_sample) for row in rows} == {(key, made.id, False)}
    report = report_on(files, DESIGNER, deps, drafts=[made.id])
    assert [case.key for case in report.cases] == [key] * len(shipped) and not report.failed_cases
    worse = made.content.replace(b'id="', b'id="x_').replace(b'id="x_' + key.encode(), b'id="' + key.encode())
    assert report_on({f"{key}.bpmn": worse}, DESIGNER, deps, drafts=[made.id]).is_blocked
    wanted = Wanted(files=files, token=uuid4().hex, drafts=[(made.id, made.revision)])
    process_deployments.send(wanted, DESIGNER, deps, every_warning=False)
    with read(deps.read_sessions) as session:
        assert {(row.name_en, row.draft_id) for row in cases_of(session, "process", key)} == {
            (n, None) for n, _ in shipped
        }
