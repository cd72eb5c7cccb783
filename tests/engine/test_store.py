"""The database as the engine opens it: times, JSON, locks, retries, migrations."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from processes.clock import set_offset
from processes.ids import CountingIds, uuid7
from processes.store.checkpoint import Checkpointer
from processes.store.jobs import ClockSetting, OutboxEvent
from processes.store.opening import create_database_engine
from processes.store.sessions import Sessions, read_session_factory, session_factory
from processes.store.units import run_unit, worth_retrying
from tests.databases import alembic_config
from tests.engine.rig import NOW, Rig


def outbox(at: datetime = NOW, **payload: object) -> OutboxEvent:
    return OutboxEvent(id=uuid7(), topic="t", business_key="k", area="SH", payload=payload, created_at=at)


def test_times_go_in_and_come_out_aware_and_in_utc(rig: Rig) -> None:
    shanghai = timezone(timedelta(hours=8))
    with rig.work() as session:
        session.add(outbox(at=datetime(2026, 11, 2, 16, 0, tzinfo=shanghai)))
    with rig.sessions() as session:
        found = session.scalars(select(OutboxEvent.created_at)).one()
    assert found == NOW
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(rig: Rig) -> None:
    with pytest.raises(StatementError, match="without a zone"), rig.work() as session:
        session.add(outbox(at=datetime(2026, 11, 2)))  # noqa: DTZ001


def test_json_keeps_the_order_of_its_keys_and_chinese(rig: Rig) -> None:
    with rig.work() as session:
        session.add(outbox(z="端口", a=[1, {"b": None}]))
    with rig.sessions() as session:
        kept = session.scalars(select(OutboxEvent.payload)).one()
    assert list(kept.items()) == [("z", "端口"), ("a", [1, {"b": None}])]


def test_no_update_is_lost_between_threads(rig: Rig) -> None:
    with rig.work() as session:
        set_offset(session, 0)

    def add_one(session: Session) -> None:
        row = session.scalars(select(ClockSetting).with_for_update()).one()
        row.offset_s += 1

    def many() -> None:
        for _ in range(25):
            run_unit(rig.sessions, add_one, rng=random.Random(1))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with rig.sessions() as session:
        assert session.scalars(select(ClockSetting.offset_s)).one() == 100


def test_a_reader_does_not_take_the_write_lock(tmp_path: Path) -> None:
    engine = create_database_engine(f"sqlite:///{tmp_path / 'a.sqlite'}", application_name="test")
    with session_factory(engine)() as writer, writer.begin():
        writer.execute(text("CREATE TABLE t (x)"))
    with session_factory(engine)() as writer, writer.begin():
        writer.execute(text("INSERT INTO t VALUES (1)"))
        with read_session_factory(engine)() as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 0
            with pytest.raises(OperationalError, match=r"locked|busy"):
                reader.connection().exec_driver_sql("PRAGMA busy_timeout = 10")
                reader.execute(text("INSERT INTO t VALUES (2)"))
    engine.dispose()


def test_sqlite_is_opened_by_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    engine = create_database_engine(f"sqlite:///{path}", application_name="test")
    with engine.connect() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 0
    with session_factory(engine)() as session, session.begin():
        session.execute(text("CREATE TABLE t (x)"))
    keeper = Checkpointer(engine, every_s=60)
    keeper.start()
    keeper.stop()
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as raw:  # the file alone, without its log
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]
    raw.close()
    engine.dispose()


def test_the_log_of_sqlite_stays_short_while_somebody_always_reads_and_writes(tmp_path: Path) -> None:
    path, stop, written = tmp_path / "a.sqlite", threading.Event(), []
    engine = create_database_engine(f"sqlite:///{path}", application_name="test")
    sessions, readers = session_factory(engine), read_session_factory(engine)
    with sessions() as session, session.begin():
        session.execute(text("CREATE TABLE t (x)"))

    def write() -> None:
        while not stop.wait(0.002):
            with sessions() as session, session.begin():
                session.execute(text("DELETE FROM t"))
                session.execute(text("INSERT INTO t VALUES (randomblob(200000))"))
            written.append(200_000)

    def read() -> None:
        while not stop.is_set():
            with readers() as session:
                session.execute(text("SELECT count(*) FROM t")).all()
                time.sleep(0.01)

    threads = [threading.Thread(target=act) for act in (write, write, read, read, read)]
    for thread in threads:
        thread.start()
    keeper = Checkpointer(engine)
    while sum(written) < 40_000_000 and all(thread.is_alive() for thread in threads):
        time.sleep(0.05)
        keeper.run_once()
    stop.set()
    for thread in threads:
        thread.join()
    size = path.with_name("a.sqlite-wal").stat().st_size
    engine.dispose()
    assert sum(written) >= 40_000_000
    assert size < 20_000_000


@pytest.mark.slow
def test_postgresql_is_opened_with_its_time_outs(pg_url: str) -> None:
    engine = create_database_engine(pg_url, application_name="yizhan-test", statement_timeout_s=5)
    with engine.connect() as connection:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
        shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names}
    assert shown == {
        "statement_timeout": "5s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "10s",
        "application_name": "yizhan-test",
    }
    engine.dispose()


@pytest.mark.slow
def test_a_unit_is_begun_again_when_its_connection_is_cut(pg_url: str) -> None:
    engine = create_database_engine(pg_url, application_name="test")
    tried = []

    def work(session: Session) -> int:
        tried.append(1)
        backend = session.execute(text("SELECT pg_backend_pid()")).scalar()
        if len(tried) == 1:
            with engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({backend})")
        return session.execute(text("SELECT 7")).scalar_one()

    assert run_unit(session_factory(engine), work, rng=random.Random(1)) == 7
    assert len(tried) == 2
    engine.dispose()


class Failing:
    """A unit of work that fails so often, each time as it is told."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.tried = list(errors), 0

    def __call__(self, _session: Session) -> str:
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        return "written"

    def run(self, sessions: Sessions, patience_s: float) -> str:
        quick: Any = {"rng": random.Random(1), "sleep": lambda _s: None}
        return run_unit(sessions, self, patience_s=patience_s, **quick)


