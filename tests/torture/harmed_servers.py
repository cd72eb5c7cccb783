"""A PostgreSQL whose clock is moved, whose disk fails, or whose disk is small; otherwise as in `cluster.py`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests.scenario.rig import environment
from tests.servers import create_cluster, free_port, postgres_command, server_folder, server_user, start
from tests.torture.cluster import AMPLE, Cluster
from tests.torture.members import Journal
from tests.torture.own_servers import DATABASE, OwnServer

#: A small server has little before it writes into its tables, and its log in small pieces.
FRUGAL = ("max_wal_size=8MB", "min_wal_size=2MB", "wal_keep_size=0", "max_connections=60", "shared_buffers=16MB")


@contextmanager
def harmed_postgresql(
    log: Path, *, env: Mapping[str, str], place: Path | None = None, options: Sequence[str] = ()
) -> Iterator[OwnServer]:
    """A durable PostgreSQL started with more environment; ``place``: the folder for its data, its own otherwise."""
    user = server_user()
    become = user.pw_name if os.geteuid() == 0 else None
    with server_folder("harmed-postgresql", user) as own:
        folder, port = place or own, free_port()
        os.chown(folder, user.pw_uid, user.pw_gid)
        create_cluster(folder / "data", user, *(["--wal-segsize", "1"] if options else []))
        dsn = f"postgresql://yizhan@127.0.0.1:{port}"
        command = postgres_command(folder / "data", port, durable=True)
        command += [part for option in options for part in ("-c", option)]

        def begin() -> subprocess.Popen[bytes]:
            return start(command, log=log, user=become, cwd=own, env={**os.environ, **env})

        def is_ready() -> bool:
            try:
                with psycopg.connect(f"{dsn}/postgres", connect_timeout=2, autocommit=True) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                    if known is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
            except psycopg.Error:
                return False
            return True

        yield OwnServer(f"postgresql+psycopg://yizhan@127.0.0.1:{port}/{DATABASE}", begin, is_ready)


@contextmanager
def harmed_cluster(
    folder: Path,
    postgresql: OwnServer,
    *,
    web: int = 1,
    workers: Sequence[Mapping[str, str]] = ({},),
    prepare: Callable[[Cluster], None] = lambda _cluster: None,
    **settings: str,
) -> Iterator[Cluster]:
    """Web servers, workers (each with an environment of its own) and neighbours on that PostgreSQL, without Redis."""
    with ExitStack() as stack:
        ports, neighbours = [free_port() for _ in range(max(1, web))], f"http://127.0.0.1:{free_port()}"
        env = environment(postgresql.url, redis_url="", neighbours=neighbours, port=ports[0], folder=folder)
        env |= {"YIZHAN_JOB_LEASE_S": "5", "YIZHAN_WEB_PROCESSES": "1", **settings}
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        cluster = Cluster(folder, env, urls, neighbours, Journal(folder / "journal.jsonl"))
        stack.callback(cluster.stop)
        cluster.add("postgresql", "postgresql", postgresql.begin, postgresql.is_ready)
        cluster.wait_ready("postgresql")
        done = cluster.command("db", "upgrade")
        assert done.returncode == 0, done.stderr
        prepare(cluster)
        if web:
            cluster.add_yizhan("simulators", "simulators", "simulators", *AMPLE, url=f"{neighbours}/healthz")
        for number, port in enumerate(ports[:web]):
            changes = {"YIZHAN_PORT": str(port)}
            cluster.add_yizhan(f"web{number}", "web", "web", url=f"{urls[number]}/readyz", changes=changes)
        for number, changes in enumerate(workers):
            cluster.add_yizhan(f"worker{number}", "worker", "worker", changes=changes)
        cluster.start_all()
        yield cluster
