"""Callbacks: only the holder of a secret is heard, and hearing the same thing twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from adapters.signing import signed_headers
from processes.store.jobs import InboxMessage
from tests.api.world import SECRET, World

PATH = "/api/v1/callbacks/provisioning"


def answer_body(**more: Any) -> bytes:
    body = {
        "event_id": "evt-1",
        "operation_id": "01a1ffbc-0000-7000-8000-000000000000",
        "occurred_at": "2026-11-21T10:00:00Z",
        "status": "done",
        "outputs": {"port": "OLT-1/1"},
    }
    return json.dumps(body | more).encode()


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    seconds = int(datetime.now(UTC).timestamp() if at is None else at)
    return signed_headers([secret.encode()], "msg-1", seconds, body)


def send(world: World, body: bytes, headers: Mapping[str, str], path: str = PATH) -> TestResponse:
    client = world.app.test_client(use_cookies=False)
    return client.post(path, data=body, headers=dict(headers), content_type="application/json")


def kept(world: World) -> int:
    return int(world.look(lambda session: session.scalar(select(func.count()).select_from(InboxMessage))))


def test_a_signed_answer_is_kept_once_however_often_it_comes(world: World) -> None:
    before, body = kept(world), answer_body(event_id="evt-once")
    for _ in range(5):
        answer = send(world, body, signed(body))
        assert (answer.status_code, answer.get_json()) == (200, {"received": True})
    assert kept(world) == before + 1


def test_nothing_unsigned_old_or_changed_is_heard(world: World) -> None:
    before, body = kept(world), answer_body(event_id="evt-forged")
    now = datetime.now(UTC).timestamp()
    good = signed(body)
    flipped = bytearray(body)
    flipped[10] ^= 1
    attempts = [
        (body, {}),
        (body, signed(body, secret="another secret")),
        (body, signed(body, at=now - 400)),
        (body, signed(body, at=now + 400)),
        (bytes(flipped), good),
        (body + b" ", good),
        (body, {**good, "webhook-id": "msg-2"}),
        (body, {**good, "webhook-timestamp": "soon"}),
        (body, {**good, "webhook-signature": "v1,"}),
        (b"{", {}),
    ]
    for raw, headers in attempts:
        answer = send(world, raw, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "bad-signature")
    assert kept(world) == before


def test_a_second_secret_is_heard_while_they_are_rotated(fresh_world) -> None:  # type: ignore[no-untyped-def]
    world = fresh_world(callback_secrets=("the new secret", "the old secret"))
    for number, secret in enumerate(("the new secret", "the old secret")):
        body = answer_body(event_id=f"evt-{number}")
        assert send(world, body, signed(body, secret=secret)).status_code == 200


def test_an_unknown_neighbour_is_404(world: World) -> None:
    body = answer_body()
    assert send(world, body, signed(body), "/api/v1/callbacks/nobody").status_code == 404


@pytest.mark.parametrize(
    "more", [{"status": "maybe"}, {"status": "rejected"}, {"event_id": ""}, {"colour": 1}, {"outputs": []}]
)
def test_a_signed_answer_of_the_wrong_shape_is_422(world: World, more: dict[str, Any]) -> None:
    body = answer_body(**more)
    assert send(world, body, signed(body)).status_code == 422


def test_a_signed_answer_that_is_no_json_is_400_and_a_huge_one_413(world: World) -> None:
    assert send(world, b"{", signed(b"{")).status_code == 400
    huge = b" " * (2 * 1024 * 1024)
    assert send(world, huge, signed(huge)).status_code == 413
