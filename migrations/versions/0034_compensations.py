"""Keep what is owed to customers for broken promises.

Expand half: a new table only.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import UtcDateTime, Uuid

revision, down_revision = "0034_compensations", "0033_versions_of_rules"


def upgrade() -> None:
    op.create_table(
        "compensation",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("owner_id", Uuid(), nullable=False),
        sa.Column("order_id", Uuid(), nullable=True),
        sa.Column("ticket_id", Uuid(), nullable=True),
        sa.Column("group_code", sa.String(40), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_cny", sa.String(16), nullable=False),
        sa.Column("account_no", sa.String(32), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("sla_version", sa.Integer(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("payout_due_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("second_by", sa.String(64), nullable=True),
        sa.Column("second_at", UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(500), nullable=False),
        sa.Column("process_instance_id", Uuid(), nullable=True),
        sa.Column("entry_no", sa.String(64), nullable=True),
        sa.Column("credited_at", UtcDateTime(), nullable=True),
        sa.Column("deadline_told_at", UtcDateTime(), nullable=True),
        sa.Column("charged_area", sa.String(16), nullable=True),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name="fk_compensation_area"),
        sa.ForeignKeyConstraint(["order_id"], ["product_order.id"], name="fk_compensation_order_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["trouble_ticket.id"], name="fk_compensation_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_compensation"),
        sa.UniqueConstraint("owner_id", "group_code", "nth", name="uq_compensation_owner_id_group_code_nth"),
    )
    for column in ("order_id", "ticket_id", "process_instance_id"):
        op.create_index(f"ix_compensation_{column}", "compensation", [column])
    for name, column, condition in (
        ("ix_compensation_to_post", "proposed_at", sa.text("state = 'approved'")),
        ("ix_compensation_unpaid", "payout_due_at", sa.text("credited_at IS NULL")),
    ):
        op.create_index(name, "compensation", [column], postgresql_where=condition, sqlite_where=condition)


def downgrade() -> None:
    op.drop_table("compensation")
