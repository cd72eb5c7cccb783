"""The `yizhan` command."""

from __future__ import annotations

import click

from app.cli.operations import doctor, invariants, reconcile
from app.cli.orders import order
from app.cli.processes import process
from app.cli.running import db, simulators, up, web, worker


@click.group()
@click.version_option(package_name="yizhan")
def main() -> None:
    """Yizhan 一站: one-stop order fulfilment for a telecom operator."""


for command in (up, web, worker, simulators, db, order, process, reconcile, invariants, doctor):
    main.add_command(command)
