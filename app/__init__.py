"""Yizhan: the telecom side of the house. Importing this package pulls in nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application; settings are read from the environment when none are given."""
    from app.factory import build_app

    return build_app(settings)
