"""Keep migrations of running instances with a verdict for each, and which versions of a process were taken back.

Expand half: new tables, and columns that older programs leave empty.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0017_process_migrations", "0016_starts_and_signals"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("process_definition") as table:
        table.add_column(sa.Column("withdrawn_at", WHEN, nullable=True))
        table.add_column(sa.Column("withdrawn_by", sa.String(120), nullable=True))
    op.create_table(
        "process_migration",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("process_key", sa.String(120), nullable=False),
        sa.Column("from_id", sa.String(36), nullable=False),
        sa.Column("to_id", sa.String(36), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("counterparts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("judged_to", sa.String(36), nullable=True),
        sa.Column("judged_at", WHEN, nullable=True),
        sa.Column("back_of", sa.String(36), nullable=True),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_id"], ["process_definition.id"], name=op.f("fk_process_migration_from_id_process_definition")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["process_definition.id"], name=op.f("fk_process_migration_to_id_process_definition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_migration")),
    )
    op.create_index("ix_process_migration_process_key", "process_migration", ["process_key", "created_at"])
    op.create_table(
        "process_migration_item",
        sa.Column("migration_id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("business_key", sa.String(255), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("moved_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["process_migration.id"],
            name=op.f("fk_process_migration_item_migration_id_process_migration"),
        ),
        sa.PrimaryKeyConstraint("migration_id", "instance_id", name=op.f("pk_process_migration_item")),
    )
    op.create_index(
        "ix_process_migration_item_verdict", "process_migration_item", ["migration_id", "verdict", "instance_id"]
    )


def downgrade() -> None:
    op.drop_table("process_migration_item")
    op.drop_table("process_migration")
    with op.batch_alter_table("process_definition") as table:
        table.drop_column("withdrawn_by")
        table.drop_column("withdrawn_at")
