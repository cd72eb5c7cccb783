"""The heartbeat: lengthens the leases of the jobs a worker has in hand, and notices those it has lost."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from processes.claims import Claim, renew
from processes.complaint import Complaint, first_line
from processes.parts import EngineParts
from processes.store.sessions import Sessions
from processes.store.units import run_unit

log = logging.getLogger(__name__)


class Leases:
    """The jobs one worker process holds, kept alive by a thread of their own."""

    def __init__(self, parts: EngineParts, sessions: Sessions, lease: timedelta) -> None:
        self.lease = lease
        self._parts = parts
        self._sessions = sessions
        self._lock = threading.Lock()
        self._held: dict[str, Claim] = {}
        self._missing: set[str] = set()
        self._complaint = Complaint(log, over="leases are lengthened again")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to lengthen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop lengthening; what is still held runs out."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def hold(self, claim: Claim) -> None:
        """Keep a lease alive from now on."""
        with self._lock:
            self._held[claim.id] = claim

    def drop(self, claim: Claim) -> None:
        """The job is recorded or given back."""
        with self._lock:
            if self._held.get(claim.id) is claim:
                del self._held[claim.id]

    def held(self) -> list[Claim]:
        """Return the claims in hand."""
        with self._lock:
            return list(self._held.values())

    def by_adapter(self) -> Counter[str]:
        """Return how many calls are out, or about to go, per adapter."""
        return Counter(claim.adapter for claim in self.held() if claim.adapter)

    def beat(self) -> None:
        """Lengthen every lease once."""
        claims = self.held()
        if not claims:
            return
        lost = run_unit(
            self._sessions,
            lambda session: renew(session, claims, lease=self.lease, now=self._parts.clock.now(session)),
            rng=self._parts.rng,
        )
        # A job recorded a moment ago has no lease any more and is about to be dropped: only what is
        # still in hand at the next beat was lost.
        before, self._missing = self._missing, {claim.id for claim in lost}
        for claim in lost:
            if claim.id in before:
                # Its result will be refused by the fence; nothing else needs doing.
                log.warning("lease of job %s was lost", claim.id)
                self._parts.counters.add("lease_lost")
                self.drop(claim)

    def _run(self) -> None:
        while not self._stop.wait(self.lease.total_seconds() / 3):
            try:
                self.beat()
            except SQLAlchemyError as problem:
                self._complaint.begin(f"leases are not lengthened: {first_line(problem)}")
            else:
                self._complaint.end()
