"""Every route declares what it needs, and nobody gets more: the whole table of routes, by the whole table of roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.access import undeclared
from app.api import all_routes
from app.api.door import LOGIN, NOBODY, Route
from app.domain.actors import ACTIONS, ALL_ACTIONS, Role
from tests.api.world import PEOPLE, Person, World

SOME_ID = "01a1ffbc-0000-7000-8000-000000000000"
REFUSED = {401, 403}
STAFF = [role for role in Role if role is not Role.SYSTEM]


def address(route: Route) -> str:
    return re.sub(r"<\w+>", SOME_ID, route.path)


def call(person: Person, route: Route) -> int:
    if route.method == "GET":
        return person.get(address(route)).status_code
    return person.call(route.method, address(route), json={}).status_code


def cases() -> Iterator[tuple[Route, Role]]:
    for route in all_routes():
        for role in STAFF:
            if route.right != NOBODY:
                yield route, role


def test_every_route_of_the_application_declares_a_rule(world: World) -> None:
    assert undeclared(world.app) == []


def test_every_right_that_routes_name_exists() -> None:
    named = {route.right for route in all_routes()} - {LOGIN, NOBODY}
    assert named <= ALL_ACTIONS


def test_there_is_somebody_of_every_role() -> None:
    assert PEOPLE.keys() == {str(role) for role in STAFF}


@pytest.mark.parametrize(("route", "role"), list(cases()), ids=lambda part: getattr(part, "endpoint", str(part)))
def test_a_role_reaches_exactly_its_routes(world: World, route: Route, role: Role) -> None:
    status = call(world.person(PEOPLE[role]), route)
    if route.right == LOGIN or route.right in ACTIONS[role]:
        assert status not in REFUSED and status < 500
    else:
        assert status == 403


def test_nobody_gets_in_without_credentials(world: World) -> None:
    client = world.app.test_client()
    for route in all_routes():
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic Zm9vOmJhcg=="}):
            answer = client.open(address(route), method=route.method, headers=headers)
            if route.right != NOBODY:
                assert answer.status_code == 401, route.endpoint
                assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_route_without_a_rule_is_closed_even_to_the_administrator(fresh_world) -> None:  # type: ignore[no-untyped-def]
    world = fresh_world()
    world.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = world.person("admin").get("/forgotten")
    assert answer.status_code == 403 and b"secret" not in answer.data
    assert undeclared(world.app) == ["forgotten"]


def test_answers_carry_safe_headers_and_no_banner(front: Person) -> None:
    answer = front.get("/api/v1/me")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    assert answer.headers["X-Request-Id"]
