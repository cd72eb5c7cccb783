"""Who sees whose name and number: in clear only who has to call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from app.api.problems import as_app_error
from app.persistence.numbers import next_number
from app.persistence.teamwork.work_items import WorkItem
from app.unit_of_work import transaction
from tests.api.world import ORDERS, World, home_bundle


def visit(world: World, order: dict[str, str], **more: object) -> str:
    with transaction(world.deps.sessions) as tx:
        now = world.deps.clock(tx.session)
        facts = {"state": "open", "form_key": "install_at_customer", "created_at": now} | more
        item = WorkItem(
            number=next_number(tx.session, "W", now),
            kind="task",
            title_zh="上门",
            title_en="Visit",
            team_role="home_field",
            team_code="home_field.sh-sh.east",
            context={},
            area="SH-SH",
            order_id=order["id"],
            **facts,
        )
        tx.session.add(item)
        tx.session.flush()
        return item.id


def test_the_contact_is_in_clear_for_who_has_claimed_the_visit_only(world: World) -> None:
    order = world.person("front").post(ORDERS, home_bundle()).get_json()
    field, path = world.person("field"), f"/api/v1/work-items/{visit(world, order)}"
    assert field.get(path).get_json()["contact"] == {"name": "吕*", "phone": "154****1003"}
    assert field.post(f"{path}/claim").get_json()["contact"] == {"name": "吕例和", "phone": "15400001003"}
    for other in ("sh.lead", "front", "auditor"):
        assert world.person(other).get(path).get_json()["contact"] == {"name": "吕*", "phone": "154****1003"}


def test_who_was_named_when_the_visit_was_booked_is_called(world: World) -> None:
    order = world.person("front").post(ORDERS, home_bundle()).get_json()
    now = world.look(world.deps.clock)
    answers = {"contact_name": "邻居王先生", "contact_phone": "15400009999", "remark": "ring twice"}
    done = {"state": "completed", "form_key": "book_appointment", "completed_by": "back", "result": answers}
    booked = visit(world, order, completed_at=now - timedelta(minutes=1), **done)
    shown = world.person("back").get(f"/api/v1/work-items/{booked}").get_json()["result"]
    assert shown == {"contact_name": "邻*", "contact_phone": "154****9999", "remark": "ring twice"}
    field, path = world.person("field"), f"/api/v1/work-items/{visit(world, order)}"
    assert field.post(f"{path}/claim").get_json()["contact"] == {"name": "邻居王先生", "phone": "15400009999"}


@pytest.mark.parametrize("kind", [IntegrityError, OperationalError])
def test_what_a_database_complains_about_is_one_line_without_the_values(
    kind: type[IntegrityError] | type[OperationalError],
) -> None:
    cause = Exception("duplicate key value violates unique constraint\nDETAIL: Key (name)=(吕例和) already exists.")
    with capture_logs() as lines:
        assert as_app_error(kind("INSERT INTO customer ...", {"name": "吕例和"}, cause)).http_status in {409, 503}
    assert [line["problem"] for line in lines] == [f"{kind.__name__}: duplicate key value violates unique constraint"]
    assert "exc_info" not in lines[0]
