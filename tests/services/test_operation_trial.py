"""Trying operations: on a neighbour of its own, undone again, and nothing of it is left anywhere."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.operations_file import load_registry
from app.services.studio.operation_trial import SILENT, Bench, sample_of

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
REGISTRY = load_registry()
#: Answers that depend on what the demonstration's books happen to hold.
FEW = ("resource.occupy", "resource.vacate", "billing.refund_one_off")


@pytest.fixture
def bench() -> Bench:
    """A neighbour that nobody else knows."""
    return Bench(REGISTRY, NOW, lambda: str(uuid.uuid4()))


def codes(request: pytest.FixtureRequest) -> list[str]:
    return REGISTRY.codes() if request.config.getoption("--full") else list(FEW)


def test_every_operation_has_a_sample_with_which_it_succeeds_and_is_undone(request: pytest.FixtureRequest) -> None:
    wrong: list[Any] = []
    for code in codes(request):
        operation = REGISTRY.get(code)
        made = Bench(REGISTRY, NOW, lambda: str(uuid.uuid4()))
        tried = made.tried(operation, Bench(REGISTRY, NOW, lambda: str(uuid.uuid4())).prepared(operation)[1])
        calls = [*tried.before, tried.call, *([tried.undo] if tried.undo else [])]
        wrong += [(code, one) for one in calls if one.outcome != "done"] + [(code, tried.problems)] * bool(
            tried.problems
        )
        assert bool(tried.undo) == bool(operation.undo), code
    assert wrong == []


def test_every_operation_has_a_sample() -> None:
    for code in REGISTRY.codes():
        sample = sample_of(REGISTRY, code)
        assert sample.inputs or sample.after, code
        assert not set(sample.inputs) - {*REGISTRY.get(code).inputs, *REGISTRY.get(code).optional_inputs}, code


def test_it_can_be_made_to_refuse_or_to_say_nothing(bench: Bench) -> None:
    reserve = REGISTRY.get("resource.reserve")
    inputs = bench.prepared(reserve)[1]
    refused = bench.tried(reserve, inputs, "no-free-port")
    assert (refused.call.outcome, refused.call.code, refused.undo) == ("refused", "no-free-port", None)
    silent = bench.tried(reserve, inputs, SILENT)
    assert silent.call.outcome == "silent"


def test_what_is_missing_is_said_and_refused(bench: Bench) -> None:
    tried = bench.tried(REGISTRY.get("resource.reserve"), {"order_item": "1"})
    assert (
        tried.call.code == "request-not-understood" and "resource.reserve: input quantity is missing" in tried.problems
    )
