"""One whole product for the tests of what comes in: orders, sheets, events. Each test works on things of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.api.world import Person
from tests.services.desk import Desk
from tests.services.whole import whole


@pytest.fixture(scope="session")
def _office_on_sqlite(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with whole(make_database("sqlite", migrated=True), tmp_path_factory.mktemp("office"), demo=False) as running:
        yield Desk(running)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def office(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A product that runs in no demonstration: waits are as long as they are, rights are those of the role.

    On PostgreSQL, in full runs, each file has one of its own.
    """
    if request.param == "sqlite":
        yield request.getfixturevalue("_office_on_sqlite")
        return
    with whole(make_database("postgresql", migrated=True), tmp_path_factory.mktemp("office"), demo=False) as running:
        yield Desk(running)


@pytest.fixture
def front(office: Desk) -> Person:
    """The front desk of Shanghai."""
    return office.person("front")
