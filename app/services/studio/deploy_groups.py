"""The five groups of the report before a deployment."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from processes.findings import Finding


class Group(StrEnum):
    """Parts of the report, in the order in which they are read."""

    NOTATION = "notation"
    EXECUTION = "execution"
    REFERENCES = "references"
    BUSINESS = "business"
    IMPACT = "impact"


#: Rules of the application, which the engine's table does not know.
OWN: Final = {"dispatch-invalid": Group.REFERENCES, "form-kept": Group.REFERENCES, "no-team": Group.REFERENCES}


def group_of(finding: Finding) -> Group:
    """Where a finding is shown."""
    return OWN.get(finding.rule) or Group(finding.group)
