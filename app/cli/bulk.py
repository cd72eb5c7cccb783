"""`yizhan bulk`: one action over many, at a rate, paused and resumed, with a result for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from app.cli.incidents import JsonObject, as_json_asked, client, shown
from app.cli.tables import print_rows

PATH: Final = "/api/v1/bulk-runs"
KINDS: Final = ("retry", "skip", "move", "suspend", "resume", "cancel", "reassign")
PAGE: Final = 100
LISTED: Final = ("id", "kind", "state", "total", "states", "outcomes", "actor", "created_at", "reason")
RESULTS: Final = ("seq", "about", "state", "outcome", "code", "message", "subject_id")
#: Option, name in the interface (``item_kind`` is ``kind`` there), help: which subjects.
SELECTS: Final = (
    ("--cause", "cause_key", "Incidents (or instances with incidents) of this cause; see `incident groups`."),
    ("--code", "code", "Incidents of this code."),
    ("--operation", "operation", "Incidents of this operation."),
    ("--text", "q", "Incidents that say this."),
    ("--order", "order", "Those of this order."),
    ("--process", "process_key", "Those of this process."),
    ("--version", "version", "Those of this version of the process."),
    ("--element", "element_id", "Incidents at this element; instances that wait there."),
    ("--of-team", "team", "Work items of this team."),
    ("--of-login", "login", "Work items this person has claimed."),
    ("--item-kind", "item_kind", "Work items of this kind: task, incident, difference."),
    ("--area", "area", "Those of this area."),
)
Command = TypeVar("Command", bound=Callable[..., Any])


def selecting(command: Command) -> Command:
    """Options that say which subjects; they go together, and with --select."""
    command = click.option("--select", type=JsonObject(), default="{}", help="The same as a JSON object.")(command)
    command = click.option("--id", "ids", multiple=True, help="This subject; may be repeated.")(command)
    for option, name, text in reversed(SELECTS):
        of: Any = int if name == "version" else str
        command = click.option(option, name, type=of, help=text)(command)
    return command


def selection(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of :func:`selecting` name. :raises click.UsageError: nothing at all."""
    found = {name.removeprefix("item_"): given[name] for _, name, _ in SELECTS if given[name] is not None}
    found |= {"ids": list(given["ids"])} if given["ids"] else {}
    found |= given["select"]
    if not found:
        raise click.UsageError("say which: --cause KEY, --process KEY --element ID, --order NUMBER ... (see --help)")
    return found


@click.group()
def bulk() -> None:
    """Repair many at once (talks to YIZHAN_URL with YIZHAN_TOKEN)."""


@bulk.command()
@click.argument("kind", type=click.Choice(KINDS))
@selecting
@as_json_asked
def preview(kind: str, *, as_json: bool, **given: Any) -> None:
    """Say how many KIND would touch now; nothing is done."""
    found = client().post(f"{PATH}/preview", {"kind": kind, "select": selection(given)})
    if as_json:
        shown(found)
        return
    click.echo(f"{kind} would touch {found['count']} now")
    if found["groups"]:
        print_rows(found["groups"], ("count", "orders", "code", "operation", "cause", "cause_key"), empty="")


@bulk.command()
@click.argument("kind", type=click.Choice(KINDS))
@selecting
@click.option("--to", help="move: to this element.")
@click.option("--from", "from_element", help="move: the token at this element, where there are several.")
@click.option("--to-team", help="reassign: to this team.")
@click.option("--to-login", help="reassign: to this person.")
@click.option("--params", type=JsonObject(), default="{}", help="What exactly, as a JSON object: change, data, result.")
@click.option("--reason", required=True, help="Why, for the history.")
@click.option("--rate", default=0.0, show_default=True, help="At most so many in a second; 0: no limit.")
@click.option("--pause-after", type=int, help="Pause after so many: a pilot.")
def start(
    kind: str,
    *,
    to: str | None,
    from_element: str | None,
    to_team: str | None,
    to_login: str | None,
    params: dict[str, Any],
    reason: str,
    rate: float,
    pause_after: int | None,
    **given: Any,
) -> None:
    """Begin a run over what fits now."""
    named = {"to": to, "element_id": from_element, "team": to_team, "login": to_login}
    what = {name: value for name, value in named.items() if value is not None} | params
    body = {"kind": kind, "select": selection(given), "params": what, "reason": reason, "rate_per_s": rate}
    say(client().post(PATH, {**body, "pause_after": pause_after}))


@bulk.command("list")
@click.option("--limit", default=20, show_default=True)
def list_(*, limit: int) -> None:
    """List the runs, newest first."""
    rows = client().get(PATH, limit=limit)["items"]
    print_rows(rows, LISTED, empty="no bulk runs")


@bulk.command()
@click.argument("run_id")
@click.option("--refused", is_flag=True, help="Also what was refused, and why.")
@click.option("--failed", is_flag=True, help="Also what failed again, and how.")
@click.option("--all", "everything", is_flag=True, help="Also every result.")
@click.option("--limit", type=click.IntRange(1, PAGE), default=20, show_default=True)
def show(run_id: str, *, refused: bool, failed: bool, everything: bool, limit: int) -> None:
    """Show how far a run is: applied is not succeeded."""
    ask = client()
    say(ask.get(f"{PATH}/{run_id}"))
    wanted = [{"state": "refused"}] * refused + [{"outcome": "failed_again"}] * failed + [{}] * everything
    for which in wanted:
        rows = ask.get(f"{PATH}/{run_id}/items", **which, limit=limit)["items"]
        print_rows(rows, RESULTS, empty=f"none {' '.join(which.values()).replace('_', ' ')}".rstrip())


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
    """One run in one line: ``17 in all: 13 applied (10 succeeded, 3 failed again), 4 waiting``."""
    outcomes = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in run["outcomes"].items())
    parts = [
        f"{number} {name}" + (f" ({outcomes})" if name == "applied" and outcomes else "")
        for name, number in run["states"].items()
    ]
    click.echo(f"{run['id']}  {run['kind']}  {run['state']}  {run['total']} in all: {', '.join(parts)}")
