"""Keep what people want to deploy, with notes, a second person and an hour.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0060_deployment_requests", "0059_draft_titles"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deployment_request",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("parts", JsonDoc(), nullable=False),
        sa.Column("drafts", JsonDoc(), nullable=False),
        sa.Column("warnings", JsonDoc(), nullable=False),
        sa.Column("cases", JsonDoc(), nullable=False),
        sa.Column("teams", JsonDoc(), nullable=False),
        sa.Column("release_note", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("activate_at", WHEN, nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("decision_note", sa.String(500), nullable=False),
        sa.Column("done_at", WHEN, nullable=True),
        sa.Column("deployment_id", Uuid(), nullable=True),
        sa.Column("said_zh", sa.Text(), nullable=False),
        sa.Column("said_en", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment_request")),
    )
    op.create_index("uq_deployment_request_token", "deployment_request", ["token"], unique=True)
    op.create_index("ix_deployment_request_state", "deployment_request", ["state", "activate_at"])


def downgrade() -> None:
    op.drop_table("deployment_request")
