"""Hostile files, texts and expressions at every door of the studio: refused or explained, and nothing ever runs."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree

from app.services.studio import process_deployments
from app.unit_of_work import transaction
from processes.errors import ProcessError
from tests.processes import corpus
from tests.processes.test_expressions import ATTACKS
from tests.web.hostile import PAYLOADS, looked_at, packed
from tests.web.hostile_files import DMN, MAY_BE_DRAWN, PLAIN, attacks, feel_text, form_storm, storm, table_storm, told
from tests.web.moving import DESIGNER
from tests.web.site import Site, Visitor, sign_in

SECRET = "the-secret-of-the-server"
SPACE = re.compile(r"\s+")
#: Bounds and waypoints.
GEOMETRY = "{http://www.omg.org/spec/DD/"


class Listener:
    """Somebody outside; ``asked`` says who has called."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Hears(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Hears)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Listener]]:
    """A file nobody may read, and somebody nobody may call."""
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    listener = Listener()
    yield secret, listener
    listener.close()


def as_json(visitor: Visitor, path: str, body: dict[str, Any]) -> Any:
    headers = {"X-CSRF-Token": visitor.token(), "Accept": "application/json"}
    return visitor.client.post(path, data=json.dumps(body), content_type="application/json", headers=headers)


def sent(visitor: Visitor, path: str, name: str, content: bytes, **form: str) -> Any:
    return visitor.post(path, {"files": (io.BytesIO(content), name), **form})


def draft_of(site: Site, content: bytes, name: str = "storm.bpmn") -> str:
    """The path of a draft made from a file."""
    made = sent(site.visitor("designer"), "/processes/import", name, content)
    assert made.status_code == 303, made.get_data(as_text=True)[:500]
    return "/processes/drafts/" + made.headers["Location"].rsplit("drafts=", 1)[1].split("&")[0]


def explained(answer: Any) -> bool:
    """It says at least one error of the file."""
    return any(row["severity"] == "error" for row in answer.get_json()["findings"])


def some(request: pytest.FixtureRequest, what: list[Any], step: int) -> list[Any]:
    """All of them in ``--full``, else one in so many."""
    return what if request.config.getoption("--full") else what[::step]


def test_no_hostile_file_reads_calls_or_breaks_anything(
    site: Site, outside: tuple[Path, Listener], request: pytest.FixtureRequest
) -> None:
    secret, listener = outside
    designer = site.visitor("designer")
    path = draft_of(site, PLAIN, "harmless.bpmn")
    revision = json.loads(designer.get(f"{path}/state").get_data(as_text=True))["revision"]
    for name, content in some(request, list(attacks(str(secret), listener.address).items()), 4):
        text = content.decode("utf-8", "replace")
        answers = [
            as_json(designer, "/processes/check", {"files": {"a.bpmn": text}}),
            sent(designer, "/processes/upload", "a.bpmn", content, do="check"),
            sent(designer, "/processes/upload", "a.bpmn", content, do="deploy"),
            sent(designer, "/processes/import", "../../a.bpmn", content),
            as_json(designer, f"{path}/save?findings=1", {"text": text, "revision": revision}),
        ]
        checked = answers[0]
        assert checked.status_code >= 400 or explained(checked) or name in MAY_BE_DRAWN, name
        if checked.status_code == 200 and explained(checked):
            assert answers[2].status_code == 422, name
        for answer in answers:
            assert answer.status_code < 500, (name, answer.status_code)
            assert SECRET not in answer.get_data(as_text=True), name
        if answers[4].status_code == 200:
            revision = answers[4].get_json()["revision"]
        if answers[3].status_code == 303:
            kept = designer.client.get(answers[3].headers["Location"])
            assert kept.status_code == 200 and looked_at(kept.get_data(as_text=True)).found == [], name
    assert listener.asked == []
    catalogue = designer.get("/processes").get_data(as_text=True)
    assert SECRET not in catalogue and looked_at(catalogue).found == []


def test_a_file_that_would_cost_too_much_is_answered_at_every_door(site: Site, request: pytest.FixtureRequest) -> None:
    """The corpus of the check, through the doors of the studio."""
    designer = site.visitor("designer")
    for name, content in some(request, list(corpus.hostile_files()), 40):
        files = {"a.bpmn": content.decode("utf-8", "replace")}
        answer = as_json(designer, "/processes/check", {"files": files})
        assert answer.status_code == 413 or answer.status_code == 200, (name, answer.status_code)


def test_no_hostile_expression_gets_through(site: Site, request: pytest.FixtureRequest) -> None:
    designer = site.visitor("designer")
    names = ["n", "order", "city", "ok", "empty", "price"]
    for text in some(request, ATTACKS, 8):
        answer = as_json(designer, "/processes/expression", {"expression": text, "names": names})
        assert answer.status_code in (200, 400, 413), (text[:60], answer.status_code)
        assert looked_at(answer.get_data(as_text=True)).found == []
    assert not Path("/tmp/yizhan-escaped").exists()


