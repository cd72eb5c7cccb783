"""`python -m tests.upgrade.freeze`: freeze databases of the program as it is now, for a release.

Orders and instances are brought to the middle of their way on SQLite and on PostgreSQL, written down, and then brought
to their end by the same program, so that a later one can be asked for the same.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from alembic.script import ScriptDirectory

from tests import servers
from tests.api.world import prepare
from tests.databases import Databases, alembic_config
from tests.engine.rig import Rig
from tests.upgrade import constructs, orders
from tests.upgrade.frozen import FOLDER, Frozen

BACKENDS: Final = ("sqlite", "postgresql")


def main() -> None:
    """Freeze what a system of this program looks like in the middle of its work."""
    migration = ScriptDirectory.from_config(alembic_config("sqlite://")).get_current_head()
    release = f"{version('yizhan')}-{str(migration)[:4]}"
    told: dict[str, Any] = {"migration": migration}
    with servers.postgresql() as server, tempfile.TemporaryDirectory(prefix="yizhan-freeze-") as place:
        databases = Databases(Path(place), lambda: server)
        for backend in BACKENDS:
            frozen, folder = Frozen(release, backend), Path(place) / backend
            folder.mkdir()
            found = freeze_orders(frozen, databases, folder)
            ended = freeze_constructs(frozen, databases, folder)
            if "orders" in told and (found["orders"], ended) != (told["orders"], told["constructs"]):
                raise SystemExit("the two databases come to different ends")
            told |= found | {"constructs": ended}
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / release / "facts.json").write_text(f"{text}\n", encoding="utf-8")
    print(f"frozen as {FOLDER / release}")


def freeze_orders(frozen: Frozen, databases: Databases, folder: Path) -> dict[str, Any]:
    """Orders of every kind; returns when they were frozen and what they come to."""
    url, at = databases.make("sqlite" if frozen.backend == "sqlite" else "postgresql", migrated=True), orders.Time()
    prepare(url, folder)
    with orders.product(url, folder, at) as whole:
        orders.in_flight(whole)
        moment = at.now()
        frozen.keep_orders(whole, url)
        orders.finish(whole, at)
        return {"orders_frozen_at": moment.isoformat(), "orders": orders.facts(whole)}


def freeze_constructs(frozen: Frozen, databases: Databases, folder: Path) -> dict[str, Any]:
    """Instances of every construct; returns what they come to."""
    url = databases.make("sqlite" if frozen.backend == "sqlite" else "postgresql", migrated=True)
    rig = Rig(url, folder)
    try:
        constructs.in_flight(rig, lambda: frozen.keep_constructs(rig))
        constructs.finish(rig)
        return constructs.facts(rig)
    finally:
        rig.close()


if __name__ == "__main__":
    main()
