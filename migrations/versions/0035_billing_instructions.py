"""Keep what billing has asked for, by its number.

Expand half: a new table only, so old workers keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import JsonDoc, Uuid

revision, down_revision = "0035_billing_instructions", "0034_compensations"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "billing_instruction",
        sa.Column("instruction_no", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("account_no", sa.String(32), nullable=False),
        sa.Column("customer_no", sa.String(32), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reasons", JsonDoc(), nullable=False),
        sa.Column("withdrawn", JsonDoc(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("order_number", sa.String(20), nullable=True),
        sa.Column("occurred_at", WHEN, nullable=False),
        sa.Column("received_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_no"], ["account.account_no"], name=op.f("fk_billing_instruction_account_no_account")
        ),
        sa.ForeignKeyConstraint(
            ["customer_no"], ["customer.customer_no"], name=op.f("fk_billing_instruction_customer_no_customer")
        ),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_billing_instruction_area_area")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["product_order.id"], name=op.f("fk_billing_instruction_order_id_product_order")
        ),
        sa.PrimaryKeyConstraint("instruction_no", name=op.f("pk_billing_instruction")),
    )
    op.create_index(op.f("ix_billing_instruction_order_id"), "billing_instruction", ["order_id"])
    op.create_index("ix_billing_instruction_account", "billing_instruction", ["account_no", "received_at"])


def downgrade() -> None:
    op.drop_table("billing_instruction")
