"""The catalogue of processes: what runs on which version is counted exactly and leads to the same rows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.services.studio.process_deployments import deploy
from app.unit_of_work import read, transaction
from processes.ids import uuid7
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident, ProcessInstance
from tests.processes.drawing import bpmn, flows, start, user
from tests.services.test_draft_life import ANN
from tests.web.site import Site

KEY = "counted_here"


def drawn(number: int) -> bytes:
    return bpmn(start(), user(f"a{number}", yz_team="home_field"), flows(f"s>a{number}"), key=KEY)


@pytest.fixture(scope="module")
def counted(site: Site) -> Site:
    """A process with two versions: three instances on the first, one of them failed, and two on the second."""
    deps = site.world.deps
    for number, count in ((1, 3), (2, 2)):
        deploy({f"{KEY}.bpmn": drawn(number)}, ANN, deps, note=f"note {number}")
        with transaction(deps.sessions) as tx:
            now = deps.clock(tx.session)
            started = [
                deps.engine.start(
                    tx.session, KEY, business_key=f"trial:{number}:{at}", area="SH-SH", data={}, now=now, actor="test"
                )
                for at in range(count)
            ]
            if number == 1:
                failed = {"code": "x", "message": "x", "element_id": "a1", "state": "resolved", "area": "SH-SH"}
                one = started[0]
                tx.session.add(Incident(id=uuid7(), instance_id=one.id, root_id=one.id, opened_at=now, **failed))
    return site


def row_of(page: str, key: str) -> str:
    found = re.search(rf'<tr data-testid="process-row" data-href="/processes/{key}/.*?</tr>', page, re.DOTALL)
    assert found, f"{key} is not listed"
    return found[0]


def test_numbers_of_running_instances_lead_to_the_same_rows(counted: Site) -> None:
    designer = counted.visitor("designer")
    row = row_of(designer.get(f"/processes?q={KEY}&lang=en").get_data(as_text=True), KEY)
    assert ">v2<" in row and 'aria-label="v2: 2, v1: 3"' in row
    links = {int(count): href for href, count in re.findall(r'href="([^"]*/running[^"]*)">(?:v\d: )?(\d+)', row)}
    assert set(links) == {5, 2, 3}
    for count, href in links.items():
        listed = designer.get(href).get_data(as_text=True)
        assert listed.count("trial:") == count, href
    assert "20.0%" in row, "one of five has failed"
    assert designer.get(f"/processes/{KEY}/running?version=1&offset=3").get_data(as_text=True).count("trial:") == 0


def test_what_has_failed_long_ago_does_not_count(counted: Site) -> None:
    deps = counted.world.deps
    with transaction(deps.sessions) as tx:
        mine = select(ProcessInstance.id).where(ProcessInstance.process_key == KEY)
        failed = select(Incident.instance_id).where(Incident.instance_id.in_(mine))
        at = tx.session.scalar(select(ProcessInstance.started_at).where(ProcessInstance.id.in_(failed)))
        assert at is not None
        old = {"started_at": at - timedelta(days=8)}
        tx.session.execute(update(ProcessInstance).where(ProcessInstance.id.in_(failed)).values(**old))
    row = row_of(counted.visitor("designer").get(f"/processes?q={KEY}").get_data(as_text=True), KEY)
    assert "0.0%" in row and "20.0%" not in row


def test_a_process_is_found_by_product_and_folder_and_moved(counted: Site) -> None:
    designer = counted.visitor("designer")
    by_product = designer.get("/processes?q=FTTH&lang=en").get_data(as_text=True)
    assert "Fibre broadband" in row_of(by_product, "home_install") and "mobile_install" not in by_product
    home = designer.get("/processes?folder=home").get_data(as_text=True)
    assert 'aria-current="page"' in home and "home_install" in home and "/processes/line_test/" not in home
    assert f"/processes/{KEY}/" in designer.get("/processes?folder=none").get_data(as_text=True)
    assert designer.post(f"/processes/{KEY}/folder", {"folder": "home"}).status_code == 303
    assert f"/processes/{KEY}/" in designer.get("/processes?folder=home").get_data(as_text=True)
    assert designer.post(f"/processes/{KEY}/folder", {"folder": "nowhere"}).status_code == 422


def test_versions_say_what_is_new_and_one_nothing_runs_on_is_taken_back(counted: Site) -> None:
    designer, deps = counted.visitor("designer"), counted.world.deps
    deploy({f"{KEY}.bpmn": drawn(3)}, ANN, deps, note="a <b>third</b>")
    page = designer.get(f"/processes/{KEY}?lang=en").get_data(as_text=True)
    assert "a &lt;b&gt;third&lt;/b&gt;" in page and "note 1" in page
    assert f"/processes/{KEY}/compare?old=2&amp;new=3" in page and f"/processes/{KEY}/2/try" in page
    assert re.findall(rf"/processes/{KEY}/(\d)/withdraw", page) == ["3"], "instances run on the others"
    assert designer.post(f"/processes/{KEY}/2/withdraw", {}).status_code == 409
    assert designer.post(f"/processes/{KEY}/3/withdraw", {}).status_code == 303
    with read(deps.read_sessions) as session:
        row = session.scalars(
            select(ProcessDefinition).where(ProcessDefinition.key == KEY, ProcessDefinition.version == 3)
        ).one()
        assert row.withdrawn_by == "designer"
    assert "taken back" in designer.get(f"/processes/{KEY}?lang=en").get_data(as_text=True)


def test_a_process_taken_back_as_a_whole_is_archived(counted: Site) -> None:
    designer = counted.visitor("designer")
    deploy({"given_up.bpmn": drawn(1).replace(KEY.encode(), b"given_up")}, ANN, counted.world.deps)
    assert "/processes/given_up/" in designer.get("/processes?q=given_up").get_data(as_text=True)
    assert designer.post("/processes/given_up/1/withdraw", {}).status_code == 303
    assert "/processes/given_up/1" not in designer.get("/processes?q=given_up").get_data(as_text=True)
    assert "/processes/given_up/1" in designer.get("/processes?folder=archive").get_data(as_text=True)


def test_editing_makes_a_draft_once_and_then_goes_on_with_it(counted: Site) -> None:
    designer = counted.visitor("designer")
    made = designer.post("/processes/drafts", {"from": "version", "key": KEY, "version": "2"})
    row = row_of(designer.get(f"/processes?q={KEY}&lang=en").get_data(as_text=True), KEY)
    assert f'href="{made.headers["Location"]}">Go on drawing' in row and 'name="from"' not in row
    page = designer.get(f"/processes/{KEY}").get_data(as_text=True)
    assert 'data-testid="draft-row"' in page and made.headers["Location"] in page


def test_folders_are_kept_on_a_page_that_says_what_is_wrong(site: Site) -> None:
    designer = site.visitor("designer")
    made = designer.post("/processes/folders", {"do": "make", "name_zh": "试点", "name_en": "Pilots"})
    assert made.status_code == 303
    twice = designer.post("/processes/folders", {"do": "make", "name_zh": "试点", "name_en": "Pilots"})
    assert twice.status_code == 422 and 'data-testid="error-summary"' in twice.get_data(as_text=True)
    full = designer.post("/processes/folders", {"do": "remove", "code": "home"})
    assert full.status_code == 409 and 'data-testid="error-summary"' in full.get_data(as_text=True)
    assert site.visitor("ops").post("/processes/folders", {"do": "remove", "code": "home"}).status_code == 403
    assert designer.post("/processes/folders", {"do": "nothing"}).status_code == 400
