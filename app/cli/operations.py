"""`yizhan invariants`, `yizhan doctor`: is everything as it should be?"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import click

from app.cli.database import needs_database
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows
from app.factory import build_deps
from app.observability import configure_logging
from app.running.simulators import known_neighbours
from app.services import health, truth


@click.command()
@click.option(
    "--rule", "rules", multiple=True, type=click.Choice(list(truth.RULES)), help="Only this rule; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print the violations as JSON.")
@needs_database
def invariants(*, rules: tuple[str, ...], as_json: bool) -> None:
    """Check what must always be true, in our books and the neighbours'; exit 1 if something is not.

    One line per violation: the rule, what it is about, and what is wrong. What was looked at is said on the error
    output.
    """
    settings = known_neighbours(settings_or_exit())
    configure_logging(replace(settings, log_level="warning"))  # thousands of questions to neighbours are no news
    tally, found = truth.Tally(), []
    with closing(build_deps(settings, role="command")) as deps:
        deps.watch.require()
        for one in truth.check(deps, rules or tuple(truth.RULES), tally=tally):
            found.append({"rule": one.rule, "thing": one.subject, "text": one.message})
            if not as_json:
                click.echo(f"{one.rule}  {one.subject}  {one.message}")
    say_what_was_looked_at(tally)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif not found:
        click.echo("all invariants hold")
    raise SystemExit(1 if found else 0)


def say_what_was_looked_at(tally: truth.Tally) -> None:
    """Whoever reads "all is well" wants to know of how much."""
    for rule, seen in tally.seen.items():
        counts = ", ".join(f"{count} {what}" for what, count in seen.items())
        click.echo(f"{rule}: {counts or 'nothing'}", err=True)
    for what, why in tally.left_out.items():
        click.echo(f"not checked: {what}: {why}", err=True)


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
