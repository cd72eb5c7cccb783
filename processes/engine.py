"""The face of the engine: deploy, start, complete, receive, cancel, mend.

Every method works inside the caller's transaction and takes ``now`` from it; nothing here talks to the network.
After the commit the caller rings the bell (or not: the workers look by themselves every second).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from processes import (
    beginning_again,
    definitions,
    inbox,
    mending,
    migrations,
    moving,
    renewal_plans,
    renewing,
    starting,
    starts,
    suspending,
    undo,
    user_tasks,
)
from processes.definitions import Deployed, LoadedDefinition
from processes.events import InProcessHandler, Listener, ProcessEvent
from processes.findings import Finding
from processes.handlers import known_operations, known_values
from processes.mending import Correction
from processes.move_plans import MovePlan, plan_move
from processes.moving import MoveOrder
from processes.parts import EngineParts
from processes.queries import point_of_no_return
from processes.renewal_plans import RenewalPlan
from processes.repairs import Why
from processes.spiff.decisions import CompiledDecision
from processes.spiff.definition import CompiledProcess
from processes.spiff.lint_business import Advice
from processes.store.bulk import Move
from processes.store.instances import Incident, ProcessInstance, UserTask
from processes.store.jobs import InboxMessage
from processes.store.renewals import Renewal
from processes.undo import CancelOutcome

__all__ = ["CancelOutcome", "Deployed", "Engine", "EngineParts", "InProcessHandler", "Listener", "ProcessEvent"]


class Engine:
    """Runs process instances; has never heard of an order, only of business keys."""

    def __init__(self, parts: EngineParts) -> None:
        self.parts = parts
        parts.bulk_acts.setdefault(migrations.KIND, partial(migrations.act, parts))

    def listen(self, listener: Listener) -> None:
        """Tell ``listener`` of every process event, inside the transaction in which it happens."""
        self.parts.listeners.append(listener)

    def handle(self, operation: str, handler: InProcessHandler) -> None:
        """Do ``operation`` in this process with ``handler`` (``order.*``, ``ticket.*``)."""
        self.parts.in_process[operation] = handler

    def check(
        self,
        session: Session,
        files: Mapping[str, bytes],
        *,
        values: Mapping[str, Container[str]] | None = None,
        advice: Advice | None = None,
    ) -> tuple[list[CompiledProcess], list[CompiledDecision], list[Finding]]:
        """Compile files against what is deployed; nothing is stored. ``values``: what attributes may say; ``advice``:
        what the rules of how we want to work have to know (None: they are not asked)."""
        known, operations = known_values(self.parts, values), known_operations(self.parts)
        return definitions.check(session, files, operations=operations, values=known, advice=advice)

    def deploy(
        self,
        session: Session,
        files: Mapping[str, bytes],
        *,
        actor: str,
        now: datetime,
        note: str = "",
        values: Mapping[str, Container[str]] | None = None,
    ) -> Deployed:
        """Store the definitions of the files, by file name. :raises DefinitionRefused: with the findings."""
        known = known_values(self.parts, values)
        operations, ids = known_operations(self.parts), self.parts.ids
        deployed = definitions.deploy(
            session, files, operations=operations, ids=ids, actor=actor, note=note, now=now, values=known
        )
        starts.renew(self.parts, session, deployed.processes, now=now)
        return deployed

    def definition(self, session: Session, definition_id: str) -> LoadedDefinition:
        """Return a definition with its elements, from the cache. :raises NotThere: no such version."""
        return self.parts.definitions.process(session, definition_id)

    def start(
        self,
        session: Session,
        process_key: str,
        *,
        business_key: str,
        area: str,
        data: Mapping[str, Any],
        now: datetime,
        actor: str,
        instance_id: str | None = None,
        begin_at: datetime | None = None,
    ) -> ProcessInstance:
        """Write a new instance of the newest version and take its first steps.

        :param area: area code of the business row it runs for.
        :param instance_id: its id, for a caller who has written it down already.
        :param begin_at: aware instant before which no step is taken: then a job takes the first ones.
        :raises UnknownProcess: nothing of that key is deployed.
        """
        return starting.start(
            self.parts,
            session,
            process_key,
            business_key=business_key,
            area=area,
            data=data,
            now=now,
            actor=actor,
            instance_id=instance_id,
            begin_at=begin_at,
        )

    def decide(self, session: Session, key: str, inputs: Mapping[str, Any], version: int | None = None) -> Any:
        """Take a decision with that version, else the one in force. :raises UnknownDecision: there is none."""
        row = definitions.decision_taken(session, key, version)
        return self.parts.definitions.decision(session, row.id).evaluate(inputs)

    def begin_user_task(self, session: Session, user_task_id: str, *, actor: str, now: datetime) -> UserTask:
        """Write that somebody has begun a user task: from now on its point of no return is passed.

        :raises NotThere: no such user task.
        :raises StaleTask: it has ended already.
        :raises InstanceNotRunning: its instance has ended or is being cancelled.
        """
        return user_tasks.begin(self.parts, session, user_task_id, actor=actor, now=now)

    def complete_user_task(
        self, session: Session, user_task_id: str, result: Mapping[str, Any], *, actor: str, now: datetime
    ) -> UserTask:
        """Hand in the result of a user task and step on to the next waits.

        :raises NotThere: no such user task.
        :raises StaleTask: it has ended already.
        :raises InstanceNotRunning: its instance has ended or is being cancelled.
        """
        return user_tasks.complete(self.parts, session, user_task_id, result, actor=actor, now=now)

    def receive_message(
        self,
        session: Session,
        *,
        source: str,
        event_id: str,
        name: str,
        key: str,
        payload: Mapping[str, Any],
        now: datetime,
        ttl: timedelta | None = None,
        area: str | None = None,
    ) -> InboxMessage:
        """Keep a message for whoever waits for (name, key), now or within ``ttl``; a repeat returns the first row.

        If nobody waits and a process begins at messages of that name, it begins an instance in ``area``.
        """
        return inbox.receive_message(
            self.parts,
            session,
            source=source,
            event_id=event_id,
            name=name,
            key=key,
            payload=payload,
            now=now,
            ttl=ttl,
            area=area,
        )

    def receive_signal(
        self,
        session: Session,
        *,
        source: str,
        event_id: str,
        name: str,
        payload: Mapping[str, Any],
        now: datetime,
        area: str | None = None,
    ) -> InboxMessage:
        """Keep a signal for all that wait for it now, and for what begins at it; a repeat returns the first row."""
        return inbox.receive_broadcast(
            self.parts,
            session,
            "signal",
            source=source,
            event_id=event_id,
            name=name,
            payload=payload,
            now=now,
            area=area,
        )

    def receive_facts(
        self,
        session: Session,
        *,
        source: str,
        event_id: str,
        facts: Mapping[str, Any],
        now: datetime,
        area: str | None = None,
    ) -> InboxMessage:
        """Keep facts: every conditional start whose condition holds for them begins an instance with them as data."""
        return inbox.receive_broadcast(
            self.parts,
            session,
            "facts",
            source=source,
            event_id=event_id,
            name="",
            payload=facts,
            now=now,
            area=area,
        )

    def receive_answer(
        self,
        session: Session,
        *,
        adapter: str,
        event_id: str,
        operation_id: str,
        status: str,
        now: datetime,
        outputs: Mapping[str, Any] | None = None,
        code: str | None = None,
        message: str | None = None,
    ) -> InboxMessage:
        """Keep the answer to an operation; a worker adopts it. A repeat returns the first row.

        :param status: ``done`` (with ``outputs``) or ``rejected`` (with ``code`` and ``message``).
        """
        return inbox.receive_answer(
            self.parts,
            session,
            adapter=adapter,
            event_id=event_id,
            operation_id=operation_id,
            status=status,
            outputs=outputs or {},
            code=code,
            message=message,
            now=now,
        )

    def cancel(
        self,
        session: Session,
        root_instance_id: str,
        *,
        reason: str,
        actor: str,
        now: datetime,
        audited: bool = False,
        run_id: str | None = None,
    ) -> CancelOutcome:
        """Freeze the whole tree, wait for outstanding answers, undo every confirmed effect in reverse order.

        Ends with the event ``undo_completed``, possibly before this returns. Asking again is harmless. Whether
        cancelling is still allowed (point of no return) is the caller's decision.

        :param audited: an operator repairs something by it, so it is a line of the audit of repairs.
        :raises NotThere: no such instance.
        :raises InstanceNotRunning: it has completed.
        """
        repair = Why(actor=actor, reason=reason, run_id=run_id) if audited else None
        return undo.cancel(self.parts, session, root_instance_id, reason=reason, actor=actor, now=now, repair=repair)

    def point_of_no_return(self, session: Session, root_instance_id: str) -> str | None:
        """Return the furthest point the tree has passed: ``hard``, ``soft`` or none."""
        return point_of_no_return(session, root_instance_id)

    def retry_incident(
        self,
        session: Session,
        incident_id: str,
        *,
        actor: str,
        now: datetime,
        inputs: Mapping[str, Any] | None = None,
        correction: Correction | None = None,
        reason: str = "",
        run_id: str | None = None,
    ) -> Incident:
        """Try again what the incident is about; ``inputs`` replace those of the operation, ``correction`` says more.

        :raises NotThere: no such incident.
        :raises IncidentClosed: it has been resolved already.
        :raises InstanceNotRunning: its instance has ended, is being cancelled or is suspended.
        :raises WrongInputs, OutcomeOpen: see :mod:`processes.mending`.
        """
        why = Why(actor=actor, reason=reason, run_id=run_id)
        wanted = correction or Correction(inputs=inputs)
        return mending.retry(self.parts, session, incident_id, why=why, correction=wanted, now=now)

    def skip_incident(
        self,
        session: Session,
        incident_id: str,
        *,
        result: Mapping[str, Any],
        reason: str,
        actor: str,
        now: datetime,
        effect_happened: bool = False,
        run_id: str | None = None,
    ) -> Incident:
        """Go on as if the operation had answered ``result``; a person did it, or it need not be done.

        For a step that failed inside the engine ``result`` is written into the data as it is.

        :param effect_happened: the write is in force at the far side, so it enters the ledger and can be undone.
        :raises NotThere: no such incident.
        :raises IncidentClosed: it has been resolved already.
        :raises StaleTask: what failed cannot be skipped.
        """
        why = Why(actor=actor, reason=reason, run_id=run_id)
        return mending.skip(
            self.parts, session, incident_id, result=result, effect_happened=effect_happened, why=why, now=now
        )

    def plan_move(self, session: Session, instance_id: str, order: MoveOrder, *, now: datetime) -> MovePlan:
        """What a move would leave, close and undo; nothing is changed.

        :raises NotThere, InstanceNotRunning, CannotMove: see :func:`processes.move_plans.plan_move`.
        """
        return plan_move(
            self.parts,
            session,
            instance_id,
            to=order.to,
            now=now,
            task_id=order.task_id,
            element_id=order.element_id,
            data=order.data,
            undo=order.undo,
        )

    def move(
        self, session: Session, instance_id: str, order: MoveOrder, *, why: Why, now: datetime
    ) -> tuple[Move, MovePlan]:
        """Take a token back or forward to another element; what it goes back over is undone first.

        :raises NotThere, InstanceNotRunning, CannotMove, PlanChanged: see :func:`processes.moving.move`.
        """
        return moving.move(self.parts, session, instance_id, order, why=why, now=now)

    def plan_renewal(
        self, session: Session, instance_id: str, data: Mapping[str, Any], *, now: datetime
    ) -> RenewalPlan:
        """What beginning a called instance anew with other data would keep, change, undo and do; nothing is changed.

        :raises NotThere, InstanceNotRunning, CannotMove: see :func:`processes.renewal_plans.plan_renewal`.
        """
        return renewal_plans.plan_renewal(self.parts, session, instance_id, data, now=now)

    def renew(
        self,
        session: Session,
        instance_id: str,
        data: Mapping[str, Any],
        *,
        why: Why,
        now: datetime,
        digest: str | None = None,
    ) -> tuple[Renewal, RenewalPlan]:
        """Begin a called instance anew with other data; only what no longer holds is undone and done again.

        :raises NotThere, InstanceNotRunning, CannotMove, PlanChanged: see :func:`processes.renewing.renew`.
        """
        return renewing.renew(self.parts, session, instance_id, data, why=why, now=now, digest=digest)

    def begin_again(
        self, session: Session, root_instance_id: str, data: Mapping[str, Any], *, why: Why, now: datetime
    ) -> ProcessInstance:
        """Put an instance that has brought nothing about yet aside and start it with other data.

        :raises NotThere, InstanceNotRunning, CannotMove: see :func:`processes.beginning_again.begin_again`.
        """
        return beginning_again.begin_again(self.parts, session, root_instance_id, data, why=why, now=now)

    def suspend(self, session: Session, instance_id: str, *, why: Why, now: datetime) -> int:
        """Let nothing new begin in an instance and all it has called; returns how many instances that were.

        :raises NotThere, InstanceNotRunning: see :func:`processes.suspending.suspend`.
        """
        return suspending.suspend(self.parts, session, instance_id, why=why, now=now)

    def resume(self, session: Session, instance_id: str, *, why: Why, now: datetime) -> int:
        """Let a suspended instance and all it has called go on; returns how many instances that were.

        :raises NotThere, InstanceNotRunning: see :func:`processes.suspending.resume`.
        """
        return suspending.resume(self.parts, session, instance_id, why=why, now=now)
