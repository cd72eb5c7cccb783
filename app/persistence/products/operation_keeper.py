"""Keeps the registry of a process up to date with the operations in the database."""

from __future__ import annotations

import logging
import threading
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy import Engine as Database
from sqlalchemy.exc import SQLAlchemyError

from adapters.operations import OperationDataRefused, OperationRegistry
from app.persistence.products.catalogue_versions import CatalogueRelease
from processes.store.definitions import OperationDefinition, RetryPolicyDefinition

#: The last release, and how many have been applied: changes whenever something else counts.
STAMP: Final = select(func.max(CatalogueRelease.number), func.count(CatalogueRelease.applied_at))
log = logging.getLogger(__name__)


class OperationKeeper:
    """Reads the operations when a release has come to count: within the second that the watch looks once in, and at
    once when somebody meets an operation that is not known yet.

    Operations of the program's own file are always known, in the state the database gives them.
    """

    def __init__(self, registry: OperationRegistry, database: Database) -> None:
        self._registry, self._database = registry, database
        self._shipped = registry.rows()
        self._stamp: tuple[int | None, int] | None = None
        self._lock = threading.Lock()
        registry.on_unknown = self.look_now

    def look(self, connection: Connection) -> None:
        """Read the operations if something else counts than when they were last read."""
        last, applied = connection.execute(STAMP).one()
        with self._lock:
            if (last, applied) != self._stamp:
                self._read(connection)
                self._stamp = (last, applied)

    def look_now(self) -> None:
        """The same on a connection of its own; a database that does not answer changes nothing."""
        try:
            with self._database.connect().execution_options(read_only=True) as connection:
                self.look(connection)
        except SQLAlchemyError as error:
            log.debug("operations not looked at: %s", error)

    def _read(self, connection: Connection) -> None:
        operations, policies = self._shipped
        data = {
            "operations": [body for (body,) in connection.execute(select(OperationDefinition.body))],
            "retry_policies": [body for (body,) in connection.execute(select(RetryPolicyDefinition.body))],
        }
        try:
            stored = OperationRegistry.from_data(data)
            self._registry.adopt(
                OperationRegistry(
                    {**{row.code: row for row in operations}, **{row.code: row for row in stored.rows()[0]}}.values(),
                    {**{row.code: row for row in policies}, **{row.code: row for row in stored.rows()[1]}}.values(),
                )
            )
        except OperationDataRefused as refused:  # pragma: no cover - only who writes past us gets there
            log.warning("operations of the database are not taken: %s", refused)
