"""What each rule of the check is about, for reports that are read by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from processes.findings import Group
from processes.spiff.messages import FILE_RULES
from processes.spiff.messages_business import BUSINESS_RULES

_REFERENCES: Final = (
    *("missing-operation", "unknown-operation", "missing-decision", "unknown-decision", "missing-call-target"),
    *("unknown-decision-version", "old-decision-version"),
    *("unknown-process", "call-cycle", "call-input", "call-extra", "decision-input", "unknown-value", "no-team"),
    *("dangling-reference", "event-names-nothing", "unknown-name", "unkept-name"),
)
_NOTATION: Final = (
    *FILE_RULES,
    *("missing-id", "bad-id", "duplicate-id", "unknown-attribute", "misplaced-attribute", "bad-flow", "unreachable"),
    *("several-starts", "no-start", "bad-start", "bad-end", "gateway-without-flow", "bad-boundary", "does-nothing"),
    *("bad-event-gateway", "bad-event-subprocess", "link", "ad-hoc", "data-ignored", "nested-too-deep"),
)
#: What a rule is about, where it is not whether the drawing can run.
GROUPS: Final[Mapping[str, Group]] = {
    **dict.fromkeys(_NOTATION, "notation"),
    **dict.fromkeys(_REFERENCES, "references"),
    **dict.fromkeys(BUSINESS_RULES, "business"),
}
