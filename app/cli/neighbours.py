"""`yizhan simulators`: the simulated neighbours alone."""

from __future__ import annotations

import click

from app.cli.settings import settings_or_exit
from app.running.ports import PortTaken
from app.running.simulators import run_simulators


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def simulators(context: click.Context) -> None:
    """The simulated neighbours alone; `--help` of `python -m adapters.simulators` tells their options."""
    try:
        run_simulators(settings_or_exit(), list(context.args))
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
