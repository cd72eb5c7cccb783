"""One look at a running system from outside: memory, descriptors, connections, tables, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.bench import cpu
from tests.torture.cluster import Cluster

CONNECTIONS = (
    "SELECT application_name, count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'yizhan%' GROUP BY 1"
)
TABLES = "SELECT relname, n_live_tup, n_dead_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables"


@dataclass(frozen=True)
class Sample:
    """``rss_mb``, ``descriptors`` and ``threads`` by member; ``tables``: live rows, dead rows, bytes."""

    hours: float
    orders: int
    rss_mb: Mapping[str, float]
    descriptors: Mapping[str, int]
    threads: Mapping[str, int]
    connections: Mapping[str, int]
    tables: Mapping[str, tuple[int, int, int]]
    redis_keys: int
    redis_mb: float
    wal_mb: float
    cpu_s: Mapping[str, float]
    to_task_p50_ms: float | None

    def line(self) -> dict[str, Any]:
        """As it is printed: the tables summed up."""
        told = asdict(self)
        rows = told.pop("tables").values()
        return told | {
            "hours": round(self.hours, 4),
            "live_rows": sum(row[0] for row in rows),
            "dead_rows": sum(row[1] for row in rows),
            "tables_mb": round(sum(row[2] for row in rows) / 2**20, 2),
        }


def status_of(pid: int) -> dict[str, int]:
    """The numbers of /proc/PID/status that matter; nothing if it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
        descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return {}
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return {
        "kb": int(fields["RssAnon"].split()[0]),
        "threads": int(fields["Threads"]),
        "descriptors": descriptors,
    }


class Observer:
    """Takes samples of a cluster on PostgreSQL."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        dsn = cluster.env["YIZHAN_DATABASE_URL"].replace("+psycopg", "")
        self._database = psycopg.connect(dsn, autocommit=True, application_name="soak")
        self._redis = redis.Redis.from_url(cluster.redis_url)

    def sample(self, *, hours: float, orders: int, to_task_p50_ms: float | None) -> Sample:
        """Look now. Memory is what a process has for itself (RssAnon): pages shared with others grow nothing."""
        members = {member.name: cpu.family(member.pid) for member in self._cluster.members.values()}
        seen = {name: [status_of(pid) for pid in pids] for name, pids in members.items()}
        wal = self._database.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')").fetchone()

        def total(what: str) -> dict[str, int]:
            return {name: sum(status.get(what, 0) for status in statuses) for name, statuses in seen.items()}

        return Sample(
            hours=hours,
            orders=orders,
            rss_mb={name: round(kb / 1024, 3) for name, kb in total("kb").items()},
            descriptors=total("descriptors"),
            threads=total("threads"),
            connections={str(name): int(count) for name, count in self._database.execute(CONNECTIONS).fetchall()},
            tables={row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in self._database.execute(TABLES)},
            redis_keys=self._redis.dbsize(),
            redis_mb=round(self._redis.info("memory")["used_memory"] / 2**20, 3),
            wal_mb=round(float(wal[0] if wal else 0) / 2**20, 2),
            cpu_s={name: round(cpu.family_ns(pids[0]) / 1e9, 2) for name, pids in members.items()},
            to_task_p50_ms=to_task_p50_ms,
        )

    def close(self) -> None:
        """Let go."""
        self._database.close()
        self._redis.close()
