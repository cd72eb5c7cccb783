"""What an instance was started with is kept once, packed; going back a version unpacks it."""

from __future__ import annotations

import zlib

import orjson
from alembic import command
from sqlalchemy import text

from processes.store.instances import ProcessInstance
from tests.databases import alembic_config
from tests.engine.diagrams import end, process, service, start, user
from tests.engine.rig import Rig

BEFORE = "0026_decisions_taken_back"
DATA = {"port": "P1", "note": "装机地址：浦东新区世纪大道 " * 40}
PLAN = process(
    "plan",
    start(),
    user("install"),
    service("bill", "net.reserve", {"what": "port"}),
    end(),
    flows="begin > install > bill > done",
)


def test_data_of_the_start_is_not_saved_again_with_every_step(rig: Rig) -> None:
    rig.deploy(PLAN)
    root = rig.start("plan", **DATA)
    with rig.sessions() as session:
        kept, saved = session.execute(text("SELECT inputs, snapshot FROM process_instance")).one()
        instance = session.get_one(ProcessInstance, root)
        assert instance.inputs == DATA
    assert len(kept) < len(orjson.dumps(DATA)) / 4
    assert len(saved) < 300


def test_going_back_a_version_unpacks_and_coming_again_goes_on(rig: Rig) -> None:
    rig.deploy(PLAN)
    root = rig.start("plan", **DATA)
    config = alembic_config(rig.url)
    rig.close()
    command.downgrade(config, BEFORE)
    with rig.sessions() as session:
        kept, saved = session.execute(text("SELECT inputs, snapshot FROM process_instance")).one()
    assert orjson.loads(kept) == DATA
    body = orjson.loads(zlib.decompress(saved))
    assert body["format"] == 1
    assert body["values"][0][1:] == ["port", "P1"]
    command.upgrade(config, "head")
    rig.complete(root)
    assert rig.instance(root).state == "completed"
