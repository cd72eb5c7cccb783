"""The tests stored next to the delivered models, and that each model has some."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from app.domain.ordering.own_operations import OWN_OPERATIONS
from processes.trial import Model
from processes.trial_cases import SUFFIX, run_cases
from tests.bpmn.drawings import ROOT, registry

FOLDER: Final = ROOT / "bpmn"
MODELS: Final = sorted(one for one in FOLDER.iterdir() if one.suffix in (".bpmn", ".dmn"))


@pytest.fixture(scope="module")
def everything() -> Model:
    operations = frozenset({*registry().codes(), *OWN_OPERATIONS})
    return Model.of({one.name: one.read_bytes() for one in MODELS}, operations)


@pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
def test_the_model_does_what_its_stored_tests_say(model: Path, everything: Model) -> None:
    stored = model.with_suffix(SUFFIX)
    results = run_cases(stored.name, stored.read_text(encoding="utf-8"), everything, registry=registry())
    assert results
    assert {result.name: result.problems for result in results if result.problems} == {}
