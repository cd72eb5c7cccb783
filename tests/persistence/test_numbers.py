"""Numbers of orders and work items: unique whoever takes them, and on PostgreSQL without waiting for anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from app.persistence.numbers import SEQUENCES, next_number
from processes.store.opening import create_database_engine
from processes.store.sessions import Sessions, session_factory
from tests.databases import alembic_config

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
def postgresql(make_database: Callable[..., str]) -> Iterator[Engine]:
    engine = create_database_engine(make_database("postgresql"), application_name="test", lock_timeout_s=0.5)
    yield engine
    engine.dispose()


@pytest.mark.slow
def test_nobody_waits_for_the_number_of_somebody_else(postgresql: Engine) -> None:
    sessions: Sessions = session_factory(postgresql)
    for kind in SEQUENCES:
        with sessions() as slow, sessions() as quick, slow.begin(), quick.begin():
            assert next_number(slow, kind, NOW) == f"{kind}-2611-000001"
            assert next_number(quick, kind, NOW) == f"{kind}-2611-000002"


@pytest.mark.slow
def test_sequences_go_on_where_the_counter_rows_stood(postgresql: Engine) -> None:
    from alembic import command

    config = alembic_config(postgresql.url.render_as_string(hide_password=False))
    command.downgrade(config, "0008_reconciliation")
    with postgresql.begin() as connection:
        connection.execute(text("INSERT INTO order_number VALUES ('O', '2610', 7), ('O', '2611', 41)"))
    command.upgrade(config, "head")
    with session_factory(postgresql)() as session:
        assert next_number(session, "O", NOW) == "O-2611-000042"
        assert next_number(session, "W", NOW) == "W-2611-000001"
