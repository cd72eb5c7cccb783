"""`yizhan reconcile`, `yizhan invariants`, `yizhan doctor`: is everything as it should be?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.factory import build_deps
from app.services import health, truth


@click.command()
@click.option("--adapter", default=None, help="Compare this neighbour only: resource, provisioning, billing or fault.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def reconcile(adapter: str | None, *, as_json: bool) -> None:
    """Compare our books with every neighbour's; exit 1 if they differ (talks to a running system)."""
    client = Client.from_settings(settings_or_exit(), demo="ops2")
    body = {"adapter": adapter} if adapter else {}
    found = client.post("/api/v1/reconcile", body)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print_rows(
            found["differences"],
            ("adapter", "product_id", "field", "asked", "built", "billed"),
            empty=f"{found['compared']} products compared, no difference",
        )
    raise SystemExit(1 if found["differences"] else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the violations as JSON.")
def invariants(*, as_json: bool) -> None:
    """Check what must always be true, in our books and the neighbours'; exit 1 if something is not."""
    deps = build_deps(settings_or_exit(), role="command")
    violations = truth.violations(deps)
    if as_json:
        click.echo(json.dumps(violations, ensure_ascii=False, indent=2))
    else:
        print_rows(violations, ("rule", "thing", "text"), empty="all invariants hold")
    raise SystemExit(1 if violations else 0)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
def doctor(*, as_json: bool) -> None:
    """What is configured, reachable, late or stuck, on one screen; exit 1 if something needs a person."""
    settings = settings_or_exit()
    facts = health.examine(settings, build_deps(settings, role="command"))
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        print_rows(facts, ("part", "state", "text"), empty="nothing to say")
    raise SystemExit(1 if any(fact["state"] == "bad" for fact in facts) else 0)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...], *, empty: str) -> None:
    """Print dictionaries as a plain table, or one sentence when there are none."""
    if not rows:
        click.echo(empty)
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    Console().print(table)
