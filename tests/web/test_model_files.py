"""Models in a version control: `yizhan process export`, `import`, `format` and `deploy` of a folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, select

from app.cli import main
from app.persistence.studio.drafts import DraftText, ProcessDraft
from app.unit_of_work import read, transaction
from tests.web.site import Site


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, address: str):  # type: ignore[no-untyped-def]
    """The command, talking to the application of this file as the demonstration's designer."""
    monkeypatch.setenv("YIZHAN_URL", address)
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))

    def call(*words: Any) -> Result:
        return CliRunner().invoke(main, ["process", *map(str, words)])

    return call


@pytest.fixture(autouse=True)
def _no_drafts(site: Site) -> None:
    with transaction(site.world.deps.sessions) as tx:
        tx.session.execute(delete(DraftText))
        tx.session.execute(delete(ProcessDraft))


def drafts_of(site: Site) -> list[ProcessDraft]:
    with read(site.world.deps.read_sessions) as session:
        return list(session.scalars(select(ProcessDraft).order_by(ProcessDraft.name)))


def test_a_changed_word_goes_out_in_one_line_and_comes_in_as_one_draft(run: Any, site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    out = run("export", "line_test", "--used", "--out", folder)
    assert out.exit_code == 0, out.output
    names = {file.name for file in folder.iterdir()}
    assert {"line_test.bpmn", "line_test.test.json", "trouble_ticket.bpmn"} <= names
    assert any(name.endswith(".form") for name in names)
    again = run("export", "line_test", "--used", "--out", folder, "--check")
    assert again.exit_code == 0 and f"{len(names)} of {len(names)} files are the same" in again.output
    same = run("import", folder)
    assert same.exit_code == 0 and drafts_of(site) == [], same.output
    file = folder / "line_test.bpmn"
    before = file.read_text(encoding="utf-8")
    file.write_text(
        before.replace('yizhan:nameEn="Line test"', 'yizhan:nameEn="Test of the line"', 1), encoding="utf-8"
    )
    assert file.read_text(encoding="utf-8") != before
    assert run("export", "line_test", "--out", folder, "--check").exit_code == 1
    for _ in range(2):
        taken = run("import", folder, "--note", "from the version control")
        assert taken.exit_code == 0, taken.output
    (draft,) = drafts_of(site)
    assert (draft.key, draft.base_version, draft.revision) == ("line_test", 1, 1)
    assert draft.note == "from the version control" and draft.title_en == "Test of the line"
    text = file.read_text(encoding="utf-8")
    (folder / "line_test.bpmn").unlink()
    assert run("export", "line_test", "--drafts", "--out", folder).exit_code == 0
    assert file.read_text(encoding="utf-8") == text, "what goes in comes out as it was"
    deployed = run("deploy", folder, "--note", "from CI")
    assert deployed.exit_code == 0 and "line_test  version 2" in deployed.output, deployed.output
    assert run("export", "line_test", "--out", folder, "--check").exit_code == 0


def test_an_error_in_a_file_is_said_and_kept_as_a_draft(run: Any, site: Site, tmp_path: Path) -> None:
    assert run("export", "final_bill", "--out", tmp_path).exit_code == 0
    file = tmp_path / "final_bill.bpmn"
    file.write_text(file.read_text(encoding="utf-8").replace("billing.", "no_such.", 1), encoding="utf-8")
    taken = run("import", file)
    assert taken.exit_code == 1 and "no_such." in taken.output
    assert [row.errors > 0 for row in drafts_of(site)] == [True]
    broken = run("import", file, tmp_path / "final_bill.test.json")
    assert broken.exit_code == 0 or "kept" in broken.output
    (tmp_path / "final_bill.test.json").write_text("{", encoding="utf-8")
    refused = run("import", tmp_path)
    assert refused.exit_code == 1 and "not readable as JSON" in refused.output
    missing = run("export", "no_such_model", "--out", tmp_path)
    assert missing.exit_code == 1 and "no_such_model" in missing.output


def test_files_are_put_into_the_one_way_without_a_server(run: Any, tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "bpmn" / "final_bill.bpmn"
    (tmp_path / "final_bill.bpmn").write_bytes(source.read_bytes())
    (tmp_path / "broken.bpmn").write_text("<a", encoding="utf-8")
    assert run("format", tmp_path, "--check").exit_code == 1
    assert (tmp_path / "final_bill.bpmn").read_bytes() == source.read_bytes(), "checking writes nothing"
    assert run("format", tmp_path).exit_code == 0
    assert run("format", tmp_path, "--check").exit_code == 0
    assert (tmp_path / "broken.bpmn").read_text(encoding="utf-8") == "<a"
    assert run("export", "final_bill", "--out", tmp_path, "--check").exit_code in {0, 1}
