"""`yizhan bulk`: one action over many, at a rate, paused and resumed, with a result for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from app.cli.incidents import JsonObject, client, shown
from app.cli.tables import print_rows

PATH: Final = "/api/v1/bulk-runs"
KINDS: Final = ("retry", "skip", "move", "suspend", "resume", "cancel", "reassign")


@click.group()
def bulk() -> None:
    """Repair many at once (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@bulk.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--select", type=JsonObject(), required=True, help='Which, as JSON: {"cause_key": "..."} for instance.')
def preview(kind: str, *, select: dict[str, Any]) -> None:
    """Say how many KIND would touch now; nothing is done."""
    shown(client().post(f"{PATH}/preview", {"kind": kind, "select": select}))


@bulk.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--select", type=JsonObject(), required=True, help="Which, as a JSON object.")
@click.option("--params", type=JsonObject(), default="{}", help="What exactly, as a JSON object.")
@click.option("--reason", required=True, help="Why, for the history.")
@click.option("--rate", default=0.0, show_default=True, help="At most so many in a second; 0: no limit.")
@click.option("--pause-after", type=int, help="Pause after so many: a pilot.")
def start(
    kind: str, *, select: dict[str, Any], params: dict[str, Any], reason: str, rate: float, pause_after: int | None
) -> None:
    """Begin a run over what fits now."""
    body = {"kind": kind, "select": select, "params": params, "reason": reason, "rate_per_s": rate}
    say(client().post(PATH, {**body, "pause_after": pause_after}))


@bulk.command("list")
@click.option("--limit", default=20, show_default=True)
def list_(*, limit: int) -> None:
    """List the runs, newest first."""
    rows = client().get(PATH, limit=limit)["items"]
    print_rows(rows, ("id", "kind", "state", "total", "states", "outcomes", "actor", "reason"), empty="no bulk runs")


@bulk.command()
@click.argument("run_id")
@click.option("--refused", is_flag=True, help="Also what was refused, and why.")
@click.option("--failed", is_flag=True, help="Also what failed again, and how.")
@click.option("--limit", default=20, show_default=True)
def show(run_id: str, *, refused: bool, failed: bool, limit: int) -> None:
    """Show how far a run is: applied is not succeeded."""
    ask = client()
    say(ask.get(f"{PATH}/{run_id}"))
    wanted = [{"state": "refused"}] * refused + [{"outcome": "failed_again"}] * failed
    for which in wanted:
        rows = ask.get(f"{PATH}/{run_id}/items", **which, limit=limit)["items"]
        print_rows(rows, ("seq", "subject_id", "state", "outcome", "code", "message"), empty="none")


@bulk.command()
@click.argument("run_id")
def pause(run_id: str) -> None:
    """Touch no further subject."""
    say(client().post(f"{PATH}/{run_id}/pause"))


@bulk.command()
@click.argument("run_id")
@click.option("--rate", type=float, help="At this rate from now on.")
def resume(run_id: str, *, rate: float | None) -> None:
    """Go on."""
    say(client().post(f"{PATH}/{run_id}/resume", {"rate_per_s": rate}))


@bulk.command()
@click.argument("run_id")
def stop(run_id: str) -> None:
    """End it for good."""
    say(client().post(f"{PATH}/{run_id}/stop"))


@bulk.command()
@click.argument("run_id")
@click.option("--reason", required=True, help="Why, for the history.")
@click.option("--rate", type=float, help="At this rate.")
def rerun(run_id: str, *, reason: str, rate: float | None) -> None:
    """Run those again that were refused or have failed again."""
    say(client().post(f"{PATH}/{run_id}/rerun", {"reason": reason, "rate_per_s": rate}))


def say(run: Mapping[str, Any]) -> None:
    """One run in one line."""
    parts = {**run["states"], **{f"of these {name}": number for name, number in run["outcomes"].items()}}
    figures = ", ".join(f"{number} {name}" for name, number in parts.items())
    click.echo(f"{run['id']}  {run['kind']}  {run['state']}  {run['total']} in all: {figures}")
