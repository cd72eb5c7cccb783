"""Several hosts on one machine: network namespaces joined by a bridge, each with a cable that can be pulled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import ROOT, start, stop

PREFIX = "yz"
NETWORK = "10.213"


class NotPermitted(RuntimeError):
    """This machine does not let us make network namespaces; the text says why."""


def ip(*words: str) -> None:
    """Run `ip`. :raises NotPermitted: it refuses."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPermitted(f"ip {' '.join(words)}: {done.stderr.strip()}")


@dataclass
class Network:
    """The hosts by name, and what runs on them."""

    number: int
    folder: Path
    hosts: dict[str, int] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def bridge(self) -> str:
        return f"{PREFIX}{self.number}"

    @property
    def area(self) -> str:
        """The addresses of all hosts."""
        return f"{NETWORK}.{self.number % 250}"

    def namespace(self, host: str) -> str:
        return f"{PREFIX}{self.number}-{host}"

    def address(self, host: str) -> str:
        return f"{self.area}.{self.hosts[host]}"

    def cable(self, host: str) -> str:
        """The end of a host's cable at the bridge."""
        return f"{PREFIX}{self.number}p{self.hosts[host]}"

    def add(self, host: str) -> None:
        """A host of its own, with a cable to the bridge."""
        self.hosts[host] = len(self.hosts) + 2
        space, cable = self.namespace(host), self.cable(host)
        ip("netns", "add", space)
        ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", cable, "master", self.bridge, "up")
        ip("-n", space, "address", "add", f"{self.address(host)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", space, "link", "set", device, "up")

    def cut(self, host: str) -> None:
        """Pull the cable: nothing comes or goes, and nobody is told."""
        ip("link", "set", self.cable(host), "down")

    def mend(self, host: str) -> None:
        """Put the cable back."""
        ip("link", "set", self.cable(host), "up")

    def run(
        self,
        host: str,
        name: str,
        command: Sequence[str | Path],
        *,
        user: str = "",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program on a host; what it prints goes to ``name``.log."""
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--pdeathsig=TERM"] if user else []
        process = start(
            ["ip", "netns", "exec", self.namespace(host), *become, *command],
            log=self.folder / f"{name}.log",
            cwd=ROOT if not user else Path("/"),
            env=dict(env) if env is not None else None,
        )
        self.running.append(process)
        return process

    def remove(self) -> None:
        """End every program and take everything down."""
        for host in self.hosts:
            with suppress(NotPermitted):
                self.mend(host)
        for process in reversed(self.running):
            stop(process)
        for host in self.hosts:
            forget(self.namespace(host))
        with suppress(NotPermitted):
            ip("link", "del", self.bridge)


def forget(namespace: str) -> None:
    """Take a namespace down, and end what still runs in it."""
    listed = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False)
    for pid in listed.stdout.split():
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    for _ in range(20):
        with suppress(NotPermitted):
            ip("netns", "del", namespace)
            return
        time.sleep(0.1)


def forget_the_dead() -> None:
    """Take down what a test run left behind that was killed: the names carry its process id."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    for name in (line.split()[0] for line in listed.stdout.splitlines() if line.startswith(PREFIX)):
        number = name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            forget(name)
            with suppress(NotPermitted):
                ip("link", "del", f"{PREFIX}{number}")


@contextmanager
def network(folder: Path) -> Iterator[Network]:
    """An empty network with a bridge that this process can reach.

    :raises NotPermitted: this machine does not allow it.
    """
    if os.geteuid() != 0:
        raise NotPermitted("network namespaces need root")
    for program in ("ip", "setpriv"):
        if shutil.which(program) is None:
            raise NotPermitted(f"{program} is not installed")
    forget_the_dead()
    made = Network(os.getpid(), folder)
    ip("link", "add", made.bridge, "type", "bridge")
    try:
        ip("address", "add", f"{made.area}.1/24", "dev", made.bridge)
        ip("link", "set", made.bridge, "up")
        yield made
    finally:
        made.remove()
