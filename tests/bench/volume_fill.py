"""Fills a PostgreSQL database with finished and waiting orders: two real orders are driven, then copied by SQL.

Each copy has ids, numbers, customer, team and times of its own. Rows of an order: the order, an item, six lines of its
history, three work orders, a work item, two clocks, and the instance of order-8 with everything it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import psycopg
from psycopg import sql

from app.domain.counter.found_by import found_by
from tests.bench.figures import note
from tests.bench.meters import now
from tests.bench.volume_samples import Sample, samples

#: The team whose queue is looked at, and the login that looks: a tenth of all that waits lies there.
MAIN_TEAM: Final = "home_field.sh-sh.east"
BATCH: Final = 20_000
PER_CUSTOMER: Final = 5
ASIDE: Final = "of_sample_"
TELL_EVERY: Final = 100_000
TELL_AFTER_S: Final = 10.0
#: Columns that hold an id of the order that is copied; all others stay as they are.
IDS: Final = frozenset(
    {
        "id",
        "order_id",
        "item_id",
        "work_order_id",
        "instance_id",
        "root_id",
        "root_instance_id",
        "process_instance_id",
        "operation_id",
        "undo_operation_id",
        "user_task_id",
        "incident_id",
        "job_id",
    }
)
#: Tables of an order in the order of their references, with the column that says whose a row is.
OF_ORDER: Final = (
    ("product_order", "id"),
    ("product_order_item", "order_id"),
    ("order_event", "order_id"),
    ("work_order", "order_id"),
    ("work_item", "order_id"),
    ("sla_clock", "order_id"),
)
OF_INSTANCE: Final = (
    ("process_instance", "id"),
    ("activity_log", "instance_id"),
    ("job", "instance_id"),
    ("user_task", "instance_id"),
    ("incident", "instance_id"),
    ("effect", "instance_id"),
    ("outbox_event", None),
)


def fill(url: str, dsn: str, *, finished: int, waiting: int) -> None:
    """Put so many orders into an empty, migrated database; ``order_8`` is deployed there already.

    :param dsn: the same database for psycopg.
    """
    done, open_, teams = samples(url)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for setting in ("synchronous_commit = off", "jit = off", "maintenance_work_mem = '512MB'"):
            connection.execute(f"SET {setting}")
        connection.execute("SET session_replication_role = replica")  # references are right by the way they are made
        customers = max(1, (finished + waiting) // PER_CUSTOMER)
        with _indexed_at_last(connection):
            _customers(connection, customers, teams)
            copy = Copy(connection, customers, teams)
            copy.many(done, 1, finished, apart=timedelta(days=365) / max(1, finished), team=None)
            last = finished + waiting
            copy.many(open_, finished + 1, last, apart=timedelta(days=7) / max(1, waiting), team=MAIN_TEAM)
        connection.execute("SET session_replication_role = DEFAULT")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


@contextmanager
def _indexed_at_last(connection: psycopg.Connection) -> Iterator[None]:
    """Take away every index that no rule rests on, and make them again when all rows are there: far less work."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace"
        " WHERE s.nspname = 'public' AND NOT i.indisunique AND t.relname = ANY(%s) ORDER BY 1",
        ([*(table for table, _ in (*OF_ORDER, *OF_INSTANCE)), "customer"],),
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    yield
    for name, definition in found:
        began = now()
        connection.execute(definition)
        if now() - began > TELL_AFTER_S:
            note(f"volume: {name} in {now() - began:.0f} s")


def _customers(connection: psycopg.Connection, count: int, teams: Sequence[tuple[str, str]]) -> None:
    names = "(ARRAY['王','李','张','刘','陈','杨','黄','赵','吴','周'])[1 + n %% 10] ||"
    names += " (ARRAY['伟','芳','娜','敏','静','丽','强','磊','军','洋','勇','艳'])[1 + n / 10 %% 12] ||"
    names += " (ARRAY['明','华','平','红','建','国','春','秋','海','山','云'])[1 + n / 120 %% 11]"
    connection.execute(
        "INSERT INTO customer (customer_no, name, name_en, kind, segment, tier, area, id_type, id_number, phone, email,"
        " language, blacklisted, contact, tags) SELECT 'V' || lpad(n::text, 8, '0'), " + names + ", 'Customer ' || n,"
        " 'person', 'home', 'standard', (%(areas)s::text[])[1 + n %% %(many)s], 'id_card',"
        " '31' || lpad(n::text, 16, '0'), '139' || lpad(n::text, 8, '0'), '', 'zh', false, '[]', '[]'"
        " FROM generate_series(1, %(count)s) n",
        {"areas": [area for _, area in teams], "many": len(teams), "count": count},
    )
    # As the application writes it with a name; only so many names are different.
    for (name,) in connection.execute("SELECT DISTINCT name FROM customer WHERE customer_no LIKE 'V%'").fetchall():
        connection.execute(
            "UPDATE customer SET found_by = %(words)s || lower(name_en)"
            " WHERE name = %(name)s AND customer_no LIKE 'V%%'",
            {"words": f"{found_by(name)} ", "name": name},
        )


