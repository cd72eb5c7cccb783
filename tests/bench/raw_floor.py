"""The floor: the same number of durable steps written by hand, without an engine: ``raw_floor DATABASE_URL``.

One order is 7 commits and 12 rows written (an instance, its steps, a job, a task), through plain psycopg with prepared
statements. Speaks the language of ``order_process``.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import orjson
import psycopg

from tests.bench.order_data import FORMS, order_data

THREADS = 4
TABLES = """
CREATE TABLE floor_instance (id bigint PRIMARY KEY, state text NOT NULL, inputs text NOT NULL, snapshot bytea,
    version int NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE floor_job (id bigserial PRIMARY KEY, instance_id bigint NOT NULL, operation text NOT NULL,
    state text NOT NULL, result text, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX floor_job_state ON floor_job (state, at);
CREATE TABLE floor_task (id bigserial PRIMARY KEY, instance_id bigint NOT NULL, state text NOT NULL, result text,
    at timestamptz NOT NULL DEFAULT now());
CREATE INDEX floor_task_state ON floor_task (instance_id, state);
"""
NEW_INSTANCE = "INSERT INTO floor_instance (id, state, inputs, version) VALUES (%s, 'running', %s, 1)"
STEP = "UPDATE floor_instance SET snapshot = %s, version = version + 1 WHERE id = %s AND version = %s"
NEW_JOB = "INSERT INTO floor_job (instance_id, operation, state) VALUES (%s, %s, 'ready') RETURNING id"
DONE_JOB = "UPDATE floor_job SET state = 'done', result = %s WHERE id = %s AND state = 'ready'"
NEW_TASK = "INSERT INTO floor_task (instance_id, state) VALUES (%s, 'open') RETURNING id"
DONE_TASK = "UPDATE floor_task SET state = 'completed', result = %s WHERE id = %s AND state = 'open'"
END = "UPDATE floor_instance SET state = 'completed', snapshot = %s, version = version + 1 WHERE id = %s"
SNAPSHOT = bytes(range(256)) * 4  # about what an instance of order-8 keeps, and no compressor makes it smaller


class Floor:
    """Writes what must be written."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = threading.local()
        self._say_lock = threading.Lock()

    def say(self, *words: object) -> None:
        """One line to whoever measures."""
        with self._say_lock:
            print(*words, flush=True)

    def connection(self) -> psycopg.Connection:
        """The connection of this thread."""
        if not hasattr(self._local, "connection"):
            self._local.connection = psycopg.connect(self._url, prepare_threshold=0)
        return self._local.connection

    def start(self, number: int) -> None:
        """An order up to its human task: commits 1 to 5, rows 1 to 8."""
        connection = self.connection()
        with connection.transaction():
            connection.execute(NEW_INSTANCE, (number, orjson.dumps(order_data(number)).decode()), prepare=True)
            job = self._one(NEW_JOB, (number, "reserve"))
        self.say("started", number, number)
        with connection.transaction():
            connection.execute(STEP, (SNAPSHOT, number, 1), prepare=True)
            connection.execute(DONE_JOB, ('{"port": "OLT-7/1/3/12"}', job), prepare=True)
        for version in (2, 3):
            with connection.transaction():
                connection.execute(STEP, (SNAPSHOT, number, version), prepare=True)
        with connection.transaction():
            connection.execute(STEP, (SNAPSHOT, number, 4), prepare=True)
            task = self._one(NEW_TASK, (number,))
        self.say("task", number, f"{number}:{task}")

    def complete(self, task: str) -> None:
        """The rest: commits 6 and 7, rows 9 to 12."""
        number, _, task_id = task.partition(":")
        connection = self.connection()
        with connection.transaction():
            connection.execute(DONE_TASK, (orjson.dumps(FORMS).decode(), int(task_id)), prepare=True)
            job = self._one(NEW_JOB, (int(number), "bill"))
        with connection.transaction():
            connection.execute(DONE_JOB, ('{"account": "A-1"}', job), prepare=True)
            connection.execute(END, (SNAPSHOT, int(number)), prepare=True)
        self.say("finished", number)

    def _one(self, statement: str, values: tuple[object, ...]) -> int:
        row = self.connection().execute(statement, values, prepare=True).fetchone()
        return int(row[0]) if row else 0

    def listen(self) -> None:
        """Do what the lines say until there are no more."""
        with ThreadPoolExecutor(THREADS) as pool:
            for line in sys.stdin:
                word, rest = line.split()
                future = pool.submit(self.start, int(rest)) if word == "start" else pool.submit(self.complete, rest)
                future.add_done_callback(self._told)

    def _told(self, future: Future[None]) -> None:
        if problem := future.exception():
            self.say("failed", repr(problem))


def main() -> None:
    """Make the tables and write."""
    floor = Floor(sys.argv[1])
    with psycopg.connect(sys.argv[1]) as connection:
        connection.execute(TABLES)
    floor.say("ready")
    floor.listen()


if __name__ == "__main__":
    main()
