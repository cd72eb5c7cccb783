"""What a step of a person writes is less; what an instance was started with is packed earlier.

Old processes need nothing of what goes, so they keep running during the upgrade.
"""

from alembic import op

revision, down_revision = "0027_smaller_rows", "0026_decisions_taken_back"


def upgrade() -> None:
    op.drop_index("ix_user_task_root_id", table_name="user_task")
    op.drop_index("ix_user_task_instance_id_state", table_name="user_task")
    with op.batch_alter_table("user_task") as change:
        change.drop_constraint("fk_user_task_instance_id", type_="foreignkey")
    op.create_index("ix_user_task_instance_id", "user_task", ["instance_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE process_instance SET (toast_tuple_target = 1024)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE process_instance RESET (toast_tuple_target)")
    op.drop_index("ix_user_task_instance_id", table_name="user_task")
    with op.batch_alter_table("user_task") as change:
        change.create_foreign_key("fk_user_task_instance_id", "process_instance", ["instance_id"], ["id"])
    op.create_index("ix_user_task_instance_id_state", "user_task", ["instance_id", "state"])
    op.create_index("ix_user_task_root_id", "user_task", ["root_id"])
