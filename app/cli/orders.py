"""`yizhan order`: submit an order, follow it to its end, show one."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click
from rich.console import Console
from rich.live import Live

from app.cli.client import Client, checked
from app.cli.field_crew import FieldCrew
from app.cli.order_picture import order_picture
from app.cli.settings import settings_or_exit

ORDERS: Final = "/tmf-api/productOrderingManagement/v4/productOrder"
FINAL_STATES: Final = frozenset({"completed", "partial", "failed", "cancelled", "rejected"})
REFRESH_S: Final = 0.4
#: What the live picture shows; the history of a large order is long and not asked for again and again.
PICTURE_FIELDS: Final = "number,state,promised_at,work_orders,waits_for"


@click.group()
def order() -> None:
    """Submit, follow and show orders (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@order.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--follow", is_flag=True, help="Show the work orders live until the order is final.")
@click.option("--play", is_flag=True, help="Act as the field crew meanwhile: claim and complete the work items.")
@click.option("--json", "as_json", is_flag=True, help="Print the final order as JSON.")
@click.option("--timeout", "timeout_s", default=300.0, show_default=True, help="Stop following after so many seconds.")
def submit(file: Path, *, follow: bool, play: bool, as_json: bool, timeout_s: float) -> None:
    """Submit the TMF622 order in FILE; the same file sent twice is the same order."""
    settings = settings_or_exit()
    client = Client.from_settings(settings)
    body = read_order(file)
    order_id = str(checked(client.send("POST", ORDERS, json=body)).json()["id"])
    if follow or play:
        crew = FieldCrew(client) if play else None
        view = follow_order(client, order_id, crew, timeout_s=timeout_s, quiet=as_json)
    else:
        view = client.get(f"/api/v1/orders/{order_id}")
    if as_json:
        click.echo(json.dumps(view, ensure_ascii=False, indent=2))
    else:
        if follow or play:
            click.echo()
        click.echo(f"{view['number']}  {view['state']}  {client.base_url}/orders/{view['number']}")
    if (follow or play) and view["state"] != "completed":
        raise SystemExit(1)


@order.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def show(number: str, *, as_json: bool) -> None:
    """Show order NUMBER: its state, its work orders, and whom it waits for."""
    client = Client.from_settings(settings_or_exit())
    view = client.get(f"/api/v1/orders/{quote(number, safe='')}")
    if as_json:
        click.echo(json.dumps(view, ensure_ascii=False, indent=2))
        return
    Console().print(order_picture(view, note=""))


def read_order(file: Path) -> Mapping[str, Any]:
    """The JSON object in ``file``; anything else ends the command with one line."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{file}: not a readable JSON file ({error})") from error
    if not isinstance(body, dict):
        raise click.ClickException(f"{file}: the order must be a JSON object")
    return body


def follow_order(
    client: Client, order_id: str, crew: FieldCrew | None, *, timeout_s: float, quiet: bool
) -> Mapping[str, Any]:
    """Watch the order until it is final or ``timeout_s`` seconds have passed; return its last view."""
    ends_at = time.monotonic() + timeout_s
    path = f"/api/v1/orders/{order_id}"
    view: Mapping[str, Any] = client.get(path, fields=PICTURE_FIELDS)
    console = Console(stderr=quiet, quiet=quiet)
    with Live(order_picture(view, note=""), console=console, refresh_per_second=4, transient=quiet) as live:
        while view["state"] not in FINAL_STATES and time.monotonic() < ends_at:
            note = crew.work(view) if crew else ""
            asked_at = time.monotonic()
            view = client.get(path, fields=PICTURE_FIELDS)
            live.update(order_picture(view, note=note))
            # A busy server is asked less often, so that watching does not slow down what is watched.
            time.sleep(max(REFRESH_S, 2 * (time.monotonic() - asked_at)))
    whole: Mapping[str, Any] = client.get(path)
    return whole
