"""Renews an instance, again whenever it is killed: ``renew_program.py DATABASE_URL FAR_SIDE_FILE INSTANCE ITEM``.

Prints how often it was killed. The parent does nothing but fork, so each try begins with modules that are loaded.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from sqlalchemy import select

from processes.engine import Engine, EngineParts
from processes.repairs import Why
from processes.store.opening import create_database_engine
from processes.store.renewals import Renewal
from processes.store.sessions import session_factory
from tests.engine.far_side import FarSide, registry


def renew() -> None:
    """One transaction, as the one who amends has it; nothing may be left of an earlier try."""
    url, far_file, instance_id, item = sys.argv[1:]
    far = FarSide(Path(far_file))
    engine = Engine(EngineParts(registry=registry(attempts=30), ports={"net": far}))
    with session_factory(create_database_engine(url, application_name="killed-renewal"))() as session, session.begin():
        assert session.scalars(select(Renewal.id)).all() == []
        now = engine.parts.clock.now(session)
        why = Why(actor="front", reason="the customer wants something else")
        engine.renew(session, instance_id, {"item": json.loads(item)}, why=why, now=now)


def main() -> None:
    """Try until one try ends by itself."""
    killed = 0
    while True:
        child = os.fork()
        if child == 0:
            renew()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            print(killed, flush=True)
            sys.exit(os.WEXITSTATUS(status))
        killed += 1


main()
