"""What the pretended systems need from their books: documents by key, a few indexed fields, counters."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

Doc = dict[str, Any]
Row = tuple[str, Doc]

# Fields of a document a book can be searched by; ``due`` (seconds since 1970) sorts what is to be done.
INDEXED: Final = ("product_id", "state", "site", "ref")


class Store(Protocol):
    """Books inside one transaction. What is read belongs to the reader; ``put`` writes it back."""

    def get(self, book: str, key: str) -> Doc | None:
        """Return the document, or ``None``."""

    def put(self, book: str, key: str, doc: Doc) -> None:
        """Write the document, whether it was there or not."""

    def delete(self, book: str, key: str) -> None:
        """Take it out; it need not be there."""

    def find(self, book: str, *, limit: int | None = None, **match: str) -> list[Row]:
        """Return rows whose indexed fields equal ``match``, by key; only names of ``INDEXED``."""

    def due(self, book: str, until_s: float, limit: int) -> list[Row]:
        """Return rows whose ``due`` is not later than that second, earliest first."""

    def next_due(self, book: str) -> float | None:
        """Return the earliest ``due`` of a book."""

    def page(self, book: str, after: str, limit: int) -> list[Row]:
        """Return rows with keys above ``after``, by key."""

    def next_number(self, counter: str) -> int:
        """Count up and return the new number; the first is 1."""

    def wipe(self) -> None:
        """Forget everything."""


class Database(Protocol):
    """Gives transactions: all of a call is kept, or none of it."""

    def transaction(self) -> AbstractContextManager[Store]:
        """Open one transaction; an exception inside rolls it back."""


def need(store: Store, book: str, keys: Iterable[str]) -> list[Row]:
    """Return the rows of these keys that exist."""
    return [(key, doc) for key in keys if (doc := store.get(book, key)) is not None]
