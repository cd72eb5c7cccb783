"""Make SLA clocks with their pauses, and the alerts they raise: each level of a clock once.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007_sla_clocks", "0006_tickets_work_items"


def upgrade() -> None:
    op.create_table(
        "sla_clock",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("item_id", sa.String(length=36), nullable=True),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("ladder", sa.String(length=40), nullable=False),
        sa.Column("promised_s", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("paused_s", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_level", sa.Integer(), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("promised_s > 0", name=op.f("ck_sla_clock_promise_positive")),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_sla_clock_area")),
        sa.ForeignKeyConstraint(["item_id"], ["product_order_item.id"], name=op.f("fk_sla_clock_item_id")),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name=op.f("fk_sla_clock_order_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["trouble_ticket.id"], name=op.f("fk_sla_clock_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clock")),
    )
    op.create_index(op.f("ix_sla_clock_area"), "sla_clock", ["area"], unique=False)
    op.create_index("ix_sla_clock_next_check", "sla_clock", ["next_check_at"], unique=False)
    op.create_index(op.f("ix_sla_clock_order_id"), "sla_clock", ["order_id"], unique=False)
    op.create_index(op.f("ix_sla_clock_ticket_id"), "sla_clock", ["ticket_id"], unique=False)
    op.create_table(
        "sla_pause",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clock_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["sla_clock.id"], name=op.f("fk_sla_pause_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_pause")),
    )
    op.create_index(op.f("ix_sla_pause_clock_id"), "sla_pause", ["clock_id"], unique=False)
    op.create_table(
        "jeopardy_alert",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("clock_id", sa.String(length=36), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("jeopardy_type", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_zh", sa.String(length=300), nullable=False),
        sa.Column("message_en", sa.String(length=300), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name=op.f("fk_jeopardy_alert_area")),
        sa.ForeignKeyConstraint(["clock_id"], ["sla_clock.id"], name=op.f("fk_jeopardy_alert_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jeopardy_alert")),
        sa.UniqueConstraint("clock_id", "level", name=op.f("uq_jeopardy_alert_clock_id_level")),
    )
    op.create_index(op.f("ix_jeopardy_alert_area"), "jeopardy_alert", ["area"], unique=False)


def downgrade() -> None:
    op.drop_table("jeopardy_alert")
    op.drop_table("sla_pause")
    op.drop_table("sla_clock")
