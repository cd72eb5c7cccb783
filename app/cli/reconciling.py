"""`yizhan reconcile`: our books against the neighbours', on demand."""

from __future__ import annotations

import json

import click

from app.cli.client import Client
from app.cli.settings import settings_or_exit
from app.cli.tables import print_rows


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
