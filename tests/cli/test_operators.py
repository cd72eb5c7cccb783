"""What operators type on a Monday morning, against a running system: numbers can be copied and understood."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner
from werkzeug.serving import WSGIRequestHandler, make_server

from app.cli import main
from tests.processes.drawing import bpmn, end, event, flows, node, start, user
from tests.processes.test_decisions import table
from tests.services.desk import Desk, desk

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
DRAWING = Path(__file__).resolve().parents[2] / "bpmn" / "home_install.bpmn"


class Quiet(WSGIRequestHandler):
    """Says nothing of single requests."""

    def log(self, type: str, message: str, *args: Any) -> None:
        return


@pytest.fixture(autouse=True, scope="module")
def _quiet_logs() -> Iterator[None]:
    """Server and command are one process here: what the server logs is not what the command prints."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info], logger_factory=structlog.ReturnLoggerFactory()
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def fallout(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One order whose credit check has failed for good."""
    with desk(make_database("sqlite", migrated=True), tmp_path_factory.mktemp("operators")) as opened:
        opened.break_credit_checks()
        opened.place()
        opened.until_incident()
        yield opened


@pytest.fixture
def run(fallout: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """The command with the operations manager's token; gives what it printed, and stumbles over a refusal."""
    server = make_server("127.0.0.1", 0, fallout.whole.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("YIZHAN_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("YIZHAN_TOKEN", fallout.manager.token)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == code, result.output
        assert "None" not in result.output and "Traceback" not in result.output
        return str(result.output)

    yield call
    server.shutdown()
    thread.join()
    server.server_close()


def an_id(text: str) -> str:
    """The first id of what was printed, whole."""
    found = UUID.search(text)
    assert found is not None, text
    return found.group()


def test_an_incident_is_found_by_cause_understood_and_retried_in_bulk(run: Callable[..., str], fallout: Desk) -> None:
    groups = run("incident", "groups")
    assert "unreachable" in groups and "check_credit" in groups
    cause = groups.split()[-1]
    listed = run("incident", "list", "--cause", cause)
    assert re.search(r"O-\d{4}-\d{6} .*order_to_activate .*check_credit", listed), listed
    shown = run("incident", "show", an_id(listed))
    assert re.search(r"attempts +(\d+) of \1\n", shown), shown
    assert "arrears_cny" in shown and "customer_no = " in shown
    assert re.search(r"\n1 +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +no rule for order", shown), shown
    assert "say which" in run("bulk", "start", "retry", "--reason", "x", code=2)
    assert "retry would touch 1 now" in run("bulk", "preview", "retry", "--cause", cause)
    begun = run("bulk", "start", "retry", "--cause", cause, "--reason", "the rule is there now", "--rate", "50")
    assert "1 in all: 1 waiting" in begun
    fallout.runner.round()
    assert "1 in all: 1 applied (1 under way)" in run("bulk", "show", an_id(begun), "--all").replace("_", " ")
    assert an_id(begun) in run("bulk", "list")
    audit = run("repairs")
    assert re.search(r"ops2 +retry +O-\d{4}-\d{6} +check_credit +the rule is there now", audit), audit


def test_an_instance_is_found_by_its_order_and_looked_into(
    run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = next(iter(re.findall(r"O-\d{4}-\d{6}", run("instance", "list"))))
    tree = run("instance", "list", number)
    root = an_id(tree)
    shown = run("instance", "show", root)
    assert "order_to_activate version 1" in shown and "\ntokens\n" in shown and "\ndata\n" in shown
    assert '"number": "' + number in shown
    assert "no such instances" in run("instance", "list", "--process", "home_install", "--version", "7")
    assert "--reason" in run("instance", "cancel", root, code=2)
    plan = run("instance", "cancel", root, "--plan")
    assert f"of {root} end (running now)" in plan and "digest" in plan
    assert "instances are suspended" in run("instance", "suspend", root, "--reason", "look")
    assert "running, suspended" in run("instance", "list", "--suspended")
    assert "instances go on" in run("instance", "resume", root, "--reason", "looked")
    assert "there is no process instance nobody" in run("instance", "show", "nobody", code=1)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "没有流程实例 nobody" in run("instance", "show", "nobody", code=1)


def test_neighbours_and_processes_are_held_and_let_go(run: Callable[..., str]) -> None:
    assert "nothing is held" in run("hold", "list")
    held = run("hold", "adapter", "billing", "--reason", "upgrade tonight")
    assert re.search(r"billing +20\S+ \S+ +ops2 +\d+ +upgrade tonight", held), held
    unknown = run("hold", "adapter", "nobody", "--reason", "x", code=1)
    assert "there is no adapter nobody; there are: area, billing" in unknown
    assert "nothing is held" in run("hold", "adapter", "billing", "--reason", "done", "--end")
    assert "final_bill: held, versions 1" in run("hold", "definition", "final_bill", "--reason", "wrong sum")
    assert re.search(r"final_bill +1", run("hold", "list"))
    assert "final_bill: let go" in run("hold", "definition", "final_bill", "--reason", "mended", "--end")


def test_a_migration_names_each_reason_once(run: Callable[..., str], fallout: Desk, tmp_path: Path) -> None:
    fallout.mend()
    fallout.place(externalId="ANOTHER-ONE")
    changed = tmp_path / "home_install.bpmn"
    drawing = DRAWING.read_text(encoding="utf-8").replace("book_appointment", "agree_visit")
    form = 'yizhan:form="{}"'.format
    changed.write_text(drawing.replace(form("agree_visit"), form("book_appointment")), encoding="utf-8")
    # Deploying is a designer's right; what follows is the manager's.
    cases = DRAWING.with_suffix(".test.json")
    renamed = cases.read_text(encoding="utf-8").replace("book_appointment", "agree_visit")
    files = {"files": {changed.name: changed.read_text(encoding="utf-8"), cases.name: renamed}}
    deployed = fallout.person("designer").post("/api/v1/process-definitions/deploy", files)
    assert deployed.status_code == 201, deployed.get_json()
    planned = run("process", "migrate", "plan", "home_install", "--from", "1", "--to", "2", "--reason", "new name")
    count = re.search(r"\n(\d+) needs mapping: O-", planned)
    assert count is not None and planned.count("name its counterpart") == 1, planned
    migration = an_id(planned)
    each = run("process", "migrate", "show", migration, "--each")
    assert each.count("name its counterpart") == int(count.group(1))
    assert "0 needs mapping" in run("process", "migrate", "map", migration, "book_appointment=agree_visit")
    assert re.search(rf"{migration} +home_install +1 +2 +judged", run("process", "migrate", "list", "home_install"))


def test_activities_are_begun_by_hand(run: Callable[..., str], fallout: Desk) -> None:
    activity = user("call", name="致电客户", yz_nameEn="Call the customer")
    loose = node("adHocSubProcess", "handle", activity, yz_byHand="true", yz_team="fallout_desk")
    drawing = bpmn(start("s", event("message", "case")), loose, end(), flows("s>handle handle>e"), key="case").decode()
    deployed = fallout.person("designer").post("/api/v1/process-definitions/deploy", {"files": {"case.bpmn": drawing}})
    assert deployed.status_code == 201, deployed.text
    run("news", "send", "message", "case", "--key", "case-1", "--payload", "{}")
    fallout.work()
    instance = an_id(run("instance", "list", "--process", "case"))
    offered = run("instance", "choices", instance)
    assert re.search(r"call +致电客户 +Call the customer +handle", offered), offered
    assert "cannot be begun" in run("instance", "begin", instance, "visit", "--reason", "x", code=1)
    begun = run("instance", "begin", instance, "call", "--reason", "he asked for it")
    assert re.search(r"call .* yes", begun), begun
    assert re.search(r"ops2 +begin +.*call +he asked for it", run("repairs", "--action", "begin"))


def test_versions_of_decisions_are_listed_and_taken_back(
    run: Callable[..., str], fallout: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    designer = fallout.person("designer")
    for answer in ("one", "two"):
        dmn = table(["n"], ["r"], [(["-"], [f'"{answer}"'])], key="tariff").decode()
        assert designer.post("/api/v1/process-definitions/deploy", {"files": {"t.dmn": dmn}}).status_code == 201
    monkeypatch.setenv("YIZHAN_TOKEN", designer.token)
    assert re.search(r"tariff +2 ", run("process", "decisions"))
    assert "nothing is decided with version 2" in run("process", "withdraw", "tariff", "2", "--decision")
    assert re.search(r"tariff +1 .*\n.*tariff +2 .*20\d\d", run("process", "decisions", "tariff"))
    assert "work_plan" in run("process", "withdraw", "work_plan", "1", "--decision", code=1)
