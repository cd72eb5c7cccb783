"""The command as people meet it: one clear line for every mistake, exit codes that scripts can use."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from tests.api.world import prepare
from tests.persistence.orders import make_order
from tests.servers import ROOT, free_port

BPMN = ROOT / "bpmn"
SCRIPT_TASK = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test" id="d">
  <bpmn:process id="with_script" isExecutable="true" name="带脚本">
    <bpmn:startEvent id="begin"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:scriptTask id="run_code" name="跑代码"><bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing>
      <bpmn:script>import os</bpmn:script></bpmn:scriptTask>
    <bpmn:endEvent id="done"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="run_code"/>
    <bpmn:sequenceFlow id="b" sourceRef="run_code" targetRef="done"/>
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run the command with nobody listening at YIZHAN_URL or at the neighbours' address."""
    monkeypatch.setenv("YIZHAN_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("YIZHAN_ADAPTER_URL", f"http://127.0.0.1:{free_port()}")
    # A command sets up the log of its process, which here is that of the tests.
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    return call


def one_clear_line(result: Result) -> str:
    """The message of a refusal: no traceback, at most a few lines."""
    assert result.exit_code not in {0, None}
    assert "Traceback" not in result.output
    assert len(result.output.strip().splitlines()) <= 3, result.output
    return str(result.output)


def test_check_of_the_bundled_processes_finds_no_error(run) -> None:  # type: ignore[no-untyped-def]
    result = run("process", "check", str(BPMN))
    assert result.exit_code == 0, result.output
    found = json.loads(run("process", "check", "--brief", "--json", str(BPMN)).output)
    assert {(row["rule"], row["severity"], row["group"]) for row in found} == {("no-time-limit", "warning", "business")}
    assert all(row["fixes"] == [] for row in found), "what a machine can mend is told as well"


def test_check_names_the_element_and_the_reason_in_both_languages(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "script.bpmn"
    file.write_text(SCRIPT_TASK, encoding="utf-8")

    result = run("process", "check", str(file), "--json")

    assert result.exit_code == 1
    findings = json.loads(result.output)
    assert any(row["element_id"] == "run_code" and row["message_zh"] and row["message_en"] for row in findings)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<a",
        b"\xff\xfe\x00",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<bpmn/>",
    ],
)
@pytest.mark.parametrize("name", ["broken.bpmn", "broken.dmn"])
def test_check_of_a_broken_file_is_a_finding_not_a_crash(run, tmp_path: Path, name: str, content: bytes) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / name
    file.write_bytes(content)

    result = run("process", "check", str(file))

    assert result.exit_code == 1
    assert "error" in result.output
    assert "Traceback" not in result.output


def test_try_runs_the_real_engine_with_the_answers_of_a_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ticket = {
        "id": "t1", "number": "T-1", "product_id": "P1", "product": "ftth_broadband", "order_no": "",
        "ticket_type": "fault", "severity": "normal", "description": "-", "source": "order_test", "repair": "home",
        "test_type": "access", "area": "SH-SH", "address_code": "A0001", "contact_name": "", "contact_phone": "",
    }  # fmt: skip
    data, answers = tmp_path / "data.json", tmp_path / "answers.json"
    data.write_text(json.dumps({"ticket": ticket}), encoding="utf-8")
    answers.write_text(
        json.dumps(
            {
                "userTasks": {"repair_at_home": {"cause": "fibre"}},
                "operations": {
                    "fault.create_ticket": [{"return": {"ticket_no": "F1"}}],
                    "fault.run_diagnosis": {
                        "return": {"verdict": "fibre_broken", "optical_power_dbm": -30, "segment": "drop"}
                    },
                },
            }
        ),
        encoding="utf-8",
    )

    result = run(
        "process", "try", str(BPMN / "trouble_ticket.bpmn"), "--data", str(data), "--answers", str(answers), "--json"
    )

    trial = json.loads(result.output)
    assert trial["path"], trial
    assert (trial["state"], trial["incidents"]) == ("completed", [])


def test_try_of_several_processes_asks_which_one(run) -> None:  # type: ignore[no-untyped-def]
    assert "name the process" in one_clear_line(
        run("process", "try", str(BPMN / "access_activation.bpmn"), str(BPMN / "final_bill.bpmn"))
    )


def test_submit_without_a_server_says_how_to_start_one(run) -> None:  # type: ignore[no-untyped-def]
    order = ROOT / "examples" / "orders" / "home-bundle.json"
    assert "make run" in one_clear_line(run("order", "submit", str(order)))
    assert "make run" in one_clear_line(run("order", "show", "O-2611-000001"))
    assert "make run" in one_clear_line(run("reconcile"))


