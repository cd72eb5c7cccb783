"""What each release left in the middle of its work is brought to its end by the program of today.

The files under `frozen` come from `python -m tests.upgrade.freeze`, run with the released program; with them is written
what that program itself made of the same work.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.seed.reference import load_reference
from app.unit_of_work import transaction
from tests.databases import upgrade
from tests.upgrade import constructs, orders
from tests.upgrade.frozen import Frozen, releases

EVERY = [
    pytest.param(release, backend, id=f"{release}-{backend}", marks=[pytest.mark.slow])
    for release in releases()
    for backend in ("sqlite", "postgresql")
]


def test_there_is_something_frozen() -> None:
    assert "0.1.0-0012" in releases()


@pytest.mark.parametrize(("release", "backend"), EVERY)
def test_every_construct_in_flight_comes_to_the_end_it_had(
    release: str, backend: str, make_database: Callable[..., str], tmp_path: Path
) -> None:
    frozen, url = Frozen(release, backend), make_database(backend, migrated=False)
    frozen.fill_constructs(url)
    upgrade(url)
    with frozen.constructs(url, tmp_path) as rig:
        rig.check()
        constructs.finish(rig)
        rig.check()
        assert constructs.facts(rig) == frozen.told["constructs"]


@pytest.mark.parametrize(("release", "backend"), EVERY)
def test_every_order_in_flight_comes_to_the_end_it_had(
    release: str, backend: str, make_database: Callable[..., str], tmp_path: Path
) -> None:
    frozen, url, at = Frozen(release, backend), make_database(backend, migrated=False), orders.Time()
    frozen.fill_orders(url)
    upgrade(url)
    told: dict[str, Any] = frozen.told["orders"]
    with frozen.orders(url, tmp_path, at) as whole:
        with transaction(whole.deps.sessions) as tx:
            load_reference(tx.session)  # as `yizhan db upgrade` does after the migrations
        assert whole.violations() == []
        orders.finish(whole, at)
        found = orders.facts(whole)
        for what in ("orders", "tickets", "effects"):
            assert found[what] == told[what]
        assert whole.violations() == []
