"""What a step of a person writes is less; what an instance was started with is packed.

The column of the latter changes its type, so old processes have to stop first. Rows that are there keep their words.
"""

import json
import zlib

import sqlalchemy as sa
from alembic import op

from processes.store.base import Uuid, plain_json

revision, down_revision = "0027_smaller_rows", "0026_decisions_taken_back"

AT_ONCE = 1000
#: The words that executions saved in format 2 leave out, after those they were started with.
USUAL = (
    b'{"format":1,"engine":"SpiffWorkflow 3.2.0","key":"","number":,"outcome":null,"completed":false,"scopes":['
    b'{"parent":null,"spec":"","root":"","local":[],"latest":[],"tokens":[["","Start",64,{},[],[]],'
    b'["","",32,{"flow":"","n":,"armed":true,"wait":{"kind":"user"}},[],[]]]}],"values":[[1,"'
)


def upgrade() -> None:
    op.drop_index("ix_user_task_root_id", table_name="user_task")
    op.drop_index("ix_user_task_instance_id_state", table_name="user_task")
    with op.batch_alter_table("user_task") as change:
        change.drop_constraint("fk_user_task_instance_id", type_="foreignkey")
    op.create_index("ix_user_task_instance_id", "user_task", ["instance_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE process_instance ALTER inputs TYPE bytea USING convert_to(inputs, 'UTF8')")
    else:
        with op.batch_alter_table("process_instance") as change:
            change.alter_column("inputs", existing_type=sa.Text(), existing_nullable=False, type_=sa.LargeBinary())
        op.execute("UPDATE process_instance SET inputs = CAST(inputs AS BLOB)")


def downgrade() -> None:
    _unpack()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE process_instance ALTER inputs TYPE text USING convert_from(inputs, 'UTF8')")
    else:
        with op.batch_alter_table("process_instance") as change:
            change.alter_column("inputs", existing_type=sa.LargeBinary(), existing_nullable=False, type_=sa.Text())
        op.execute("UPDATE process_instance SET inputs = CAST(inputs AS TEXT)")
    op.drop_index("ix_user_task_instance_id", table_name="user_task")
    with op.batch_alter_table("user_task") as change:
        change.create_foreign_key("fk_user_task_instance_id", "process_instance", ["instance_id"], ["id"])
    op.create_index("ix_user_task_instance_id_state", "user_task", ["instance_id", "state"])
    op.create_index("ix_user_task_root_id", "user_task", ["root_id"])


def _unpack() -> None:
    """Write the plain words of everything that was packed, and what was saved of executions as it was before."""
    columns = [sa.column("id", Uuid()), sa.column("inputs", sa.LargeBinary()), sa.column("snapshot", sa.LargeBinary())]
    bind, instances = op.get_bind(), sa.table("process_instance", *columns)
    some = sa.select(*columns).select_from(instances).order_by(instances.c.id).limit(AT_ONCE)
    rows = bind.execute(some).all()
    while rows:
        for row in rows:
            inputs = plain_json(bytes(row.inputs))
            saved = None if row.snapshot is None else _as_before(bytes(row.snapshot), inputs)
            this = instances.update().where(instances.c.id == row.id)
            bind.execute(this.values(inputs=inputs, snapshot=saved))
        rows = bind.execute(some.where(instances.c.id > rows[-1].id)).all()


def _as_before(saved: bytes, inputs: bytes) -> bytes:
    unpacker = zlib.decompressobj(zdict=inputs + USUAL)
    body = json.loads(unpacker.decompress(saved) + unpacker.flush())
    text = json.dumps(body | {"format": 1}, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 1)
