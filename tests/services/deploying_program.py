"""Carries out the deployments whose hour has come: ``deploying_program.py DATABASE_URL AT [judging|settling]``.

``judging``: it is killed when it has marked a request and begins to look at it; ``settling``: when everything is
written and nothing is committed. For tests of what is left then.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.running.chores import Chores
from app.services.studio import deployment_hours
from tests.api.world import make_deps, settings_for


def main() -> None:
    """Deploy what is due at that instant, as a worker would, or die before it is certain."""
    url, at = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        deps = make_deps(settings_for(url, Path(folder)))
        if sys.argv[3:]:
            with deps.sessions() as session, session.begin():
                taken = deployment_hours.take_next(session, at)
            print(taken is not None, flush=True)
            if sys.argv[3] == "judging" or taken is None:
                os.kill(os.getpid(), signal.SIGKILL)
            judged = deployment_hours.judge(taken, deps)
            with deps.sessions() as session, session.begin():
                print(deployment_hours.settle(session, judged, deps, at), flush=True)
                session.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        chores = Chores(replace(deps, clock=lambda _: at))
        print(sum(iter(chores.deploy, False)), flush=True)
        deps.close()


main()
