"""Make product orders with their items, service orders, work orders and cancel requests; numbers; answered keys.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005_orders", "0004_customers"


def upgrade() -> None:
    op.create_table(
        "order_number",
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("month", sa.String(length=4), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "month", name=op.f("pk_order_number")),
    )
    op.create_table(
        "product_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_before_cancel", sa.String(length=40), nullable=True),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("customer_no", sa.String(length=32), nullable=True),
        sa.Column("account_no", sa.String(length=32), nullable=True),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=True),
        sa.Column("requested_start_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_completion_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.String(length=36), nullable=True),
        sa.Column("billing_account", sa.Text(), nullable=True),
        sa.Column("related_party", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tmf_extra", sa.Text(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_no"], ["account.account_no"], name=op.f("fk_product_order_account_no")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_product_order_area")),
        sa.ForeignKeyConstraint(["customer_no"], ["customer.customer_no"], name=op.f("fk_product_order_customer_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_order")),
        sa.UniqueConstraint("client", "external_id", name=op.f("uq_product_order_client_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_product_order_number")),
    )
    op.create_index(op.f("ix_product_order_area"), "product_order", ["area"], unique=False)
    op.create_index("ix_product_order_area_ordered", "product_order", ["area", "ordered_at"], unique=False)
    op.create_index(op.f("ix_product_order_customer_no"), "product_order", ["customer_no"], unique=False)
    op.create_index(
        op.f("ix_product_order_process_instance_id"), "product_order", ["process_instance_id"], unique=False
    )
    op.create_index("ix_product_order_state_promised", "product_order", ["state", "promised_at"], unique=False)
    op.create_table(
        "idempotent_request",
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "key", "route", name=op.f("pk_idempotent_request")),
    )
    op.create_index(op.f("ix_idempotent_request_at"), "idempotent_request", ["at"], unique=False)
    op.create_table(
        "product_order_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("item_no", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("order_type", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("offering", sa.String(length=64), nullable=True),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_before_cancel", sa.String(length=40), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("address_code", sa.String(length=32), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("characteristics", sa.Text(), nullable=False),
        sa.Column("prices", sa.Text(), nullable=False),
        sa.Column("relationships", sa.Text(), nullable=False),
        sa.Column("plan", sa.String(length=80), nullable=True),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("sla_policy", sa.String(length=64), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["address_code"], ["address.code"], name=op.f("fk_product_order_item_address_code")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_product_order_item_area")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_product_order_item_order_id")),
        sa.ForeignKeyConstraint(["product"], ["product_spec.code"], name=op.f("fk_product_order_item_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_order_item")),
        sa.UniqueConstraint("order_id", "item_no", name=op.f("uq_product_order_item_order_id_item_no")),
    )
    op.create_index(op.f("ix_product_order_item_area"), "product_order_item", ["area"], unique=False)
    op.create_index(op.f("ix_product_order_item_product_id"), "product_order_item", ["product_id"], unique=False)
    op.create_table(
        "cancel_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_cancel_request_area")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_cancel_request_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancel_request")),
    )
    op.create_index(op.f("ix_cancel_request_area"), "cancel_request", ["area"], unique=False)
    op.create_index(op.f("ix_cancel_request_order_id"), "cancel_request", ["order_id"], unique=False)
    op.create_table(
        "service_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("cfs", sa.String(length=40), nullable=False),
        sa.Column("rfs", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_service_order_area")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_service_order_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_service_order_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order")),
    )
    op.create_index(op.f("ix_service_order_area"), "service_order", ["area"], unique=False)
    op.create_index(op.f("ix_service_order_item_id"), "service_order", ["item_id"], unique=False)
    op.create_index(op.f("ix_service_order_order_id"), "service_order", ["order_id"], unique=False)
    op.create_table(
        "work_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column("instance_id", sa.String(length=36), nullable=True),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("team_role", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("planned_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for_zh", sa.String(length=300), nullable=False),
        sa.Column("waits_for_en", sa.String(length=300), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("point_of_no_return", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_work_order_area")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_work_order_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_work_order_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
    )
    op.create_index(op.f("ix_work_order_area"), "work_order", ["area"], unique=False)
    op.create_index(op.f("ix_work_order_instance_id"), "work_order", ["instance_id"], unique=False)
    op.create_index(op.f("ix_work_order_item_id"), "work_order", ["item_id"], unique=False)
    op.create_index("ix_work_order_order", "work_order", ["order_id", "sequence"], unique=False)


def downgrade() -> None:
    op.drop_table("work_order")
    op.drop_table("service_order")
    op.drop_table("cancel_request")
    op.drop_table("product_order_item")
    op.drop_table("idempotent_request")
    op.drop_table("product_order")
    op.drop_table("order_number")
