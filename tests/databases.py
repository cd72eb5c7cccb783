"""Databases for the tests: empty or migrated, on SQLite (a file) or PostgreSQL (a database of its own)."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from tests.servers import ROOT, PostgreSQL

Backend = Literal["sqlite", "postgresql"]
TEMPLATE = "yizhan_template"


def upgrade(url: str) -> None:
    """Run all migrations against this database."""
    from alembic import command

    command.upgrade(alembic_config(url), "head")


def alembic_config(url: str):  # type: ignore[no-untyped-def]
    """The project's migration set-up, pointed at this database."""
    from alembic.config import Config

    config = Config(attributes={"configure_logger": False})
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


class Databases:
    """Hands out databases of one test run; a migrated one is copied, not migrated again."""

    def __init__(self, folder: Path, postgresql: Callable[[], PostgreSQL]) -> None:
        self._folder = folder
        self._postgresql = postgresql  # called when first needed: most test files need no server
        self._numbers = itertools.count(1)
        self._migrated_sqlite: Path | None = None
        self._has_template = False
        self._open: list[str] = []

    def make(self, backend: Backend, *, migrated: bool) -> str:
        """The URL of a new database."""
        number = next(self._numbers)
        if backend == "sqlite":
            return f"sqlite:///{self._new_sqlite(number, migrated=migrated)}"
        return self._postgresql().url(self._new_postgresql(number, migrated=migrated))

    def _new_sqlite(self, number: int, *, migrated: bool) -> Path:
        path = self._folder / f"test-{number}.sqlite"
        if migrated:
            if self._migrated_sqlite is None:
                template = self._folder / "template.sqlite"
                upgrade(f"sqlite:///{template}")
                with_log = template.with_name("template.sqlite-wal")
                if with_log.exists() and with_log.stat().st_size:
                    raise RuntimeError("the migrations left the SQLite database open")
                self._migrated_sqlite = template
            shutil.copyfile(self._migrated_sqlite, path)
        return path

    def _new_postgresql(self, number: int, *, migrated: bool) -> str:
        if migrated and not self._has_template:
            self._create(TEMPLATE, like="template1")
            upgrade(self._postgresql().url(TEMPLATE))
            self._has_template = True
        name = f"test_{number}"
        self._create(name, like=TEMPLATE if migrated else "template1")
        self._open.append(name)
        return name

    def drop(self, *urls: str) -> None:
        """Drop these databases of PostgreSQL; without any, all that were handed out.

        Hundreds of them are a quarter of a million files: several gigabytes to write, and minutes to remove. What goes
        soon is hardly ever written to the disk.
        """
        gone = [name for name in self._open if not urls or self._postgresql().url(name) in urls]
        self._open = [name for name in self._open if name not in gone]
        if not gone:
            return
        with psycopg.connect(self._postgresql().dsn(), autocommit=True) as connection:
            for name in gone:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, name: str, *, like: str) -> None:
        with psycopg.connect(self._postgresql().dsn(), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(like)))
