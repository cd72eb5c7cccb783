"""Files of work items over HTTP: kept once, only with who has the item, seen only in its area."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from app.cli.field_crew import answers
from app.domain.forms import form_fields
from app.persistence.teamwork.attachments import Attachment, AttachmentContent
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork.attachments import FILE_KINDS, MOST, answers_with_files
from app.unit_of_work import read
from tests.api.world import ORDERS, Person, home_bundle
from tests.files import GPS, jpeg, png
from tests.services.desk import Desk

PEOPLE = ("front", "field", "sh.field2", "back")


def send(person: Person, item: str, content: bytes, name: str = "p.jpg", key: str = "", **form: str) -> Any:
    parts = [f'name="{name}"\r\n\r\n'.encode() + value.encode() for name, value in form.items()]
    parts.append(f'name="file"; filename="{name}"\r\n\r\n'.encode() + content)
    body = b"".join(b"--cut\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--cut--\r\n"
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/api/v1/work-items/{item}/attachments"
    return person.call("POST", path, data=body, content_type="multipart/form-data; boundary=cut", headers=headers)


@pytest.fixture(scope="module")
def item(office: Desk) -> dict[str, Any]:
    """A step that asks for photos, claimed by the crew it lies with."""
    answer = office.person("front").post(ORDERS, home_bundle(relatedParty=[{"id": "C100005", "role": "customer"}]))
    assert answer.status_code == 201, answer.get_json()
    number = answer.get_json()["orderNumber"]
    for _ in range(6):
        office.work()
        for row in office.manager.get(f"/api/v1/work-items?tab=all&order={number}").get_json()["items"]:
            found = claimed_by_anybody(office, row["id"])
            if any(field.kind in FILE_KINDS for field in form_fields(found["form"])):
                return found
            done = {"result": answers(found["form"], found["context"])}
            assert found["person"].post(f"/api/v1/work-items/{row['id']}/complete", done).status_code == 200
    raise AssertionError("no step asks for photos")


def claimed_by_anybody(office: Desk, item_id: str) -> dict[str, Any]:
    for login in PEOPLE:
        claimed = office.person(login).post(f"/api/v1/work-items/{item_id}/claim")
        if claimed.status_code == 200:
            return {**claimed.get_json(), "person": office.person(login), "login": login}
    raise AssertionError(claimed.get_json())


def files_in(office: Desk, item: dict[str, Any]) -> tuple[int, int]:
    """Rows that are there, and rows of bytes."""
    with read(office.whole.deps.read_sessions) as session:
        rows = select(func.count()).where(Attachment.work_item_id == item["id"], Attachment.removed_at.is_(None))
        of_item = select(Attachment.id).where(Attachment.work_item_id == item["id"])
        held = select(func.count()).where(AttachmentContent.attachment_id.in_(of_item))
        return session.scalar(rows) or 0, session.scalar(held) or 0


def listed(item: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = item["person"].get(f"/api/v1/work-items/{item['id']}/attachments").get_json()["items"]
    return rows


def test_a_photo_is_kept_without_its_place_and_handed_out_so_that_nothing_runs(
    office: Desk, item: dict[str, Any]
) -> None:
    answer = send(item["person"], item["id"], jpeg(tail=b"<script>"), "现场<1>.jpeg")
    assert answer.status_code == 201, answer.get_json()
    row = answer.get_json()
    assert (row["name"], row["media_type"], row["width"], row["height"]) == ("现场1.jpeg", "image/jpeg", 4, 3)
    assert row["number"].startswith(f"{item['number']}-")
    assert row in listed(item)
    got = office.ops.get(f"/api/v1/attachments/{row['number']}")
    assert got.status_code == 200 and len(got.data) == row["size"]
    assert GPS not in got.data and b"<script>" not in got.data
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert (got.headers["X-Content-Type-Options"], got.headers["Content-Type"]) == ("nosniff", "image/jpeg")


def test_a_file_that_is_sent_again_is_the_same_file(office: Desk, item: dict[str, Any]) -> None:
    person, before = item["person"], files_in(office, item)
    with ThreadPoolExecutor(4) as crowd:
        photo = png(3, 3)
        sendings = list(crowd.map(lambda _: send(person, item["id"], photo, key="phone-1"), range(4)))
    assert {answer.status_code for answer in sendings} == {201}
    assert len({answer.get_json()["number"] for answer in sendings}) == 1
    assert files_in(office, item) == (before[0] + 1, before[1] + 1)
    # Without a key the same bytes are the same file.
    assert send(person, item["id"], photo).get_json()["number"] == sendings[0].get_json()["number"]
    other = send(person, item["id"], png(3, 4), key="phone-1")
    assert (other.status_code, other.get_json()["code"]) == (422, "key-reused")
    assert files_in(office, item) == (before[0] + 1, before[1] + 1)


def test_a_file_that_was_removed_does_not_come_back_by_itself(office: Desk, item: dict[str, Any]) -> None:
    person, before = item["person"], files_in(office, item)
    row = send(person, item["id"], png(9, 9), key="phone-2").get_json()
    assert office.ops.post(f"/api/v1/attachments/{row['number']}/remove").status_code == 403
    assert person.post(f"/api/v1/attachments/{row['number']}/remove").status_code == 200
    assert files_in(office, item) == before
    assert person.get(f"/api/v1/attachments/{row['number']}").status_code == 404
    again = send(person, item["id"], png(9, 9), key="phone-2")
    assert again.status_code == 201 and again.get_json()["removed_at"]
    assert files_in(office, item) == before


def test_only_who_has_the_item_attaches_and_nobody_of_another_area_sees(office: Desk, item: dict[str, Any]) -> None:
    row = send(item["person"], item["id"], png(2, 2)).get_json()
    other = next(login for login in PEOPLE if login != item["login"])
    refused = send(office.person(other), item["id"], png(8, 1))
    assert refused.status_code == 409, refused.get_json()
    for login in ("bj.field1", "bj.manager"):
        stranger = office.person(login)
        assert stranger.get(f"/api/v1/attachments/{row['number']}").status_code == 404
        assert stranger.get(f"/api/v1/work-items/{item['id']}/attachments").status_code == 404
        assert send(stranger, item["id"], png(8, 1)).status_code == 404
    assert send(office.person("designer"), item["id"], png(8, 1)).status_code == 403


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_stored(office: Desk, item: dict[str, Any]) -> None:
    person, before = item["person"], files_in(office, item)
    limit = office.whole.deps.settings.max_attachment_bytes
    cases = [
        (b"MZ\x90\x00", {}, 415),
        (jpeg()[:-1], {}, 415),
        (b"a" * (limit + 1), {}, 413),
        (png(), {"field": "no_such_question"}, 422),
    ]
    for content, form, status in cases:
        answer = send(person, item["id"], content, **form)
        assert answer.status_code == status, answer.get_json()
    assert person.post(f"/api/v1/work-items/{item['id']}/attachments").status_code == 415
    assert files_in(office, item) == before


def test_a_work_item_has_so_many_files_and_no_more(office: Desk, item: dict[str, Any]) -> None:
    person = item["person"]
    for n in range(MOST - files_in(office, item)[0]):
        assert send(person, item["id"], f"line {n}".encode(), "a.txt").status_code == 201
    assert send(person, item["id"], b"one more", "a.txt").status_code == 409
    assert files_in(office, item)[0] == MOST
    for row in listed(item):
        person.post(f"/api/v1/attachments/{row['number']}/remove")


def test_the_photos_of_a_question_are_its_answer(office: Desk, item: dict[str, Any]) -> None:
    field = next(one.key for one in form_fields(item["form"]) if one.kind in ("photo", "file"))
    row = send(item["person"], item["id"], png(6, 6), field=field).get_json()
    with read(office.whole.deps.read_sessions) as session:
        held = session.get_one(WorkItem, item["id"])
        told = answers_with_files(session, held, item["form"], {field: ["sketch-1"], "x": 1})
        assert told == {field: ["sketch-1", row["number"]], "x": 1}
        assert answers_with_files(session, held, item["form"], told) == told
