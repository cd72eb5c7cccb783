"""Runs the migrations on one database; every table of the product is known here, so that `check` can compare."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import context
from sqlalchemy import Connection

import processes.store
from processes.store.base import Base, create_database_engine


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


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
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
