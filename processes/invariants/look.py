"""What every invariant works with: the session, the present, the far sides' counts, and a tally of what was seen."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from processes.definitions import DefinitionCache

T = TypeVar("T")

#: Younger things may be on their way; a rule that speaks of something late or left over waits that long.
TOLERANCE: Final = timedelta(seconds=60)
AT_ONCE: Final = 500


@dataclass(frozen=True)
class Violation:
    """One rule broken by one thing. ``subject`` is the id of its row, ``business_key`` says whose it is."""

    rule: str
    subject: str
    message: str
    business_key: str = ""


class FarBooks:
    """How often each operation took effect at the far sides; kept on disk, for there may be millions.

    ``asked``: adapters whose books these are; those that appear in them, if it is not said.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], asked: Collection[str] | None = None) -> None:
        self._books = sqlite3.connect("")  # a private file that vanishes with the connection
        self._books.execute(
            "CREATE TABLE operation (id TEXT PRIMARY KEY, code TEXT, adapter TEXT, times INTEGER, is_write INTEGER)"
        )
        self._books.executemany("INSERT OR REPLACE INTO operation VALUES (?, ?, ?, ?, ?)", map(_kept, rows))
        found = {adapter for (adapter,) in self._books.execute("SELECT DISTINCT adapter FROM operation")}
        self.asked = frozenset(found if asked is None else asked)

    def __len__(self) -> int:
        return int(self._books.execute("SELECT count(*) FROM operation").fetchone()[0])

    def times(self, operation_id: str) -> int:
        """How often an operation took effect; 0 if the far side never heard of it."""
        row = self._books.execute("SELECT times FROM operation WHERE id = ?", (operation_id,)).fetchone()
        return 0 if row is None else int(row[0])

    def writes(self) -> Iterator[tuple[str, str, str, int]]:
        """Id, code, adapter and count of every write that took effect."""
        yield from self._books.execute(
            "SELECT id, code, adapter, times FROM operation WHERE is_write AND times > 0 ORDER BY id"
        )

    def close(self) -> None:
        """Let go of the file."""
        self._books.close()


def _kept(row: Mapping[str, Any]) -> tuple[str, str, str, int, bool]:
    # A question may be asked again after a crash; it changes nothing.
    is_write = bool(row.get("is_write", True))
    return str(row["operation_id"]), str(row["operation"]), str(row["adapter"]), int(row["count"]), is_write


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the database. ``seen`` counts what each rule looked at; ``far`` none = nobody was asked."""

    session: Session
    now: datetime
    far: FarBooks | None = None
    definitions: DefinitionCache = field(default_factory=DefinitionCache)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def saw(self, rule: str, what: str, count: int = 1) -> None:
        """Note that a rule has looked at so many things."""
        self.seen[rule, what] += count

    def counted(self, rule: str, what: str, table: type[Any], *where: Any) -> None:
        """Note that a rule looks at all rows of a table, or at those that fit."""
        self.saw(rule, what, self.session.scalar(select(func.count()).select_from(table).where(*where)) or 0)

    def stream(self, statement: Select[*tuple[Any, ...]]) -> Iterator[Row[Any]]:
        """Read rows a few hundred at a time, however many there are."""
        yield from self.session.execute(statement.execution_options(yield_per=AT_ONCE))


def batches(things: Iterable[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Cut a stream into pieces."""
    source = iter(things)
    while piece := list(islice(source, size)):
        yield piece
