"""Keep what begins instances by itself and who waits for signals; news for one start or wait, and the way events came.

Expand half: new tables, and columns that older workers leave empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0016_starts_and_signals", "0015_history"

WAITING = "state = 'waiting'"


def upgrade() -> None:
    op.create_table(
        "start_subscription",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("definition_id", sa.String(36), nullable=False),
        sa.Column("process_key", sa.String(120), nullable=False),
        sa.Column("element_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("every", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_start_subscription_definition_id_process_definition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_subscription")),
    )
    op.create_index("ix_start_subscription_definition_id", "start_subscription", ["definition_id"])
    op.create_index("ix_start_subscription_process_key", "start_subscription", ["process_key", "state"])
    _open("ix_start_subscription_open", "start_subscription", ["kind", "name"], WAITING)
    _open("ix_start_subscription_due_at", "start_subscription", ["due_at"], f"{WAITING} AND kind = 'timer'")
    op.create_table(
        "signal_subscription",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("element_id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.String(36), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_signal_subscription_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_subscription")),
    )
    op.create_index("ix_signal_subscription_instance_id_state", "signal_subscription", ["instance_id", "state"])
    _open("ix_signal_subscription_name", "signal_subscription", ["name", "id"], WAITING)
    with op.batch_alter_table("process_definition") as table:
        table.add_column(sa.Column("starts", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("process_instance") as table:
        table.add_column(sa.Column("event_path", sa.Text(), nullable=True))
    with op.batch_alter_table("inbox_message") as table:
        table.add_column(sa.Column("target_id", sa.String(36), nullable=True))
        table.add_column(sa.Column("area", sa.String(40), nullable=True))
        table.add_column(sa.Column("event_path", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbox_message") as table:
        table.drop_column("event_path")
        table.drop_column("area")
        table.drop_column("target_id")
    with op.batch_alter_table("process_instance") as table:
        table.drop_column("event_path")
    with op.batch_alter_table("process_definition") as table:
        table.drop_column("starts")
    op.drop_table("signal_subscription")
    op.drop_table("start_subscription")


def _open(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
