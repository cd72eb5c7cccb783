"""The check of answers to forms, and the forms that come with the product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.domain.forms import form_fields, validate_form
from app.web.form_rendering import answers_from_form, form_page
from tests.web.samples import FORM

FORMS = sorted((Path(__file__).parents[2] / "bpmn" / "forms").glob("*.json"))
GOOD = {"ont_serial": "HWTC1A2B3C4D", "optical_power_dbm": "-18.5", "result": "done", "lamps": "on"}


def codes(answers: dict[str, Any]) -> dict[str, str]:
    return {problem.path: problem.code for problem in validate_form(FORM, answers)[1]}


def test_texts_of_a_browser_become_values() -> None:
    cleaned, problems = validate_form(FORM, GOOD)
    assert problems == []
    assert cleaned == {"ont_serial": "HWTC1A2B3C4D", "optical_power_dbm": -18.5, "result": "done", "lamps": True}


def test_missing_answers_are_all_named() -> None:
    assert codes({}) == {
        "ont_serial": "required",
        "optical_power_dbm": "required",
        "result": "required",
        "lamps": "required",
    }


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"ont_serial": "short"}, "wrong-format"),
        ({"optical_power_dbm": "bright"}, "wrong-type"),
        ({"optical_power_dbm": "NaN"}, "wrong-type"),
        ({"optical_power_dbm": -41}, "out-of-range"),
        ({"optical_power_dbm": "-18.55"}, "too-precise"),
        ({"optical_power_dbm": True}, "wrong-type"),
        ({"result": "maybe"}, "not-a-choice"),
        ({"surprise": "1"}, "unknown-field"),
    ],
)
def test_each_wrong_answer_has_its_code(answers: dict[str, Any], code: str) -> None:
    assert codes({**GOOD, **answers})[next(iter(answers))] == code


def test_a_question_that_is_not_asked_is_neither_required_nor_kept() -> None:
    cleaned, problems = validate_form(FORM, {**GOOD, "why": "typed before the mind was changed"})
    assert problems == []
    assert "why" not in cleaned
    assert codes({**GOOD, "result": "absent"}) == {"why": "required"}


def test_every_problem_is_said_in_both_languages() -> None:
    for problem in validate_form(FORM, {"optical_power_dbm": "x", "result": "y", "z": 1})[1]:
        assert problem.zh and problem.en and problem.zh != problem.en


KEYS = st.sampled_from(["ont_serial", "optical_power_dbm", "result", "why", "photos", "lamps"])
ANSWERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.dictionaries(KEYS, ANSWERS))
def test_no_answer_breaks_the_check(answers: dict[str, Any]) -> None:
    cleaned, _ = validate_form(FORM, answers)
    json.dumps(cleaned)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_bundled_forms_draw_and_check(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    page = form_page(schema, language="en")
    drawn = [control for group in page.groups for control in group.controls]
    assert {control.key for control in drawn} == {field.key for field in form_fields(schema)}
    assert all(control.label for control in drawn)
    examples = {
        part["key"]: part["example"] for part in _walk(schema) if part.get("key") and part.get("example") is not None
    }
    _, problems = validate_form(schema, examples)
    assert [problem for problem in problems if problem.path in examples] == []


def test_what_was_typed_comes_back_with_its_problem() -> None:
    answers = answers_from_form(FORM, MultiDict({"ont_serial": "oops", "photos": "a.jpg\nb.jpg"}))
    page = form_page(FORM, language="zh", answers=answers, problems=validate_form(FORM, answers)[1])
    serial = next(c for group in page.groups for c in group.controls if c.key == "ont_serial")
    assert (serial.value, bool(serial.problem)) == ("oops", True)
    assert answers["photos"] == ["a.jpg", "b.jpg"]
    assert page.faults[0].field == "f-ont_serial"


def _walk(schema: dict[str, Any]) -> list[dict[str, Any]]:
    parts = schema.get("components", [])
    return parts + [deeper for part in parts for deeper in _walk(part)]
