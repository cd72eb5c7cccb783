"""A database that cannot be used is one clear line, whatever the command."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.persistence.database_watch import DatabaseMisfit

#: What a server says that will be there soon; whatever else it refuses, it will refuse again.
SOON: Final = ("starting up", "shutting down", "recovery", "too many", "not yet accepting")
P = ParamSpec("P")
T = TypeVar("T")


class Unanswered(click.ClickException):
    """No database answered: the same command may succeed a little later."""

    exit_code = 75  # "temporary failure" in sysexits.h


def needs_database(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what the database refuses into one line that says what to do."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except DatabaseMisfit as problem:
            raise click.ClickException(problem.message_en) from problem
        except SQLAlchemyError as error:
            first_line = (str(error.args[0]) if error.args else type(error).__name__).splitlines()[0]
            advice = "is it running, is it ours, and was `yizhan db upgrade` run?"
            kind = Unanswered if does_not_answer(error) else click.ClickException
            raise kind(f"the database cannot be used ({first_line}); {advice}") from error

    return guarded


def does_not_answer(error: SQLAlchemyError) -> bool:
    """Whether there is nobody to refuse us: no server, or one that starts or ends."""
    if not isinstance(error, DBAPIError):
        return False
    kind = type(error.orig)
    if kind.__name__ != "OperationalError" or not kind.__module__.startswith("psycopg"):
        return False
    if getattr(error.orig, "sqlstate", None):
        return bool(error.connection_invalidated)
    said = str(error.orig)
    return "FATAL" not in said or any(words in said for words in SOON)
