"""Threads of one process queue for SQLite's write lock, and nobody stays in it by accident."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from processes.store.opening import create_database_engine
from processes.store.sessions import read_session_factory, session_factory
from processes.store.write_queue import WriteQueue


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = create_database_engine(f"sqlite:///{tmp_path}/db.sqlite", application_name="test")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tally (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO tally VALUES (0)"))
    yield engine
    engine.dispose()


def test_every_writer_gets_its_turn(database: Engine) -> None:
    sessions = session_factory(database)

    def add() -> None:
        for _ in range(20):
            with sessions() as session, session.begin():
                n = session.scalar(text("SELECT n FROM tally"))
                session.execute(text("UPDATE tally SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_session_factory(database)() as session:
        assert session.scalar(text("SELECT n FROM tally")) == 120


@pytest.mark.parametrize("how", ["rollback", "error", "close", "invalidate"])
def test_whoever_ends_without_a_commit_leaves_the_queue(database: Engine, how: str) -> None:
    sessions = session_factory(database)
    session = sessions()
    session.execute(text("UPDATE tally SET n = 7"))
    if how == "rollback":
        session.rollback()
    elif how == "error":
        with pytest.raises(OperationalError):
            session.execute(text("SELECT * FROM nothing"))
        session.close()
    elif how == "close":
        session.close()
    else:
        session.invalidate()
    with sessions() as other, other.begin():
        assert other.scalar(text("SELECT n FROM tally")) == 0


def test_a_reader_does_not_queue(database: Engine) -> None:
    with session_factory(database)() as writer, read_session_factory(database)() as reader:
        writer.execute(text("UPDATE tally SET n = 7"))
        assert reader.scalar(text("SELECT n FROM tally")) == 0


def test_who_waits_too_long_goes_away_and_the_others_keep_their_order() -> None:
    queue = WriteQueue(longest_wait_s=0.01)
    assert queue.join()
    assert not queue.join()
    queue.leave()
    assert queue.join()
