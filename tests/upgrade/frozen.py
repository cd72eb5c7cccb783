"""Frozen databases: what a released program left behind in the middle of its work, as files beside this one.

`python -m tests.upgrade.freeze` makes the next one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.engine.rig import Rig
from tests.services.whole import Whole
from tests.upgrade import constructs, orders
from tests.upgrade.dumping import dumped, dumped_sqlite, fill, fill_sqlite, pack, unpack

FOLDER: Final = Path(__file__).parent / "frozen"


@dataclass(frozen=True)
class Frozen:
    """One release's leavings on one kind of database (``sqlite`` or ``postgresql``)."""

    release: str
    backend: str

    def file(self, name: str) -> Path:
        return FOLDER / self.release / f"{name}.{self.backend}.xz"

    @property
    def told(self) -> dict[str, Any]:
        """When it was frozen, at which migration, and what the same program made of it when it went on."""
        found: dict[str, Any] = json.loads((FOLDER / self.release / "facts.json").read_text(encoding="utf-8"))
        return found

    def keep_orders(self, whole: Whole, url: str) -> None:
        """Write down the orders and what the neighbours remember."""
        pack(dumped(url), self.file("orders"))
        pack(orders.books_of(whole), self.file("neighbours"))

    def keep_constructs(self, rig: Rig) -> None:
        """Write down the engine's instances and the books of their far side."""
        pack(dumped(rig.url), self.file("constructs"))
        pack(dumped_sqlite(rig.folder / "far.sqlite"), self.file("far"))

    def fill_orders(self, url: str) -> None:
        """Make the database of the orders in an empty one, as the release left it."""
        fill(url, unpack(self.file("orders")))

    def fill_constructs(self, url: str) -> None:
        """The same for the engine's instances."""
        fill(url, unpack(self.file("constructs")))

    @contextmanager
    def orders(self, url: str, folder: Path, at: orders.Time) -> Iterator[Whole]:
        """The product on the database of the orders, its clock where it was frozen."""
        with orders.product(url, folder, at, books=unpack(self.file("neighbours"))) as whole:
            orders.set_time(whole, at, datetime.fromisoformat(self.told["orders_frozen_at"]))
            yield whole

    @contextmanager
    def constructs(self, url: str, folder: Path) -> Iterator[Rig]:
        """The engine on the database of the constructs, its clock where it was frozen."""
        fill_sqlite(folder / "far.sqlite", unpack(self.file("far")))
        rig = Rig(url, folder)
        rig.clock.at = constructs.FROZEN_AT
        try:
            yield rig
        finally:
            rig.close()


def releases() -> list[str]:
    """The releases of which there is a frozen database, oldest first."""
    return sorted(folder.name for folder in FOLDER.iterdir() if (folder / "facts.json").exists())
