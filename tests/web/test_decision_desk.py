"""Decision tables for designers, without a browser: list, version, check, test rows that stay with the draft."""

from __future__ import annotations

import json
from pathlib import Path

from app.services.studio import process_deployments
from tests.processes.drawing import bpmn, end, flows, io, node, start
from tests.web.moving import DESIGNER
from tests.web.site import Site
from tests.web.test_form_desk import asked, board

BPMN = Path(__file__).parents[2] / "bpmn"
PLAN = (BPMN / "work_plan.dmn").read_text("utf-8")
FEE = (BPMN / "suspension_fee.dmn").read_text("utf-8")
ASKS = node(
    "businessRuleTask", "ask", io({"product": "'iptv'"}), name="查费用", yz_nameEn="Ask", yz_decision="pinned_fee"
)
DRAWN = bpmn(start(), ASKS, end(), flows("s>ask ask>e"), key="asks_fee")


def test_the_list_leads_to_a_table_with_names_instead_of_codes(site: Site) -> None:
    designer = site.visitor("designer")
    assert "/processes/decisions/work_plan" in designer.get("/processes/decisions").get_data(as_text=True)
    text = designer.get("/processes/decisions/work_plan").get_data(as_text=True)
    for words in ("光纤宽带", "新装", "没有规则", "最多一条规则命中", "选择计划"):
        assert words in text, words
    assert designer.get("/processes/decisions/work_plan/99").status_code == 404
    assert designer.get("/processes/decisions/nothing").status_code == 404


def test_a_version_can_be_tried_without_scripts(site: Site) -> None:
    asked_for = "/processes/decisions/work_plan?in-product=iptv&in-order_type=install"
    text = site.visitor("designer").get(asked_for).get_data(as_text=True)
    assert "home_install" in text
    assert "命中的规则：1" in text


def test_the_check_answers_cell_by_cell(site: Site) -> None:
    status, said = asked(site, "/processes/decisions/check", {"text": FEE.replace('"mobile_line"', '"mobile_line')})
    assert status == 200
    (decision,) = said["decisions"]  # type: ignore[misc]
    assert [one["element"] for one in decision["problems"]] == ["mobile_number_product"]
    assert decision["inputs"] == ["product"]
    status, said = asked(site, "/processes/decisions/check", {"text": "<!DOCTYPE x><a/>"})
    assert status == 422
    assert said["message"]


def test_test_rows_run_on_what_is_drawn(site: Site) -> None:
    rows = [
        {"inputs": {"product": "iptv"}, "expect": {"keep_fee": "5.00"}},
        {"inputs": {"product": "iptv"}, "expect": {"keep_fee": "6.00"}},
        {"inputs": {"product": "x"}},
        {"inputs": {}},
    ]
    status, said = asked(site, "/processes/decisions/try", {"text": FEE, "decision": "suspension_fee", "rows": rows})
    assert status == 200
    found = said["rows"]
    assert isinstance(found, list)
    assert [one["passed"] for one in found] == [True, False, None, None]
    assert [one["rules"] for one in found] == [[1], [1], [], []]
    assert found[3]["error"][0]
    assert asked(site, "/processes/decisions/try", {"text": FEE, "decision": "other", "rows": []})[0] == 404
    wrong = {"text": FEE, "decision": "suspension_fee", "rows": [{"inputs": {}, "now": "soon"}]}
    assert asked(site, "/processes/decisions/try", wrong)[0] == 422


def test_rows_are_kept_with_the_draft_alone(site: Site) -> None:
    own = site.visitor("designer").get(board(site, "suspension_fee", "dmn")).headers["Location"]

    def shown(address: str) -> dict[str, list[dict[str, object]]]:
        page = site.visitor("designer").get(address).get_data(as_text=True)
        setting = page.split('id="studio-setting">', 1)[1].split("</script>", 1)[0]
        cases: dict[str, list[dict[str, object]]] = json.loads(setting)["cases"]
        return cases

    before = shown(own)["suspension_fee"]
    assert len(before) == 6
    rows = [*before[1:], {"name": "a new one", "inputs": {"product": "iptv"}, "expect": {"keep_fee": "5.00"}}]
    status, _ = asked(site, f"{own}/cases", {"decision": "suspension_fee", "rows": rows})
    assert status == 200
    assert [one["name"] for one in shown(own)["suspension_fee"]] == [one["name"] for one in rows]
    # The same once more does no harm, and another draft has what is in force.
    assert asked(site, f"{own}/cases", {"decision": "suspension_fee", "rows": rows})[0] == 200
    assert len(shown(own)["suspension_fee"]) == 6
    other = site.visitor("designer").get(board(site, "suspension_fee", "dmn")).headers["Location"]
    assert [one["name"] for one in shown(other)["suspension_fee"]] == [one["name"] for one in before]
    twice = [rows[0], rows[0]]
    assert asked(site, f"{own}/cases", {"decision": "suspension_fee", "rows": twice})[0] == 422
    assert [one["name"] for one in shown(own)["suspension_fee"]] == [one["name"] for one in rows]


def test_who_is_pinned_to_which_version_stands_on_its_page_and_in_the_change_note(site: Site) -> None:
    deps, table, drawn = site.world.deps, FEE.replace('"suspension_fee"', '"pinned_fee"'), DRAWN.decode()
    for files in (
        {"fee.dmn": table, "p.bpmn": drawn},
        {"fee.dmn": table.replace("5.00", "6.00")},
        {"p.bpmn": drawn.replace('"pinned_fee"', '"pinned_fee" yizhan:decisionVersion="1"')},
    ):
        process_deployments.deploy({name: text.encode() for name, text in files.items()}, DESIGNER, deps)
    designer = site.visitor("designer")
    first = designer.get("/processes/decisions/pinned_fee/1").get_data(as_text=True)
    assert "固定使用此版本，因此不能撤下：asks_fee v2" in first and "1 处固定使用" in first
    newest = designer.get("/processes/decisions/pinned_fee").get_data(as_text=True)
    assert "固定使用此版本" not in newest and ">取用<" in newest
    note = designer.get("/processes/asks_fee/compare?old=1&new=2&form=md").get_data(as_text=True)
    assert "决策表版本: 最新 → 1" in note
    offered = json.loads(designer.get("/processes/vocabulary.json").get_data(as_text=True))
    [row] = [one for one in offered["decisions"] if one["code"] == "pinned_fee"]
    assert [(one["code"], one["name_zh"]) for one in row["versions"]] == [("2", "版本 2（最新）"), ("1", "版本 1")]
