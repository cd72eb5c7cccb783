"""Books in memory, for the twin: gone with the process, otherwise like the durable ones."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.simulators.store import Doc, Row, Store


class MemoryStore:
    """Documents are kept as JSON text, so that nobody changes one without ``put``."""

    def __init__(self) -> None:
        self._books: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._counters: defaultdict[str, int] = defaultdict(int)
        self._before: list[tuple[str, str, str | None]] = []
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """See :class:`adapters.simulators.store.Database`."""
        with self._lock:
            self._before = []
            try:
                yield self
            except BaseException:
                for book, key, text in reversed(self._before):
                    self._restore(book, key, text)
                raise

    def get(self, book: str, key: str) -> Doc | None:
        text = self._books[book].get(key)
        return None if text is None else json.loads(text)

    def put(self, book: str, key: str, doc: Doc) -> None:
        self._before.append((book, key, self._books[book].get(key)))
        self._books[book][key] = json.dumps(doc)

    def delete(self, book: str, key: str) -> None:
        self._before.append((book, key, self._books[book].get(key)))
        self._books[book].pop(key, None)

    def find(self, book: str, *, limit: int | None = None, **match: str) -> list[Row]:
        rows = (row for row in self._rows(book) if all(row[1].get(name) == value for name, value in match.items()))
        return [row for _, row in zip(range(limit), rows, strict=False)] if limit is not None else list(rows)

    def due(self, book: str, until_s: float, limit: int) -> list[Row]:
        rows = [row for row in self._rows(book) if row[1].get("due") is not None and row[1]["due"] <= until_s]
        return sorted(rows, key=lambda row: (row[1]["due"], row[0]))[:limit]

    def next_due(self, book: str) -> float | None:
        return min((doc["due"] for _, doc in self._rows(book) if doc.get("due") is not None), default=None)

    def page(self, book: str, after: str, limit: int) -> list[Row]:
        return [row for row in self._rows(book) if row[0] > after][:limit]

    def next_number(self, counter: str) -> int:
        self._counters[counter] += 1
        return self._counters[counter]

    def wipe(self) -> None:
        self._books.clear()
        self._counters.clear()
        self._before.clear()

    def _rows(self, book: str) -> Iterator[Row]:
        texts = self._books[book]
        for key in sorted(texts):
            yield key, json.loads(texts[key])

    def _restore(self, book: str, key: str, text: str | None) -> None:
        if text is None:
            self._books[book].pop(key, None)
        else:
            self._books[book][key] = text
