"""Settings that were changed while the system runs, and the settings that count in this process because of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Settings, SettingsError
from app.domain.administration.parameters import CHANGEABLE
from app.persistence.columns import Instant
from processes.store.base import Base
from processes.store.rows import table_of

log = logging.getLogger(__name__)


class Parameter(Base):
    """One setting that counts instead of the installed one, until it is taken back."""

    __tablename__ = "parameter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(500), default="")


class LiveSettings:
    """The settings of this process: those it was started with, and what was changed since. Looks with the database
    watch, once a second."""

    def __init__(self, installed: Settings) -> None:
        self.installed = installed
        self._known: Mapping[str, str] = {}
        self._now = installed

    @property
    def now(self) -> Settings:
        """What counts."""
        return self._now

    def look(self, connection: Connection) -> None:
        """Read what was changed."""
        table = table_of(Parameter)
        found = {row.name: row.value for row in connection.execute(select(table.c.name, table.c.value))}
        if found != self._known:
            self._known, self._now = found, with_changes(self.installed, found)


def with_changes(installed: Settings, changes: Mapping[str, str]) -> Settings:
    """The settings with these changes; a change that no longer fits, after an upgrade, is left out and said."""
    values: dict[str, Any] = {}
    for name, text in sorted(changes.items()):
        try:
            value = CHANGEABLE[name].read(text)
            replace(installed, **{name: value})
        except (KeyError, ValueError, SettingsError) as problem:
            log.warning("the parameter %s = %s is not taken: %s", name, text, problem)
            continue
        values[name] = value
    return replace(installed, **values)
