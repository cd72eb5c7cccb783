"""One piece of work at a pretended system: what was asked, by whom, when, and the books it may write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.errors import Rejected
from adapters.simulators.store import Doc, Store


@dataclass(frozen=True, kw_only=True)
class Work:
    """``now`` is an aware UTC instant. ``is_ample``: stock never runs out, more is made up."""

    store: Store
    inputs: Mapping[str, Any]
    now: datetime
    business_key: str
    area: str
    operation_id: str
    is_ample: bool = False

    @property
    def at(self) -> str:
        """The instant as text."""
        return self.now.isoformat()

    def text(self, name: str) -> str:
        """Return an input as text, empty if it is not given."""
        value = self.inputs.get(name)
        return "" if value is None else str(value)

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an input that is an object, else an empty one."""
        value = self.inputs.get(name)
        return dict(value) if isinstance(value, Mapping) else {}

    def number(self, prefix: str, digits: int = 8) -> str:
        """Return the next number of a series."""
        return f"{prefix}{self.store.next_number(prefix):0{digits}d}"

    def product(self) -> str | None:
        """Return the product this is about: as given, else as earlier work for the same business key said."""
        given = self.text("product_id")
        if given:
            return given
        link = self.store.get("links", self.business_key) if self.business_key else None
        return None if link is None else str(link["product_id"])

    def must_get(self, book: str, key: str, code: str) -> Doc:
        """Return a document. :raises Rejected: with ``code``, it does not exist."""
        doc = self.store.get(book, key)
        if doc is None:
            raise Rejected(code, f"{book}: {key or '(empty)'} does not exist")
        return doc


Handler = Callable[[Work], dict[str, Any]]


def family(store: Store, product_id: str) -> list[str]:
    """Return a product and, for a bundle, its components."""
    return [product_id, *(key for key, _ in store.find("products", ref=product_id))]


def as_instant(value: Any) -> datetime | None:
    """Read an ISO 8601 time with an offset; ``None`` if there is none or it cannot be read."""
    if not isinstance(value, str) or not value:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
