"""Keep the rules of promises by version, stops that somebody has to agree to, and who hears of an alarm.

Old processes know nothing of the new columns, which have values of their own, so they keep running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from processes.store.base import UtcDateTime, Uuid

revision, down_revision = "0033_versions_of_rules", "0032_bulk_orders"

ONE, TRUE, FALSE = sa.text("1"), sa.true(), sa.false()


def upgrade() -> None:
    op.create_table(
        "rule_version",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", UtcDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_version"),
        sa.UniqueConstraint("code", "version", name="uq_rule_version_code_version"),
    )
    with op.batch_alter_table("sla_clock") as change:
        change.add_column(sa.Column("work_order_id", Uuid(), nullable=True))
        change.add_column(sa.Column("sla_version", sa.Integer(), nullable=False, server_default=ONE))
        change.add_column(sa.Column("calendar_version", sa.Integer(), nullable=False, server_default=ONE))
        change.add_column(sa.Column("is_early", sa.Boolean(), nullable=False, server_default=FALSE))
        change.add_column(sa.Column("forecast_at", UtcDateTime(), nullable=True))
        change.create_foreign_key("fk_sla_clock_work_order_id", "work_order", ["work_order_id"], ["id"])
    of_steps = sa.text("work_order_id IS NOT NULL")
    op.create_index(
        "ix_sla_clock_work_order", "sla_clock", ["work_order_id"], postgresql_where=of_steps, sqlite_where=of_steps
    )
    op.add_column("sla_pause", sa.Column("stop_id", Uuid(), nullable=True))
    op.add_column("sla_pause", sa.Column("state", sa.String(40), nullable=False, server_default="in_force"))
    op.add_column("sla_pause", sa.Column("approver_role", sa.String(40), nullable=True))
    op.add_column("sla_pause", sa.Column("decided_by", sa.String(64), nullable=True))
    op.add_column("sla_pause", sa.Column("decided_at", UtcDateTime(), nullable=True))
    op.add_column("sla_pause", sa.Column("decision_note", sa.String(500), nullable=False, server_default=""))
    op.create_index("ix_sla_pause_stop_id", "sla_pause", ["stop_id"])
    with op.batch_alter_table("jeopardy_alert") as change:
        change.add_column(sa.Column("nth", sa.Integer(), nullable=False, server_default=ONE))
        change.add_column(sa.Column("cause", sa.String(40), nullable=False, server_default="time"))
        change.add_column(sa.Column("reached_at", UtcDateTime(), nullable=True))
        change.add_column(sa.Column("sent", sa.Boolean(), nullable=False, server_default=TRUE))
        change.add_column(sa.Column("fallen_at", UtcDateTime(), nullable=True))
        change.drop_constraint("uq_jeopardy_alert_clock_id_level", type_="unique")
        change.create_unique_constraint("uq_jeopardy_alert_clock_id_level_nth", ["clock_id", "level", "nth"])
    op.create_table(
        "jeopardy_notice",
        sa.Column("id", Uuid(), nullable=False),
        sa.Column("alert_id", Uuid(), nullable=False),
        sa.Column("told", sa.String(40), nullable=False),
        sa.Column("login", sa.String(64), nullable=True),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["jeopardy_alert.id"], name="fk_jeopardy_notice_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jeopardy_notice"),
    )
    op.create_index("ix_jeopardy_notice_alert_id", "jeopardy_notice", ["alert_id"])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_jeopardy_notice_unread", "jeopardy_notice", ["login", "at"], postgresql_where=unread, sqlite_where=unread
    )
    op.add_column("work_order", sa.Column("check_at", UtcDateTime(), nullable=True))
    unseen = sa.text("check_at IS NOT NULL")
    op.create_index("ix_work_order_check", "work_order", ["check_at"], postgresql_where=unseen, sqlite_where=unseen)


def downgrade() -> None:
    op.drop_index("ix_work_order_check", table_name="work_order")
    with op.batch_alter_table("work_order") as change:
        change.drop_column("check_at")
    op.drop_table("jeopardy_notice")
    # The old rules know each level of a clock once, and no clocks of steps.
    steps = "SELECT id FROM sla_clock WHERE work_order_id IS NOT NULL"
    op.execute(f"DELETE FROM jeopardy_alert WHERE nth > 1 OR clock_id IN ({steps})")  # noqa: S608 - of our own words
    op.execute(f"DELETE FROM sla_pause WHERE state <> 'in_force' OR clock_id IN ({steps})")  # noqa: S608
    op.execute("DELETE FROM sla_clock WHERE work_order_id IS NOT NULL")
    with op.batch_alter_table("jeopardy_alert") as change:
        change.drop_constraint("uq_jeopardy_alert_clock_id_level_nth", type_="unique")
        change.create_unique_constraint("uq_jeopardy_alert_clock_id_level", ["clock_id", "level"])
        for name in ("fallen_at", "sent", "reached_at", "cause", "nth"):
            change.drop_column(name)
    op.drop_index("ix_sla_pause_stop_id", table_name="sla_pause")
    with op.batch_alter_table("sla_pause") as change:
        for name in ("decision_note", "decided_at", "decided_by", "approver_role", "state", "stop_id"):
            change.drop_column(name)
    op.drop_index("ix_sla_clock_work_order", table_name="sla_clock")
    with op.batch_alter_table("sla_clock") as change:
        change.drop_constraint("fk_sla_clock_work_order_id", type_="foreignkey")
        for name in ("forecast_at", "is_early", "calendar_version", "sla_version", "work_order_id"):
            change.drop_column(name)
    op.drop_table("rule_version")