class Copy:
    """Copies one sample order many times."""

    def __init__(self, connection: psycopg.Connection, customers: int, teams: Sequence[tuple[str, str]]) -> None:
        self._connection, self._customers, self._teams = connection, customers, teams
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " ORDER BY table_name, ordinal_position"
        ).fetchall()
        self._columns: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in rows:
            self._columns.setdefault(table, []).append((column, kind))

    def many(self, sample: Sample, first: int, last: int, *, apart: timedelta, team: str | None) -> None:
        """Copies number ``first`` to ``last``, each ``apart`` from the next, the newest now.

        :param team: gets every tenth of them; the others go round.
        """
        for table, owner in (*OF_ORDER, *OF_INSTANCE):
            self._take(table, owner, sample)
        for start in range(first, last + 1, BATCH):
            upto = min(last, start + BATCH - 1)
            back = f"make_interval(secs => ({last} - n) * {apart.total_seconds():.6f})"
            for table, _ in (*OF_ORDER, *OF_INSTANCE):
                self._copy(table, start, upto, back, team)
            if upto % TELL_EVERY < BATCH:
                note(f"volume: {upto} orders")

    def _take(self, table: str, owner: str | None, sample: Sample) -> None:
        """Put the rows of the sample aside, so that nothing is looked for among the copies."""
        whose = sample.order_id if (table, owner) in OF_ORDER else sample.instance_id
        which = sql.SQL("{} = %(whose)s").format(sql.Identifier(owner)) if owner else sql.SQL(OUTBOX)
        aside = sql.Identifier(f"{ASIDE}{table}")
        self._connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(aside))
        taken = sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT * FROM {} WHERE {}")
        self._connection.execute(taken.format(aside, sql.Identifier(table), which), {"whose": whose})

    def _copy(self, table: str, start: int, upto: int, back: str, team: str | None) -> None:
        place = self._places(team)
        names, values = [], []
        for column, kind in self._columns[table]:
            if column == "seq" and table in ("order_event", "effect", "outbox_event"):
                continue  # the database counts
            names.append(sql.Identifier(column))
            values.append(sql.SQL(self._value(table, column, kind, back, place)))
        few = sql.SQL("n %% 20 = 0") if table == "incident" else sql.SQL("true")
        statement = sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {aside}, generate_series({a}, {b}) n WHERE {few}"
        ).format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(names),
            values=sql.SQL(", ").join(values),
            aside=sql.Identifier(f"{ASIDE}{table}"),
            a=sql.Literal(start),
            b=sql.Literal(upto),
            few=few,
        )
        self._connection.execute(statement, self._arrays())

    def _arrays(self) -> Mapping[str, Any]:
        return {"codes": [code for code, _ in self._teams], "areas": [area for _, area in self._teams]}

    def _places(self, team: str | None) -> Mapping[str, str]:
        """How the team and the area of copy ``n`` are found."""
        round_ = f"1 + n %% {len(self._teams)}"
        code, area = f"(%(codes)s::text[])[{round_}]", f"(%(areas)s::text[])[{round_}]"
        if team is not None:
            main = dict(self._teams)[team]
            code = f"CASE WHEN n %% 10 = 0 THEN '{team}' ELSE {code} END"
            area = f"CASE WHEN n %% 10 = 0 THEN '{main}' ELSE {area} END"
        return {"team_code": code, "area": area}

    def _value(self, table: str, column: str, kind: str, back: str, place: Mapping[str, str]) -> str:
        own = f'"{column}"'
        if column in IDS:
            made = f"left({own}::text, 24) || lpad(to_hex(n), 12, '0')"
            return f"({made})::uuid" if kind == "uuid" else made
        if column in ("area", "team_code"):
            return f"CASE WHEN {own} IS NULL THEN NULL ELSE {place[column]} END"
        if column in ("completed_by", "claimed_by"):
            return f"CASE WHEN {own} IS NULL THEN NULL ELSE 'crew-' || n %% 200 END"
        if column == "number":
            return "left(" + own + ", 2) || 'V' || lpad(n::text, 9, '0')"
        if column == "external_id":
            return "'VOLUME-' || lpad(n::text, 9, '0')"
        if column == "customer_no":
            return f"'V' || lpad((1 + n %% {self._customers})::text, 8, '0')"
        if column == "business_key":
            return "left(" + own + ", 30) || lpad(to_hex(n), 12, '0')"
        if table == "incident" and column == "message":
            return "'端口 OLT-' || n || ' 无空闲 no free port on OLT-' || n || '/' || n %% 977"
        if kind == "timestamp with time zone":
            return f"{own} - {back}"
        return own


#: The outbox names its instance in a document.
OUTBOX: Final = "payload LIKE '%%' || %(whose)s || '%%'"
