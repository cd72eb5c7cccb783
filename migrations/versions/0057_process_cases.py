"""Keep sample orders and regression cases with the models, and the last trials of each designer.

Expand half: new tables only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0057_process_cases", "0056_draft_life"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "process_case",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("body", JsonDoc(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("product", sa.String(64), nullable=False),
        sa.Column("order_type", sa.String(40), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("draft_id", Uuid(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", WHEN, nullable=False),
        sa.Column("saved_by", sa.String(64), nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("last", JsonDoc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["process_draft.id"],
            name=op.f("fk_process_case_draft_id_process_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_case")),
    )
    op.create_index("ix_process_case_kind_key", "process_case", ["kind", "key"])
    op.create_index(op.f("ix_process_case_draft_id"), "process_case", ["draft_id"])
    op.create_table(
        "process_trial",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("draft_id", Uuid(), nullable=True),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("setup", JsonDoc(), nullable=False),
        sa.Column("result", JsonDoc(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["process_draft.id"],
            name=op.f("fk_process_trial_draft_id_process_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_trial")),
    )
    op.create_index(op.f("ix_process_trial_login"), "process_trial", ["login"])
    op.create_index(op.f("ix_process_trial_draft_id"), "process_trial", ["draft_id"])


def downgrade() -> None:
    op.drop_table("process_trial")
    op.drop_table("process_case")
