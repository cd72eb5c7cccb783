"""The filled database of the volume bench: made once in a folder that may be kept, copied for each measurement."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from tests import servers
from tests.bench.figures import note
from tests.bench.meters import now
from tests.bench.volume_fill import fill
from tests.bench.volume_samples import prepare
from tests.databases import upgrade

FILLED: Final = "filled"
VOLUME: Final = "volume"


class OtherSize(RuntimeError):
    """The folder holds a database that was filled with other numbers."""


@contextmanager
def server_in(folder: Path, *, durable: bool) -> Iterator[servers.PostgreSQL]:
    """Run PostgreSQL on the data in ``folder``, which are made if there are none and stay when it ends."""
    user = servers.server_user()
    become = user.pw_name if os.geteuid() == 0 else None
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user.pw_uid, user.pw_gid)
    data, log, port = folder / "data", folder / "log", servers.free_port()
    if not data.exists():
        servers.create_cluster(data, user)
    log.unlink(missing_ok=True)  # what an earlier server wrote says nothing about this one
    process = servers.start(servers.postgres_command(data, port, durable=durable), log=log, user=become, cwd=folder)
    try:
        servers.wait_until(lambda: "ready to accept connections" in log.read_text(errors="replace"), process, log)
        yield servers.PostgreSQL(port, process)
    finally:
        # SIGINT is PostgreSQL's "fast shutdown"; the checkpoint of a large database takes its time.
        process.send_signal(servers.signal.SIGINT)
        process.wait()


def fill_once(folder: Path, *, finished: int, waiting: int) -> None:
    """Make and fill the database below ``folder``; nothing if that was done before.

    It is filled without waiting for the disk; all is written out before the server ends.

    :raises OtherSize: it was filled with other numbers.
    """
    size = {"finished": finished, "waiting": waiting}
    known = folder / "filled.json"
    if known.exists():
        if (found := json.loads(known.read_text())) != size:
            raise OtherSize(f"{folder} was filled with {found}, not {size}; name another folder")
        return
    began = now()
    with server_in(folder, durable=False) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {FILLED} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {FILLED}")
        prepare(server.url(FILLED))
        fill(server.url(FILLED), server.dsn(FILLED), finished=finished, waiting=waiting)
    os.sync()  # the server did not
    known.write_text(json.dumps(size))
    note(f"volume: {finished} finished and {waiting} waiting orders in {now() - began:.0f} s")


def fresh(server: servers.PostgreSQL, *, is_kept: bool) -> None:
    """A filled database called ``volume``: a copy where the filled one is kept, otherwise the filled one itself."""
    began = now()
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {VOLUME} WITH (FORCE)")
        if not is_kept:
            connection.execute(f"ALTER DATABASE {FILLED} RENAME TO {VOLUME}")
            return
    upgrade(server.url(FILLED))  # it may be older than the newest migration
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {VOLUME} TEMPLATE {FILLED} STRATEGY FILE_COPY")
        connection.execute("CHECKPOINT")
    with psycopg.connect(server.dsn(VOLUME), autocommit=True) as connection:
        connection.execute("DELETE FROM database_home")  # a copy: nobody would work on it before asking the neighbours
    note(f"volume: copied in {now() - began:.0f} s")
