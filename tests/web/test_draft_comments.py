"""Comments of the drawing board over its own doors: who wrote them in the reader's words, and what is refused."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.processes.drawing import bpmn, flows, start, user
from tests.web.site import Site, Visitor

FILE = bpmn(start(), user("a"), flows("s>a"), key="comment_doors")


@pytest.fixture(scope="module")
def draft(site: Site) -> str:
    designer = site.visitor("designer")
    designer.post("/processes/upload", {"do": "draft", "files": (io.BytesIO(FILE), "comment_doors.bpmn")})
    found = re.search(r"/processes/drafts/([0-9a-f-]{36})", designer.get("/processes").get_data(as_text=True))
    assert found
    return found[1]


def send(who: Visitor, path: str, body: Any) -> Any:
    return who.client.post(path, json=body, headers={"X-CSRF-Token": who.token()})


def test_a_comment_goes_around(site: Site, draft: str) -> None:
    designer, at = site.visitor("designer"), f"/processes/drafts/{draft}/comments"
    body = {"element_id": "a", "element_name": "A", "text": "<b>为什么</b>", "key": "k1"}
    [row] = send(designer, at, body).get_json()["comments"]
    assert (row["text"], row["element_id"], row["settled"], row["replies"]) == ("<b>为什么</b>", "a", False, [])
    assert row["by"] != "designer" and "*" in row["by"], "people are shown by their masked name"
    assert len(send(designer, at, body).get_json()["comments"]) == 1, "sent twice, written once"
    [row] = send(designer, f"{at}/{row['id']}/reply", {"text": "因为", "key": "k2"}).get_json()["comments"]
    assert [one["text"] for one in row["replies"]] == ["因为"]
    [row] = send(designer, f"{at}/{row['id']}/settle", {"settled": True}).get_json()["comments"]
    assert row["settled"] and row["settled_by"] == row["by"]
    assert designer.get(at).get_json() == {"comments": [row]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"text": "", "key": "k"}, 422),
        ("", {"text": 5, "key": "k"}, 422),
        ("", ["text"], 400),
        ("/00000000-0000-7000-8000-000000000000/reply", {"text": "x", "key": "k9"}, 404),
        ("/00000000-0000-7000-8000-000000000000/settle", {"settled": True}, 404),
        ("/00000000-0000-7000-8000-000000000000/settle", {"settled": "yes"}, 422),
    ],
)
def test_what_is_wrong_is_refused(site: Site, draft: str, path: str, body: Any, status: int) -> None:
    assert send(site.visitor("designer"), f"/processes/drafts/{draft}/comments{path}", body).status_code == status


def test_only_designers_write_and_strangers_read_nothing(site: Site, draft: str) -> None:
    at = f"/processes/drafts/{draft}/comments"
    assert send(site.visitor("front"), at, {"text": "x", "key": "k"}).status_code == 403
    assert site.stranger().get(at).status_code in (302, 303, 401)
    assert site.visitor("designer").client.post(at, json={"text": "x", "key": "k"}).status_code in (400, 403)
