"""`yizhan repairs`: who repaired what, when and why."""

from __future__ import annotations

from typing import Any, Final

import click

from app.cli.incidents import as_json_asked, client, shown
from app.cli.tables import print_rows

PAGE: Final = 100
LISTED: Final = ("at", "actor", "action", "about", "element_id", "reason", "data")


@click.command()
@click.argument("order", required=False)
@click.option("--instance", help="Of this instance, or of the tree with this root.")
@click.option("--actor", help="Only what this login did.")
@click.option("--action", help="Only this: retry, skip, move, begin, suspend, cancel, reassign, migrate, hold ...")
@click.option("--run", "run_id", help="Only of this bulk run.")
@click.option("--limit", type=click.IntRange(1, PAGE), default=20, show_default=True)
@as_json_asked
def repairs(order: str | None, *, limit: int, as_json: bool, **filters: Any) -> None:
    """List what operators repaired, newest first, with reason and what was before and after; of an ORDER, or all."""
    asked = {name: value for name, value in {"order": order, **filters}.items() if value is not None}
    body = client().get("/api/v1/repairs", **asked, limit=limit)
    if as_json:
        shown(body)
        return
    rows = [{**row, "data": _change(row), "about": row["about"] or row["subject"]} for row in body["items"]]
    print_rows(rows, LISTED, empty="no repairs")
    if body["total"] > len(rows):
        click.echo(f"{body['total']} in all; --limit shows more")


def _change(row: dict[str, Any]) -> dict[str, Any] | None:
    """Before and after; of inputs and data only the names that differ."""
    before, after = row["before"], row["after"]
    if before is None and after is None:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        for name in ("inputs", "data"):
            old, new = before.get(name), after.get(name)
            if isinstance(old, dict) and isinstance(new, dict):
                differ = {one for one in {**old, **new} if old.get(one) != new.get(one)}
                before = {**before, name: {one: value for one, value in old.items() if one in differ}}
                after = {**after, name: {one: value for one, value in new.items() if one in differ}}
    return {"before": before, "after": after}
