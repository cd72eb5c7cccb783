"""Make everything `make run` and `make test` need; do nothing where it is there already.

    python3 scripts/prepare.py runtime frontend      before running
    python3 scripts/prepare.py dev frontend servers  before testing

Standard library only: it runs before anything is installed. What was made is remembered by a stamp, a hash of all it
was made from, kept beside the result; a changed lock file or source makes a new one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"
DIST = ROOT / "app" / "web" / "static" / "dist"
NODE_AT_LEAST = (20, 19)  # what vite asks for
# What Debian calls the programs the tests need, and how to see that one is there.
SERVERS = {"postgresql": "initdb", "redis-server": "redis-server", "chromium": "chromium"}
CHINESE_FONT = "fonts-wqy-zenhei"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def say(text: str) -> None:
    print(f"-- {text}", flush=True)


def give_up(text: str) -> None:
    sys.exit(f"\n{text}\n")


def run(*command: str | Path) -> None:
    """Run a command in the project folder; when it fails, show what it said and stop."""
    result = _start(command)
    if result.returncode:
        print(result.stdout, file=sys.stderr)
        give_up(f"This failed with code {result.returncode}: {' '.join(str(part) for part in command)}")


def succeeds(*command: str | Path) -> bool:
    """Run a command in the project folder and say whether it worked."""
    return _start(command).returncode == 0


def _start(command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """With the programs of .venv first on the PATH."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV)},
    )


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """A hash over the names and contents of these files and some words."""
    sums = hashlib.sha256("\n".join(words).encode())
    for file in sorted(files):
        sums.update(f"\n{file.relative_to(ROOT)}\n".encode())
        sums.update(file.read_bytes())
    return sums.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


# -- Debian packages ----------------------------------------------------------------------------------------------


def install_debian(packages: list[str], why: str) -> None:
    """Install Debian packages when we may; otherwise stop with the line to run."""
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        give_up(f"{why} needs what Debian calls {', '.join(packages)}; please install it with your package manager.")
    if os.geteuid() != 0:
        give_up(f"{why} needs some packages. Please run this, then try again:\n\n    sudo {line}")
    say(f"installing {', '.join(packages)}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    # A fresh machine has no package lists; an older one has lists that may name files that are gone.
    run("apt-get", "update", "-q")
    run(*line.split())


def missing_servers() -> list[str]:
    missing = [package for package, program in SERVERS.items() if not _has_program(program)]
    if not _has_chinese_font():
        missing.append(CHINESE_FONT)
    return missing


def _has_program(name: str) -> bool:
    return shutil.which(name) is not None or any(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))


def _has_chinese_font() -> bool:
    """Without one every Chinese character in the browser is a box, and nothing complains."""
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def prepare_servers() -> None:
    if missing := missing_servers():
        install_debian(missing, "`make test`")


# -- Python -------------------------------------------------------------------------------------------------------


def make_venv() -> None:
    """A virtual environment with uv in it, made with what every Python brings."""
    wanted = fingerprint([LOCKS / "bootstrap.lock"], sys.version)
    stamp = VENV / "stamp-bootstrap"
    if is_current(stamp, wanted) and PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_debian(["python3-venv"], "The virtual environment")
    say(f"making the virtual environment (.venv, Python {sys.version.split()[0]})")
    # Not the python of .venv itself, should that be the first on the PATH.
    interpreter = getattr(sys, "_base_executable", sys.executable)
    run(interpreter, "-m", "venv", "--clear", VENV)
    run(
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        LOCKS / "bootstrap.lock",
    )
    stamp.write_text(wanted)


def install_packages(kind: str) -> None:
    """Make .venv hold exactly the locked packages, and the project itself as an editable install."""
    make_venv()
    locks = [LOCKS / "bootstrap.lock", LOCKS / f"{kind}.lock"]
    sources = [*locks, ROOT / "setup.cfg", ROOT / "pyproject.toml"]
    stamp = VENV / "stamp-packages"
    wanted, with_dev = (
        fingerprint(sources, kind),
        fingerprint([LOCKS / "bootstrap.lock", LOCKS / "dev.lock", *sources[2:]], "dev"),
    )
    # The packages for tests include those for running: running after testing changes nothing.
    if is_current(stamp, wanted) or is_current(stamp, with_dev):
        return
    say(f"installing the locked Python packages ({kind})")
    if not succeeds(*uv_pip("sync"), "--require-hashes", *locks):
        # Only pip knows a package mirror that is set in pip.conf.
        say("uv could not fetch them; trying pip, which takes some minutes")
        requirements = [part for lock in locks for part in ("-r", lock)]
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", *requirements)
    run(*uv_pip("install"), "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(wanted)


def uv_pip(verb: str) -> list[str | Path]:
    """uv as the installer of .venv; it trusts the certificates of the machine where there are some."""
    certificates = ["--system-certs"] if SYSTEM_CERTIFICATES.exists() else []
    return [VENV / "bin" / "uv", "pip", verb, "--quiet", *certificates, "--python", PYTHON]


# -- front end ----------------------------------------------------------------------------------------------------


def build_frontend() -> None:
    """The browser side, built into app/web/static/dist."""
    packages = [ROOT / "package.json", ROOT / "package-lock.json"]
    sources = [file for file in (ROOT / "frontend").rglob("*") if file.is_file()]
    stamp, wanted = DIST / "stamp", fingerprint([*packages, ROOT / "vite.config.js", *sources])
    if is_current(stamp, wanted):
        return
    npm = find_npm()
    modules_stamp, modules_wanted = ROOT / "node_modules" / "stamp", fingerprint(packages)
    if not is_current(modules_stamp, modules_wanted):
        say("installing the locked browser packages")
        run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        modules_stamp.write_text(modules_wanted)
    say("building the browser side")
    run(*npm, "run", "--silent", "build")
    stamp.write_text(wanted)


def find_npm() -> list[str | Path]:
    """How to start npm: the machine's when its Node is new enough, else one from PyPI inside .venv."""
    if shutil.which("npm") and node_version("node") >= NODE_AT_LEAST:
        return ["npm"]
    make_venv()
    if not (VENV / "bin" / "npm").exists():
        say("installing Node.js into .venv (the machine has none that is new enough)")
        run(*uv_pip("install"), "--require-hashes", "-r", LOCKS / "node.lock")
    return [VENV / "bin" / "npm"]


def node_version(program: str) -> tuple[int, int]:
    """(0, 0) when there is none."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


STEPS = {
    "runtime": lambda: install_packages("runtime"),
    "dev": lambda: install_packages("dev"),
    "frontend": build_frontend,
    "servers": prepare_servers,
}


def main(wanted: list[str]) -> None:
    if unknown := [name for name in wanted if name not in STEPS]:
        give_up(f"unknown: {', '.join(unknown)}; known: {', '.join(STEPS)}")
    started = time.monotonic()
    for name in wanted:
        STEPS[name]()
    if (took := time.monotonic() - started) > 1:
        say(f"prepared in {took:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
