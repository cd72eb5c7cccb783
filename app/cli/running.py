"""`yizhan up`, `web`, `worker`, `db`: the running parts."""

from __future__ import annotations

import os

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.config import Settings
from app.running.migrations import upgrade_database
from app.running.system import System
from app.running.web_server import serve
from app.running.worker_process import run_worker


@click.command()
@click.option("--demo/--no-demo", default=None, help="Demo users, data and simulated neighbours (loopback only).")
@click.option("--port", type=int, default=None, help="Port of the web server; YIZHAN_PORT otherwise.")
@needs_database
def up(*, demo: bool | None, port: int | None) -> None:
    """Everything in one go: database, web and workers; with --demo the neighbours too. Ctrl-C stops it all."""
    # A newcomer's terminal shows what to do, not every request; YIZHAN_LOG_LEVEL=info brings them back.
    quiet = "warning" if demo and "YIZHAN_LOG_LEVEL" not in os.environ else None
    raise SystemExit(System(settings_or_exit(demo=demo, port=port, log_level=quiet), say=click.echo).run())


@click.command()
@needs_database
def web() -> None:
    """The web server alone (PostgreSQL); workers run beside it."""
    settings = shared_database(settings_or_exit())
    raise SystemExit(serve(settings))


@click.command()
@needs_database
def worker() -> None:
    """Workers alone (PostgreSQL); as many of these as the load needs."""
    settings = shared_database(settings_or_exit())
    raise SystemExit(run_worker(settings))


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@needs_database
def db_upgrade() -> None:
    """Bring the tables up to this version, and the reference data with them."""
    click.echo(upgrade_database(settings_or_exit()))


def shared_database(settings: Settings) -> Settings:
    """Pass a database that several processes may write.

    :raises click.ClickException: SQLite, which has one writer process: `yizhan up`.
    """
    if settings.is_sqlite:
        raise click.ClickException(
            "SQLite has one writer process: use `yizhan up`, or set YIZHAN_DATABASE_URL to a PostgreSQL database"
        )
    return settings
