"""Patterns of forms: those of the shipped forms are good, those that take for ever are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.forms import validate_form
from app.domain.studio.form_patterns import pattern_problem
from app.domain.studio.form_schema import read_schema

FORMS = Path(__file__).parents[2] / "bpmn" / "forms"


@pytest.mark.parametrize(
    "pattern",
    [
        "", "[0-9A-Za-z-]+", "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", r"\d{3}-\d+", "(?:ab){2,5}", "a*b*c*", "yes|no",
        r"[+*(){}|]+", r"\(\d+\)", "[A-Z]{2}[0-9]{6,8}", "(?:ab)+", "(ab)*",
    ],
)  # fmt: skip
def test_good_ones_pass(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(", "(a+)+", "(a*)*", "((a+))+", "(a|a)*", "(?:a|ab)+", "(a?){50,}", "((ab)*c)*", "a*a*a*a*", "(a){1000}",
        r"(a)\1", "(?=a)b", "(x+x+)+y", "x" * 201, "(a{1,9}){1,90}", "([a-z]+)*", "(?P<n>a)(?P=n)",
    ],
)  # fmt: skip
def test_those_that_could_take_for_ever_are_refused(pattern: str) -> None:
    problem = pattern_problem(pattern)
    assert problem is not None
    assert all(problem)


def test_the_shipped_forms_are_good() -> None:
    for path in sorted(FORMS.glob("*.json")):
        assert read_schema(path.read_bytes())[1] == [], path.name


def test_an_answer_with_a_pattern_is_short() -> None:
    field = {"type": "textfield", "key": "a", "label": "甲", "labelEn": "A", "validate": {"pattern": "[a-z]+"}}
    body = {"id": "f", "name": "表", "nameEn": "F", "components": [field]}
    assert read_schema(json.dumps(body).encode())[1] == []
    assert validate_form(body, {"a": "a" * 300})[1] == []
    assert [one.code for one in validate_form(body, {"a": "a" * 301})[1]] == ["too-long"]