@pytest.fixture(scope="module")
def stormed(site: Site) -> str:
    """The path of a draft that says fifty hostile texts in every place, with a comment of each as well."""
    path = draft_of(site, storm(strange=True))
    designer = site.visitor("designer")
    for number, text in enumerate(packed(480)):
        given = {"element_id": f"a{number}", "text": text, "element_name": text, "key": f"k{number}"}
        answer = as_json(designer, f"{path}/comments", given)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    deps = site.world.deps
    with transaction(deps.sessions) as tx:
        now = deps.clock(tx.session)
        deps.engine.deploy(tx.session, {"storm.bpmn": storm()}, actor="designer", now=now)
    return path


def test_every_page_about_a_hostile_drawing_is_clean(site: Site, stormed: str) -> None:
    designer, manager = site.visitor("designer"), site.visitor("ops2")
    ident = stormed.rsplit("/", 1)[1]
    pages = ["", "/history", "/deploy", "/compare", "/try"]
    paths = [f"{stormed}{page}" for page in pages]
    paths += [f"/processes/imported?drafts={ident}", "/processes", "/processes/storm", "/processes/storm/1"]
    paths += ["/processes/storm/cases", "/processes/storm/compare?old=1&new=1", "/processes/storm/1/try"]
    for path in paths:
        shown = designer.client.get(path, follow_redirects=True)
        assert shown.status_code < 500, (path, shown.status_code)
        assert looked_at(shown.get_data(as_text=True)).found == [], path
    for path in ("/processes/storm/migrate", "/heat/storm", "/processes/migrations"):
        assert looked_at(manager.client.get(path).get_data(as_text=True)).found == [], path
    for path in (f"{stormed}/source", "/processes/storm/1/source"):
        file = designer.client.get(path)
        assert file.content_type.startswith(("text/xml", "application/xml")), path
        assert file.headers.get("X-Content-Type-Options") == "nosniff", path


def test_refusals_of_the_engine_do_not_speak_of_what_is_inside(site: Site) -> None:
    with pytest.raises((ProcessError, Exception)) as refused:
        process_deployments.deploy({"a.bpmn": b"<script>window.ran=1</script>"}, DESIGNER, site.world.deps)
    assert "Traceback" not in str(refused.value)


def texts_in(xml: str) -> set[str]:
    """Every name, text and attribute of a drawing, its line breaks flattened; where things are drawn may change."""
    found: set[str] = set()
    for element in etree.fromstring(xml.encode()).iter(etree.Element):
        if str(element.tag).startswith(GEOMETRY):
            continue
        found |= {SPACE.sub(" ", str(value)) for value in element.attrib.values()}
        found.add(SPACE.sub(" ", element.text or ""))
    return found


@pytest.mark.torture
def test_a_hostile_drawing_is_opened_changed_and_saved_and_nothing_runs_and_nothing_is_lost(
    page: Any, address: str, site: Site, stormed: str
) -> None:
    dialogs: list[str] = []
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) => { window.broken = e.violatedDirective; });"
    )
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    sign_in(page, address, "designer")
    page.goto(f"{address}{stormed}")
    page.locator("#designer[data-ready]").wait_for(timeout=60_000)
    before = texts_in(site.visitor("designer").get(f"{stormed}/source").get_data(as_text=True))
    for tab in ("问题", "批注", "元素清单"):
        page.get_by_role("tab", name=tab).click()
    for number in range(len(PAYLOADS)):
        page.locator(f"[role=treeitem][data-element=a{number}]").press("Enter")
        assert page.evaluate("window.ran") is None, PAYLOADS[number]
    page.get_by_role("button", name="文件").click()
    page.get_by_role("button", name="其他工具的内容").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("查找元素或操作").fill("人工任务")
    page.get_by_role("button", name="人工任务").first.press("Enter")
    page.locator(".dsg-saved", has_text="已存").wait_for()
    after = texts_in(site.visitor("designer").get(f"{stormed}/source").get_data(as_text=True))
    assert {SPACE.sub(" ", one) for one in PAYLOADS} <= before
    assert before - after == set()
    for path in (f"{stormed}/deploy", "/processes/storm", "/processes"):
        page.goto(f"{address}{path}")
        page.locator("h1").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("[window.ran, window.broken]") == [None, None], path
    assert dialogs == []


