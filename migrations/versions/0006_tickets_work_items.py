"""Make trouble tickets, the work items of teams, and the history of orders and tickets.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006_tickets_work_items", "0005_orders"


def upgrade() -> None:
    op.create_table(
        "trouble_ticket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("far_ticket_no", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("product", sa.String(length=64), nullable=True),
        sa.Column("customer_no", sa.String(length=32), nullable=True),
        sa.Column("address_code", sa.String(length=32), nullable=True),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("ticket_type", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=True),
        sa.Column("process_instance_id", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["address_code"], ["address.code"], name=op.f("fk_trouble_ticket_address_code")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_trouble_ticket_area")),
        sa.ForeignKeyConstraint(["customer_no"], ["customer.customer_no"], name=op.f("fk_trouble_ticket_customer_no")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_trouble_ticket_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_trouble_ticket_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trouble_ticket")),
        sa.UniqueConstraint("client", "external_id", name=op.f("uq_trouble_ticket_client_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_trouble_ticket_number")),
    )
    op.create_index(op.f("ix_trouble_ticket_area"), "trouble_ticket", ["area"], unique=False)
    op.create_index("ix_trouble_ticket_area_opened", "trouble_ticket", ["area", "opened_at"], unique=False)
    op.create_index(op.f("ix_trouble_ticket_customer_no"), "trouble_ticket", ["customer_no"], unique=False)
    op.create_index(op.f("ix_trouble_ticket_far_ticket_no"), "trouble_ticket", ["far_ticket_no"], unique=False)
    op.create_index(op.f("ix_trouble_ticket_order_id"), "trouble_ticket", ["order_id"], unique=False)
    op.create_index(
        op.f("ix_trouble_ticket_process_instance_id"), "trouble_ticket", ["process_instance_id"], unique=False
    )
    op.create_index(op.f("ix_trouble_ticket_product_id"), "trouble_ticket", ["product_id"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column("work_order_id", sa.String(length=36), nullable=True),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("user_task_id", sa.String(length=36), nullable=True),
        sa.Column("incident_id", sa.String(length=36), nullable=True),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("team_role", sa.String(length=40), nullable=True),
        sa.Column("team_code", sa.String(length=64), nullable=True),
        sa.Column("skill", sa.String(length=40), nullable=True),
        sa.Column("form_key", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(length=64), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_work_item_area")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_work_item_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_work_item_order_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["trouble_ticket.id"], name=op.f("fk_work_item_ticket_id")),
        sa.ForeignKeyConstraint(["work_order_id"], ["work_order.id"], name=op.f("fk_work_item_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("number", name=op.f("uq_work_item_number")),
        sa.UniqueConstraint("user_task_id", name=op.f("uq_work_item_user_task_id")),
    )
    op.create_index(op.f("ix_work_item_area"), "work_item", ["area"], unique=False)
    op.create_index("ix_work_item_claimed", "work_item", ["claimed_by", "state"], unique=False)
    op.create_index(op.f("ix_work_item_incident_id"), "work_item", ["incident_id"], unique=False)
    op.create_index(op.f("ix_work_item_order_id"), "work_item", ["order_id"], unique=False)
    op.create_index("ix_work_item_state_due", "work_item", ["state", "due_at"], unique=False)
    op.create_index("ix_work_item_team_state", "work_item", ["team_code", "state", "due_at"], unique=False)
    op.create_index(op.f("ix_work_item_ticket_id"), "work_item", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_work_item_work_order_id"), "work_item", ["work_order_id"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("why_zh", sa.String(length=500), nullable=False),
        sa.Column("why_en", sa.String(length=500), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_order_event_area")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_order_event_order_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["trouble_ticket.id"], name=op.f("fk_order_event_ticket_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_order_event")),
        sa.UniqueConstraint("id", name=op.f("uq_order_event_id")),
    )
    op.create_index(op.f("ix_order_event_area"), "order_event", ["area"], unique=False)
    op.create_index("ix_order_event_order", "order_event", ["order_id", "seq"], unique=False)
    op.create_index("ix_order_event_ticket", "order_event", ["ticket_id", "seq"], unique=False)


def downgrade() -> None:
    op.drop_table("order_event")
    op.drop_table("work_item")
    op.drop_table("trouble_ticket")
