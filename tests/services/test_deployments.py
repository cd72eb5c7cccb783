"""Deployments that wait: two who agree at once, an hour that many look at, a process that is killed at its hour."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.studio.deployments import DeploymentState
from app.errors import AppError, Conflict, DefinitionRefusedError, Forbidden, InvalidInput
from app.persistence.administration.parameters import LiveSettings, with_changes
from app.persistence.people import TeamRole
from app.persistence.studio.deployment_requests import DeploymentRequest
from app.persistence.studio.process_cases import write
from app.running.chores import Chores
from app.services import bell
from app.services.studio import deployment_hours, process_deployments, taking_back
from app.services.studio.deployment_making import Wanted
from processes.store.definitions import Deployment, ProcessDefinition
from tests.api.world import settings_for
from tests.processes.drawing import bpmn, call, event, flows, start, user
from tests.services.desk import Desk

DESIGNER = Actor(login="designer", role="designer", area="CN", area_path="CN")
MANAGER = Actor(login="ops2", role="operations_manager", area="CN", area_path="CN")
OPERATOR = Actor(login="ops", role="operations", area="SH", area_path="CN/SH")


@pytest.fixture(scope="module")
def deps(office: Desk) -> Deps:
    """A product in which a second person has to agree."""
    made = office.whole.deps
    return replace(made, live=LiveSettings(replace(made.settings, second_person_deploys="yes")))


def drawn(key: str, name: str = "上门", message: str = "", team: str = "home_field") -> dict[str, bytes]:
    begin = start("s", event("message", message)) if message else start()
    return {f"{key}.bpmn": bpmn(begin, user("visit", name=name, yz_team=team), flows("s>visit"), key=key)}


def asked(deps: Deps, files: dict[str, bytes], at: datetime | None = None) -> DeploymentRequest:
    wanted = Wanted(files=files, token=uuid4().hex, at=at)
    return process_deployments.send(wanted, DESIGNER, deps, every_warning=False).request


def now(deps: Deps) -> datetime:
    with deps.sessions() as session:
        return deps.clock(session)


def scheduled(deps: Deps, files: dict[str, bytes], team: str = "") -> tuple[DeploymentRequest, datetime]:
    """One that is agreed to, and the instant at which it is due; ``team``: a kind of teams there is by then."""
    if team:
        with deps.sessions() as session, session.begin():
            like = session.get_one(TeamRole, "home_field")
            session.add(TeamRole(code=team, name_zh=team, name_en=team, level=like.level,
                                 default_calendar=like.default_calendar))  # fmt: skip
    hour = now(deps) + timedelta(days=1)
    request = asked(deps, files, hour)
    assert process_deployments.decide(request.id, "", MANAGER, deps, agree=True).state == DeploymentState.SCHEDULED
    return request, hour


def count(deps: Deps, key: str) -> int:
    """How many versions there are."""
    with deps.sessions() as session:
        return session.scalar(select(func.count()).where(ProcessDefinition.key == key)) or 0


def state(deps: Deps, request: DeploymentRequest) -> str:
    with deps.sessions() as session:
        return session.get_one(DeploymentRequest, request.id).state


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Done by threads at the same moment; what each got, or what refused it."""
    said: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            said.append(str(act()))
        except AppError as refusal:
            said.append(type(refusal).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_of_two_who_agree_at_once_one_deploys(deps: Deps) -> None:
    request = asked(deps, drawn("agreed_once"))
    with pytest.raises(Forbidden):
        process_deployments.decide(request.id, "", DESIGNER, deps, agree=True)
    with pytest.raises(Forbidden):
        process_deployments.decide(request.id, "", OPERATOR, deps, agree=True)

    def agree() -> str:
        return process_deployments.decide(request.id, "", MANAGER, deps, agree=True).state

    assert at_once(agree, agree) == ["Conflict", "done"]
    assert count(deps, "agreed_once") == 1


def test_the_same_form_sent_twice_at_once_asks_once(deps: Deps) -> None:
    wanted = Wanted(files=drawn("sent_twice"), token=uuid4().hex)

    def send() -> str:
        return process_deployments.send(wanted, DESIGNER, deps, every_warning=False).request.id

    assert len(set(at_once(send, send))) == 1
    with pytest.raises(Conflict):
        asked(deps, drawn("sent_twice", "再来"))


def test_an_hour_that_several_look_at_is_kept_once(deps: Deps) -> None:
    request, hour = scheduled(deps, drawn("kept_once"))
    later = replace(deps, clock=lambda _: hour)
    assert Chores(replace(deps, clock=lambda _: hour - timedelta(seconds=1))).deploy() is False
    both = at_once(Chores(later).deploy, Chores(later).deploy)
    while Chores(later).deploy():
        both.append("True")
    assert both.count("True") == 1 and count(deps, "kept_once") == 1
    assert state(deps, request) == DeploymentState.DONE
    with deps.sessions() as session:
        made = session.get_one(Deployment, session.get_one(DeploymentRequest, request.id).deployment_id)
        assert made.deployed_by == "designer"


def test_what_is_not_committed_is_not_done(deps: Deps) -> None:
    request, hour = scheduled(deps, drawn("undone_once"))
    judged = deployment_hours.judge(request.id, deps)
    with deps.sessions() as session:
        assert deployment_hours.settle(session, judged, deps, hour)
        session.flush()
        session.rollback()
    assert count(deps, "undone_once") == 0 and state(deps, request) == DeploymentState.SCHEDULED
    assert Chores(replace(deps, clock=lambda _: hour)).deploy() is True
    assert count(deps, "undone_once") == 1


@pytest.mark.torture
def test_a_process_killed_at_the_hour_leaves_all_of_it_to_the_next(deps: Deps) -> None:
    request, hour = scheduled(deps, drawn("killed_once"))
    program = [sys.executable, "-m", "tests.services.deploying_program", deps.settings.database_url, hour.isoformat()]
    root = Path(__file__).parents[2]
    at = hour
    for moment, said in (("judging", ["True"]), ("settling", ["True", "True"])):
        program[4] = at.isoformat()
        killed = subprocess.run([*program, moment], cwd=root, capture_output=True, text=True, check=False)
        assert killed.returncode == -9 and killed.stdout.split() == said, killed.stderr
        assert count(deps, "killed_once") == 0 and state(deps, request) == DeploymentState.SCHEDULED
        assert Chores(replace(deps, clock=lambda _, at=at: at)).deploy() is False  # its mark has not run out
        at += deployment_hours.JUDGING
    program[4] = at.isoformat()
    done = subprocess.run(program, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1", done.stderr
    assert count(deps, "killed_once") == 1 and state(deps, request) == DeploymentState.DONE


def test_what_was_replaced_meanwhile_is_asked_for_again(deps: Deps) -> None:
    for files in (drawn("replaced"), drawn("replaced", "二版")):
        process_deployments.decide(asked(deps, files).id, "", MANAGER, deps, agree=True)
    request, hour = scheduled(deps, drawn("replaced", "三版"))
    taking_back.take_back("process", "replaced", 2, "it does not fit", DESIGNER, deps)
    assert Chores(replace(deps, clock=lambda _: hour)).deploy() is True
    assert state(deps, request) == DeploymentState.OUTDATED and count(deps, "replaced") == 2


def test_what_the_engine_refuses_at_the_hour_is_said_and_stands_in_nobodys_way(deps: Deps) -> None:
    refused, hour = scheduled(deps, drawn("second_ear", message="rung"))
    other = asked(deps, drawn("first_ear", message="rung"))
    process_deployments.decide(other.id, "", MANAGER, deps, agree=True)
    after, _ = scheduled(deps, drawn("comes_after"))
    later = replace(deps, clock=lambda _: hour + timedelta(days=1))
    assert [Chores(later).deploy() for _ in range(3)] == [True, True, False]
    assert (state(deps, refused), state(deps, after)) == (DeploymentState.FAILED, DeploymentState.DONE)
    with deps.sessions() as session:
        assert "first_ear" in session.get_one(DeploymentRequest, refused.id).said_en


def test_cases_and_what_is_named_are_looked_at_again_when_the_hour_comes(deps: Deps) -> None:
    called, calls = drawn("called_then"), bpmn(start(), call("c", "called_then"), flows("s>c"), key="calls_then")
    case = {"process": "calls_then", "tests": [{"name": "both", "expect": {"state": "completed", "path": ["c"]}}]}
    files = {**called, "calls_then.bpmn": calls, "calls_then.test.json": json.dumps(case).encode()}
    request, hour = scheduled(deps, files)
    at = now(deps)
    with deps.sessions() as session, session.begin():  # what nobody can know when it is asked for
        write(session, "process", "called_then", "nobody there", {"expect": {"never": ["visit"]}}, draft_id=None,
              now=at, who="designer")  # fmt: skip
    team, hour_of_team = scheduled(deps, drawn("named_then", team="gone_soon"), team="gone_soon")
    with deps.sessions() as session, session.begin():
        session.delete(session.get_one(TeamRole, "gone_soon"))
    later = replace(deps, clock=lambda _: max(hour, hour_of_team))
    assert [Chores(later).deploy() for _ in range(3)] == [True, True, False]
    assert count(deps, "calls_then") == count(deps, "named_then") == 0
    with deps.sessions() as session:
        rows = [session.get_one(DeploymentRequest, one.id) for one in (request, team)]
        assert {row.state for row in rows} == {DeploymentState.FAILED}
        assert "nobody there" in rows[0].said_en and "gone_soon" in rows[1].said_en
    for person in (DESIGNER, MANAGER):
        told = [line.words.zh for ring in bell.rings(person, deps, hour) if ring.kind == "deployed"
                for line in ring.lines if line.words]  # fmt: skip
        assert any("nobody there" in line for line in told), (person, told)


def test_who_asked_is_told_what_cannot_be_asked_for(deps: Deps) -> None:
    with pytest.raises(DefinitionRefusedError):
        asked(deps, {"broken.bpmn": b"<bpmn:definitions"})
    with pytest.raises(InvalidInput):
        asked(deps, drawn("too_late"), now(deps) - timedelta(minutes=1))
    with pytest.raises(InvalidInput):
        asked(deps, drawn("too_far"), now(deps) + timedelta(days=91))
    with pytest.raises(InvalidInput) as missing:
        wanted = Wanted(files=drawn("unexplained"), token=uuid4().hex)
        process_deployments.send(wanted, DESIGNER, deps)
    assert {one.code for one in missing.value.details} == {"note-missing"}
    with pytest.raises(Forbidden):
        process_deployments.send(Wanted(files=drawn("not_mine"), token="x"), OPERATOR, deps)


def test_after_a_week_it_is_asked_for_again(deps: Deps) -> None:
    request = asked(deps, drawn("too_old"))
    later = replace(deps, clock=lambda session: deps.clock(session) + timedelta(days=8))
    with pytest.raises(Conflict):
        process_deployments.decide(request.id, "", MANAGER, later, agree=True)
    assert state(deps, request) == DeploymentState.OUTDATED and count(deps, "too_old") == 0


def test_by_itself_a_second_person_is_wanted_in_production_only() -> None:
    test = settings_for("sqlite:///x.db", Path("x"))
    assert with_changes(test, {"second_person_deploys": "yes"}).second_person_deploys == "yes"
    assert with_changes(test, {"second_person_deploys": "maybe"}).second_person_deploys == "auto"
