"""`yizhan instance`: find one process instance, look into it, move, suspend, resume or cancel it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from app.cli import ad_hoc
from app.cli.incidents import JsonObject, as_json_asked, client, shown
from app.cli.plans import say_cancel_plan, say_move_plan
from app.cli.tables import print_facts, print_rows

PATH: Final = "/api/v1/process-instances"
PAGE: Final = 100
STATES: Final = ("live", "running", "cancelling", "completed", "cancelled")
LISTED: Final = ("id", "about", "process", "version", "state", "started_at", "waits_at")
WAITS: Final = ("kind", "element_id", "what", "state", "attempts", "since", "until", "message")
why = click.option("--reason", help="Why, for the history.")


@click.group()
def instance() -> None:
    """Find and repair process instances (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@instance.command("list")
@click.argument("order", required=False)
@click.option("--process", help="Instances of this process.")
@click.option("--version", type=int, help="On this version.")
@click.option("--element", help="That wait at this element.")
@click.option("--state", type=click.Choice(STATES), help="In this state; without it those that have not ended.")
@click.option("--suspended", is_flag=True, help="Only suspended ones.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@as_json_asked
def list_(order: str | None, *, suspended: bool, limit: int, as_json: bool, **filters: Any) -> None:
    """List instances, newest first; with an ORDER number its whole tree, whatever its state."""
    asked = {name: value for name, value in {"order": order, **filters}.items() if value is not None}
    asked |= {"suspended": "true"} if suspended else {}
    ask, total = client(), 1
    rows: list[dict[str, Any]] = []
    while len(rows) < min(limit, total):
        page = ask.get(PATH, **asked, offset=len(rows), limit=min(PAGE, limit - len(rows)))
        rows, total = [*rows, *page["items"]], page["total"] if page["items"] else 0
    if as_json:
        shown({"items": rows, "total": total})
        return
    told = [{**row, "process": "  " * (row["depth"] if order else 0) + row["process_key"]} for row in rows]
    print_rows([{**row, "state": _state(row)} for row in told], LISTED, empty="no such instances")
    if total > len(rows):
        click.echo(f"{total} in all; --limit shows more")


@instance.command()
@click.argument("instance_id")
@click.option("--data/--no-data", "with_data", default=True, help="Also the data it has reached.")
@as_json_asked
def show(instance_id: str, *, with_data: bool, as_json: bool) -> None:
    """Show one instance: where it stands, what it waits for, what it called, its effects, its data."""
    found = client().get(f"{PATH}/{instance_id}")
    if as_json:
        shown(found)
        return
    print_facts(
        {
            "instance": f"{found['id']}  {_state(found)}",
            "of": found["about"],
            "process": f"{found['process_key']} version {found['version']}",
            "called_by": f"{found['parent_id']} at {found['parent_element_id']}" if found["parent_id"] else None,
            "root": found["root_id"] if found["parent_id"] else None,
            "area": found["area"],
            "started_at": found["started_at"],
            "started_by": found["started_by"],
            "ended_at": found["ended_at"],
            "cancel_reason": found["cancel_reason"],
            "point_of_no_return": found["point_of_no_return"],
        }
    )
    _part("tokens", found["tokens"], ("element_id", "name", "name_en", "within", "state", "task_id"))
    waits = [{**row, "attempts": _attempts(row), "message": row.get("last_error")} for row in found["waits"]]
    _part("waits for", waits, WAITS)
    _part("incidents", found["incidents"], ("id", "element_id", "code", "opened_at", "message"))
    _part("called", found["called"], ("id", "process_key", "version", "element_id", "loop_index", "state"))
    _part("effects", found["effects"], ("seq", "element_id", "operation", "undo_operation", "state", "confirmed_at"))
    if with_data and found["data"]:
        click.echo("\ndata")
        for name, value in found["data"].items():
            click.echo(f"  {name} = {json.dumps(value, ensure_ascii=False)}")


def _part(title: str, rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    """A table under its title, without columns that say nothing."""
    if rows:
        click.echo(f"\n{title}")
        print_rows(
            rows, tuple(name for name in columns if any(row.get(name) not in (None, "") for row in rows)), empty=""
        )


def _attempts(row: Mapping[str, Any]) -> str:
    return f"{row['attempts']} of {row['max_attempts']}" if row.get("attempts") else ""


def _state(row: Mapping[str, Any]) -> str:
    return f"{row['state']}, suspended" if row["suspended_at"] and not row["ended_at"] else str(row["state"])


@instance.command()
@click.argument("instance_id")
@click.argument("to")
@click.option("--from", "element_id", help="The element of the token, where there are several.")
@click.option("--token", "task_id", help="The token by its task id, where several are at one element (see show).")
@click.option("--data", type=JsonObject(), help="Names of the process to write first, as a JSON object.")
@click.option("--undo", type=int, multiple=True, help="Undo this effect, instead of those proposed; may be repeated.")
@click.option("--plan", is_flag=True, help="Only show what would be done.")
@click.option("--digest", help="Of the plan that was looked at; anything else is refused.")
@why
@as_json_asked
def move(
    instance_id: str,
    to: str,
    *,
    element_id: str | None,
    task_id: str | None,
    data: dict[str, Any] | None,
    undo: tuple[int, ...],
    plan: bool,
    digest: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Take a token of INSTANCE_ID back or forward to the element TO; what it goes back over is undone first."""
    body = {"to": to, "element_id": element_id, "task_id": task_id, "data": data, "undo": list(undo) or None}
    if plan:
        found = client().post(f"{PATH}/{instance_id}/move-plan", body)
        shown(found) if as_json else say_move_plan(found)
        return
    if not reason:
        raise click.UsageError("say why: --reason TEXT (or look first: --plan)")
    done = client().post(f"{PATH}/{instance_id}/move", {**body, "digest": digest, "reason": reason})
    if as_json:
        shown(done)
        return
    say_move_plan(done["plan"])
    click.echo(f"move {done['id']}: {done['state']}")


@instance.command()
@click.argument("instance_id")
@click.option("--reason", required=True, help="Why, for the history.")
def suspend(instance_id: str, *, reason: str) -> None:
    """Let nothing new begin in an instance and all it has called."""
    done = client().post(f"{PATH}/{instance_id}/suspend", {"reason": reason})
    click.echo(f"{done['instances']} instances are suspended")


@instance.command()
@click.argument("instance_id")
@click.option("--reason", required=True, help="Why, for the history.")
def resume(instance_id: str, *, reason: str) -> None:
    """Let a suspended instance go on."""
    done = client().post(f"{PATH}/{instance_id}/resume", {"reason": reason})
    click.echo(f"{done['instances']} instances go on")


@instance.command()
@click.argument("instance_id")
@click.option("--plan", is_flag=True, help="Only show what would be undone, and in which order.")
@click.option("--digest", help="Of the plan that was looked at; anything else is refused.")
@why
@as_json_asked
def cancel(instance_id: str, *, plan: bool, digest: str | None, reason: str | None, as_json: bool) -> None:
    """Cancel the tree of a root instance and the order it fulfils; everything is undone, newest first."""
    if plan:
        found = client().get(f"{PATH}/{instance_id}/cancel-plan")
        shown(found) if as_json else say_cancel_plan(found)
        return
    if not reason:
        raise click.UsageError("say why: --reason TEXT (or look first: --plan)")
    done = client().post(f"{PATH}/{instance_id}/cancel", {"digest": digest, "reason": reason})
    click.echo(f"{instance_id}  {done['state']}")


instance.add_command(ad_hoc.choices)
instance.add_command(ad_hoc.begin)
