"""Keep the indexes of jobs and timers to the open ones, and leave room on the pages of process instances.

A job that ends then leaves three indexes instead of being written into them again, and an instance that takes a step
stays on its page and touches no index at all.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012_open_rows", "0011_worker_versions"

OLD = (
    ("ix_job_state_run_at", "job", ["state", "run_at"]),
    ("ix_job_state_lease_until", "job", ["state", "lease_until"]),
    ("ix_job_instance_id_state", "job", ["instance_id", "state"]),
    ("ix_timer_state_due_at", "timer", ["state", "due_at"]),
)
NEW = (
    ("ix_job_run_at", "job", ["run_at", "id"], "state IN ('ready', 'waiting_answer')"),
    ("ix_job_lease_until", "job", ["lease_until"], "lease_until IS NOT NULL"),
    ("ix_job_instance_id", "job", ["instance_id"], "state NOT IN ('done', 'cancelled')"),
    ("ix_timer_due_at", "timer", ["due_at"], "state = 'waiting'"),
)


def upgrade() -> None:
    for name, table, columns, condition in NEW:
        where = sa.text(condition)
        op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
    for name, table, _ in OLD:
        op.drop_index(name, table)
    room_on_pages("SET (fillfactor = 60)")


def downgrade() -> None:
    room_on_pages("RESET (fillfactor)")
    for name, table, columns in OLD:
        op.create_index(name, table, columns)
    for name, table, _, _ in NEW:
        op.drop_index(name, table)


def room_on_pages(how: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE process_instance {how}")
