"""`yizhan up`, `web`, `worker`: the running parts. Each loads what it runs only when it is asked for."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.config import Settings

END_WITH = click.option(
    "--end-with", "parent", type=int, default=0, hidden=True, help="End when this process is no longer the parent."
)


@click.command()
@click.option("--demo/--no-demo", default=None, help="Demo users, data and simulated neighbours (loopback only).")
@click.option("--port", type=int, default=None, help="Port of the web server; YIZHAN_PORT otherwise.")
@needs_database
def up(*, demo: bool | None, port: int | None) -> None:
    """Everything in one go: database, web and workers; with --demo the neighbours too. Ctrl-C stops it all.

    On PostgreSQL web and workers are processes of their own, and one that dies is started again.
    """
    # A newcomer's terminal shows what to do, not every request; YIZHAN_LOG_LEVEL=info brings them back.
    quiet = "warning" if demo and "YIZHAN_LOG_LEVEL" not in os.environ else None
    settings = settings_or_exit(demo=demo, port=port, log_level=quiet)
    module = "app.running.system" if settings.is_sqlite else "app.running.fleet"
    system: Any = import_module(module)
    raise SystemExit((system.System if settings.is_sqlite else system.Fleet)(settings, say=click.echo).run())


@click.command()
@END_WITH
@click.option("--listener", type=int, default=-1, hidden=True, help="A descriptor that listens already.")
@needs_database
def web(*, parent: int, listener: int) -> None:
    """The web server alone (PostgreSQL): YIZHAN_WEB_PROCESSES processes; workers run beside it or elsewhere."""
    settings = shared_database(settings_or_exit())
    import_module("app.running.web_metrics").prepare(settings)
    ports = import_module("app.running.ports")
    try:
        import_module("app.running.gunicorn_server").serve(settings, listener_fd=listener, parent=parent)
    except ports.PortTaken as taken:
        raise click.ClickException(str(taken)) from taken


@click.command()
@END_WITH
@needs_database
def worker(*, parent: int) -> None:
    """A worker alone (PostgreSQL); as many of these as the load needs, on as many hosts."""
    settings = shared_database(settings_or_exit())
    code = import_module("app.running.worker_process").run_worker(settings, parent=parent)
    # Everything is given back and closed; taking the interpreter apart as well would only make a stop longer.
    import_module("app.running.stopping").leave(code)


def shared_database(settings: Settings) -> Settings:
    """Pass a database that several processes may write.

    :raises click.ClickException: SQLite, which has one writer process: `yizhan up`.
    """
    if settings.is_sqlite:
        raise click.ClickException(
            "SQLite has one writer process: use `yizhan up`, or set YIZHAN_DATABASE_URL to a PostgreSQL database"
        )
    return settings
