"""What `make` does before it runs or tests anything."""

from __future__ import annotations

import importlib.util
import shutil
import stat
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.repository import ROOT


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "scripts" / "prepare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "run", lambda *command, **_: pytest.fail(f"ran {command}"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def program(folder: Path, name: str, says: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho {says}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.parametrize(("says", "version"), [("v20.19.1", (20, 19)), ("v9.1", (9, 1)), ("nonsense", (0, 0))])
def test_the_version_of_node_is_read(prepare: ModuleType, tmp_path: Path, says: str, version: tuple[int, int]) -> None:
    assert prepare.node_version(str(program(tmp_path, "node", says))) == version


def test_no_node_is_version_zero(prepare: ModuleType) -> None:
    assert prepare.node_version("no-such-node") == (0, 0)


def test_a_changed_file_changes_the_fingerprint(prepare: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "a.lock"
    file.write_text("one")
    before = prepare.fingerprint([file], "dev")
    assert prepare.fingerprint([file], "dev") == before
    assert prepare.fingerprint([file], "runtime") != before
    file.write_text("two")
    assert prepare.fingerprint([file], "dev") != before


def test_without_root_the_exact_line_is_said(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare.shutil, "which", lambda name: None if name == "chromium" else f"/usr/bin/{name}")
    monkeypatch.setattr(prepare, "_has_chinese_font", lambda: False)
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo apt-get install -y --no-install-recommends chromium fonts-wqy-zenhei"):
        prepare.prepare_servers()


def test_a_built_front_end_is_not_built_again(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("package.json", "package-lock.json", "vite.config.js"):
        shutil.copy(ROOT / name, tmp_path / name)
    script = tmp_path / "frontend" / "index.js"
    script.parent.mkdir()
    script.write_text("one")
    dist = tmp_path / "dist"
    dist.mkdir()
    monkeypatch.setattr(prepare, "DIST", dist)
    files = [tmp_path / name for name in ("package.json", "package-lock.json", "vite.config.js")]
    (dist / "stamp").write_text(prepare.fingerprint([*files, script]))
    prepare.build_frontend()  # runs nothing
    script.write_text("two")
    with pytest.raises(pytest.fail.Exception, match="npm"):
        prepare.build_frontend()
