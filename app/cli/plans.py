"""Plans of moves and cancels as text: what would be left, closed and undone, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


def say_move_plan(plan: Mapping[str, Any]) -> None:
    """A move in the order in which it happens."""
    way = "back" if plan["goes_back"] else "forward"
    click.echo(f"{way}: from {plan['from_element']} to {plan['to_element']}")
    _said("leaves", [one["element_id"] for one in plan["left"]])
    _said("stays", [one["element_id"] for one in plan["stays"]])
    _said("ends", [f"{one['kind']} at {one['element_id']}" for one in plan["closes"]])
    for line in plan["effects"]:
        what = f"undone by {line['undo_operation']}" if line["undo"] else "stays in force"
        click.echo(f"  effect {line['seq']}  {line['operation']} ({line['element_id']}): {what}")
    _last(plan, plan["problem"])


def say_cancel_plan(plan: Mapping[str, Any]) -> None:
    """A cancel in the order in which it happens."""
    click.echo(f"{plan['instances']} instances of {plan['root_id']} end ({plan['state']} now)")
    _said("answers waited for first", plan["outstanding"])
    _said("ends", [f"{one['kind']} at {one['element_id']}" for one in plan["ends"]])
    for place, line in enumerate(plan["undo"], start=1):
        click.echo(
            f"  {place}. {line['undo_operation']} undoes {line['operation']} ({line['element_id']}, {line['seq']})"
        )
    for line in plan["stays"]:
        click.echo(f"  stays: {line['operation']} ({line['element_id']}, {line['seq']})")
    _last(plan, None)


def _said(title: str, things: Sequence[str]) -> None:
    """One line; the same thing many times is said once, with its number."""
    if things:
        counted = {thing: things.count(thing) for thing in dict.fromkeys(things)}
        told = (f"{thing} ({number} times)" if number > 1 else thing for thing, number in counted.items())
        click.echo(f"  {title}: {', '.join(told)}")


def _last(plan: Mapping[str, Any], problem: str | None) -> None:
    if plan["point_of_no_return"]:
        click.echo(f"  a {plan['point_of_no_return']} point of no return has been passed")
    if problem:
        click.echo(f"  cannot begin there: {problem} (--data gives what is missing)")
    click.echo(f"digest {plan['digest']}: give it with --digest, so that exactly this is done")
