"""Cases live with their model: in force, with a draft, as a file; on both databases."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import ProcessCase, adopt, cases_of, stored_file, write
from app.services.studio.case_files import read_case_file, take_in_file, take_in_shipped
from tests.servers import ROOT

BODY = {"data": {"item": {"product": "home_bundle", "order_type": "install"}}, "answers": {}, "expect": {"path": ["a"]}}


def draft(session: Session, now: datetime) -> str:
    row = ProcessDraft(
        name="p.bpmn", content=b"x", errors=0, warnings=0, saved_at=now, saved_by="me", made_by="me", key="p"
    )
    session.add(row)
    session.flush()
    return row.id


def keep(session: Session, name: str, body: dict[str, object], now: datetime, draft_id: str | None = None) -> None:
    write(session, "process", "p", name, body, draft_id=draft_id, now=now, who="me")


def names(session: Session, draft_id: str | None = None) -> list[tuple[str, object]]:
    return [(row.name, row.body["expect"]) for row in cases_of(session, "process", "p", draft_id)]


def test_what_a_draft_says_of_cases_counts_there_until_it_is_deployed(session: Session, now: datetime) -> None:
    mine = draft(session, now)
    keep(session, "one", BODY, now)
    keep(session, "two", BODY, now)
    keep(session, "one", {**BODY, "expect": {"path": ["b"]}}, now, mine)
    keep(session, "three", BODY, now, mine)
    gone = ProcessCase(kind="process", key="p", name="two", draft_id=mine, removed=True, saved_at=now, saved_by="me")
    gone.says(BODY)
    session.add(gone)
    session.flush()
    assert names(session) == [("one", {"path": ["a"]}), ("two", {"path": ["a"]})]
    assert names(session, mine) == [("one", {"path": ["b"]}), ("three", {"path": ["a"]})]
    assert adopt(session, [mine], now=now) == 3
    assert names(session) == names(session, mine) == [("one", {"path": ["b"]}), ("three", {"path": ["a"]})]
    past = session.scalars(select(ProcessCase).where(ProcessCase.key == "p", ProcessCase.ended_at.is_not(None))).all()
    assert sorted(row.name for row in past) == ["one", "two", "two"]


def test_the_cases_of_a_draft_go_with_it(session: Session, now: datetime) -> None:
    mine = draft(session, now)
    keep(session, "one", BODY, now, mine)
    session.delete(session.get_one(ProcessDraft, mine))
    session.flush()
    assert names(session, mine) == []


def test_a_file_of_tests_comes_out_as_it_went_in(session: Session, now: datetime) -> None:
    take_in_file(session, "p.test.json", file_with([{"name": "ü", "nameZh": "一", **BODY}]), now=now, who="me")
    keep(session, "from an order", {"data": {}}, now)
    text = stored_file(session, "process", "p")
    assert text is not None
    body = json.loads(text)
    assert ([row["name"] for row in body["tests"]], [row["name"] for row in body["samples"]]) == (
        ["ü"], ["from an order"]
    )  # fmt: skip
    assert take_in_file(session, "p.test.json", text, now=now, who="me") == 2
    assert stored_file(session, "process", "p") == text
    row = cases_of(session, "process", "p")[0]
    assert (row.name_zh, row.name_en) == ("一", "ü")
    assert (row.product, row.order_type, row.revision) == ("home_bundle", "install", 1)


def file_with(tests: list[dict[str, object]]) -> bytes:
    return json.dumps({"process": "p", "tests": tests}).encode()


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"tests": [{}]}', b'{"tests": [{"name": "a", "expect": {}}, {"name": "a", "expect": {}}]}'],
)
def test_a_file_that_is_not_understood_is_refused_whole(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_case_file("p.test.json", content)


def test_shipped_tests_are_taken_in_once_and_leave_alone_what_people_changed(session: Session, now: datetime) -> None:
    first = take_in_shipped(session, ROOT / "bpmn", now=now)
    assert first > 100
    assert take_in_shipped(session, ROOT / "bpmn", now=now) == 0
    row = cases_of(session, "process", "home_install")[0]
    write(session, "process", "home_install", row.name, BODY, draft_id=None, now=now, who="me")
    assert take_in_shipped(session, ROOT / "bpmn", now=now) == 0
