"""Every pair of states of orders and items, and how an order follows from its items."""

from __future__ import annotations

from itertools import product

import pytest

from app.domain.ordering import order_lifecycle as life
from app.domain.ordering.order_lifecycle import OrderState as S
from app.errors import IllegalTransition

# Written out once more on purpose: the table in the code must be this one.
ARROWS = {
    ("acknowledged", "inProgress"),
    ("acknowledged", "pending"),
    ("acknowledged", "rejected"),
    ("acknowledged", "assessingCancellation"),
    ("pending", "inProgress"),
    ("pending", "assessingCancellation"),
    ("pending", "cancelled"),
    ("inProgress", "pending"),
    ("inProgress", "held"),
    ("inProgress", "assessingCancellation"),
    ("inProgress", "completed"),
    ("inProgress", "failed"),
    ("inProgress", "partial"),
    ("held", "inProgress"),
    ("held", "assessingCancellation"),
    ("held", "cancelled"),
    ("assessingCancellation", "pendingCancellation"),
    ("assessingCancellation", "acknowledged"),
    ("assessingCancellation", "pending"),
    ("assessingCancellation", "inProgress"),
    ("assessingCancellation", "held"),
    ("pendingCancellation", "cancelled"),
}
FINAL = {"rejected", "completed", "failed", "partial", "cancelled"}


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_an_order_moves_only_along_the_arrows(current: S, wanted: S) -> None:
    if (current.value, wanted.value) in ARROWS:
        assert life.next_state(current, wanted) is wanted
    else:
        with pytest.raises(IllegalTransition) as refused:
            life.next_state(current, wanted)
        assert (refused.value.current, refused.value.wanted) == (current, wanted)


@pytest.mark.parametrize(("current", "wanted"), list(product(set(S) - {S.PARTIAL}, S)))
def test_an_item_moves_like_an_order_but_is_never_partial(current: S, wanted: S) -> None:
    if wanted is not S.PARTIAL and (current.value, wanted.value) in ARROWS:
        assert life.next_item_state(current, wanted) is wanted
    else:
        with pytest.raises(IllegalTransition):
            life.next_item_state(current, wanted)


def test_final_states_are_the_five_that_lead_nowhere() -> None:
    assert {state.value for state in life.FINAL} == FINAL
    assert not life.FINAL & life.OPEN
    assert set(life.NAMES) == set(S)


@pytest.mark.parametrize(("came_from", "wanted"), list(product(life.CANCEL_STARTS_FROM, life.CANCEL_STARTS_FROM)))
def test_a_denied_cancel_goes_back_to_exactly_where_it_came_from(came_from: S, wanted: S) -> None:
    if wanted is came_from:
        assert life.next_state(S.ASSESSING_CANCELLATION, wanted, came_from=came_from) is wanted
    else:
        with pytest.raises(IllegalTransition):
            life.next_state(S.ASSESSING_CANCELLATION, wanted, came_from=came_from)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("completed", "completed"),
        ("completed completed", "completed"),
        ("completed failed", "partial"),
        ("completed cancelled", "partial"),
        ("failed failed", "failed"),
        ("failed cancelled", "failed"),
        ("cancelled cancelled", "cancelled"),
        ("rejected rejected", "rejected"),
        ("acknowledged acknowledged", "acknowledged"),
        ("acknowledged inProgress", "inProgress"),
        ("completed inProgress", "inProgress"),
        ("completed acknowledged", "inProgress"),
        ("held inProgress pending", "held"),
        ("pending inProgress", "pending"),
        ("completed pending", "pending"),
        ("pendingCancellation pendingCancellation", "pendingCancellation"),
        ("pendingCancellation cancelled", "pendingCancellation"),
        ("pendingCancellation inProgress", "inProgress"),
    ],
)
def test_the_order_follows_its_items(items: str, expected: str) -> None:
    assert life.roll_up([S(item) for item in items.split()]) == expected
    assert life.roll_up([S(item) for item in reversed(items.split())]) == expected


def test_an_order_without_items_has_no_state() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        life.roll_up([])


@pytest.mark.parametrize(
    ("current", "wanted", "way"),
    [
        (S.HELD, S.COMPLETED, (S.IN_PROGRESS, S.COMPLETED)),
        (S.PENDING, S.FAILED, (S.IN_PROGRESS, S.FAILED)),
        (S.IN_PROGRESS, S.COMPLETED, (S.COMPLETED,)),
        (S.HELD, S.HELD, ()),
        (S.ACKNOWLEDGED, S.PARTIAL, (S.IN_PROGRESS, S.PARTIAL)),
    ],
)
def test_a_route_passes_through_legal_states(current: S, wanted: S, way: tuple[S, ...]) -> None:
    assert life.route(current, wanted) == way


@pytest.mark.parametrize("final", sorted(life.FINAL))
def test_no_route_leaves_a_final_state(final: S) -> None:
    with pytest.raises(IllegalTransition):
        life.route(final, S.IN_PROGRESS)


def test_a_route_never_passes_through_a_cancel() -> None:
    with pytest.raises(IllegalTransition):
        life.route(S.IN_PROGRESS, S.ACKNOWLEDGED)
