"""Brings a database up to this version: tables, reference data, bundled processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine as Database
from sqlalchemy import text

from app.access import hash_password
from app.config import Settings
from app.deps import Deps
from app.factory import build_deps, open_database
from app.persistence.database_watch import MIGRATIONS, known_versions, misfit, version_of
from app.seed.demo import load_demo
from app.seed.fingerprint import load_once
from app.seed.reference import load_reference
from app.services.studio.process_catalog import install_bundled
from app.unit_of_work import transaction
from processes import home

MIGRATE_LOCK: Final = 7_240_003  # PostgreSQL advisory lock: migrations run once


def upgrade_database(settings: Settings) -> str:
    """Migrate, load the reference data and deploy what comes with the product; says what was done."""
    database = open_database(settings, role="command")
    try:
        with alone(database):
            migrate(database)
            deployed = load_everything(build_deps(settings, role="command", database=database))
    finally:
        database.dispose()
    return f"database is at this version; {deployed} definitions deployed"


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Keep out whoever upgrades the same database at this moment: he waits, and finds everything done."""
    if database.dialect.name != "postgresql":
        yield  # one process has it
        return
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATE_LOCK})
        try:
            yield
        finally:
            connection.invalidate()  # the lock ends with its connection


def migrate(database: Database) -> None:
    """Run the migrations that are missing.

    :raises DatabaseMisfit: a newer program has migrated it further than this one knows.
    """
    found, known = version_of(database), known_versions()
    if found == max(known):
        return
    if found is not None and found not in known:
        raise misfit(found)
    # Loaded here: the tools of migration are a seventh of the start-up, and most starts need none of them.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def load_everything(deps: Deps) -> int:
    """Reference data, demo data in demo mode, bundled processes; what is there already stays. Returns how many
    definitions were deployed."""
    with transaction(deps.sessions) as tx:
        session = tx.session
        home.settle_in(session, now=deps.clock(session))
        load_once(session, "reference", lambda: load_reference(session))
        if deps.settings.demo:
            load_once(session, "demo", lambda: load_demo(session, hash_password))
    deployed = install_bundled(deps)
    return len(deployed.processes) + len(deployed.decisions) if deployed else 0
