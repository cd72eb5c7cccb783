"""A whole database as text, and back: so that one frozen today can be filled in again by any later program."""

from __future__ import annotations

import lzma
import re
import sqlite3
import subprocess
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests.servers import POSTGRESQL_PLACES, find_program


def pack(text: str, file: Path) -> None:
    """Write a text compressed, as small as it gets."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def unpack(file: Path) -> str:
    """Read what :func:`pack` wrote."""
    return lzma.decompress(file.read_bytes()).decode()


def dumped(url: str) -> str:
    """The database at ``url`` as SQL that an empty one of the same kind takes."""
    return _dumped_sqlite(url) if url.startswith("sqlite") else _dumped_postgresql(url)


def fill(url: str, statements: str) -> None:
    """Run a dump in an empty database."""
    if url.startswith("sqlite"):
        fill_sqlite(Path(url.partition("///")[2]), statements)
        return
    with psycopg.connect(_dsn(url), autocommit=True) as connection:
        connection.execute(statements.encode())


def dumped_sqlite(file: Path) -> str:
    """The SQLite database in a file as SQL."""
    connection = sqlite3.connect(file)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def fill_sqlite(file: Path, statements: str) -> None:
    """Make the SQLite database of a dump in a new file."""
    connection = sqlite3.connect(file)
    try:
        connection.executescript(statements)
    finally:
        connection.close()


def _dumped_sqlite(url: str) -> str:
    return dumped_sqlite(Path(url.partition("///")[2]))


def _dumped_postgresql(url: str) -> str:
    words = ["--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "--no-comments", "--encoding=UTF8"]
    program = find_program("pg_dump", *POSTGRESQL_PLACES)
    done = subprocess.run([program, *words, "--dbname", _dsn(url)], check=True, capture_output=True, text=True)
    head, first, rest = done.stdout.partition("CREATE TABLE")
    # Settings of the session that only this version of the server may know, and words for psql alone.
    kept = [line for line in head.splitlines() if not re.match(r"SET |\\|--|SELECT pg_catalog\.set_config", line)]
    rest = "\n".join(line for line in rest.splitlines() if not re.match(r"\\(un)?restrict ", line))
    return "\n".join(kept) + first + rest


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
