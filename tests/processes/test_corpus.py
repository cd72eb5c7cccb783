"""No file whatever makes the check crash or hang: six seconds of processor time and 256 MB are enough for each."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.processes import corpus

SEED = 20_261_122


def checked_in_a_process_of_its_own(count: int) -> int:
    command = [sys.executable, "-m", "tests.processes.corpus", str(SEED), str(count)]
    done = subprocess.run(command, cwd=corpus.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[0])


@pytest.mark.slow
def test_no_file_makes_the_check_crash_or_hang():
    assert checked_in_a_process_of_its_own(100) > 150


@pytest.mark.torture
def test_no_file_of_five_thousand_does():
    assert checked_in_a_process_of_its_own(5000) > 5000


def test_the_limit_would_be_noticed(monkeypatch):
    def forever(files):
        while True:
            pass

    monkeypatch.setattr(corpus, "check_files", forever)
    monkeypatch.setattr(corpus, "SECONDS", 0.05)
    before = corpus.signal.signal(corpus.signal.SIGPROF, corpus._stop)
    try:
        with pytest.raises(corpus.TooLongError, match="longer than"):
            corpus.checked("a.bpmn", b"<a/>")
    finally:
        corpus.signal.signal(corpus.signal.SIGPROF, before)
