"""`yizhan instance choices` and `begin`: activities of ad-hoc sub-processes, begun by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from app.cli.incidents import as_json_asked, client, shown
from app.cli.tables import print_rows

PATH: Final = "/api/v1/process-instances"
LISTED: Final = ("element_id", "name", "name_en", "in", "task_id", "running")


@click.command()
@click.argument("instance_id")
@as_json_asked
def choices(instance_id: str, *, as_json: bool) -> None:
    """List what can be begun by hand in the ad-hoc sub-processes of an instance."""
    _say(client().get(f"{PATH}/{instance_id}/choices"), as_json=as_json)


@click.command()
@click.argument("instance_id")
@click.argument("element_id")
@click.option("--in", "task_id", help="The sub-process by its task id, where several have such an activity.")
@click.option("--reason", required=True, help="Why, for the history.")
@as_json_asked
def begin(instance_id: str, element_id: str, *, task_id: str | None, reason: str, as_json: bool) -> None:
    """Begin the activity ELEMENT_ID of an ad-hoc sub-process that runs in INSTANCE_ID, also once more."""
    body = {"element_id": element_id, "task_id": task_id, "reason": reason}
    _say(client().post(f"{PATH}/{instance_id}/begin", body), as_json=as_json)


def _say(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        shown(found)
        return
    rows = [
        {
            **choice,
            "in": row["element_id"],
            "task_id": row["task_id"],
            "running": "yes" if choice["element_id"] in row["running"] else "",
        }
        for row in found["items"]
        for choice in row["choices"]
    ]
    print_rows(rows, LISTED, empty="nothing can be begun by hand")
