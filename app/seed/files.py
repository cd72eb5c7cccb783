"""Reading the data files that come with the product."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read(name: str) -> dict[str, Any]:
    """The mapping in ``data/<name>.yaml``.

    :raises TypeError: the file holds something else than a mapping.
    """
    text = files("app.seed").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    # The C loader reads our half megabyte in a fifth of a second; both loaders build plain values only.
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if not isinstance(data, dict):
        raise TypeError(f"{name}.yaml is not a mapping")
    return data
