"""Keep visits that were moved, links of customers to their orders, and what customers say afterwards.

Expand half: new tables only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid

revision, down_revision = "0051_customer_links", "0050_repair_requests"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "moved_visit",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("item_id", Uuid(), nullable=True),
        sa.Column("booked", sa.String(40), nullable=False),
        sa.Column("from_at", WHEN, nullable=False),
        sa.Column("to_at", WHEN, nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_moved_visit_order_id_product_order")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["product_order_item.id"], name=op.f("fk_moved_visit_item_id_product_order_item")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_moved_visit_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_visit")),
    )
    op.create_index(op.f("ix_moved_visit_order_id"), "moved_visit", ["order_id"])
    op.create_table(
        "order_link",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("revoked_at", WHEN, nullable=True),
        sa.Column("revoked_by", sa.String(64), nullable=True),
        sa.Column("last_seen_at", WHEN, nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("window_at", WHEN, nullable=True),
        sa.Column("window_seen", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_order_link_order_id_product_order")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_link_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_link")),
    )
    op.create_index(op.f("ix_order_link_order_id"), "order_link", ["order_id"])
    op.create_table(
        "order_survey",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=False),
        sa.Column("link_id", Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(500), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_order_survey_order_id_product_order")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["order_link.id"], name=op.f("fk_order_survey_link_id_order_link")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_survey_area_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_survey")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_survey_order_id")),
    )


def downgrade() -> None:
    op.drop_table("order_survey")
    op.drop_table("order_link")
    op.drop_table("moved_visit")
