"""Check 16: incidents of one cause retried at 5 a second, stopped half way; the counts are right, each effect once.

Five hundred of them on SQLite are in ``tests/engine/test_bulk.py``; here it is the same run with fewer, on both.
"""

from __future__ import annotations

from pathlib import Path

from tests.engine import test_bulk as scene


def test_stopped_half_way_and_gone_on_with(database: str, tmp_path: Path) -> None:
    rig = scene.BulkRig(database, tmp_path)
    try:
        scene.test_a_run_keeps_its_rate_is_paused_half_way_and_resumed(rig)
    finally:
        rig.close()
