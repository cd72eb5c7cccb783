"""Every guard of the product proved: with a mistake planted into it, the checker that watches for it goes red.

Each scene runs twice in a process of its own, with the product as it is and with the mistake.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from processes.clock import SystemClock
from processes.engine import Engine, EngineParts
from processes.invariants import Violation, violations
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from processes.worker import Worker
from tests.api.world import prepare
from tests.engine.diagrams import end, process, service, start
from tests.engine.far_side import FarSide, registry
from tests.servers import ROOT
from tests.services.whole import whole

pytestmark = pytest.mark.slow
WITHIN_S: Final = 120
MutantRun = Callable[[str, str], tuple[dict[str, Any], list[Violation]]]
HELD: Final = process(
    "scene", start(), service("step", "net.reserve", {"what": "'x'"}), end(), flows="begin > step > done"
)
ONCE: Final = process(
    "scene", start(), service("step", "odd.poke", {"what": "'x'"}), end(), flows="begin > step > done"
)


def deployed(url: str, drawing: bytes) -> None:
    database = create_database_engine(url, application_name="judge")
    engine = Engine(EngineParts(registry=registry(), ports={}))
    with session_factory(database).begin() as session:
        engine.deploy(session, {"scene.bpmn": drawing}, actor="designer", now=datetime.now(UTC))
    database.dispose()


@contextmanager
def playing(scene: str, mutant: str, url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.torture.mutants.program", scene, mutant, url, str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen[str], folder: Path) -> dict[str, Any]:
    printed, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, (folder / "errors").read_text(encoding="utf-8")[-3000:]
    saw: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return saw


def judged(url: str, folder: Path, *, in_s: float = 0.0, now: datetime | None = None) -> list[Violation]:
    """What the invariants find afterwards, ``in_s`` seconds from now."""
    database = create_database_engine(url, application_name="judge")
    with session_factory(database)() as session:
        at = (now or SystemClock().now(session)) + timedelta(seconds=in_s)
        found = violations(session, now=at, far_effects=FarSide(folder / "far.sqlite").counts())
    database.dispose()
    return found


def rules(found: list[Violation]) -> set[str]:
    return {one.rule for one in found}


def played(scene: str, mutant: str, url: str, folder: Path) -> dict[str, Any]:
    with playing(scene, mutant, url, folder) as process:
        return told(process, folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, make_database: Callable[..., str]) -> Callable[[], str]:
    return lambda: make_database(request.param, migrated=True)


@pytest.mark.parametrize("mutant", ["-", "no fence"])
def test_no_fence_is_found_by_i3(mutant: str, make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("postgresql", migrated=True)
    deployed(url, ONCE)
    with playing("no fence", mutant, url, tmp_path) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "called\n"
        first.send_signal(signal.SIGSTOP)
        taken_over(url, tmp_path)
        first.send_signal(signal.SIGCONT)
        saw = told(first, tmp_path)
    found = judged(url, tmp_path)
    if mutant == "-":
        assert saw["fenced"] == 1
        assert found == []
    else:
        assert "I3" in rules(found), found
        assert [one.message for one in found if "incident outcome-unknown is open, but its job is done" in one.message]


def taken_over(url: str, folder: Path) -> None:
    """Another worker waits until the lease has run out, and finds that nobody can know what became of the call."""
    database = create_database_engine(url, application_name="judge")
    sessions, far = session_factory(database), FarSide(folder / "far.sqlite")
    engine = Engine(EngineParts(registry=registry(), ports={"net": far, "odd": far, "ask": far}))
    other = Worker(engine, sessions, name="other", lease_s=1.0)
    until = time.monotonic() + WITHIN_S
    while not engine.parts.counters.all().get("incidents"):
        assert time.monotonic() < until, "nobody took the job over"
        other.sweep()
        other.drain()
        time.sleep(0.2)
    database.dispose()


@pytest.mark.parametrize("mutant", ["-", "new key per attempt"])
def test_a_new_key_per_attempt_is_found_by_i2(mutant: str, empty: Callable[[], str], tmp_path: Path) -> None:
    url = empty()
    deployed(url, HELD)
    saw = played("new key per attempt", mutant, url, tmp_path)
    assert (saw["calls"], saw["state"]) == (2, "completed")
    found = judged(url, tmp_path, now=datetime(2026, 11, 2, 12, tzinfo=UTC))
    if mutant == "-":
        assert found == []
    else:
        assert rules(found) == {"I2"}
        said = " | ".join(one.message for one in found)
        assert "under a key that nobody here knows" in said
        assert "in our ledger, but not at the far side" in said


@pytest.mark.parametrize("mutant", ["-", "call inside the transaction"])
def test_a_call_inside_the_transaction_is_seen_by_the_far_side(
    mutant: str, make_database: Callable[..., str], tmp_path: Path
) -> None:
    url = make_database("postgresql", migrated=True)
    deployed(url, HELD)
    saw = played("call inside the transaction", mutant, url, tmp_path)
    assert (saw["calls"], saw["state"]) == (1, "completed")
    assert saw["open"] == ([] if mutant == "-" else ["idle in transaction"])


@pytest.mark.parametrize("mutant", ["-", "bell before commit"])
def test_a_bell_before_the_commit_is_found_by_i3(
    mutant: str, make_database: Callable[..., str], tmp_path: Path
) -> None:
    url = make_database("postgresql", migrated=True)
    deployed(url, HELD)
    saw = played("bell before commit", mutant, url, tmp_path)
    found = judged(url, tmp_path, in_s=120)
    if mutant == "-":
        assert (saw["calls"], saw["state"]) == (1, "completed")
        assert found == []
    else:
        assert saw["calls"] == 0
        assert rules(found) == {"I3"}
        assert "nobody takes it" in found[0].message


@pytest.mark.parametrize("mutant", ["-", "deferred BEGIN"])
def test_a_deferred_begin_lets_two_win(mutant: str, make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite", migrated=True)
    deployed(url, HELD)
    saw = played("deferred BEGIN", mutant, url, tmp_path)
    winners = saw["told"].count("done")
    if mutant == "-":
        assert (winners, len(saw["told"])) == (1, 8)
    else:  # and whoever finds the database locked then is told nothing at all
        assert winners > 1


@pytest.fixture(scope="module")
def demonstration(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the data of the demonstration."""
    url = make_database("sqlite", migrated=True)
    prepare(url, tmp_path_factory.mktemp("demonstration"))
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("mutant", ["-", "no area filter"])
def test_a_missing_area_filter_is_found_by_i7(mutant: str, demonstration: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copyfile(demonstration, tmp_path / 'own.sqlite')}"
    saw = played("no area filter", mutant, url, tmp_path)
    with whole(url, tmp_path, fresh=False, demo=False) as running:
        found = [one.message for one in running.violations("I7")]
    if mutant == "-":
        assert saw == {"shown": 404, "written": 404}
        assert found == []
    else:
        assert saw == {"shown": 200, "written": 200}
        assert found == ["lies in SH-SH, but cd.front of SC-CD changed it (amended)"]
