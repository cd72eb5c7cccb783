"""The settings of a command, or one clear line why they cannot be used."""

from __future__ import annotations

import os

import click

from app.config import Settings, SettingsError


def language() -> str:
    """The language of this terminal (``LC_ALL``, ``LC_MESSAGES``, ``LANG``): ``zh``, else ``en``.

    It is asked for in what the server says; names of columns and options are English everywhere.
    """
    told = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next((name for name in told if name), "").lower().startswith("zh") else "en"


def settings_or_exit(**given: object) -> Settings:
    """Read the environment; ``given`` values (not None) win over it.

    :raises click.ClickException: one line per wrong variable.
    """
    try:
        words = {f"YIZHAN_{name.upper()}": str(value) for name, value in given.items() if value is not None}
        return Settings.from_env({**os.environ, **words})
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
