"""`yizhan teams`: teams, their kinds and skills, as a file."""

from __future__ import annotations

from typing import Final

from app.cli.catalogue_files import group

teams: Final = group(
    "teams",
    "/api/v1/teams",
    "admin",
    "Bring teams in, check them, take them out, see who changed them (talks to a running system).",
)
