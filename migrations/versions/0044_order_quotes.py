"""Keep quotes as they were told.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0044_order_quotes", "0043_order_holds"


def upgrade() -> None:
    op.create_table(
        "order_quote",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("customer_no", sa.String(32), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("told", JsonDoc(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_quote_area_area")),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customer.customer_no"], name=op.f("fk_order_quote_customer_no_customer")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_order_quote_order_id_product_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_quote")),
        sa.UniqueConstraint("number", name=op.f("uq_order_quote_number")),
    )
    for column in ("customer_no", "valid_until", "order_id"):
        op.create_index(op.f(f"ix_order_quote_{column}"), "order_quote", [column])


def downgrade() -> None:
    op.drop_table("order_quote")
