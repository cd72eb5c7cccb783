"""The examples of how to run it hold: every command, setting and file they name exists, and the tools accept them."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from app.cli import COMMANDS, main
from app.config import SECRET_FIELDS, Settings
from tests.house.repository import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANUAL = ROOT / "docs" / "deployment.md"
SETTING = re.compile(r"\bYIZHAN_([A-Z0-9_]+)")
STOP_S = 30
FIELDS = {name.upper() for name in Settings.__dataclass_fields__}
KNOWN = FIELDS | {f"{name.upper()}_FILE" for name in SECRET_FIELDS}


class Unit(configparser.RawConfigParser):
    """A unit as systemd reads it: names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(path: Path) -> Unit:
    parsed = Unit(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parsed.read(path)
    return parsed


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {name: service for name, service in compose()["services"].items() if service["image"] == "yizhan"}


def command_of(words: list[str]) -> click.Command:
    """The command these words call. :raises click.UsageError: there is none, or an option it does not know."""
    context, command = click.Context(main), main.get_command(click.Context(main), words[0])
    assert command is not None, words
    if isinstance(command, click.Group):
        inner = command.get_command(context, words[1])
        assert inner is not None, words
        command, words = inner, words[1:]
    command.make_context(words[0], words[1:], resilient_parsing=False)
    return command


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_of_ours_and_gives_it_time_to_stop(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/.venv/bin/yizhan")
    assert words[0] in COMMANDS
    assert command_of(words).name == words[0]
    assert int(service["TimeoutStopSec"]) == STOP_S
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes"
    assert service["EnvironmentFile"].endswith("/yizhan.env")


def test_there_is_a_unit_for_web_and_worker() -> None:
    assert [path.name for path in UNITS] == ["yizhan-web.service", "yizhan-worker@.service"]


def test_every_setting_named_exists() -> None:
    files = [*UNITS, DEPLOY / "systemd" / "yizhan.env", DEPLOY / "compose.yaml", DEPLOY / "Dockerfile", MANUAL]
    unknown = {
        f"{file.name}: YIZHAN_{name}"
        for file in files
        for name in SETTING.findall(file.read_text(encoding="utf-8"))
        if name not in KNOWN
    }
    assert unknown == set()


def test_the_environment_of_the_units_is_accepted(tmp_path: Path) -> None:
    lines = (DEPLOY / "systemd" / "yizhan.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    values = {"database_url": "postgresql://yizhan@db/yizhan", "redis_url": "redis://queue/0"}
    for name, path in given.items():
        if name.endswith("_FILE"):
            secret = Path(path).name
            (tmp_path / secret).write_text(values.get(secret, "x" * 40), encoding="utf-8")
            given[name] = str(tmp_path / secret)
    settings = Settings.from_env(given)
    assert settings.is_production and not settings.is_sqlite


def test_every_command_of_compose_is_ours_and_every_secret_is_there() -> None:
    services = ours()
    assert set(services) == {"migrate", "web", "worker"}
    for service in services.values():
        program, *words = service["command"]
        assert program == "yizhan"
        command_of(words)
        assert service["stop_grace_period"] == f"{STOP_S}s"
        assert set(service["secrets"]) <= set(compose()["secrets"])
        named = {path.removeprefix("/run/secrets/") for path in secrets_of(service)}
        assert named <= set(service["secrets"])


def secrets_of(service: dict[str, Any]) -> Iterator[str]:
    yield from (value for value in service["environment"].values() if str(value).startswith("/run/secrets/"))


def test_the_environment_of_compose_is_accepted(tmp_path: Path) -> None:
    for name, service in ours().items():
        given = {key: str(value) for key, value in service["environment"].items()}
        for key, path in given.items():
            if path.startswith("/run/secrets/"):
                file = tmp_path / Path(path).name
                file.write_text("postgresql://y@p/y" if "database" in key.lower() else "x" * 40, encoding="utf-8")
                given[key] = str(file)
        assert Settings.from_env(given).is_production, name


def test_every_file_that_compose_and_the_image_take_is_there() -> None:
    build = ours()["web"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    lines = (context / build["dockerfile"]).read_text(encoding="utf-8").splitlines()
    taken = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert [name for name in taken if not (ROOT / name).exists()] == []
    assert {"app", "processes", "adapters", "bpmn", "migrations"} <= set(taken)


def test_the_manual_names_commands_and_files_that_are_there() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    named = set(re.findall(r"yizhan ([a-z]+)\b", "\n".join(re.findall(r"`[^`\n]*`|```.*?```", text, re.DOTALL))))
    assert named <= set(COMMANDS), named - set(COMMANDS)
    assert {"web", "worker", "workers", "drain", "db", "up"} <= named
    for path in (*UNITS, DEPLOY / "systemd" / "yizhan.env", DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"):
        assert str(path.relative_to(ROOT / "docs")) in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_units(path: Path, tmp_path: Path) -> None:
    """With a program in the place of ours: the example's is not on this machine."""
    name = path.name.replace("@.", "@1.")
    (tmp_path / name).write_text(
        re.sub(r"^(ExecStart=)\S+", rf"\1{shutil.which('true')}", path.read_text(encoding="utf-8"), flags=re.MULTILINE),
        encoding="utf-8",
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if name.split("@")[0].split(".")[0] in line]
    assert (done.returncode, said) == (0, []), done.stderr


def has_compose() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.slow
def test_docker_accepts_the_compose_file(tmp_path: Path) -> None:
    if not has_compose():
        pytest.skip("docker compose is not on this machine")
    done = subprocess.run(
        ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
