"""What the database refuses, in one line that says what to do."""

from __future__ import annotations

from typing import Final

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.persistence.database_watch import DatabaseMisfit

#: What a server says that will be there soon; whatever else it refuses, it will refuse again.
SOON: Final = ("starting up", "shutting down", "recovery", "too many", "not yet accepting")


class Unanswered(click.ClickException):
    """No database answered: the same command may succeed a little later."""

    exit_code = 75  # "temporary failure" in sysexits.h


def refusal_of(error: Exception) -> click.ClickException | None:
    """The line for an error that is the database's; None for any other."""
    if isinstance(error, DatabaseMisfit):
        return click.ClickException(error.message_en)
    if not isinstance(error, SQLAlchemyError):
        return None
    first_line = (str(error.args[0]) if error.args else type(error).__name__).splitlines()[0]
    advice = "is it running, is it ours, and was `yizhan db upgrade` run?"
    kind = Unanswered if does_not_answer(error) else click.ClickException
    return kind(f"the database cannot be used ({first_line}); {advice}")


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
