"""One way to say that two calls ask for the same: our books, and those of a far side that keeps such a digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest_of(operation: str, inputs: Mapping[str, Any], business_key: str) -> str:
    """Return the SHA-256, in hexadecimal, of what a call asks for, whatever the order of its inputs."""
    body = {"operation": operation, "inputs": inputs, "business_key": business_key}
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