def test_every_hostile_text_in_a_cell_is_taken_as_it_was_typed_or_refused_at_that_cell(site: Site) -> None:
    designer, table = site.visitor("designer"), table_storm()
    rows = [{"inputs": {"n": text}, "expect": {"w": text}} for text in PAYLOADS]
    asked = {"text": table.decode(), "decision": "table_storm", "rows": rows}
    tried = as_json(designer, "/processes/decisions/try", asked).get_json()["rows"]
    assert [row["passed"] for row in tried] == [True] * len(PAYLOADS), tried
    # A cell may name the column it stands in: here that is called something else.
    drawn = etree.fromstring(table.replace(quoteattr(PAYLOADS[0]).encode(), b'"plain"'))
    for cell in drawn.iter(f"{{{DMN}}}inputEntry"):
        cell[0].text = PAYLOADS[int(str(cell.get("id"))[1:])]  # as it is, without the quotes of a text
    answer = as_json(designer, "/processes/decisions/check", {"text": etree.tostring(drawn).decode()})
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
    problems = answer.get_json()["decisions"][0]["problems"]
    refused = {problem["element"]: problem for problem in problems if problem["severity"] == "error"}
    assert refused.keys() == {f"i{number}" for number in range(len(PAYLOADS))}
    assert all(re.search(r"规则 \d+", one["zh"]) and re.search(r"rule \d+", one["en"]) for one in refused.values())


def test_a_table_with_hostile_cells_is_kept_as_it_is(site: Site) -> None:
    path = draft_of(site, table_storm(), "kept_storm.dmn").replace("/decisions/drafts/", "/drafts/")
    kept = site.visitor("designer").client.get(f"{path}/source").get_data()
    assert told(kept) == told(table_storm())


@pytest.fixture
def quiet(page: Any) -> Iterator[Any]:
    """A page on which nothing runs that is not ours."""
    dialogs: list[str] = []
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) => { window.broken = e.violatedDirective; });"
    )
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    yield page
    assert page.evaluate("[window.ran, window.broken]") == [None, None]
    assert dialogs == []


def walked(page: Any, address: str, path: str) -> None:
    """The pages around a draft run nothing of it either."""
    for more in ("/deploy", "/history"):
        page.goto(f"{address}{path}{more}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("[window.ran, window.broken]") == [None, None], more


@pytest.mark.torture
def test_hostile_labels_are_only_text_on_the_board_of_forms(quiet: Any, address: str, site: Site) -> None:
    page, path = quiet, draft_of(site, form_storm(), "form_storm.form")
    sign_in(page, address, "designer")
    page.goto(f"{address}{path}")
    page.locator("#form-builder[data-ready]").wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    for tab in page.get_by_role("tab").all():
        if tab.is_visible() and tab.is_enabled():
            tab.click()
    page.keyboard.press("Control+s")
    page.wait_for_load_state("networkidle")
    walked(page, address, path)
    kept = site.visitor("designer").client.get(f"{path}/source").get_data(as_text=True)
    said = json.dumps(json.loads(kept), ensure_ascii=False)
    for one in PAYLOADS:
        assert json.dumps(one, ensure_ascii=False)[1:-1] in said, one


@pytest.mark.torture
def test_hostile_cells_come_back_as_they_were_and_as_they_were_typed(quiet: Any, address: str, site: Site) -> None:
    page, path = quiet, draft_of(site, table_storm(), "table_storm.dmn")
    sign_in(page, address, "designer")
    page.goto(f"{address}{path}")
    page.locator("#decision-editor[data-ready]").wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    wanted = told(table_storm())
    for number in (12, 13, 23, 43, 44, 46, 48, 49):  # quotes of every kind, and what others take for signs of their own
        for cell, text in ((f"i{number}", feel_text(PAYLOADS[number - 1])), (f"o{number}", PAYLOADS[number])):
            typed_into(page, cell, text)
            wanted[cell] = text
        page.locator(".studio-findings").get_by_text(re.compile(rf"规则 {number + 1}，输出")).first.wait_for()
    for number in (
        12,
        47,
    ):  # and key by key: the editor closes quotes by itself, of which the one that is too many is told
        typed_into(page, f"i{number + 2}", "")
        page.keyboard.type(feel_text(PAYLOADS[number]))
        wanted[f"i{number + 2}"] = page.locator(f'[data-element-id="i{number + 2}"] .cm-content').inner_text()
    assert wanted["i49"] == feel_text(PAYLOADS[47])
    page.locator(".studio-findings").get_by_text(re.compile("规则 15，输入 1")).wait_for()
    page.keyboard.press("Control+s")
    page.locator(".studio-bar .say", has_text="已保存").wait_for()
    kept = site.visitor("designer").client.get(f"{path}/source").get_data()
    assert {name: (text, told(kept).get(name)) for name, text in wanted.items() if told(kept).get(name) != text} == {}
    walked(page, address, path)


def typed_into(page: Any, cell: str, text: str) -> None:
    """Replace what a cell says, as somebody does who pastes it."""
    page.locator(f'[data-element-id="{cell}"] [contenteditable=true]').first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
