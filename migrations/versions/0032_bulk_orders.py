"""Keep bulk orders and their lines; a bulk run may stop by itself when too many were refused.

Expand half: new tables and an empty column only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0032_bulk_orders", "0031_catalogue_releases"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulk_order",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("area_path", sa.String(100), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("headings", JsonDoc(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("submitted_at", WHEN, nullable=True),
        sa.Column("run_id", Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_bulk_order_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_order")),
        sa.UniqueConstraint("number", name=op.f("uq_bulk_order_number")),
    )
    op.create_index(op.f("ix_bulk_order_file_hash"), "bulk_order", ["file_hash"])
    op.create_index("ix_bulk_order_area_created", "bulk_order", ["area", "created_at"])
    op.create_table(
        "bulk_order_line",
        sa.Column("bulk_id", Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", JsonDoc(), nullable=False),
        sa.Column("command", JsonDoc(), nullable=True),
        sa.Column("problems", JsonDoc(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("order_number", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_order.id"], name=op.f("fk_bulk_order_line_bulk_id_bulk_order")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_bulk_order_line_order_id_product_order")
        ),
        sa.PrimaryKeyConstraint("bulk_id", "line", name=op.f("pk_bulk_order_line")),
    )
    op.create_index("ix_bulk_order_line_order", "bulk_order_line", ["order_id"])
    op.add_column("bulk_run", sa.Column("most_refused", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("bulk_run", "most_refused")
    op.drop_table("bulk_order_line")
    op.drop_table("bulk_order")
