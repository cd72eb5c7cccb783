"""Small processes, each with what happens to it and the path it has to take."""

from __future__ import annotations

from typing import Final

from tests.semantics.scene import Scene
from tests.semantics.scenes import (
    boundaries,
    calls,
    facts,
    gateways,
    handlers,
    nested,
    patterns,
    rarer,
    repeats,
    several,
    undoing,
    waits,
)

SCENES: Final[list[Scene]] = [
    *patterns.SCENES,
    *gateways.SCENES,
    *boundaries.SCENES,
    *handlers.SCENES,
    *nested.SCENES,
    *repeats.SCENES,
    *calls.SCENES,
    *waits.SCENES,
    *undoing.SCENES,
    *facts.SCENES,
    *rarer.SCENES,
    *several.SCENES,
]
