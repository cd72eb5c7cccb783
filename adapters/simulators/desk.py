"""The front desk of every pretended system: keys, scripts, effects, promised callbacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from adapters.digests import digest_of
from adapters.errors import Rejected
from adapters.operations import Operation, OperationRegistry, UnknownOperation
from adapters.simulators import area_books, billing_books, fault_books, provisioning_books, resource_books
from adapters.simulators.callbacks import Result, promise
from adapters.simulators.generic import generic_handler
from adapters.simulators.scripts import Script, take_scripts
from adapters.simulators.store import Database, Doc, Store
from adapters.simulators.weather import draw, weather_now
from adapters.simulators.work import Handler, Work

_ROOMS: Final = {
    "resource": resource_books,
    "provisioning": provisioning_books,
    "billing": billing_books,
    "fault": fault_books,
    "area": area_books,
}
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {code: handler for room in _ROOMS.values() for code, handler in room.HANDLERS.items()}
)
BOOKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {adapter: (*room.BOOKS, "generic") for adapter, room in _ROOMS.items()}
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call as it arrived."""

    adapter: str
    operation: str
    operation_id: str
    inputs: Mapping[str, Any]
    business_key: str
    area: str
    callback_url: str | None

    @property
    def digest(self) -> str:
        """Two requests with the same key must have the same digest."""
        return digest_of(self.operation, self.inputs, self.business_key)

    @property
    def facts(self) -> dict[str, Any]:
        """What a script can match on."""
        return {"business_key": self.business_key, "area": self.area, **self.inputs}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the desk answers: ``done``, ``pending`` or ``rejected``. ``send_now``: callbacks to send before that."""

    status: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    send_now: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """``delays_s``: operation -> seconds until its callback, else ``callback_delay_s``."""

    database: Database
    registry: OperationRegistry
    callback_delay_s: float = 0.3
    delays_s: Mapping[str, float] = field(default_factory=dict)
    is_ample: bool = False
    wake: Callable[[], None] = lambda: None

    def operation(self, adapter: str, code: str) -> Operation:
        """Return a registered operation of an adapter. :raises UnknownOperation: there is none."""
        operation = self._registered(code)
        if operation.adapter != adapter:
            raise UnknownOperation(code)
        return operation

    def scripts_for(self, request: Request) -> list[Script]:
        """Take the scripts that apply to a request, which count as used; the weather comes after them."""
        with self.database.transaction() as store:
            scripts = take_scripts(store, request.adapter, request.operation, request.facts)
            weather = draw(store, request.adapter, request.operation_id)
            return scripts if weather is None else [*scripts, weather]

    def receive(self, request: Request, scripts: list[Script], now: datetime) -> Outcome:
        """Do what is asked, once per key; everything or nothing is kept."""
        operation = self.operation(request.adapter, request.operation)
        fault = next((script for script in scripts if script.fault != "answer"), None)
        try:
            with self.database.transaction() as store:
                known = store.get("calls", request.operation_id)
                if (outcome := _repeated(operation, request, known, now)) is not None:
                    return outcome
                if fault is not None and fault.fault == "reject_result":
                    raise Rejected(refusal_code(operation, fault), fault.message)
                outputs = self._take_effect(store, operation, request, now)
                for script in scripts:
                    outputs = {**outputs, **script.outputs}
                outcome = self._answered(store, operation, request, fault, now, outputs=outputs)
        except Rejected as refusal:
            if refusal.code == "key-reused":
                return Outcome(status="rejected", code=refusal.code, message=refusal.message)
            with self.database.transaction() as store:
                outcome = self._answered(store, operation, request, fault, now, refusal=refusal)
        self.wake()
        return outcome

    def look_up(self, adapter: str, operation_id: str, now: datetime) -> tuple[str, Outcome] | None:
        """Return the operation of a key and how it stands; ``None`` = never heard of it."""
        with self.database.transaction() as store:
            doc = store.get("calls", operation_id)
        if doc is None or doc["adapter"] != adapter:
            return None
        if self._registered(doc["operation"]).idempotency == "neither":
            return None
        return doc["operation"], _as_outcome(doc, now)

    def _registered(self, code: str) -> Operation:
        if code in self.registry:
            return self.registry.get(code)
        with self.database.transaction() as store:
            row = store.get("operations", code)
        if row is None:
            raise UnknownOperation(code)
        rows = [{**row["row"], "undo": None, "irreversible": True}]
        policies = [{"code": row["row"]["retry"], "attempts": 1, "first_wait_s": 1, "factor": 1, "cap_s": 1}]
        return OperationRegistry.from_data({"operations": rows, "retry_policies": policies}).get(code)

    def _take_effect(self, store: Store, operation: Operation, request: Request, now: datetime) -> dict[str, Any]:
        work = Work(
            store=store,
            inputs=request.inputs,
            now=now,
            business_key=request.business_key,
            area=request.area,
            operation_id=request.operation_id,
            is_ample=self.is_ample,
        )
        if request.business_key and work.text("product_id") and operation.is_write:
            store.put("links", request.business_key, {"product_id": work.text("product_id")})
        handler = HANDLERS.get(operation.code) or generic_handler(operation)
        return handler(work)

    def _answered(
        self,
        store: Store,
        operation: Operation,
        request: Request,
        fault: Script | None,
        now: datetime,
        *,
        outputs: Mapping[str, Any] | None = None,
        refusal: Rejected | None = None,
    ) -> Outcome:
        """Write down the result of a call and promise its callback."""
        known = store.get("calls", request.operation_id) or {"count": 0}
        later = operation.mode == "callback"
        delay_s = self.delays_s.get(operation.code, self.callback_delay_s)
        kind = fault.fault if fault else ""
        if kind == "late_callback" and fault is not None:
            delay_s = fault.seconds if fault.seconds is not None else 5.0
        weather = weather_now(store) if later else None
        if weather is not None and not weather.concerns(request.adapter):
            weather = None
        is_early = kind == "early_callback" or (weather is not None and weather.is_early(request.operation_id))
        ready_s = now.timestamp() + delay_s if later and not is_early else now.timestamp()
        doc: Doc = {
            "adapter": request.adapter,
            "operation": operation.code,
            "is_write": operation.is_write,
            "digest": request.digest,
            "state": "rejected" if refusal else "done",
            "outputs": dict(outputs or {}),
            "code": refusal.code if refusal else "",
            "message": refusal.message if refusal else "",
            "count": int(known["count"]) + (0 if refusal else 1),
            "ready_s": ready_s,
            "ref": request.business_key or None,
            "at": now.isoformat(),
        }
        store.put("calls", request.operation_id, doc)
        if not later:
            return _as_outcome(doc, now)
        if not request.callback_url or kind == "no_callback":
            return Outcome(status="pending")
        result = Result(
            adapter=request.adapter,
            operation_id=request.operation_id,
            outputs=doc["outputs"],
            code=doc["code"],
            message=doc["message"],
        )
        # An early one is sent by whoever answers; should he die before, it goes out two seconds later.
        due_s = [ready_s + 2 if is_early else ready_s] * (2 if kind == "duplicate_callback" else 1)
        if weather is not None:
            due_s = [due_s[0] + later_s for later_s in weather.delays_s(request.operation_id)]
        keys = promise(store, result, request.callback_url, now=now, due_s=due_s)
        return Outcome(status="pending", send_now=tuple(keys[:1] if weather else keys) if is_early else ())


def _repeated(operation: Operation, request: Request, known: Doc | None, now: datetime) -> Outcome | None:
    """Return the stored answer to a repeated key; ``None``: this one has to be done.

    :raises Rejected: ``key-reused``, the key came with another body.
    """
    if known is None or operation.idempotency in ("queryable", "neither"):
        return None
    if known["digest"] != request.digest:
        raise Rejected("key-reused", "the same key came with another body")
    outcome = _as_outcome(known, now)
    if outcome.status == "rejected" or (operation.idempotency == "readonly" and outcome.status == "done"):
        return None  # a refusal changed nothing, a question may be asked again
    return outcome


def _as_outcome(doc: Doc, now: datetime) -> Outcome:
    if float(doc["ready_s"]) > now.timestamp():
        return Outcome(status="pending")
    return Outcome(status=doc["state"], outputs=doc["outputs"], code=doc["code"], message=doc["message"])


def refusal_code(operation: Operation, fault: Script) -> str:
    """Return the code a scripted refusal answers: its own, else the first the operation documents."""
    return fault.code or next(iter(operation.failures), "element-rejected")
