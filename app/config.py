"""Settings: read once from the environment, checked, frozen, handed down. See docs/settings.md."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from adapters.signing import secret_bytes
from app.config_checks import database_problem, days_problem, redis_problem, time_zone_problem, web_problem

PREFIX: Final = "YIZHAN_"
# Read by the test rig and the fault points, never by the running system.
TEST_PREFIX: Final = "YIZHAN_TEST_"
FILE_SUFFIX: Final = "_FILE"
DEVELOPMENT_SECRET: Final = "development-only-secret"  # noqa: S105  refused in production
DEVELOPMENT_CALLBACK_SECRET: Final = "development-only-callback-secret"  # noqa: S105  refused in production
ENVIRONMENTS: Final = ("development", "production", "test")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
LOG_FORMATS: Final = ("json", "console")
MIN_SECRET_CHARS: Final = 32
_KNOWN_SECRETS: Final = frozenset({DEVELOPMENT_SECRET, DEVELOPMENT_CALLBACK_SECRET})
# These may also be given as YIZHAN_<NAME>_FILE, the path of a file with the value.
SECRET_FIELDS: Final = frozenset(
    {"secret_key", "callback_secrets", "database_url", "redis_url", "token", "metrics_token"}
)


class SettingsError(ValueError):
    """The environment holds settings that cannot be used; the text has one line per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between installations. Built once, handed down, never changed.

    Durations carry their unit in the name, sizes are bytes. Raises :class:`SettingsError` when a value
    is out of range or two values contradict each other.
    """

    env: str = "development"
    demo: bool = False
    demo_wait_scale: float = 14400.0
    bulk_starts_per_s: float = 10.0
    second_person_deploys: str = "auto"
    # storage
    database_url: str = field(default="sqlite:///var/yizhan.sqlite", repr=False)
    redis_url: str = field(default="", repr=False)
    data_dir: str = "var"
    pool_size: int = 10
    pool_timeout_s: float = 5.0
    web_statement_timeout_s: float = 5.0
    worker_statement_timeout_s: float = 15.0
    lock_timeout_s: float = 3.0
    idle_transaction_timeout_s: float = 10.0
    clock_skew_s: float = 5.0
    # web server
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    web_processes: int = 2
    web_threads: int = 8
    proxy_hops: int = 0
    static_dist_dir: str = "app/web/static/dist"
    # who is calling
    secret_key: str = field(default=DEVELOPMENT_SECRET, repr=False)
    session_idle_min: int = 30
    session_max_h: int = 12
    order_link_days: int = 60
    login_max_failures: int = 10
    login_window_min: int = 15
    metrics_token: str = field(default="", repr=False)
    # sizes of what may come in
    max_body_bytes: int = 1_048_576
    max_bpmn_bytes: int = 2_097_152
    max_attachment_bytes: int = 10_485_760
    # outside systems
    adapter_url: str = "http://127.0.0.1:8090"
    callback_secrets: tuple[str, ...] = field(default=(DEVELOPMENT_CALLBACK_SECRET,), repr=False)
    # worker
    workers: int = 2
    worker_threads: int = 2
    calls_per_adapter: int = 8
    drain_per_s: float = 0.0
    poll_s: float = 1.0
    job_lease_s: int = 60
    job_batch: int = 8
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = 0
    # how long what has ended is kept
    keep_history_days: int = 0
    keep_history_days_of: str = ""
    # logs and people
    log_level: str = "info"
    log_format: str = "json"
    language: str = "zh"
    time_zone: str = "Asia/Shanghai"
    # the command line, when it talks to a running system
    url: str = "http://127.0.0.1:8080"
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        problems = [*_range_problems(self), *_choice_problems(self), *_safety_problems(self)]
        if problems:
            raise SettingsError(problems)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read ``YIZHAN_*``; an unknown name or an unreadable value raises :class:`SettingsError` naming it."""
        given = os.environ if env is None else env
        kinds: dict[str, Callable[[str], Any]] = {f.name: _PARSERS[str(f.type)] for f in fields(cls)}
        values: dict[str, Any] = {}
        problems: list[str] = []
        for variable in sorted(name for name in given if name.startswith(PREFIX)):
            if variable.startswith(TEST_PREFIX):
                continue
            name = variable.removeprefix(PREFIX).lower()
            text = given[variable]
            secret = name.removesuffix(FILE_SUFFIX.lower())
            if name not in kinds and secret != name and secret in SECRET_FIELDS:
                name, text = secret, _file_text(variable, text, problems)
            if name not in kinds:
                problems.append(f"{variable}: there is no such setting (docs/settings.md lists them all)")
                continue
            try:
                values[name] = kinds[name](text)
            except ValueError as problem:
                problems.append(f"{variable}: {problem}")
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def base_url(self) -> str:
        """How others reach this system, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def wait_scale(self) -> float:
        """By how much waiting times of plans are divided: 1 except in demo mode."""
        return self.demo_wait_scale if self.demo else 1.0

    @property
    def callback_keys(self) -> tuple[bytes, ...]:
        """Keys that may have signed a callback; the first one signs."""
        return tuple(secret_bytes(secret) for secret in self.callback_secrets)


def _file_text(variable: str, path: str, problems: list[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        problems.append(f"{variable}: cannot read {path!r} ({type(problem).__name__})")
        return ""


def _as_bool(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("must be 1 or 0 (or true, false, yes, no, on, off)")


def _as_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _as_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number") from None


def _as_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "str": str.strip,
    "int": _as_int,
    "float": _as_float,
    "bool": _as_bool,
    "tuple[str, ...]": _as_list,
}

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "env": ENVIRONMENTS,
    "log_level": LOG_LEVELS,
    "log_format": LOG_FORMATS,
    "language": ("zh", "en"),
    "second_person_deploys": ("auto", "yes", "no"),
}

# field -> (least, most); a value equal to either is fine.
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "demo_wait_scale": (1, 1_000_000),
    "bulk_starts_per_s": (0, 1000),
    "pool_size": (1, 200),
    "pool_timeout_s": (0.1, 60),
    "web_statement_timeout_s": (0.1, 600),
    "worker_statement_timeout_s": (0.1, 600),
    "lock_timeout_s": (0.1, 600),
    "idle_transaction_timeout_s": (0.1, 600),
    "clock_skew_s": (0.1, 3_600),
    "port": (1, 65_535),
    "web_processes": (1, 64),
    "web_threads": (1, 200),
    "proxy_hops": (0, 5),
    "session_idle_min": (1, 1_440),
    "session_max_h": (1, 168),
    "order_link_days": (1, 400),
    "login_max_failures": (1, 1_000),
    "login_window_min": (1, 1_440),
    "max_body_bytes": (1_024, 104_857_600),
    "max_bpmn_bytes": (1_024, 104_857_600),
    "max_attachment_bytes": (1_024, 104_857_600),
    "workers": (1, 64),
    "worker_threads": (1, 64),
    "calls_per_adapter": (1, 64),
    "drain_per_s": (0, 10_000),
    "poll_s": (0.05, 60),
    "job_lease_s": (1, 3_600),
    "job_batch": (1, 500),
    "worker_metrics_port": (0, 65_535),
    "keep_history_days": (0, 36_500),
}


def range_of(name: str) -> tuple[float, float]:
    """The least and the most a number may be. :raises KeyError: the setting has no range."""
    return _RANGES[name]


def _problem(name: str, text: str) -> str:
    return f"{PREFIX}{name.upper()}: {text}"


def _range_problems(settings: Settings) -> list[str]:
    return [
        _problem(name, f"{getattr(settings, name)} is not between {least:g} and {most:g}")
        for name, (least, most) in _RANGES.items()
        # NaN fails both comparisons, so it is refused too.
        if not least <= getattr(settings, name) <= most
    ]


def _choice_problems(settings: Settings) -> list[str]:
    problems = [
        _problem(name, f"{getattr(settings, name)!r} is not one of {', '.join(allowed)}")
        for name, allowed in _CHOICES.items()
        if getattr(settings, name) not in allowed
    ]
    wrong = {
        "public_url": web_problem(settings.public_url) if settings.public_url else "",
        "adapter_url": web_problem(settings.adapter_url),
        "url": web_problem(settings.url),
        "database_url": database_problem(settings.database_url),
        "redis_url": redis_problem(settings.redis_url),
        "time_zone": time_zone_problem(settings.time_zone),
        "keep_history_days_of": days_problem(settings.keep_history_days_of),
    }
    problems += [_problem(name, text) for name, text in wrong.items() if text]
    if not settings.callback_secrets:
        problems.append(_problem("callback_secrets", "must hold at least one secret"))
    for secret in settings.callback_secrets:
        try:
            secret_bytes(secret)
        except ValueError as problem:
            problems.append(_problem("callback_secrets", str(problem)))
    return problems


def _safety_problems(settings: Settings) -> list[str]:
    problems = []
    if settings.demo and not is_loopback(settings.host):
        here = "127.0.0.1, ::1 or localhost"
        problems.append(_problem("host", f"demo mode listens on this machine only ({here}), not {settings.host!r}"))
    if not settings.is_production:
        return problems
    if settings.demo:
        problems.append(_problem("demo", "demo mode has known passwords and is refused in production"))
    for name, secrets in (("secret_key", (settings.secret_key,)), ("callback_secrets", settings.callback_secrets)):
        if any(len(secret) < MIN_SECRET_CHARS or secret in _KNOWN_SECRETS for secret in secrets):
            text = f"production needs secrets of its own, of at least {MIN_SECRET_CHARS} characters"
            problems.append(_problem(name, text))
    return problems


def is_loopback(host: str) -> bool:
    """Whether ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
