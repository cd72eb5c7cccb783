"""`yizhan db`: the tables and what comes with the product."""

from __future__ import annotations

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.running.migrations import upgrade_database


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@needs_database
def db_upgrade() -> None:
    """Bring the tables up to this version, and the reference data with them; exit 75 while no database answers."""
    click.echo(upgrade_database(settings_or_exit()))
