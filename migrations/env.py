"""Runs the migrations on one database; every table of the product is known here, so that `check` can compare."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.schema import SchemaItem

import processes.store
from processes.store.base import Base
from processes.store.opening import create_database_engine


def _import_tables() -> None:
    packages = [processes.store]
    try:
        packages.append(importlib.import_module("app.persistence"))
    except ModuleNotFoundError as missing:
        if missing.name not in ("app", "app.persistence"):
            raise
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which rows that refer to it would forbid: they are checked after."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            raise RuntimeError(f"the migration left {len(broken)} rows without what they refer to")
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys = ON")


def _run(connection: Connection) -> None:
    def is_made_here(item: SchemaItem, _name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
        """Whether an index is one that this kind of database has."""
        return item.info.get("only", connection.dialect.name) == connection.dialect.name

    context.configure(
        include_object=is_made_here,
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with _without_foreign_keys(connection), context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Migrate over the connection handed in by the caller, else over one of our own."""
    _import_tables()
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database given: set sqlalchemy.url")
    engine = create_database_engine(url, application_name="yizhan-migrate", statement_timeout_s=600, pool_size=1)
    try:
        with engine.connect() as connection:
            _run(connection)
    finally:
        engine.dispose()


main()
