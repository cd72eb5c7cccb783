"""Check 28: last night's backup on a bare machine. Orders go on; what was done after the backup is not done again."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, select

from adapters.errors import Unreachable
from app.cli.db import db
from app.errors import Conflict, InvalidInput
from app.persistence.database_watch import DatabaseRestored
from app.persistence.people import WebSession
from app.running.backups import BackupFailed, back_up
from app.services.repairs import restore_desk
from app.services.repairs.restore_desk import Restored
from app.unit_of_work import read, transaction
from processes import home
from processes.store.bulk import HeldAdapter
from tests.scenario.rig import YIZHAN, Rig, answers, environment
from tests.servers import POSTGRESQL_PLACES, ROOT, find_program, free_port, start, stop, wait_until
from tests.services.whole import Whole, whole

HOME = "home-bundle.json"
INCIDENTS = "/api/v1/incidents?limit=100"


@dataclass
class Night:
    """A product that has a backup of last night, and bare machines to put it back on."""

    url: str
    folder: Path
    make_database: Callable[..., str]
    stack: ExitStack
    first: Whole

    def back_up(self) -> Path:
        """A real dump, while everything goes on."""
        target = self.folder / "last-night"
        assert back_up(self.first.deps.settings, target) > 10_000
        return target

    def put_back(self, backup: Path) -> Whole:
        """The machine is lost, and with it everything since the dump; the neighbours stay as they are."""
        self.first.deps.close()
        kind = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        bare = self.make_database(kind, migrated=False)
        if kind == "sqlite":
            shutil.copyfile(backup, bare.partition("///")[2])
        else:
            address = make_url(bare).set(drivername="postgresql").render_as_string(hide_password=False)
            words = [find_program("pg_restore", *POSTGRESQL_PLACES), "--no-owner", "--exit-on-error"]
            subprocess.run([*words, f"--dbname={address}", backup], check=True, capture_output=True)
        far = self.first.neighbours
        return self.stack.enter_context(whole(bare, self.folder, neighbours=far, fresh=False))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def night(request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path: Path) -> Iterator[Night]:
    url = make_database(request.param, migrated=True)
    with ExitStack() as stack:
        first = stack.enter_context(whole(url, tmp_path))
        with transaction(first.deps.sessions) as tx:
            home.settle_in(tx.session, now=first.deps.clock(tx.session))
        yield Night(url, tmp_path, make_database, stack, first)


def compare(product: Whole, **more: Any) -> Restored:
    how: dict[str, Any] = {"without": (), "skip_numbers": 500, "takes_over": False, **more}
    return restore_desk.compare(product.deps, actor="root", reason="the disk died", **how)


Effects = Counter[tuple[str, str]]


def counted(rows: Iterable[Mapping[str, Any]]) -> Effects:
    """How often each operation is in force for each subject, at the neighbours."""
    found: Effects = Counter()
    for row in rows:
        if row["is_write"]:
            found[row["business_key"] or "", row["operation"]] += row["count"]
    return found


def repeated(before: Effects, after: Effects) -> Mapping[Any, int]:
    """What was done once more for a subject for which it had been done."""
    return {key: number for key, number in after.items() if before[key] and number > before[key]}


def go_on(product: Whole, order_id: str) -> list[str]:
    """Play an order to its end; a step that waits because it was done is taken over. Returns the codes of those."""
    met: list[str] = []
    for _round in range(40):
        view = product.play(order_id, until=("completed", "held"))
        if view["state"] == "completed":
            return met
        for incident in product.call("GET", INCIDENTS, login="ops")["items"]:
            met.append(incident["code"])
            product.call("POST", f"/api/v1/incidents/{incident['id']}/retry", {}, login="ops")
    raise AssertionError(f"{order_id} does not come to an end: {view}")


def test_orders_go_on_and_what_ran_after_the_backup_is_flagged_and_not_repeated(night: Night) -> None:
    first = night.first
    half, begun = first.place(HOME, externalId="half"), first.place(HOME, externalId="begun")
    first.play(half, leave=1)
    first.neighbours.script("drop_after", "resource.reserve")  # one call is out, nobody knows what became of it
    first.work()
    backup = night.back_up()
    first.play(half)
    first.play(begun, leave=2)
    unknown = first.place(HOME, externalId="after the backup")
    number = first.call("GET", f"/api/v1/orders/{unknown}")["number"]
    first.play(unknown, leave=1)
    before = counted(first.neighbours.effects())

    product = night.put_back(backup)
    assert isinstance(product.deps.watch.problem(), DatabaseRestored)
    assert product.deps.engine.parts.fits() is False  # so nothing is claimed, no timer fires
    refused = product.client.get(f"/api/v1/orders/{half}", headers=product.headers("front"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "yizhan db restored" in refused.get_json()["detail"]

    found = compare(product)

    assert found.is_open and not found.silent
    by_subject = Counter(str(row["of"]) for row in found.lost)
    mine = product.call("GET", f"/api/v1/orders/{half}")
    assert by_subject[f"{mine['number']}/1"] + by_subject[mine["number"]] > 0
    assert any(unknown in name and "not in our books" in name for name in by_subject)
    assert "restored" in {event["kind"] for event in mine["events"]}
    assert counted(product.neighbours.effects()) == before  # asking has changed nothing

    met = go_on(product, half) + go_on(product, begun)

    assert set(met) <= {"done-after-backup"}  # what asks for the very same is taken over without a person
    assert repeated(before, counted(product.neighbours.effects())) == {}
    left = [row for row in restore_desk.listed(product.deps) if unknown not in row["of"]]
    assert left == []
    assert product.call("GET", f"/api/v1/orders/{product.place(HOME, externalId='new')}")["number"] > number

    keys = [row["key"] for row in restore_desk.listed(product.deps)]
    assert {violation.subject for violation in product.violations("I2")} == set(keys)
    restore_desk.settle(product.deps, keys, actor="root", note="taken back by hand")
    assert product.violations("I2") == []
    audit = product.call("GET", "/api/v1/repairs?action=database-restored", login="auditor")["items"]
    assert [(row["actor"], row["reason"]) for row in audit] == [("root", "the disk died")]


def test_a_neighbour_that_does_not_answer_keeps_it_closed_or_is_held(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = night.first
    order_id = first.place(HOME)
    first.play(order_id, leave=1)
    backup = night.back_up()
    first.play(order_id)
    with transaction(first.deps.sessions) as tx:
        assert tx.session.scalars(select(WebSession)).all() == []
    product = night.put_back(backup)
    billing = product.deps.ports["billing"]

    def silent(*_args: Any, **_more: Any) -> Any:
        raise Unreachable("billing: no connection", maybe_done=False)

    with monkeypatch.context() as patch:
        patch.setattr(type(billing), "books", lambda port, *args, **more: silent() if port is billing else [])
        found = compare(product)
        assert (found.is_open, dict(found.silent)) == (False, {"billing": "billing: no connection"})
        assert product.deps.watch.fits() is False
        with pytest.raises(Conflict):
            restore_desk.moved(product.deps)
        found = compare(product, without=("billing",))
        assert found.is_open
        with pytest.raises(InvalidInput):
            restore_desk.ask_late(product.deps, "billing")
    with read(product.deps.read_sessions) as session:
        assert [row.adapter for row in session.scalars(select(HeldAdapter))] == ["billing"]
    assert restore_desk.ask_late(product.deps, "billing") > 0
    with pytest.raises(Conflict):
        restore_desk.ask_late(product.deps, "billing")
    with pytest.raises(InvalidInput):
        compare(product, without=("nobody",))


def test_a_backup_is_never_written_over_another(night: Night) -> None:
    night.back_up()
    with pytest.raises(BackupFailed, match="there already"):
        night.back_up()


@pytest.mark.slow
def test_the_whole_system_says_so_waits_for_the_command_and_goes_on(tmp_path: Path) -> None:
    """`yizhan up` on a backup that was put back: closed to everybody until `yizhan db restored` has been run."""
    port, far_port = free_port(), free_port()
    far = f"http://127.0.0.1:{far_port}"
    live, backup = tmp_path / "yizhan.sqlite", tmp_path / "backup.sqlite"
    env = environment(f"sqlite:///{live}", redis_url="", neighbours=far, port=port, folder=tmp_path)
    rig = Rig([f"http://127.0.0.1:{port}"], far, env, tmp_path)
    ready = f"{rig.urls[0]}/readyz"
    with ExitStack() as stack:
        stack.callback(rig.close)
        log = tmp_path / "up.log"

        def up(sign: str) -> Any:
            process = start([*YIZHAN, "up", "--demo"], log=log, cwd=ROOT, env=env)
            stack.callback(stop, process)
            wait_until(lambda: answers(f"{rig.urls[0]}{sign}"), process, log)
            return process

        running = up("/readyz")
        order_id = rig.place(HOME)
        rig.follow(order_id, play=False, until=lambda view: bool(rig.items_of(order_id)))
        rig.command("db", "backup", str(backup))
        before = writes(rig).total()
        rig.follow(order_id, until=lambda _view: writes(rig).total() > before + 1)
        stop(running)
        for file in tmp_path.glob("yizhan.sqlite*"):
            file.unlink()
        backup.replace(live)

        up("/healthz")
        done = writes(rig)
        for language, words in (("zh", "刚从备份恢复"), ("en", "put back from a backup")):
            page = httpx.get(f"{rig.urls[0]}/orders", headers={"Accept-Language": language}, timeout=20)
            assert (page.status_code, words in page.text) == (503, True)
            assert "Traceback" not in page.text
        assert httpx.get(ready, timeout=20).status_code == 503
        said = json.loads(rig.command("db", "restored", "--reason", "drill", "--take-over", "--json"))
        assert said["is_open"] and said["lost"]
        assert writes(rig) == done
        wait(ready)
        assert rig.follow(order_id)["state"] == "completed"
        assert repeated(done, writes(rig)) == {}


def test_what_the_commands_refuse_is_one_line(
    make_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIZHAN_DATABASE_URL", make_database("sqlite", migrated=True))
    monkeypatch.setenv("YIZHAN_DATA_DIR", str(tmp_path))
    said = {words: CliRunner().invoke(db, words) for words in (("settle", "x", "--reason", "y"), ("ask", "billing"))}
    for words, result in said.items():
        assert result.exit_code == 1, words
        assert "Traceback" not in result.output
    assert "not on the list: x" in said["settle", "x", "--reason", "y"].output
    assert "was not left out" in said["ask", "billing"].output
    assert "at home here" in CliRunner().invoke(db, ["moved"]).output
    lost = CliRunner().invoke(db, ["lost"])
    assert (lost.exit_code, "nothing that we do not know of" in lost.output) == (0, True)


def writes(rig: Rig) -> Effects:
    return counted(rig.effects())


def wait(url: str) -> None:
    deadline = time.monotonic() + 60
    while not answers(url):
        assert time.monotonic() < deadline
        time.sleep(0.1)
