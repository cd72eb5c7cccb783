"""`yizhan history`: what happened, how often at each element, and removing what has been kept long enough."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from importlib import import_module
from typing import Any, Final

import click

from app.cli.client import Client
from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows

PAGE: Final = 100
LINE_COLUMNS: Final = ("at", "process", "version", "element_id", "event", "by", "data")
COUNT_COLUMNS: Final = (
    "version",
    "element_id",
    "running",
    "incidents",
    "entered",
    "completed",
    "cancelled",
    "failed",
)


@click.group()
def history() -> None:
    """What happened in processes, how often at each element, and how long it is kept."""


@history.command()
@click.argument("order", required=False)
@click.option("--instance", help="One process instance instead of an order.")
@click.option("--element", help="Only this element.")
@click.option("--event", help="Only this: entered, completed, cancelled, failed ...")
@click.option("--by", help="Only what this login did.")
@click.option("--limit", type=int, default=1000, show_default=True, help="At most so many lines.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def show(order: str | None, *, instance: str | None, limit: int, as_json: bool, **filters: str | None) -> None:
    """Print what happened in the processes of ORDER, oldest first (talks to a running system)."""
    if (order is None) == (instance is None):
        raise click.UsageError("say which ORDER, or --instance ID")
    client = Client.from_settings(settings_or_exit(), demo="ops")
    given = {"order": order, "instance": instance, **filters}
    asked = {name: value for name, value in given.items() if value}
    lines: list[dict[str, Any]] = []
    while len(lines) < limit:
        page = client.get("/api/v1/history", **asked, offset=len(lines), limit=min(PAGE, limit - len(lines)))
        lines += page["items"]
        if not page["items"] or len(lines) >= page["total"]:
            break
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    told = [{**line, "data": _short(line["data"])} for line in lines]
    print_rows(told, LINE_COLUMNS, empty="nothing has happened")


@history.command()
@click.argument("process")
@click.option("--version", type=int, help="Only this version.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def counts(process: str, *, version: int | None, as_json: bool) -> None:
    """Print how often each element of PROCESS was entered and left, per version (talks to a running system)."""
    client = Client.from_settings(settings_or_exit(), demo="ops")
    asked = {} if version is None else {"version": version}
    found = client.get(f"/api/v1/history/counts/{process}", **asked)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [
        {"version": one["version"], **element}
        for one in found["versions"]
        for element in one["elements"]
        if any(element[name] for name in COUNT_COLUMNS[2:])
    ]
    print_rows(rows, COUNT_COLUMNS, empty="nobody has come to any element")


@history.command()
@click.option("--days", type=int, help="Keep so many days; without it what the settings say.")
@click.option("--of", "of_process", multiple=True, metavar="PROCESS=DAYS", help="Another time for one; repeatable.")
@click.option("--pause-ms", type=int, default=0, show_default=True, help="Rest between two batches.")
@click.option("--most", type=int, help="At most so many batches.")
@click.option("--json", "as_json", is_flag=True, help="Print what was removed as JSON.")
@needs_database
def remove(*, days: int | None, of_process: tuple[str, ...], pause_ms: int, most: int | None, as_json: bool) -> None:
    """Remove the history of what ended long ago, a few trees at a time, while everybody works on.

    Orders and work items stay, and so do the sums per element. What somebody still has to settle stays as well.
    """
    settings = settings_or_exit()
    # Loaded only now: the other commands need no database.
    build_deps = import_module("app.factory").build_deps
    keeping = import_module("app.services.repairs.history_keeping")
    policy = _policy(keeping.policy_of(settings), days, of_process)
    if policy.shortest is None:
        raise click.UsageError("nothing says how long history is kept: --days N, or YIZHAN_KEEP_HISTORY_DAYS")
    with closing(build_deps(settings, role="command")) as deps:
        deps.watch.require()
        while keeping.add_up(deps):
            pass
        done = keeping.remove_old(deps, policy, batches=most, told=lambda _: time.sleep(pause_ms / 1000))
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(f"removed {done.trees} trees of process instances, {done.rows} rows in all")


def _policy(known: Any, days: int | None, of_process: tuple[str, ...]) -> Any:
    """What the settings say, with what the command line says instead."""
    checks = import_module("app.config_checks")
    problem = checks.days_problem(",".join(of_process))
    if problem:
        raise click.UsageError(f"--of {problem}")
    if days is not None and days < 1:
        raise click.UsageError("--days must be at least 1")
    by_process = checks.days_by_process(",".join(of_process)) or known.by_process
    return type(known)(days=days if days is not None else known.days, by_process=by_process)


def _short(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False) if data else ""
    return text if len(text) <= 160 else f"{text[:157]}..."
