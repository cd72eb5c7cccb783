"""The table of smart dispatch is checked where it is deployed."""

from __future__ import annotations

import re

import pytest

from tests.api.world import Person, World
from tests.servers import ROOT

DEFINITIONS = "/api/v1/process-definitions"
TABLE = (ROOT / "bpmn" / "dispatch.dmn").read_text(encoding="utf-8")


@pytest.fixture
def designer(world: World) -> Person:
    return world.person("designer")


def with_cell(cell: str, text: str) -> str:
    """The table with another text in one cell."""
    changed, count = re.subn(f'(id="{cell}">\\s*<text>)[^<]*', rf"\g<1>{text}", TABLE)
    assert count == 1
    return changed


@pytest.mark.parametrize(
    ("rule", "column", "text", "named"),
    [
        ("same_hand", "team_role", '"home_field","home_feild"', "home_feild"),
        ("same_hand", "skill", 'not("ftth","ftht")', "ftht"),
        ("gold_engineer", "tier", '"gold","tin"', "tin"),
        ("one_pair_of_hands", "product", '"home_bundel"', "home_bundel"),
        ("gold_engineer", "out_skills", '"gold_digger"', "gold_digger"),
        ("one_pair_of_hands", "out_skills", '"ftth,voice,ipvt"', "ipvt"),
        ("aaa_grade", "out_otherwise", '"prov_despatch"', "prov_despatch"),
        ("design_across_areas", "out_role", 'if tier = "gold" then "hq_dispatch" else "dispach"', "dispach"),
        ("same_hand", "out_choose", '"by_lot"', "by_lot"),
        ("same_hand", "out_mode", '"shove"', "shove"),
    ],
)
def test_a_table_that_names_what_nobody_knows_is_refused(
    designer: Person, rule: str, column: str, text: str, named: str
) -> None:
    files = {"files": {"dispatch.dmn": with_cell(f"{rule}_{column}", text)}}
    answer = designer.post(f"{DEFINITIONS}/deploy", files)
    assert answer.status_code == 422
    found = [one for one in answer.get_json()["findings"] if named in one["message_en"]]
    assert [(one["rule"], one["severity"], one["element_id"]) for one in found] == [("dispatch-invalid", "error", rule)]
    assert named in found[0]["message_zh"]
    checked = designer.post(f"{DEFINITIONS}/check", files).get_json()
    assert not checked["deployable"]
    assert named in str(checked["findings"])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('hitPolicy="RULE ORDER"', 'hitPolicy="FIRST"', "the hit policy has to be RULE ORDER"),
        ("<text>crosses</text>", "<text>weather</text>", "there is no input weather"),
        ('name="otherwise"', 'name="perhaps"', "does not use an output perhaps"),
        ('name="choose"', 'name="chose"', "the output choose is missing"),
    ],
)
def test_a_table_of_the_wrong_shape_is_refused(designer: Person, before: str, after: str, said: str) -> None:
    answer = designer.post(f"{DEFINITIONS}/deploy", {"files": {"dispatch.dmn": TABLE.replace(before, after, 1)}})
    assert answer.status_code == 422
    assert said in str(answer.get_json()["findings"])


def test_a_table_that_names_what_there_is_is_deployed(designer: Person) -> None:
    other = TABLE.replace('"gold","platinum"', '"gold","platinum","silver"', 1)
    assert designer.post(f"{DEFINITIONS}/deploy", {"files": {"dispatch.dmn": other}}).status_code == 201


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('<text>"platinum"', '<text>"tin"', "there is no tier tin"),
        ('hitPolicy="COLLECT" aggregation="SUM"', 'hitPolicy="FIRST"', "the hit policy has to be COLLECT"),
        ('name="points"', 'name="stars"', "the output points is missing"),
    ],
)
def test_a_table_of_priorities_is_checked_as_well(designer: Person, before: str, after: str, said: str) -> None:
    table = (ROOT / "bpmn" / "work_priority.dmn").read_text(encoding="utf-8")
    assert before in table
    answer = designer.post(f"{DEFINITIONS}/deploy", {"files": {"p.dmn": table.replace(before, after, 1)}})
    assert answer.status_code == 422
    assert said in str(answer.get_json()["findings"])
