"""Forms refuse what does not fit, whatever it is, and know what in them is about a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forms import masked_personal, validate_form, without_personal

KINDS = ("textfield", "textarea", "number", "percent", "money", "checkbox", "datetime", "phone", "photo", "select")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
VISIT = {
    "components": [
        {"key": "contact_name", "type": "textfield", "personal": True},
        {"key": "contact_phone", "type": "phone"},
        {"key": "slot", "type": "datetime"},
    ]
}


def one(kind: str, **more: Any) -> dict[str, Any]:
    return {"components": [{"key": "answer", "type": kind, **more}]}


@pytest.mark.parametrize("kind", ["number", "percent", "money"])
@pytest.mark.parametrize(
    "text", ["1e999999", "1e999999999999", "-1e-999999999999", "9" * 5000, "NaN", "sNaN", "Infinity"]
)
def test_numbers_beyond_all_measure_are_refused_and_not_computed(kind: str, text: str) -> None:
    cleaned, problems = validate_form(one(kind), {"answer": text})
    assert cleaned == {}
    assert [problem.path for problem in problems] == ["answer"]


@given(st.sampled_from(KINDS), JSON)
def test_no_answer_is_an_accident(kind: str, answer: Any) -> None:
    cleaned, problems = validate_form(one(kind), {"answer": answer})
    assert not (problems and "answer" in cleaned)


def test_a_process_learns_nothing_about_a_person() -> None:
    answers = {"contact_name": "王示嘉", "contact_phone": "15400001003", "slot": "2026-12-01T09:00:00+08:00"}
    assert without_personal(VISIT, answers) == {"slot": "2026-12-01T09:00:00+08:00"}
    assert masked_personal(VISIT, answers) == answers | {"contact_name": "王*", "contact_phone": "154****1003"}
