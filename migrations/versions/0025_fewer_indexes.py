"""Fewer indexes where every step writes: jobs are found by their instance, and by their key when others are called.

Old processes need none of those that go, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0025_fewer_indexes", "0024_refused_calls"

CALLED = sa.text("adapter IS NOT NULL")
CHILDREN = sa.text("parent_id IS NOT NULL")
OPEN_JOBS = sa.text("state NOT IN ('done', 'cancelled')")


def upgrade() -> None:
    op.drop_index("ix_job_root_id", table_name="job")
    op.drop_index("ix_job_instance_id", table_name="job")
    op.create_index("ix_job_instance_id", "job", ["instance_id"])
    _without_key("job", "uq_job_operation_id")
    _without_key("outbox_event", "uq_outbox_event_id")
    op.create_index(
        "uq_job_operation_id", "job", ["operation_id"], unique=True, postgresql_where=CALLED, sqlite_where=CALLED
    )
    op.drop_index("ix_process_instance_parent_id", table_name="process_instance")
    name, table = "ix_process_instance_parent_id", "process_instance"
    op.create_index(name, table, ["parent_id"], postgresql_where=CHILDREN, sqlite_where=CHILDREN)


def downgrade() -> None:
    op.drop_index("ix_process_instance_parent_id", table_name="process_instance")
    op.create_index("ix_process_instance_parent_id", "process_instance", ["parent_id"])
    op.drop_index("uq_job_operation_id", table_name="job")
    with op.batch_alter_table("outbox_event") as change:
        change.create_unique_constraint("uq_outbox_event_id", ["id"])
    with op.batch_alter_table("job") as change:
        change.create_unique_constraint("uq_job_operation_id", ["operation_id"])
    op.drop_index("ix_job_instance_id", table_name="job")
    op.create_index("ix_job_instance_id", "job", ["instance_id"], postgresql_where=OPEN_JOBS, sqlite_where=OPEN_JOBS)
    op.create_index("ix_job_root_id", "job", ["root_id"])


def _without_key(table: str, name: str) -> None:
    with op.batch_alter_table(table) as change:
        change.drop_constraint(name, type_="unique")
