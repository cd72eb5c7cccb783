"""A group of commands that imports a command's module only when that command is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Place(NamedTuple):
    """Where a command lives, and the one line that the list of commands shows without loading it."""

    module: str
    attribute: str
    short_help: str


class LazyGroup(click.Group):
    """``places`` by name of command; `order show` then never loads the engine, nor does `--help`."""

    def __init__(self, *args: Any, places: Mapping[str, Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order given."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, loaded now; None where there is none."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        command = getattr(import_module(place.module), place.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is not a command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the machine refuses (database, file, port) becomes one line, never a traceback."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'this machine'}: {error.strerror or error}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands for `--help` without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.short_help) for name, place in self._places.items()])
