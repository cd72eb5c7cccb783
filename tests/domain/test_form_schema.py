"""What is said of the schema of a form before anybody is asked its questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.studio.form_schema import read_schema

FORMS = sorted((Path(__file__).resolve().parents[2] / "bpmn" / "forms").glob("*.json"))
NAME = {"type": "textfield", "key": "who", "label": "姓名", "labelEn": "Name"}


def form(*components: Any, **more: Any) -> dict[str, Any]:
    return {"id": "visit", "name": "上门", "nameEn": "Visit", "components": list(components or [NAME]), **more}


def said(body: Any) -> list[str]:
    return [f"{problem.path}: {problem.en}" for problem in read_schema(json.dumps(body).encode())[1]]


@pytest.mark.parametrize("file", FORMS, ids=[file.stem for file in FORMS])
def test_the_delivered_forms_are_in_order(file: Path) -> None:
    body, problems = read_schema(file.read_bytes())
    assert problems == [] and body["id"] == file.stem


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "a JSON object is needed"),
        (form(id="1st"), "id: id is the key"),
        (form(nameEn=""), "name: name and nameEn"),
        ({**form(), "components": []}, "there is nothing in the form"),
        ({**form(), "components": 7}, "components: a JSON object is needed"),
        (form("text"), "components[0]: a JSON object is needed"),
        (form({**NAME, "type": "script"}), "who: there is no type script"),
        (form({**NAME, "key": "1"}), "1: what is answered needs a key"),
        (form({**NAME, "labelEn": ""}), "who: label and labelEn"),
        (form(NAME, NAME), "who: the key is used twice"),
        (form({**NAME, "type": "select"}), "who: values list the choices"),
        (form({**NAME, "type": "radio", "values": [{"value": 1}]}), "who: values list the choices"),
        (form({**NAME, "type": "datetime", "subtype": "month"}), "who: subtype is date"),
        (form({**NAME, "showWhen": {"key": "nobody"}}), "who: showWhen names another question"),
        (form({**NAME, "validate": [1]}), "who: validate is a JSON object"),
        (form({**NAME, "validate": {"min": "1"}}), "who: min, max"),
        (form({**NAME, "validate": {"pattern": "("}}), "who: pattern is no regular expression"),
        (form(*[{**NAME, "key": f"k{number}"} for number in range(301)]), "at most 300 components"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(body: Any, words: str) -> None:
    assert any(words in line for line in said(body)), said(body)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b" " * 300_000])
def test_whatever_the_bytes_are_nothing_is_raised(content: bytes) -> None:
    assert read_schema(content)[1]


def test_a_form_nested_without_end_is_refused() -> None:
    inner: dict[str, Any] = NAME
    for _ in range(20):
        inner = {"type": "group", "components": [inner]}
    assert said(form(inner))
