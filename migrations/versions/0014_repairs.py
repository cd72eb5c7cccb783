"""Keep bulk runs with a result per subject, what operators repaired and why, moves of tokens, and what is suspended.

Expand half: new tables, and columns that older programs leave at their default.
"""

import sqlalchemy as sa
from alembic import op

from processes.causes import cause_key, normalised

revision, down_revision = "0014_repairs", "0013_tries_of_triggers"

WHEN = sa.DateTime(timezone=True)
INCIDENT = sa.table(
    "incident",
    *(sa.column(name) for name in ("id", "job_id", "code", "message", "state", "operation", "cause", "cause_key")),
)
JOB = sa.table("job", sa.column("id"), sa.column("operation"))


def upgrade() -> None:
    for table in ("process_instance", "process_definition"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("suspended_at", WHEN))
    with op.batch_alter_table("incident") as changed:
        changed.add_column(sa.Column("operation", sa.String(120), nullable=False, server_default=""))
        changed.add_column(sa.Column("cause", sa.String(300), nullable=False, server_default=""))
        changed.add_column(sa.Column("cause_key", sa.String(32), nullable=False, server_default=""))
    _name_causes()
    some("ix_incident_cause_key", "incident", ["cause_key", "opened_at"], "state = 'open'")
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("rate_per_s", sa.Float(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pause_after", sa.Integer()),
        sa.Column("rerun_of", sa.String(36)),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("next_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    some("ix_bulk_run_next_at", "bulk_run", ["next_at"], "state = 'running'")
    op.create_table(
        "bulk_item",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("business_key", sa.String(255), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("code", sa.String(120)),
        sa.Column("message", sa.Text()),
        sa.Column("follow", sa.Text(), nullable=False),
        sa.Column("at", WHEN),
        sa.Column("settled_at", WHEN),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_bulk_item_run_id_bulk_run")),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_bulk_item")),
    )
    op.create_index("ix_bulk_item_run_id_state", "bulk_item", ["run_id", "state", "seq"])
    some("ix_bulk_item_under_way", "bulk_item", ["run_id"], "outcome = 'under_way'")
    op.create_table(
        "repair",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("instance_id", sa.String(36)),
        sa.Column("root_id", sa.String(36)),
        sa.Column("element_id", sa.String(255)),
        sa.Column("business_key", sa.String(255), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("run_id", sa.String(36)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    for column in ("root_id", "at", "run_id"):
        op.create_index(f"ix_repair_{column}", "repair", [column])
    op.create_table(
        "process_move",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("from_elements", sa.Text(), nullable=False),
        sa.Column("to_element", sa.String(255), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("ended_at", WHEN),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_process_move_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_move")),
    )
    some("ix_process_move_instance_id", "process_move", ["instance_id"], "state = 'undoing'")
    op.create_table(
        "held_adapter",
        sa.Column("adapter", sa.String(60), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("adapter", name=op.f("pk_held_adapter")),
    )


def downgrade() -> None:
    for table in ("held_adapter", "process_move", "repair", "bulk_item", "bulk_run"):
        op.drop_table(table)
    op.drop_index("ix_incident_cause_key", "incident")
    with op.batch_alter_table("incident") as changed:
        for name in ("cause_key", "cause", "operation"):
            changed.drop_column(name)
    for table in ("process_definition", "process_instance"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("suspended_at")


def some(name: str, table: str, columns: list[str], condition: str) -> None:
    """An index over the rows for which the condition holds."""
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def _name_causes() -> None:
    """The incidents that are open now are grouped like those to come."""
    bind = op.get_bind()
    rows = sa.select(INCIDENT.c.id, INCIDENT.c.code, INCIDENT.c.message, JOB.c.operation)
    rows = rows.outerjoin_from(INCIDENT, JOB, JOB.c.id == INCIDENT.c.job_id).where(INCIDENT.c.state == "open")
    for row in bind.execute(rows).all():
        operation, cause = row.operation or "", normalised(row.message)
        named = {"operation": operation, "cause": cause, "cause_key": cause_key(row.code, operation, cause)}
        bind.execute(sa.update(INCIDENT).where(INCIDENT.c.id == row.id).values(**named))