@pytest.mark.parametrize("content", ["{", "[]", "", "\x00"])
def test_submit_of_a_broken_file_is_one_line(run, tmp_path: Path, content: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "order.json"
    file.write_text(content, encoding="utf-8")
    assert "order.json" in one_clear_line(run("order", "submit", str(file)))


def test_a_file_that_is_not_there_is_one_line(run) -> None:  # type: ignore[no-untyped-def]
    result = run("order", "submit", "nowhere.json")
    assert result.exit_code == 2
    assert "nowhere.json" in result.output


def test_a_wrong_setting_is_named(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("YIZHAN_POLL_S", "soon")
    assert "YIZHAN_POLL_S" in one_clear_line(run("order", "show", "O-2611-000001"))


def test_web_and_worker_refuse_sqlite(run) -> None:  # type: ignore[no-untyped-def]
    assert "PostgreSQL" in one_clear_line(run("web"))
    assert "PostgreSQL" in one_clear_line(run("worker"))


def test_up_says_that_the_port_is_taken(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("YIZHAN_DATABASE_URL", f"sqlite:///{tmp_path / 'y.sqlite'}")
        assert f"port {port} is in use" in one_clear_line(run("up", "--demo", "--port", str(port)))


def test_invariants_without_tables_is_one_line(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("YIZHAN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert "yizhan db upgrade" in one_clear_line(run("invariants"))


@pytest.mark.slow
def test_invariants_say_what_is_wrong_with_what_and_how_much_they_saw(  # type: ignore[no-untyped-def]
    run, make_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = make_database("sqlite", migrated=True)
    prepare(url, tmp_path)
    monkeypatch.setenv("YIZHAN_DATABASE_URL", url)
    healthy = run("invariants", *(word for rule in ("I1", "I3", "I5", "I7") for word in ("--rule", rule)))
    assert (healthy.exit_code, healthy.stdout) == (0, "all invariants hold\n")
    assert "I1: 0 live instances" in healthy.stderr
    database = create_database_engine(url, application_name="tests")
    with session_factory(database).begin() as session:
        number = make_order(session, datetime.now(UTC)).number
    database.dispose()

    broken = run("invariants", "--rule", "I1")
    assert broken.exit_code == 1
    assert broken.stdout == f"I1  {number}  the order is acknowledged, and it has no process: nobody moves it\n"
    assert "1 open orders" in broken.stderr
    told = json.loads(run("invariants", "--json").stdout)
    assert {"rule", "thing", "text"} == set(told[0])
    assert {row["rule"] for row in told} == {"I1"}
    unasked = run("invariants", "--rule", "I2")
    assert (unasked.exit_code, unasked.stdout) == (0, "all invariants hold\n")
    assert "not checked: I2 at the neighbours: nobody at http://127.0.0.1" in unasked.stderr
    assert run("invariants", "--rule", "I9").exit_code == 2


def test_a_database_that_is_not_one_is_one_line(run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    junk = tmp_path / "junk.sqlite"
    junk.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("YIZHAN_DATABASE_URL", f"sqlite:///{junk}")
    assert "cannot be used" in one_clear_line(run("db", "upgrade"))


def test_a_postgresql_that_is_down_is_one_line(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("YIZHAN_DATABASE_URL", f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none")
    assert "cannot be used" in one_clear_line(run("db", "upgrade"))
    assert "cannot be used" in one_clear_line(run("invariants"))


def test_try_of_a_refused_file_says_why(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "script.bpmn"
    file.write_text(SCRIPT_TASK, encoding="utf-8")
    result = run("process", "try", str(file))
    assert result.exit_code == 1
    assert "run_code" in result.output
    assert "state: failed" in result.output


def test_the_stored_tests_of_a_model_are_run(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert (
        "ok     work_plan.test.json: install fixed_voice"
        in run("process", "test", str(BPMN / "work_plan.test.json")).output
    )
    (tmp_path / "work_plan.dmn").write_bytes((BPMN / "work_plan.dmn").read_bytes())
    stored = (BPMN / "work_plan.test.json").read_text(encoding="utf-8")
    (tmp_path / "work_plan.test.json").write_text(stored.replace("home_install", "home_stay", 1), encoding="utf-8")
    result = run("process", "test", str(tmp_path))
    assert result.exit_code == 1
    assert "FAILED work_plan.test.json" in result.output
    assert "home_stay" in result.output


def test_try_finds_what_is_called_beside_the_file(run) -> None:  # type: ignore[no-untyped-def]
    result = run("process", "try", str(BPMN / "home_install.bpmn"), "--json", "--now", "2026-11-23T02:05:00Z")
    trial = json.loads(result.output)
    assert trial["process"] == "home_install"
    assert "unknown-process" not in {row["rule"] for row in trial["findings"]}
    assert trial["path"][0]["at"] == "2026-11-23T02:05:00+00:00"
