"""Real servers for the tests: PostgreSQL, Redis and the simulators, each in a temporary place on a free port.

PostgreSQL refuses to run as root; as root it is started as the user ``postgres`` (or ``nobody``). All servers die
with the test process, also when that is killed.
"""

from __future__ import annotations

import ctypes
import getpass
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 10.0
POSTGRESQL_PLACES = ("lib/postgresql/*/bin", "pgsql-*/bin")


class ServerMissing(RuntimeError):
    """A server program is not installed on this machine."""


def free_port() -> int:
    """A TCP port nobody listens on right now.

    It lies below those the system gives to whoever asks for any, so that no connection of another test takes it in the
    seconds until a program listens there.
    """
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_listening(port: int) -> bool:
    """Whether something accepts connections on this port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_program(name: str, *places: str) -> Path:
    """The newest program of this name: in the given places (glob patterns below /usr) first, then on the PATH."""
    found = [path for place in places for path in Path("/usr").glob(f"{place}/{name}")]
    if found:
        return max(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()])
    on_path = shutil.which(name)
    if on_path is None:
        raise ServerMissing(f"{name} is not installed; `make test` installs it or says how")
    return Path(on_path)


def server_user() -> pwd.struct_passwd:
    """Who runs the servers: ourselves, or an ordinary user when we are root."""
    if os.geteuid() != 0:
        return pwd.getpwnam(getpass.getuser())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerMissing("root cannot run PostgreSQL and there is no user postgres or nobody")


def end_with_us() -> None:
    """In the child before it starts: ask Linux to end it when the test process ends, however that happens."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    user: str | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server that writes into ``log`` and ends when the test process does."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            preexec_fn=end_with_us if sys.platform == "linux" else None,
        )


def stop(process: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM) -> None:
    """End a server: first politely, after STOP_TIMEOUT_S with force."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers. Raises RuntimeError with its log when it ends first or takes START_TIMEOUT_S."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    stop(process)
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-4000:]}")


@contextmanager
def server_folder(prefix: str, user: pwd.struct_passwd) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"yizhan-{prefix}-"))
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class PostgreSQL:
    """A running PostgreSQL; trust authentication, superuser ``yizhan``."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://yizhan@127.0.0.1:{self.port}/{database}"

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://yizhan@127.0.0.1:{self.port}/{database}"


def create_cluster(data: Path, user: pwd.struct_passwd, *more: str) -> None:
    """Make the data folder of a PostgreSQL; superuser ``yizhan``, trust authentication."""
    become = user.pw_name if os.geteuid() == 0 else None
    words = ["--username", "yizhan", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    subprocess.run(
        [find_program("initdb", *POSTGRESQL_PLACES), "--pgdata", data, *words, *more],
        check=True,
        capture_output=True,
        cwd=data.parent,
        user=become,
        group=None if become is None else user.pw_gid,
        extra_groups=None if become is None else [],
    )


def postgres_command(data: Path, port: int, *, durable: bool) -> list[str | Path]:
    """The command line of a server on this data folder; without ``durable`` a commit does not wait for the disk."""
    settings: dict[str, object] = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": data.parent,
        "max_connections": 200,
        "timezone": "Asia/Shanghai",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [find_program("postgres", *POSTGRESQL_PLACES), "-D", data, *options]


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[PostgreSQL]:
    """Run PostgreSQL in a temporary folder; without ``durable`` a commit does not wait for the disk."""
    user = server_user()
    become = user.pw_name if os.geteuid() == 0 else None
    with server_folder("postgresql", user) as folder:
        data, log, port = folder / "data", folder / "log", free_port()
        create_cluster(data, user)
        process = start(postgres_command(data, port, durable=durable), log=log, user=become, cwd=folder)
        try:
            wait_until(lambda: "ready to accept connections" in log.read_text(errors="replace"), process, log)
            yield PostgreSQL(port, process)
        finally:
            stop(process, how=signal.SIGQUIT)  # at once: nobody will ever read what it has not written yet


@dataclass(frozen=True)
class Redis:
    """A running Redis that keeps nothing on disk."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


@contextmanager
def redis_server() -> Iterator[Redis]:
    """Run Redis in a temporary folder."""
    user = server_user()
    with server_folder("redis", user) as folder:
        port, log = free_port(), folder / "log"
        command = [
            find_program("redis-server"),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ]
        process = start(command, log=log, user=user.pw_name if os.geteuid() == 0 else None, cwd=folder)
        try:
            wait_until(lambda: is_listening(port), process, log)
            yield Redis(port, process)
        finally:
            stop(process)


@dataclass(frozen=True)
class Simulators:
    """The simulated far systems, as their own process with their own books."""

    port: int
    callback_secret: str
    books: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def simulators(
    folder: Path,
    *,
    callback_secret: str = "test-callback-secret",
    port: int | None = None,
) -> Iterator[Simulators]:
    """Run the simulators with their books in ``folder``; the same folder again continues with the same books."""
    port = port or free_port()
    log, books = folder / "simulators.log", folder / "simulators.sqlite"
    command = [
        sys.executable,
        "-m",
        "adapters.simulators",
        "--db",
        books,
        "--port",
        str(port),
        "--callback-secret",
        callback_secret,
    ]
    process = start(command, log=log, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        wait_until(lambda: is_listening(port), process, log)
        yield Simulators(port, callback_secret, books, log, process)
    finally:
        stop(process)


class RunningSimulators:
    """The simulators of a test run: ``url``, ``callback_secret``, and ``reset()`` which forgets all scripted faults."""

    def __init__(self, running: Simulators) -> None:
        self.running = running
        self.url = running.url
        self.callback_secret = running.callback_secret

    def reset(self) -> None:
        httpx.delete(f"{self.url}/control/faults", timeout=5).raise_for_status()
