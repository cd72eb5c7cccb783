"""Make reconciliation runs and the differences they found.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008_reconciliation", "0007_sla_clocks"


def upgrade() -> None:
    op.create_table(
        "reconcile_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("adapter", sa.String(length=40), nullable=True),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_reconcile_run_area")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_reconcile_run_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconcile_run")),
    )
    op.create_index(op.f("ix_reconcile_run_area"), "reconcile_run", ["area"], unique=False)
    op.create_index(op.f("ix_reconcile_run_order_id"), "reconcile_run", ["order_id"], unique=False)
    op.create_table(
        "difference",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("adapter", sa.String(length=40), nullable=True),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("built", sa.Text(), nullable=True),
        sa.Column("billed", sa.Text(), nullable=True),
        sa.Column("owner_role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_difference_area")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_difference_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_difference_order_id")),
        sa.ForeignKeyConstraint(["run_id"], ["reconcile_run.id"], name=op.f("fk_difference_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(op.f("ix_difference_area"), "difference", ["area"], unique=False)
    op.create_index(op.f("ix_difference_order_id"), "difference", ["order_id"], unique=False)
    op.create_index(op.f("ix_difference_product_id"), "difference", ["product_id"], unique=False)
    op.create_index(op.f("ix_difference_run_id"), "difference", ["run_id"], unique=False)
    op.create_index("ix_difference_state", "difference", ["state", "found_at"], unique=False)


def downgrade() -> None:
    op.drop_table("difference")
    op.drop_table("reconcile_run")
