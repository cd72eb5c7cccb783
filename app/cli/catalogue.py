"""`yizhan catalogue`: what is sold and what it is made of, as a file."""

from __future__ import annotations

from typing import Final

from app.cli.catalogue_files import group

catalogue: Final = group(
    "catalogue",
    "/api/v1/catalogue",
    "designer",
    "Bring the catalogue in, check it, take it out, see who changed it (talks to a running system).",
)
