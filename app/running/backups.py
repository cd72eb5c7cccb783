"""One consistent copy of the whole database while everything goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from app.config import Settings

PROGRAM: Final = "pg_dump"


class BackupFailed(Exception):
    """No backup was made, and why."""


def back_up(settings: Settings, file: Path) -> int:
    """Write the backup; returns its size in bytes. What is half written goes by another name.

    :raises BackupFailed: the file is there already, or the copy did not come to its end.
    """
    if file.exists():
        raise BackupFailed(f"{file} is there already")
    half = file.with_name(f"{file.name}.part")
    half.unlink(missing_ok=True)
    try:
        if settings.is_sqlite:
            _copy_sqlite(settings.database_url.partition("///")[2], half)
        else:
            _dump_postgresql(settings.database_url, half)
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
    return file.stat().st_size


def _copy_sqlite(source: str, target: Path) -> None:
    if not Path(source).is_file():
        raise BackupFailed(f"there is no database {source}")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=1000, sleep=0.01)


def _dump_postgresql(url: str, target: Path) -> None:
    program = shutil.which(PROGRAM)
    if program is None:
        raise BackupFailed(f"{PROGRAM} is not installed here; it comes with PostgreSQL's client programs")
    address = make_url(url)
    # Passwords do not belong into a command line, which everybody on this machine can read.
    env = dict(os.environ)
    if address.password is not None:
        env["PGPASSWORD"] = str(address.password)
    shown = address.set(drivername="postgresql", password=None).render_as_string()
    words = [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={shown}"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise BackupFailed(f"{PROGRAM}: {last[0]}")
