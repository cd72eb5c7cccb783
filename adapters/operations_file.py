"""Reads the registry of operations from its YAML file."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from adapters.operations import OperationDataRefused, OperationRegistry

# The same loader in C, ten times as fast, where PyYAML was built with it.
SAFE_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def operations_data(path: Path | None = None) -> Mapping[str, Any]:
    """Return the mapping of the file; without a path, of the one that comes with this package.

    :raises OperationDataRefused: the file is not a YAML mapping.
    """
    source = path or files("adapters.data").joinpath("operations.yaml")
    try:
        data = yaml.load(source.read_text(encoding="utf-8"), Loader=SAFE_LOADER)  # noqa: S506 - safe either way
    except yaml.YAMLError as exc:
        raise OperationDataRefused([f"{source}: not YAML: {exc}"]) from exc
    if not isinstance(data, Mapping):
        raise OperationDataRefused([f"{source}: a mapping is expected"])
    return data


def load_registry(path: Path | None = None) -> OperationRegistry:
    """Build the registry from a file. :raises OperationDataRefused: rows do not fit together."""
    return OperationRegistry.from_data(operations_data(path))
