"""Settings come from the environment, checked, and the manual names every one."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.config import Settings, SettingsError

MANUAL = Path(__file__).parents[2] / "docs" / "settings.md"
SECRET = "s" * 32


def refusal(**env: str) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({f"YIZHAN_{name}": value for name, value in env.items()})
    return str(refused.value)


def test_the_manual_names_every_setting_with_its_default_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `YIZHAN_(\w+)` \| (.+?) \|", MANUAL.read_text(encoding="utf-8"), re.MULTILINE))
    settings = Settings()
    assert rows.keys() == {field.name.upper() for field in fields(Settings)}
    for field in fields(Settings):
        value = getattr(settings, field.name)
        said = rows[field.name.upper()].strip("`")
        if said == "a known text":
            continue
        shown = {"": "(empty)", "True": "1", "False": "0"}.get(
            str(value), f"{value:g}" if isinstance(value, float) else str(value)
        )
        assert said == shown, field.name


def test_every_variable_is_read() -> None:
    env = {f"YIZHAN_{field.name.upper()}": str(getattr(Settings(), field.name)) for field in fields(Settings)}
    env["YIZHAN_CALLBACK_SECRETS"] = "one, two"
    settings = Settings.from_env(env)
    assert settings.callback_secrets == ("one", "two")
    assert settings.callback_keys == (b"one", b"two")


def test_unknown_and_unreadable_variables_are_named_together() -> None:
    text = refusal(PORTT="1", PORT="x", DEMO="maybe", POLL_S="nan")
    assert "YIZHAN_PORTT" in text and "YIZHAN_PORT:" in text and "YIZHAN_DEMO" in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "70000"),
        ("POLL_S", "nan"),
        ("ENV", "prod"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "yizhan.sqlite"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql+asyncpg://u@h/d"),
        ("DATABASE_URL", "postgresql://u@h:port/d"),
        ("DATABASE_URL", "postgresql://u@h"),
        ("REDIS_URL", "redis://h:port"),
        ("REDIS_URL", "redis://h/first"),
        ("ADAPTER_URL", "http://h:99999"),
        ("URL", "http://[::1"),
        ("TIME_ZONE", "Mars/Phobos"),
        ("CLOCK_SKEW_S", "0"),
        ("REDIS_URL", "localhost"),
        ("PUBLIC_URL", "ftp://x"),
        ("ADAPTER_URL", ""),
        ("CALLBACK_SECRETS", ","),
        ("CALLBACK_SECRETS", "whsec_***"),
        ("LANGUAGE", "fr"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: str) -> None:
    assert f"YIZHAN_{name}" in refusal(**{name: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_demo_refuses_to_listen_beyond_this_machine(host: str) -> None:
    assert "YIZHAN_HOST" in refusal(DEMO="1", HOST=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_demo_listens_on_this_machine(host: str) -> None:
    settings = Settings.from_env({"YIZHAN_DEMO": "1", "YIZHAN_HOST": host})
    assert settings.wait_scale > 1
    assert not settings.is_https


def test_production_refuses_default_secrets_and_demo_mode() -> None:
    text = refusal(ENV="production", DEMO="1")
    assert "YIZHAN_SECRET_KEY" in text and "YIZHAN_CALLBACK_SECRETS" in text and "YIZHAN_DEMO" in text
    settings = Settings.from_env(
        {"YIZHAN_ENV": "production", "YIZHAN_SECRET_KEY": SECRET, "YIZHAN_CALLBACK_SECRETS": SECRET}
    )
    assert settings.is_production and settings.wait_scale == 1


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    assert Settings.from_env({"YIZHAN_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == SECRET
    assert "YIZHAN_SECRET_KEY_FILE" in refusal(SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "YIZHAN_PORT_FILE" in refusal(PORT_FILE=str(tmp_path / "key"))


def test_secrets_do_not_appear_when_settings_are_printed() -> None:
    settings = Settings(
        secret_key=SECRET, token="tok-1", database_url="postgresql://u:pw-1@h/d", redis_url="redis://:pw-2@h"
    )
    assert not any(word in repr(settings) for word in (SECRET, "tok-1", "pw-1", "pw-2"))


def test_variables_of_the_test_rig_are_left_alone() -> None:
    assert Settings.from_env({"YIZHAN_TEST_FAULTS": "1", "PATH": "/bin"}) == Settings()
