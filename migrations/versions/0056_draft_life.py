"""Let drafts have one writer at a time, a kind, a base and earlier texts, and put processes into folders.

Expand half: new tables and columns with defaults only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0056_draft_life", "0055_parameters"

WHEN = sa.DateTime(timezone=True)


def columns() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("kind", sa.String(8), nullable=False, server_default="bpmn"),
        sa.Column("key", sa.String(120), nullable=False, server_default=""),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(200), nullable=False, server_default=""),
        sa.Column("folder", sa.String(40), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("made_by", sa.String(64), nullable=False, server_default=""),
        sa.Column("locked_by", sa.String(64), nullable=True),
        sa.Column("locked_at", WHEN, nullable=True),
        sa.Column("lock_seen_at", WHEN, nullable=True),
        sa.Column("asked_by", sa.String(64), nullable=True),
        sa.Column("asked_at", WHEN, nullable=True),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("process_draft", column)
    op.execute("UPDATE process_draft SET kind = 'dmn' WHERE name LIKE '%.dmn'")
    op.execute("UPDATE process_draft SET kind = 'form' WHERE name LIKE '%.form'")
    op.execute("UPDATE process_draft SET made_by = saved_by")
    op.create_index(op.f("ix_process_draft_key"), "process_draft", ["key"])
    op.create_table(
        "process_draft_text",
        sa.Column("draft_id", Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", WHEN, nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["process_draft.id"],
            name=op.f("fk_process_draft_text_draft_id_process_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "revision", name=op.f("pk_process_draft_text")),
    )
    op.create_table(
        "process_folder",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name_zh", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_process_folder")),
    )
    op.create_table(
        "process_place",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("folder", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder"], ["process_folder.code"], name=op.f("fk_process_place_folder_process_folder")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_place")),
    )
    op.create_index(op.f("ix_process_place_folder"), "process_place", ["folder"])


def downgrade() -> None:
    op.drop_table("process_place")
    op.drop_table("process_folder")
    op.drop_table("process_draft_text")
    op.drop_index(op.f("ix_process_draft_key"), table_name="process_draft")
    with op.batch_alter_table("process_draft") as table:
        for column in reversed(columns()):
            table.drop_column(column.name)
