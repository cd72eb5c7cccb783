"""A database that cannot be used is one clear line, whatever the command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def needs_database(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what the database refuses into one line that says what to do."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            # Loaded only now: a command that needs no database of its own stays light.
            refusal = import_module("app.cli.refusals").refusal_of(error)
            if refusal is not None:
                raise refusal from error
            raise

    return guarded
