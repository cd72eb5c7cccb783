"""`yizhan workers`, `yizhan drain`: who works, and who is to claim nothing more."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import asdict
from typing import Final

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows
from app.deps import Deps
from app.factory import build_deps
from app.unit_of_work import read, transaction
from processes import workers as at_work
from processes.workers import DrainScope, WorkerLine

LOOK_S: Final = 0.5
WAIT_S: Final = 120.0


@click.command()
@click.option("--all", "with_stopped", is_flag=True, help="Those that have stopped or died as well.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@needs_database
def workers(*, with_stopped: bool, as_json: bool) -> None:
    """List the workers: where they run, what they have in hand, when they last gave a sign of life."""
    with closing(build_deps(settings_or_exit(), role="command")) as deps:
        deps.watch.require()
        lines = _look(deps, with_stopped=with_stopped)
        with read(deps.read_sessions) as session:
            orders = [f"{row.scope} {row.name}".strip() for row in at_work.drains(session)]
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False, indent=2))
        return
    columns = ("name", "host", "pid", "state", "threads", "in_hand", "seen_s")
    print_rows([asdict(line) for line in lines], columns, empty="no workers")
    if orders:
        click.echo(f"drained: {', '.join(orders)}; `yizhan drain --end` lets them claim again")


@click.command()
@click.option("--worker", "worker", metavar="NAME", help="This worker only (`yizhan workers` lists them).")
@click.option("--host", "host", metavar="NAME", help="The workers of this host.")
@click.option("--all", "everybody", is_flag=True, help="Every worker.")
@click.option("--end", is_flag=True, help="Let everybody claim again.")
@click.option("--wait", "wait_s", type=float, default=WAIT_S, show_default=True, help="Wait so many seconds at most.")
@needs_database
def drain(*, worker: str | None, host: str | None, everybody: bool, end: bool, wait_s: float) -> None:
    """Let workers finish what they have in hand and claim nothing more, as before an upgrade.

    They stay alive, and so do those that start meanwhile; orders are still accepted. Waits until nothing is in hand;
    exit 1 if something still is.
    """
    chosen = [
        (scope, name)
        for scope, name, given in (
            (DrainScope.WORKER, worker or "", worker is not None),
            (DrainScope.HOST, host or "", host is not None),
            (DrainScope.ALL, "", everybody),
        )
        if given
    ]
    if len(chosen) + end != 1:
        raise click.UsageError("say whom: one of --worker NAME, --host NAME, --all, or --end")
    with closing(build_deps(settings_or_exit(), role="command")) as deps:
        deps.watch.require()
        if end:
            with transaction(deps.sessions) as tx:
                ended = at_work.end_drains(tx.session)
            click.echo("workers claim again" if ended else "nobody was drained")
            return
        scope, name = chosen[0]
        raise SystemExit(_drain(deps, scope, name, wait_s))


def _drain(deps: Deps, scope: DrainScope, name: str, wait_s: float) -> int:
    meant = [line for line in _look(deps) if at_work.is_meant(line, scope, name)]
    if not meant and scope is DrainScope.WORKER:
        raise click.ClickException(f"there is no worker {name}; `yizhan workers` lists them")
    with transaction(deps.sessions) as tx:
        at_work.order_drain(tx.session, scope, name, deps.clock(tx.session))
    until, said = time.monotonic() + wait_s, ""
    while True:
        lines = [line for line in _look(deps) if at_work.is_meant(line, scope, name)]
        left = at_work.still_at_work(lines, scope, name)
        words = _words(lines, left)
        if words != said:
            click.echo(words)
            said = words
        if not left or time.monotonic() >= until:
            break
        time.sleep(LOOK_S)
    for line in lines:
        if line.state is at_work.WorkerState.LOST:
            click.echo(f"{line.name} has given no sign of life for {line.seen_s:g} s; not waited for")
    if left:
        click.echo(f"still at work after {wait_s:g} s: {', '.join(line.name for line in left)}")
        return 1
    click.echo("drained; `yizhan drain --end` lets them claim again")
    return 0


def _words(lines: list[WorkerLine], left: list[WorkerLine]) -> str:
    here = [line for line in lines if line.state in at_work.HERE]
    told = sum(1 for line in here if line.state is at_work.WorkerState.DRAINING)
    in_hand = sum(line.in_hand for line in left)
    return f"{told} of {len(here)} workers claim nothing more; {in_hand} pieces in hand"


def _look(deps: Deps, *, with_stopped: bool = False) -> list[WorkerLine]:
    with read(deps.read_sessions) as session:
        return at_work.list_workers(session, deps.clock(session), with_stopped=with_stopped)
