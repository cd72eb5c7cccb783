"""What every experiment may ask for: whether it runs in full, and where its figures go."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: Read before the tests put every YIZHAN_ variable of the shell aside.
KEPT = os.environ.get("YIZHAN_TEST_FIGURES")


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make torture` (full counts) or `make test` (reduced ones)."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def figures(request: pytest.FixtureRequest, full: bool) -> Callable[..., None]:
    """``figures("T05", orders=500, lost=0)`` prints one JSON line; YIZHAN_TEST_FIGURES names a file that keeps them."""

    def report(experiment: str, **values: Any) -> None:
        line = json.dumps({"torture": experiment, "full": full, **values}, ensure_ascii=False)
        print(line)
        if KEPT:
            with Path(KEPT).open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    return report
