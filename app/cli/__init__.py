"""The `yizhan` command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from app.cli.lazy import LazyGroup, Place

#: What a command's module imports at its top is what starting it costs.
COMMANDS: Final[Mapping[str, Place]] = {
    "up": Place("app.cli.running", "up", "Everything in one go; with --demo the neighbours too."),
    "web": Place("app.cli.running", "web", "The web server alone (PostgreSQL)."),
    "worker": Place("app.cli.running", "worker", "A worker alone (PostgreSQL)."),
    "workers": Place("app.cli.draining", "workers", "List the workers, and what they have in hand."),
    "drain": Place("app.cli.draining", "drain", "Let workers claim nothing more, before an upgrade."),
    "simulators": Place("app.cli.neighbours", "simulators", "The simulated neighbours alone."),
    "db": Place("app.cli.db", "db", "The database: upgrade, backup, and what to do after a backup was put back."),
    "order": Place("app.cli.orders", "order", "Submit, follow and show orders."),
    "sla": Place("app.cli.sla", "sla", "Promises: why due, stops, what is owed, and their rules."),
    "process": Place("app.cli.processes", "process", "Check, try and deploy processes."),
    "catalogue": Place("app.cli.catalogue", "catalogue", "What is sold: bring in, check, take out, who changed it."),
    "teams": Place("app.cli.teams", "teams", "Teams, their kinds and skills: bring in, check, take out."),
    "history": Place(
        "app.cli.history", "history", "What happened in processes, figures per element, and how long it is kept."
    ),
    "incident": Place("app.cli.incidents", "incident", "What cannot go on: by cause, try again, skip."),
    "bulk": Place("app.cli.bulk", "bulk", "Repair many at once, at a rate, with a result for each."),
    "instance": Place(
        "app.cli.instances", "instance", "Find, show, move, suspend, resume or cancel process instances."
    ),
    "hold": Place("app.cli.holds", "hold", "Stop a neighbour or a process, and let them go on."),
    "repairs": Place("app.cli.repairs", "repairs", "Who repaired what, when and why."),
    "news": Place("app.cli.news", "news", "Messages, signals and facts for processes, and what nobody took."),
    "reconcile": Place("app.cli.reconciling", "reconcile", "Compare our books with every neighbour's."),
    "refused": Place("app.cli.refused_calls", "refused", "Who asked for what they may not have."),
    "invariants": Place("app.cli.operations", "invariants", "Check what must always be true."),
    "doctor": Place("app.cli.operations", "doctor", "What is configured, reachable, late or stuck."),
}


@click.group(cls=LazyGroup, places=COMMANDS)
@click.version_option(package_name="yizhan")
def main() -> None:
    """Yizhan 一站: one-stop order fulfilment for a telecom operator."""
