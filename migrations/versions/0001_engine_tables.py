"""Make the engine's tables: definitions, instances and what they wait for, jobs, inbox, ledger, outbox, clock.

Expand half: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001_engine_tables", None


def upgrade() -> None:
    op.create_table(
        "clock_setting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_setting")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("operation_id", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=120), nullable=True),
        sa.Column("instance_id", sa.String(36), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_inbox_message_source_event_id")),
    )
    op.create_index("ix_inbox_message_name_key_state", "inbox_message", ["name", "key", "state"], unique=False)
    op.create_index("ix_inbox_message_operation_id", "inbox_message", ["operation_id"], unique=False)
    op.create_index("ix_inbox_message_state_received_at", "inbox_message", ["state", "received_at"], unique=False)
    op.create_table(
        "operation_definition",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_operation_definition")),
    )
    op.create_table(
        "outbox_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox_event")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_event_id")),
    )
    op.create_index("ix_outbox_event_delivered_at_seq", "outbox_event", ["delivered_at", "seq"], unique=False)
    op.create_table(
        "retry_policy",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_retry_policy")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counters", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "decision_definition",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("deployment_id", sa.String(36), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=120), nullable=False),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_decision_definition_deployment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_definition")),
        sa.UniqueConstraint("key", "content_hash", name=op.f("uq_decision_definition_key_content_hash")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_decision_definition_key_version")),
    )
    op.create_table(
        "process_definition",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("spec", sa.LargeBinary(), nullable=False),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("called_keys", sa.Text(), nullable=False),
        sa.Column("decision_keys", sa.Text(), nullable=False),
        sa.Column("start_messages", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.String(36), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=120), nullable=False),
        sa.Column("active_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_process_definition_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "content_hash", name=op.f("uq_process_definition_key_content_hash")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key_version")),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("definition_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("parent_task_id", sa.String(length=64), nullable=True),
        sa.Column("parent_element_id", sa.String(length=255), nullable=True),
        sa.Column("parent_loop_index", sa.Integer(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(length=120), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("log_seq", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=120), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["process_instance.id"], name=op.f("fk_process_instance_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index("ix_process_instance_business_key", "process_instance", ["business_key"], unique=False)
    op.create_index(op.f("ix_process_instance_definition_id"), "process_instance", ["definition_id"], unique=False)
    op.create_index("ix_process_instance_parent_id", "process_instance", ["parent_id"], unique=False)
    op.create_index("ix_process_instance_root_id_state", "process_instance", ["root_id", "state"], unique=False)
    op.create_table(
        "activity_log",
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=True),
        sa.Column("point_of_no_return", sa.String(length=10), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_activity_log_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_activity_log")),
    )
    op.create_index(
        "ix_activity_log_point_of_no_return",
        "activity_log",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("point_of_no_return IS NOT NULL"),
        sqlite_where=sa.text("point_of_no_return IS NOT NULL"),
    )
    op.create_table(
        "effect",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("root_instance_id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("operation_id", sa.String(36), nullable=False),
        sa.Column("adapter", sa.String(length=60), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("undo_operation", sa.String(length=120), nullable=True),
        sa.Column("undo_inputs", sa.Text(), nullable=False),
        sa.Column("undo_operation_id", sa.String(36), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_effect_instance_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_effect")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_effect_operation_id")),
        sa.UniqueConstraint("undo_operation_id", name=op.f("uq_effect_undo_operation_id")),
    )
    op.create_index("ix_effect_root_instance_id_state", "effect", ["root_instance_id", "state"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("job_id", sa.String(36), nullable=True),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=120), nullable=True),
        sa.Column("resolution", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_incident_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_instance_id_state", "incident", ["instance_id", "state"], unique=False)
    op.create_index(op.f("ix_incident_job_id"), "incident", ["job_id"], unique=False)
    op.create_index("ix_incident_root_id_state", "incident", ["root_id", "state"], unique=False)
    op.create_index("ix_incident_state_code", "incident", ["state", "code"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=True),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("operation_id", sa.String(36), nullable=False),
        sa.Column("adapter", sa.String(length=60), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=120), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("outcome_unknown", sa.Boolean(), nullable=False),
        sa.Column("detached", sa.Boolean(), nullable=False),
        sa.Column("rejected_code", sa.String(length=120), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("callback_deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_job_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_job_operation_id")),
    )
    op.create_index("ix_job_instance_id_state", "job", ["instance_id", "state"], unique=False)
    op.create_index(op.f("ix_job_root_id"), "job", ["root_id"], unique=False)
    op.create_index("ix_job_state_lease_until", "job", ["state", "lease_until"], unique=False)
    op.create_index("ix_job_state_run_at", "job", ["state", "run_at"], unique=False)
    op.create_table(
        "message_subscription",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_message_subscription_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
    )
    op.create_index(
        "ix_message_subscription_instance_id_state", "message_subscription", ["instance_id", "state"], unique=False
    )
    op.create_index(
        "ix_message_subscription_name_key_state", "message_subscription", ["name", "key", "state"], unique=False
    )
    op.create_table(
        "timer",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=120), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_instance_id_state", "timer", ["instance_id", "state"], unique=False)
    op.create_index("ix_timer_state_due_at", "timer", ["state", "due_at"], unique=False)
    op.create_table(
        "user_task",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("instance_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("loop_index", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    op.create_index("ix_user_task_instance_id_state", "user_task", ["instance_id", "state"], unique=False)
    op.create_index(op.f("ix_user_task_root_id"), "user_task", ["root_id"], unique=False)


def downgrade() -> None:
    op.drop_table("user_task")
    op.drop_table("timer")
    op.drop_table("message_subscription")
    op.drop_table("job")
    op.drop_table("incident")
    op.drop_table("effect")
    op.drop_table("activity_log")
    op.drop_table("process_instance")
    op.drop_table("process_definition")
    op.drop_table("decision_definition")
    op.drop_table("worker_heartbeat")
    op.drop_table("retry_policy")
    op.drop_table("outbox_event")
    op.drop_table("operation_definition")
    op.drop_table("inbox_message")
    op.drop_table("deployment")
    op.drop_table("clock_setting")
