"""A port that is in use: one line, exit 1, and nothing is left running."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenario.rig import YIZHAN, environment
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.slow
NOBODY = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "database"),
    [(("web",), NOBODY), (("up",), NOBODY), (("up", "--demo"), "sqlite"), (("simulators",), NOBODY)],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_a_port_in_use_is_one_line(words: tuple[str, ...], database: str, taken: int, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'yizhan.sqlite'}" if database == "sqlite" else database
    far = taken if words == ("simulators",) else free_port()
    env = environment(url, redis_url="", neighbours=f"http://127.0.0.1:{far}", port=taken, folder=tmp_path)
    env["YIZHAN_DEMO"] = "0" if words in {("web",), ("up",)} else "1"
    done = subprocess.run(
        [*YIZHAN, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, check=False
    )
    said = (done.stdout + done.stderr).strip()
    assert done.returncode == 1, said
    assert f"port {taken} is in use" in said
    assert len(said.splitlines()) == 1 and "Traceback" not in said
    # It holds on to nothing, and no child of it lives on: they would hold its output open, and `run` would not return.
    assert list(tmp_path.glob("*.sqlite")) == []
