"""Brings a database up to this version: tables, reference data, bundled processes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Engine as Database
from sqlalchemy import inspect, text

from app.access import hash_password
from app.config import Settings
from app.deps import Deps
from app.factory import build_deps, open_database
from app.seed.demo import load_demo
from app.seed.fingerprint import load_once
from app.seed.reference import load_reference
from app.services.process_catalog import install_bundled
from app.unit_of_work import transaction

MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"


def upgrade_database(settings: Settings) -> str:
    """Migrate, load the reference data and deploy what comes with the product; says what was done."""
    database = open_database(settings, role="command")
    try:
        migrate(database)
        deployed = load_everything(build_deps(settings, role="command", database=database))
    finally:
        database.dispose()
    return f"database is at this version; {deployed} definitions deployed"


def migrate(database: Database) -> None:
    """Run the migrations that are missing."""
    if version_of(database) == newest_version():
        return
    # Loaded here: the tools of migration are a seventh of the start-up, and most starts need none of them.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def version_of(database: Database) -> str | None:
    """The migration a database is at; None for an empty one."""
    with database.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def newest_version() -> str:
    """The last migration of the product; they are numbered, and named as their files (a test holds them to it)."""
    return max(file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def load_everything(deps: Deps) -> int:
    """Reference data, demo data in demo mode, bundled processes; what is there already stays. Returns how many
    definitions were deployed."""
    with transaction(deps.sessions) as tx:
        session = tx.session
        load_once(session, "reference", lambda: load_reference(session))
        if deps.settings.demo:
            load_once(session, "demo", lambda: load_demo(session, hash_password))
    deployed = install_bundled(deps)
    return len(deployed.processes) + len(deployed.decisions) if deployed else 0
