"""A far side for the engine's tests: books in a SQLite file, so that it outlives a killed worker."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from adapters.digests import digest_of
from adapters.errors import Rejected
from adapters.operations import OperationRegistry
from adapters.ports import Answer, OperationCall

Script = Callable[[OperationCall], Answer | None]

_COMMON = {"name_zh": "试", "name_en": "Test", "timeout_s": 5, "retry": "quick", "failures": []}


def _row(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "adapter": code.partition(".")[0],
        "mode": "sync",
        "effect": "write",
        "idempotency": "keyed",
        "inputs": ["what"],
        "outputs": ["id"],
        **_COMMON,
        **more,
    }


def registry(attempts: int = 3) -> OperationRegistry:
    """A few operations of each profile, with their undos."""
    return OperationRegistry.from_data(
        {
            "operations": [
                _row("net.look", effect="read", idempotency="readonly"),
                _row("net.reserve", undo="net.release"),
                _row("net.release", inputs=["id"], outputs=[], only_as_undo=True),
                _row(
                    "net.adjust",
                    inputs=["id", "what"],
                    outputs=["id", "previous"],
                    undo="net.adjust",
                    undo_from="previous",
                ),
                _row("net.activate", mode="callback", undo="net.deactivate", callback_deadline_min=30),
                _row("net.deactivate", inputs=["id"], outputs=[], only_as_undo=True, mode="callback"),
                _row("net.announce", irreversible=True),
                _row("odd.poke", idempotency="neither", irreversible=True),
                _row("ask.poke", idempotency="queryable", irreversible=True),
                _row("local.note", inputs=["what"], undo="local.forget"),
                _row("local.forget", inputs=["id"], outputs=[], only_as_undo=True),
            ],
            "retry_policies": [
                {"code": "quick", "attempts": attempts, "first_wait_s": 2, "factor": 2, "cap_s": 60, "then": "incident"}
            ],
        }
    )


def _before(books: sqlite3.Connection, subject: str) -> dict[str, Any]:
    """What was last asked for a subject, by an adjustment or when it was made."""
    rows = books.execute("SELECT inputs FROM effect WHERE operation = 'net.adjust' ORDER BY rowid DESC").fetchall()
    earlier = (json.loads(row[0]) for row in rows)
    last = next((one for one in earlier if one["id"] == subject), {"what": subject.partition(":")[2]})
    return {"id": subject, "what": last["what"]}


class FarSide:
    """Keeps one answer per operation id; ``scripts`` may answer first, by operation name."""

    def __init__(self, path: Path, *, keyed: bool = True) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self.keyed = keyed
        self.closed_for_s = 0.0
        self.repeats_left = 100
        self.tells_calls = True
        self.scripts: dict[str, list[Script]] = {}
        self.calls: list[OperationCall] = []
        with self._open() as books:
            books.execute("CREATE TABLE IF NOT EXISTS effect (operation_id TEXT, operation TEXT, inputs TEXT)")
            books.execute("CREATE TABLE IF NOT EXISTS subject (operation_id TEXT PRIMARY KEY, business_key TEXT)")
            books.execute(
                "CREATE TABLE IF NOT EXISTS answer (operation_id TEXT PRIMARY KEY, outputs TEXT, pending INT)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)

    def script(self, operation: str, *steps: Script) -> None:
        """Let the next calls of an operation run through these, one each."""
        self.scripts.setdefault(operation, []).extend(steps)

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        with self._lock:
            self.calls.append(call)
            waiting = self.scripts.get(call.name)
            step = waiting.pop(0) if waiting else None
        if step is not None and (answer := step(call)) is not None:
            return answer
        return self.take_effect(call)

    def available_in_s(self) -> float:
        return self.closed_for_s

    def retries_left(self) -> int:
        return self.repeats_left

    def figures(self) -> dict[str, int]:
        return {"breaker": 2 if self.closed_for_s else 0, "retries_left": self.repeats_left}

    def take_effect(self, call: OperationCall, *, pending: bool | None = None) -> Answer:
        """Do it, unless that key has been done; returns the answer kept."""
        waits = call.name in ("net.activate", "net.deactivate") if pending is None else pending
        books = self._open()
        try:
            books.execute("BEGIN IMMEDIATE")
            found = books.execute(
                "SELECT outputs, pending FROM answer WHERE operation_id = ?", (call.operation_id,)
            ).fetchone()
            if found and self.keyed:
                books.rollback()
                return Answer(outputs=json.loads(found[0]), pending=bool(found[1]))
            outputs: dict[str, Any] = {"id": f"{call.name}:{call.inputs.get('what', call.inputs.get('id'))}"}
            if call.name == "net.adjust":
                outputs = {"id": call.inputs["id"], "previous": _before(books, call.inputs["id"])}
            books.execute(
                "INSERT INTO effect VALUES (?, ?, ?)", (call.operation_id, call.name, json.dumps(dict(call.inputs)))
            )
            books.execute("INSERT OR REPLACE INTO subject VALUES (?, ?)", (call.operation_id, call.business_key))
            books.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (call.operation_id, json.dumps(outputs), int(waits))
            )
            books.commit()
            return Answer(outputs=outputs, pending=waits)
        finally:
            books.close()

    def settle(self, operation_id: str) -> dict[str, Any]:
        """The far side has finished: its answer is no longer pending; returns the outputs."""
        books = self._open()
        books.execute("UPDATE answer SET pending = 0 WHERE operation_id = ?", (operation_id,))
        books.commit()
        row = books.execute("SELECT outputs FROM answer WHERE operation_id = ?", (operation_id,)).fetchone()
        books.close()
        outputs: dict[str, Any] = json.loads(row[0])
        return outputs

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        books = self._open()
        row = books.execute("SELECT outputs, pending FROM answer WHERE operation_id = ?", (operation_id,)).fetchone()
        books.close()
        return None if row is None else Answer(outputs=json.loads(row[0]), pending=bool(row[1]))

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        """The book of calls, of all its adapters at once, if it keeps one (``tells_calls``)."""
        if kind != "calls":
            return []
        if not self.tells_calls:
            raise Rejected("unknown-answer", "no such book")
        with closing(self._open()) as books:
            rows = books.execute(
                "SELECT a.operation_id, e.operation, s.business_key, a.pending, e.inputs FROM answer a"
                " JOIN effect e USING (operation_id) JOIN subject s USING (operation_id)"
                " WHERE a.operation_id > ? ORDER BY a.operation_id",
                (after,),
            ).fetchall()
        return [
            {
                "key": key,
                "operation": name,
                "business_key": subject,
                "state": "pending" if pending else "done",
                "is_write": True,
                "digest": digest_of(name, json.loads(inputs), subject),
                "at": "2026-11-02T08:00:00+00:00",
            }
            for key, name, subject, pending, inputs in rows
        ]

    def effects(self) -> list[dict[str, Any]]:
        """What took effect, oldest first: operation and inputs."""
        books = self._open()
        rows = books.execute("SELECT operation_id, operation, inputs FROM effect ORDER BY rowid").fetchall()
        books.close()
        return [{"operation_id": key, "operation": name, "inputs": json.loads(inputs)} for key, name, inputs in rows]

    def counts(self) -> list[dict[str, Any]]:
        """How often each operation id took effect, in the form the invariants take."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.effects():
            kept = found.setdefault(
                row["operation_id"],
                {**row, "adapter": row["operation"].partition(".")[0], "count": 0, "state": "done"},
            )
            kept["count"] += 1
        return list(found.values())


def refuse(code: str) -> Script:
    """A script step: the far side refuses."""

    def step(call: OperationCall) -> Answer:
        raise Rejected(code, "refused by script")

    return step
