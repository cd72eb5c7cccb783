"""A PostgreSQL and a Redis that may be killed and started again on the same folder, as often as one likes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from redis.exceptions import RedisError

from tests.servers import (
    create_cluster,
    find_program,
    free_port,
    postgres_command,
    server_folder,
    server_user,
    start,
)

DATABASE = "yizhan"


@dataclass(frozen=True)
class OwnServer:
    """How to start a server, and how to see that it answers."""

    url: str
    begin: Callable[[], subprocess.Popen[bytes]]
    is_ready: Callable[[], bool]
    data: Path | None = None


@contextmanager
def own_postgresql(log: Path, *, like: Path | None = None) -> Iterator[OwnServer]:
    """The folder of a PostgreSQL with its default durability: what it has acknowledged survives any kill.

    :param like: the data folder of another one, to begin with a copy of it.
    """
    user = server_user()
    become = user.pw_name if os.geteuid() == 0 else None
    with server_folder("torture-postgresql", user) as folder:
        data, port = folder / "data", free_port()
        if like is None:
            create_cluster(data, user)
        else:
            copy_whole(like, data)
        dsn = f"postgresql://yizhan@127.0.0.1:{port}"
        command = postgres_command(data, port, durable=True)

        def begin() -> subprocess.Popen[bytes]:
            end_those_left(data)
            return start(command, log=log, user=become, cwd=folder)

        def is_ready() -> bool:
            try:
                with psycopg.connect(f"{dsn}/postgres", connect_timeout=2, autocommit=True) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                    if known is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
            except psycopg.Error:
                return False
            return True

        yield OwnServer(
            f"postgresql+psycopg://yizhan@127.0.0.1:{port}/{DATABASE}",
            begin,
            is_ready,
            data,
        )


def copy_whole(folder: Path, to: Path) -> None:
    """Copy a folder with the owners and rights of everything in it."""
    subprocess.run(["cp", "-a", folder, to], check=True)


def end_those_left(data: Path) -> None:
    """End what is left of a PostgreSQL whose first process was killed, as a service manager does.

    A new one refuses to start while one of them lives, and who writes a checkpoint to a slow disk does not look up.
    """
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "cwd").resolve() == data.resolve():
                os.kill(int(process.name), signal.SIGKILL)


@contextmanager
def own_redis(log: Path) -> Iterator[OwnServer]:
    """The folder of a Redis that keeps nothing on disk: killed, it has forgotten everything."""
    user = server_user()
    with server_folder("torture-redis", user) as folder:
        port = free_port()
        command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", folder]
        url = f"redis://127.0.0.1:{port}/0"

        def is_ready() -> bool:
            try:
                with redis.Redis.from_url(url, socket_timeout=2) as client:
                    return bool(client.ping())
            except RedisError:
                return False

        become = user.pw_name if os.geteuid() == 0 else None
        yield OwnServer(url, lambda: start(command, log=log, user=become, cwd=folder), is_ready)
