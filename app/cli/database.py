"""A database that cannot be used is one clear line, whatever the command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

P = ParamSpec("P")
T = TypeVar("T")


def needs_database(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what the database refuses into one line that says what to do."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except SQLAlchemyError as error:
            first_line = (str(error.args[0]) if error.args else type(error).__name__).splitlines()[0]
            advice = "is it running, is it ours, and was `yizhan db upgrade` run?"
            raise click.ClickException(f"the database cannot be used ({first_line}); {advice}") from error

    return guarded
