"""Every setting has a variable that works and a line in the manual."""

from __future__ import annotations

import dataclasses
import re

import pytest

from app.config import PREFIX, Settings, SettingsError
from tests.house.repository import ROOT

MANUAL = ROOT / "docs" / "settings.md"
# A value that differs from the default, for what cannot be guessed from the type.
OTHER = {
    "env": "test",
    "database_url": "postgresql+psycopg://yizhan@db/yizhan",
    "redis_url": "redis://queue:6379/1",
    "public_url": "https://orders.example.net",
    "adapter_url": "http://neighbours.example.net:9000",
    "url": "http://orders.example.net",
    "host": "127.0.0.2",
    "log_level": "debug",
    "log_format": "console",
    "language": "en",
    "second_person_deploys": "yes",
    "time_zone": "Asia/Urumqi",
    "keep_history_days_of": "probe=30, home_bundle=400",
}
FIELDS = {field.name: field for field in dataclasses.fields(Settings)}


def other_value(name: str) -> tuple[str, object]:
    """A text for the variable of this field, and the value it must become."""
    default = getattr(Settings(), name)
    if name in OTHER:
        return OTHER[name], OTHER[name]
    if isinstance(default, bool):
        return ("0", False) if default else ("1", True)
    if isinstance(default, int):
        return str(default + 1), default + 1
    if isinstance(default, float):
        return str(default + 0.5), default + 0.5
    if isinstance(default, tuple):
        return "one, two", ("one", "two")
    return f"another-{name}", f"another-{name}"


@pytest.mark.parametrize("name", FIELDS)
def test_the_variable_of_a_setting_works(name: str) -> None:
    text, value = other_value(name)
    assert value != getattr(Settings(), name)
    assert getattr(Settings.from_env({f"{PREFIX}{name.upper()}": text}), name) == value


def test_every_setting_is_in_the_manual() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    assert [name for name in FIELDS if f"`{PREFIX}{name.upper()}`" not in manual] == []


def test_the_manual_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(rf"`{PREFIX}([A-Z0-9_]+)`", MANUAL.read_text(encoding="utf-8")))
    allowed = {name.upper() for name in FIELDS} | {f"{name.upper()}_FILE" for name in FIELDS}
    assert {name for name in named if not name.startswith("TEST_")} - allowed == set()


def test_a_misspelt_variable_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="YIZHAN_PROT"):
        Settings.from_env({"YIZHAN_PROT": "8080"})
