"""`yizhan invariants`, `yizhan doctor`: is everything as it should be?"""

from __future__ import annotations

import json
from contextlib import closing

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows
from app.factory import build_deps
from app.running.simulators import known_neighbours
from app.services import health, truth


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the violations as JSON.")
@needs_database
def invariants(*, as_json: bool) -> None:
    """Check what must always be true, in our books and the neighbours'; exit 1 if something is not."""
    with closing(build_deps(known_neighbours(settings_or_exit()), role="command")) as deps:
        deps.watch.require()
        effects = truth.far_effects(deps.settings.adapter_url)
        if effects is None:
            click.echo(f"the neighbours were not asked: nobody at {deps.settings.adapter_url} counts effects", err=True)
        violations = truth.violations(deps, effects)
    if as_json:
        click.echo(json.dumps(violations, ensure_ascii=False, indent=2))
    else:
        print_rows(violations, ("rule", "thing", "text"), empty="all invariants hold")
    raise SystemExit(1 if violations else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@needs_database
def doctor(*, as_json: bool) -> None:
    """What is configured, reachable, late or stuck, on one screen; exit 1 if something needs a person."""
    settings = known_neighbours(settings_or_exit())
    with closing(build_deps(settings, role="command")) as deps:
        facts = health.examine(settings, deps)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        print_rows(facts, ("part", "state", "text"), empty="nothing to say")
    raise SystemExit(1 if any(fact["state"] == "bad" for fact in facts) else 0)
