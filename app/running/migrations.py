"""Brings a database up to this version: tables, reference data, bundled processes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine as Database

from app.access import hash_password
from app.config import Settings
from app.deps import Deps
from app.factory import build_deps, open_database
from app.seed.demo import load_demo
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
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def load_everything(deps: Deps) -> int:
    """Reference data, demo data in demo mode, bundled processes; what is there already stays. Returns how many
    definitions were deployed."""
    with transaction(deps.sessions) as tx:
        load_reference(tx.session)
        if deps.settings.demo:
            load_demo(tx.session, hash_password)
    deployed = install_bundled(deps)
    return len(deployed.processes) + len(deployed.decisions) if deployed else 0
