"""All built-in functions by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from processes.feel.library.contexts import CONTEXTS
from processes.feel.library.lists import LISTS
from processes.feel.library.moments import MOMENTS
from processes.feel.library.numbers import NUMBERS
from processes.feel.library.ordering import ORDERING
from processes.feel.library.ranges import RANGES
from processes.feel.library.texts import TEXTS
from processes.feel.signatures import Builtin

BUILTINS: Final[Mapping[str, Builtin]] = {
    found.name: found for group in (TEXTS, NUMBERS, LISTS, ORDERING, CONTEXTS, MOMENTS, RANGES) for found in group
}
