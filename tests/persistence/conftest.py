"""A database with the reference and demonstration data, and sessions on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.persistence import all_rows
from app.seed.demo import load_demo
from app.seed.reference import load_reference
from processes.definitions import deploy
from processes.ids import uuid7
from processes.store.opening import create_database_engine
from processes.store.sessions import Sessions, session_factory
from tests.servers import ROOT

BPMN = ROOT / "bpmn"
NOW = datetime(2026, 11, 23, 10, 5, tzinfo=ZONE)
assert all_rows.MODULES


@pytest.fixture(scope="module")
def engine(migrated_database_url: str) -> Iterator[Engine]:
    """The database of this test file, loaded; once on SQLite and once on PostgreSQL."""
    opened = create_database_engine(migrated_database_url, application_name="tests")
    with session_factory(opened).begin() as session:
        load_reference(session)
        load_demo(session, lambda password: f"hash of {password}")
        tables = {
            file: (BPMN / file).read_bytes()
            for file in ("sla_policy.dmn", "repair_policy.dmn", "dispatch.dmn", "work_priority.dmn")
        }
        deploy(session, tables, operations=(), ids=uuid7, actor="tests", note="", now=NOW)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def sessions(engine: Engine) -> Sessions:
    return session_factory(engine)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """A session whose work is thrown away."""
    with sessions() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def now() -> datetime:
    """A Monday morning, before 16:00."""
    return NOW