def not_let_in() -> OperationalError:
    return OperationalError("", {}, psycopg.OperationalError("connection refused"))


def broken() -> OperationalError:
    return OperationalError("", {}, psycopg.OperationalError("server closed"), connection_invalidated=True)


def test_what_is_done_waits_as_long_as_nobody_lets_it_in(rig: Rig) -> None:
    patient = Failing(broken(), *(not_let_in() for _ in range(50)))
    assert (patient.run(rig.sessions, 60.0), patient.tried) == ("written", 52)
    hasty = Failing(broken(), *(not_let_in() for _ in range(50)))
    with pytest.raises(OperationalError):
        hasty.run(rig.sessions, 0.0)
    assert hasty.tried == 5


def test_what_breaks_the_line_each_time_is_given_up_however_patient(rig: Rig) -> None:
    deadly = Failing(*(error for _ in range(9) for error in (broken(), not_let_in(), not_let_in())))
    with pytest.raises(OperationalError):
        deadly.run(rig.sessions, 60.0)
    assert deadly.tried == 4 * 3 + 1


def test_what_cannot_help_is_not_tried_again(rig: Rig) -> None:
    tried = []

    def work(session: Session) -> None:
        tried.append(1)
        twice = outbox()
        session.add(twice)
        session.flush()
        session.execute(text("INSERT INTO outbox_event SELECT * FROM outbox_event"))

    with pytest.raises(IntegrityError) as refusal:
        run_unit(rig.sessions, work, rng=random.Random(1))
    assert len(tried) == 1
    assert not worth_retrying(refusal.value)
    assert not worth_retrying(ValueError())
    assert isinstance(refusal.value, DBAPIError)


def test_the_migrations_match_the_tables(database: str) -> None:
    command.check(alembic_config(database))


def test_the_migrations_can_be_taken_back(database: str) -> None:
    command.downgrade(alembic_config(database), "base")
    command.upgrade(alembic_config(database), "head")


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7() for _ in range(3)]
    assert all(one[14] == "7" and one[19] in "89ab" for one in made)
    counting = CountingIds()
    assert counting() < counting()
