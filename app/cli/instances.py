"""`yizhan instance`, `yizhan hold`: repair one process instance; stop a neighbour or a process."""

from __future__ import annotations

from typing import Any, Final

import click

from app.cli.incidents import JsonObject, client, shown

PATH: Final = "/api/v1/process-instances"


@click.group()
def instance() -> None:
    """Repair one process instance (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@instance.command()
@click.argument("instance_id")
@click.argument("to")
@click.option("--from", "element_id", help="The element of the token, where there are several.")
@click.option("--data", type=JsonObject(), help="Names of the process to write first, as a JSON object.")
@click.option("--undo", type=int, multiple=True, help="Undo this effect, instead of those proposed; may be repeated.")
@click.option("--plan", is_flag=True, help="Only show what would be done.")
@click.option("--digest", help="Of the plan that was looked at; anything else is refused.")
@click.option("--reason", help="Why, for the history.")
def move(
    instance_id: str,
    to: str,
    *,
    element_id: str | None,
    data: dict[str, Any] | None,
    undo: tuple[int, ...],
    plan: bool,
    digest: str | None,
    reason: str | None,
) -> None:
    """Take a token of INSTANCE_ID back or forward to the element TO; what it goes back over is undone first."""
    body = {"to": to, "element_id": element_id, "data": data, "undo": list(undo) or None}
    if plan:
        shown(client().post(f"{PATH}/{instance_id}/move-plan", body))
        return
    if not reason:
        raise click.UsageError("say why: --reason TEXT (or look first: --plan)")
    shown(client().post(f"{PATH}/{instance_id}/move", {**body, "digest": digest, "reason": reason}))


@instance.command()
@click.argument("instance_id")
@click.option("--reason", required=True, help="Why, for the history.")
def suspend(instance_id: str, *, reason: str) -> None:
    """Let nothing new begin in an instance and all it has called."""
    shown(client().post(f"{PATH}/{instance_id}/suspend", {"reason": reason}))


@instance.command()
@click.argument("instance_id")
@click.option("--reason", required=True, help="Why, for the history.")
def resume(instance_id: str, *, reason: str) -> None:
    """Let a suspended instance go on."""
    shown(client().post(f"{PATH}/{instance_id}/resume", {"reason": reason}))


@instance.command()
@click.argument("instance_id")
@click.option("--plan", is_flag=True, help="Only show what would be undone, and in which order.")
@click.option("--digest", help="Of the plan that was looked at; anything else is refused.")
@click.option("--reason", help="Why, for the history.")
def cancel(instance_id: str, *, plan: bool, digest: str | None, reason: str | None) -> None:
    """Cancel the tree of a root instance and the order it fulfils; everything is undone, newest first."""
    if plan:
        shown(client().get(f"{PATH}/{instance_id}/cancel-plan"))
        return
    if not reason:
        raise click.UsageError("say why: --reason TEXT (or look first: --plan)")
    shown(client().post(f"{PATH}/{instance_id}/cancel", {"digest": digest, "reason": reason}))


@click.group()
def hold() -> None:
    """Stop a neighbour or a process, and let them go on (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@hold.command("list")
def list_() -> None:
    """Everything that is held now."""
    shown(client().get("/api/v1/holds"))


@hold.command()
@click.argument("code")
@click.option("--end", is_flag=True, help="Let calls go out again, steadily.")
@click.option("--reason", required=True, help="Why, for the history.")
def adapter(code: str, *, end: bool, reason: str) -> None:
    """Let no calls go out to the adapter CODE; jobs wait and burn no attempt."""
    shown(client().post(f"/api/v1/adapters/{code}/{'resume' if end else 'suspend'}", {"reason": reason}))


@hold.command()
@click.argument("key")
@click.option("--version", type=int, help="This version only.")
@click.option("--end", is_flag=True, help="Let it go on.")
@click.option("--new-only", is_flag=True, help="Leave what is running alone.")
@click.option("--rate", default=0.0, show_default=True, help="Running instances a second; 0: no limit.")
@click.option("--reason", required=True, help="Why, for the history.")
def definition(key: str, *, version: int | None, end: bool, new_only: bool, rate: float, reason: str) -> None:
    """Suspend the process KEY: new instances wait, running ones are suspended by a bulk run."""
    body = {"key": key, "version": version, "running": not new_only, "rate_per_s": rate, "reason": reason}
    shown(client().post(f"/api/v1/held-definitions/{'resume' if end else 'suspend'}", body))
