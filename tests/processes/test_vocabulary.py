"""The vocabulary: one table, and everything made from it is up to date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from processes import vocabulary
from processes.check import check_files, check_paths
from processes.vocabulary_docs import FUNCTION_DOCS, main, render

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_table_says():
    page = (ROOT / "docs" / "namespace.md").read_text(encoding="utf-8")
    assert page == render(), "run: python -m processes.vocabulary_docs docs > docs/namespace.md"


def test_every_function_is_documented():
    from processes.spiff.functions import FUNCTIONS

    assert set(FUNCTION_DOCS) == {*FUNCTIONS, "exists"}


def test_the_descriptor_knows_every_attribute_and_element():
    descriptor = vocabulary.moddle()
    assert (descriptor["uri"], descriptor["prefix"]) == ("urn:yizhan:bpmn:1", "yizhan")
    attributes = {row["name"] for kind in descriptor["types"] if "extends" in kind for row in kind["properties"]}
    assert attributes == {row.name for row in vocabulary.ATTRIBUTES}
    elements = {kind["name"] for kind in descriptor["types"] if "superClass" in kind}
    assert elements == {"Input", "Output", "Data"}
    assert len({kind["name"] for kind in descriptor["types"]}) == len(descriptor["types"])


def test_the_descriptor_has_every_attribute_where_it_belongs():
    kinds = vocabulary.moddle()["types"]
    placed = {row["name"]: set(kind["extends"]) for kind in kinds if "extends" in kind for row in kind["properties"]}
    assert placed == {
        row.name: {f"bpmn:{name[0].upper()}{name[1:]}" for name in row.on} for row in vocabulary.ATTRIBUTES
    }
    written = {kind["name"]: [row["name"] for row in kind["properties"]] for kind in kinds if "superClass" in kind}
    assert written == {row.name.capitalize(): [name for name, _, _ in row.attributes] for row in vocabulary.EXTENSIONS}


@pytest.mark.parametrize("what", ["docs", "moddle"])
def test_the_command(what, capsys):
    assert main([what]) == 0
    printed = capsys.readouterr().out
    assert printed == render() if what == "docs" else json.loads(printed) == vocabulary.moddle()


def test_the_command_explains_itself(capsys):
    assert main(["other"]) == 2
    assert "usage" in capsys.readouterr().err


def test_checking_paths(tmp_path):
    from tests.processes.drawing import bpmn, call, flows, start, user

    (tmp_path / "sub").mkdir()
    (tmp_path / "a.bpmn").write_bytes(bpmn(start(), call("c", "child"), flows("s>c")))
    (tmp_path / "sub" / "b.bpmn").write_bytes(bpmn(start(), user("u"), flows("s>u"), key="child"))
    (tmp_path / "note.txt").write_text("not looked at")
    whole = check_paths([tmp_path])
    assert whole.ok and sorted(process.key for process in whole.processes) == ["child", "p"]
    alone = check_paths([tmp_path / "a.bpmn"])
    assert not alone.ok and [row.rule for row in alone.findings] == ["unknown-process"]
    assert check_paths([tmp_path / "a.bpmn", tmp_path / "sub"]).ok
    assert [row.rule for row in check_paths([tmp_path / "none.bpmn"]).findings] == ["unreadable"]
    (tmp_path / "empty").mkdir()
    assert [row.rule for row in check_paths([tmp_path / "empty"]).findings] == ["unreadable"]


def test_the_processes_of_the_project_can_be_deployed():
    checked = check_paths([ROOT / "bpmn"])
    assert checked.ok, [row for row in checked.findings if row.severity == "error"]
    assert check_files({}).ok
