"""Who may do what: denied unless the table says so, and only in one's own area."""

from __future__ import annotations

import pytest

from app.domain.actors import ACTIONS, ALL_ACTIONS, ROLE_NAMES, SYSTEM, Actor, Role, can, contains, may
from app.errors import Forbidden


def actor(role: str, area_path: str = "CN/SH/SH-SH", **more: bool) -> Actor:
    return Actor(login="x", role=role, area=area_path.rsplit("/", 1)[-1], area_path=area_path, **more)


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("CN", "CN/SH/SH-SH", True),
        ("CN", "CN", True),
        ("CN/SH", "CN/SH/SH-SH", True),
        ("CN/SH", "CN/SC/SC-CD", False),
        ("CN/SH/SH-SH", "CN/SH", False),
        ("CN/S", "CN/SH", False),
        ("", "CN", False),
    ],
)
def test_an_area_contains_itself_and_what_is_below(above: str, below: str, expected: bool) -> None:
    assert contains(above, below) is expected


def test_every_role_is_in_the_table_and_names_only_known_actions() -> None:
    assert set(ACTIONS) == set(Role) == set(ROLE_NAMES)
    assert all(actions <= ALL_ACTIONS for actions in ACTIONS.values())
    assert set().union(*(ACTIONS[role] for role in Role if role is not Role.SYSTEM)) == ALL_ACTIONS


@pytest.mark.parametrize("action", sorted(ALL_ACTIONS))
def test_an_unknown_role_may_do_nothing(action: str) -> None:
    assert not can(actor("intruder"), action)


def test_a_misspelt_action_is_an_error_and_no_refusal() -> None:
    with pytest.raises(ValueError, match="unknown action"):
        can(SYSTEM, "order.submitt")


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ("front_desk", "order.submit", True),
        ("front_desk", "process.deploy", False),
        ("back_office", "item.complete", True),
        ("back_office", "order.submit", False),
        ("field", "order.cancel", False),
        ("designer", "process.deploy", True),
        ("designer", "order.view", False),
        ("operations", "incident.retry", True),
        ("auditor", "audit.view", True),
        ("auditor", "item.claim", False),
        ("admin", "admin.users", True),
        ("admin", "customer.view", False),
    ],
)
def test_roles_do_their_own_work(role: str, action: str, allowed: bool) -> None:
    assert can(actor(role), action) is allowed


def test_the_right_ends_at_the_border_of_the_area() -> None:
    may(actor("front_desk"), "order.submit", area_path="CN/SH/SH-SH")
    with pytest.raises(Forbidden) as refused:
        may(actor("front_desk"), "order.submit", area_path="CN/SC/SC-CD")
    assert refused.value.facts == {"action": "order.submit", "area_path": "CN/SC/SC-CD"}


def test_headquarters_may_in_every_area() -> None:
    assert can(actor("operations", "CN"), "incident.retry", area_path="CN/SC/SC-CD")


def test_the_demonstration_crew_takes_items_anywhere_and_gains_nothing_else() -> None:
    crew = actor("front_desk", demo_any_team=True)
    assert can(crew, "item.complete", area_path="CN/SC/SC-CD")
    assert not can(crew, "order.view", area_path="CN/SC/SC-CD")
    assert not can(crew, "process.deploy")
