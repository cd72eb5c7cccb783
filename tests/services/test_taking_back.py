"""A bad version is in force: the way back is one person's, with a reason and told; what leaves nothing is two's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from app.deps import Deps
from app.domain.studio.deployments import DeploymentState
from app.errors import Conflict, InvalidInput
from app.persistence.administration.parameters import LiveSettings
from app.services import bell
from app.services.studio import process_deployments
from app.services.studio.deploy_parts import in_force
from app.services.studio.deploy_reports import report_on
from app.services.studio.deployment_making import Wanted
from app.services.studio.taking_back import take_back
from tests.services.desk import Desk
from tests.services.test_deployments import DESIGNER, MANAGER, asked, drawn, now
from tests.services.test_shared_steps import cases_for


@pytest.fixture(scope="module")
def deps(office: Desk) -> Deps:
    """A product in which a second person has to agree."""
    made = office.whole.deps
    return replace(made, live=LiveSettings(replace(made.settings, second_person_deploys="yes")))


def two_versions(deps: Deps) -> str:
    """A process of which the second version is in force."""
    key = f"bad_{uuid4().hex[:6]}"
    for files in (drawn(key), drawn(key, "再上门")):
        process_deployments.decide(asked(deps, files).id, "", MANAGER, deps, agree=True)
    return key


def live(deps: Deps, key: str) -> int | None:
    with deps.sessions() as session:
        return in_force(session).get(f"process:{key}")


def told(deps: Deps, at: datetime) -> list[str]:
    """What the bell tells the second person of what others did alone."""
    found = [ring for ring in bell.rings(MANAGER, deps, at + timedelta(seconds=1)) if ring.kind == "alone"]
    return [line.words.en for ring in found for line in ring.lines if line.words]


def test_back_to_the_version_before_is_one_persons_act_that_is_told(deps: Deps) -> None:
    key = two_versions(deps)
    with pytest.raises(InvalidInput):
        take_back("process", key, 2, " ", DESIGNER, deps)
    assert live(deps, key) == 2
    assert take_back("process", key, 2, "visits are booked twice", DESIGNER, deps).asked is None
    assert live(deps, key) == 1
    assert any("visits are booked twice" in line for line in told(deps, now(deps)))


def test_the_last_version_of_all_waits_for_a_second_person(deps: Deps) -> None:
    key = two_versions(deps)
    take_back("process", key, 2, "why", DESIGNER, deps)
    waiting = take_back("process", key, 1, "nobody sells it", DESIGNER, deps).asked
    assert waiting is not None and waiting.state == DeploymentState.WAITING and live(deps, key) == 1
    with pytest.raises(Conflict):
        take_back("process", key, 1, "again", DESIGNER, deps)
    done = process_deployments.decide(waiting.id, "so it is", MANAGER, deps, agree=True)
    assert done.state == DeploymentState.DONE and not done.alone and live(deps, key) is None


def test_the_version_before_is_deployed_again_at_once_whatever_the_new_cases_say(deps: Deps) -> None:
    key = two_versions(deps)
    case = cases_for(key, {"name": "as it is now", "expect": {"never": ["visit"]}})[1]
    back = {**drawn(key), f"{key}.test.json": case}
    report = report_on(back, DESIGNER, deps)
    assert report.failed_cases and report.way_back and not report.is_blocked
    silent = asked(deps, back)  # without a reason it waits like any other
    assert silent.state == DeploymentState.WAITING
    wanted = Wanted(files=back, token=uuid4().hex, release_note="orders stand still")
    sent = process_deployments.send(wanted, DESIGNER, deps)
    assert sent.request.state == DeploymentState.DONE and sent.request.alone and live(deps, key) == 1
    assert any("orders stand still" in line for line in told(deps, now(deps)))
