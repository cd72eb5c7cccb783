"""`yizhan db`: the tables and what comes with the product; backups, and what to do when one was put back."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows
from app.deps import Deps
from app.errors import AppError
from app.factory import build_deps
from app.persistence.database_watch import DatabaseRestored
from app.running.backups import BackupFailed, back_up
from app.running.migrations import upgrade_database
from app.running.simulators import known_neighbours
from app.services.repairs import restore_desk
from app.services.repairs.restore_desk import Restored

T = TypeVar("T")
SKIP_NUMBERS: Final = 1000
COLUMNS: Final = ("adapter", "operation", "at", "of", "state", "key")


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@needs_database
def db_upgrade() -> None:
    """Bring the tables up to this version, and the reference data with them; exit 75 while no database answers."""
    click.echo(upgrade_database(settings_or_exit()))


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@needs_database
def db_backup(file: Path) -> None:
    """Write all of the database, as it is at this moment, into FILE; everything goes on meanwhile.

    On PostgreSQL this is a dump for pg_restore, on SQLite a database file.
    """
    try:
        size = back_up(settings_or_exit(), file)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: {size / 1_000_000:.1f} MB")


@db.command("restored")
@click.option("--reason", default="", help="Why, for the audit.")
@click.option(
    "--without",
    multiple=True,
    metavar="ADAPTER",
    help="Do not wait for this neighbour; it is held until `yizhan db ask` has asked it. Repeatable.",
)
@click.option(
    "--skip-numbers",
    type=click.IntRange(0, 100_000),
    default=SKIP_NUMBERS,
    show_default=True,
    help="So many numbers of each kind may have been given out after the backup; none of them is given out again.",
)
@click.option(
    "--take-over",
    is_flag=True,
    help="Take over what was done after the backup without a person, wherever it is clear which call it was.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@needs_database
def db_restored(*, reason: str, without: tuple[str, ...], skip_numbers: int, take_over: bool, as_json: bool) -> None:
    """A backup was put back: compare it with the neighbours before anything is done; exit 1 if one did not answer.

    Nothing is sent and no timer fires until this has come to its end. Then every call that was open in the backup is
    asked about before it is sent, and what the neighbours did since is listed, and not done again.
    """
    with closing(build_deps(known_neighbours(settings_or_exit()), role="command")) as deps:
        require_tables(deps)
        found = told(
            lambda: restore_desk.compare(
                deps,
                actor=who(),
                reason=reason,
                without=without,
                skip_numbers=skip_numbers,
                takes_over=take_over,
            )
        )
    if as_json:
        facts = {**vars(found), "as_of": found.as_of.isoformat() if found.as_of else None}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        say(found)
    raise SystemExit(0 if found.is_open else 1)


@db.command("ask")
@click.argument("adapter")
@needs_database
def db_ask(adapter: str) -> None:
    """Ask a neighbour that was left out by `--without` what it did after the backup."""
    with closing(build_deps(known_neighbours(settings_or_exit()), role="command")) as deps:
        require_tables(deps)
        lost = told(lambda: restore_desk.ask_late(deps, adapter))
    click.echo(
        f"{adapter} did {lost} that we do not know of (`yizhan db lost`); "
        f"`yizhan hold adapter {adapter} --end` lets calls go"
    )


@db.command("moved")
@needs_database
def db_moved() -> None:
    """The database was moved whole, with everything stopped, so nothing is missing in it."""
    with closing(build_deps(settings_or_exit(), role="command")) as deps:
        require_tables(deps)
        told(lambda: restore_desk.moved(deps))
    click.echo("the database is at home here")


@db.command("lost")
@click.option("--all", "everything", is_flag=True, help="Those that were taken over or settled as well.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@needs_database
def db_lost(*, everything: bool, as_json: bool) -> None:
    """What the neighbours did after the backup and our books do not know; exit 1 if there is any."""
    with closing(build_deps(settings_or_exit(), role="command")) as deps:
        require_tables(deps)
        rows = restore_desk.listed(deps, everything=everything)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_rows(rows, COLUMNS, empty="the neighbours did nothing that we do not know of")
    raise SystemExit(1 if any(row["state"] in ("open", "left") for row in rows) else 0)


@db.command("settle")
@click.argument("keys", nargs=-1, required=True)
@click.option("--reason", required=True, help="What was done about it, for the audit.")
@needs_database
def db_settle(keys: tuple[str, ...], reason: str) -> None:
    """Take calls off the list of `yizhan db lost`, because somebody has seen to them; KEYS as printed there."""
    with closing(build_deps(settings_or_exit(), role="command")) as deps:
        deps.watch.require()
        found = restore_desk.settle(deps, keys, actor=who(), note=reason)
    click.echo(f"{len(found)} settled")
    missing = sorted(set(keys).difference(found))
    if missing:
        raise click.ClickException(f"not on the list: {', '.join(missing)}")


def say(found: Restored) -> None:
    """What came of it, and what a person has to do next."""
    click.echo(f"youngest thing in the backup: {found.as_of.isoformat() if found.as_of else 'none'}")
    for adapter, number in sorted(found.marked.items()):
        click.echo(f"{adapter}: {number} open calls are asked about before they are sent")
    for adapter, why in sorted(found.silent.items()):
        click.echo(f"{adapter}: {why}")
    print_rows(found.lost, COLUMNS, empty="the neighbours did nothing that we do not know of")
    if not found.is_open:
        click.echo("nothing goes on: run this again when every neighbour answers, or with --without ADAPTER")
        return
    click.echo(f"work goes on; {found.skipped} numbers of each kind are left out")
    if found.lost:
        click.echo("a step that comes to one of these again takes it over or waits as an incident; `yizhan db lost`")


def who() -> str:
    """Who sits at this machine; nobody logs in to a database that is closed."""
    return f"{getpass.getuser()}@command"[:120]


def require_tables(deps: Deps) -> None:
    """:raises DatabaseMisfit: the database is of another version; one that was put back is what this is about."""
    problem = deps.watch.problem()
    if problem is not None and not isinstance(problem, DatabaseRestored):
        raise problem


def told(act: Callable[[], T]) -> T:
    """What the desk refuses, as one line."""
    try:
        return act()
    except AppError as error:
        raise click.ClickException(error.message_en) from error
