"""The far systems in memory: the same behaviour as the server, without network, for fast tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.answer_codes import AnswerCodes
from adapters.errors import Rejected, Unreachable
from adapters.operations import OperationRegistry, UnknownOperation
from adapters.ports import Answer, OperationCall, Port
from adapters.simulators import control, seed
from adapters.simulators.call_book import CALLS, calls_page
from adapters.simulators.callbacks import Deliver, Postman
from adapters.simulators.desk import BOOKS, Desk, Outcome, Request, refusal_code
from adapters.simulators.memory_store import MemoryStore
from adapters.simulators.scripts import Script, add_script, clear_scripts
from adapters.wiring import VENDORS


def _nobody(_adapter: str, _url: str, _body: bytes, _headers: Mapping[str, str]) -> bool:
    return True


class Twin:
    """``ports`` is what :func:`adapters.wiring.build_ports` would give.

    :param now: the far systems' clock, aware UTC.
    :param deliver: takes a callback (adapter, address, body, signed headers) and says whether it was accepted.
    :param seed_data: tables as in the data folder (see :func:`adapters.simulators.seed.read_folder`).
    """

    def __init__(
        self,
        registry: OperationRegistry,
        *,
        now: Callable[[], datetime],
        deliver: Deliver = _nobody,
        secret: bytes = b"twin",
        seed_data: Mapping[str, Any] | None = None,
        callback_delay_s: float = 0.3,
        is_ample: bool = False,
    ) -> None:
        self.database = MemoryStore()
        self.now = now
        self.desk = Desk(
            database=self.database, registry=registry, callback_delay_s=callback_delay_s, is_ample=is_ample
        )
        self.postman = Postman(
            database=self.database, secrets=[secret], deliver=deliver, wall=lambda: now().timestamp()
        )
        self.ports: dict[str, Port] = {
            adapter: TwinPort(adapter=adapter, codes=codes, twin=self) for adapter, codes in VENDORS.items()
        }
        with self.database.transaction() as store:
            seed.load(store, seed_data or {})

    def script(self, fault: str, operation: str = "*", **more: Any) -> None:
        """Script a fault; the names are those of :class:`adapters.simulators.scripts.Script`."""
        with self.database.transaction() as store:
            add_script(store, Script.from_json({"fault": fault, "operation": operation, **more}))

    def clear_scripts(self) -> None:
        """Forget every script."""
        with self.database.transaction() as store:
            clear_scripts(store)

    def send_callbacks(self) -> int:
        """Deliver what is due by the twin's clock, and return how many were tried."""
        return self.postman.send_due(self.now())

    def effects(self) -> list[dict[str, Any]]:
        """Return every call that arrived, with the count how often it took effect."""
        with self.database.transaction() as store:
            return control.effects(store, self.now())

    def plant(self, kind: str, key: str, change: Mapping[str, Any]) -> int:
        """Change a document behind everybody's back; see :func:`adapters.simulators.control.plant`."""
        with self.database.transaction() as store:
            return control.plant(store, kind, key, change)


@dataclass(frozen=True, kw_only=True)
class TwinPort:
    """One far system in memory."""

    adapter: str
    codes: AnswerCodes
    twin: Twin

    def available_in_s(self) -> float:
        """It has no breaker."""
        return 0.0

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        """See :class:`adapters.ports.Port`."""
        request = Request(
            adapter=self.adapter,
            operation=call.name,
            operation_id=call.operation_id,
            inputs=call.inputs,
            business_key=call.business_key,
            area=call.area,
            callback_url=call.callback_url,
        )
        desk = self.twin.desk
        try:
            operation = desk.operation(self.adapter, call.name)
        except UnknownOperation as exc:
            raise Rejected("operation-unknown", call.name) from exc
        if problems := control.input_problems(operation, call.inputs):
            raise Rejected("request-not-understood", "; ".join(problems))
        scripts = desk.scripts_for(request)
        fault = next((script for script in scripts if script.fault != "answer"), None)
        kind = fault.fault if fault else ""
        if fault is not None and kind == "error503":
            raise Unreachable(f"{self.adapter}: HTTP 503", retry_after_s=fault.seconds)
        if fault is not None and kind == "refuse":
            raise self._refusal(refusal_code(operation, fault), fault.message)
        outcome = desk.receive(request, scripts, self.twin.now())
        for key in outcome.send_now:
            self.twin.postman.send_key(key, self.twin.now())
        if kind == "drop_after" or (fault is not None and kind == "slow" and (fault.seconds or 0) >= timeout_s):
            raise Unreachable(f"{self.adapter}: connection lost")
        return self._answer(outcome)

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        """See :class:`adapters.ports.Port`."""
        found = self.twin.desk.look_up(self.adapter, operation_id, self.twin.now())
        if found is None:
            return None
        if found[1].status == "rejected":
            raise Rejected(self.codes.meaning(found[1].code)[0], found[1].message)
        return self._answer(found[1])

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        """See :class:`adapters.ports.Port`."""
        if kind not in BOOKS[self.adapter] and kind != CALLS:
            raise Rejected("unknown-answer", f"no book {kind}")
        with self.twin.database.transaction() as store:
            rows = [(key, doc) for key, doc in store.find(kind) if key > after]
        if kind == CALLS:
            return calls_page(rows, self.adapter, self.twin.now())
        return [{**doc, "key": key} for key, doc in rows]

    def _answer(self, outcome: Outcome) -> Answer:
        if outcome.status == "rejected":
            raise self._refusal(outcome.code, outcome.message)
        return Answer(outputs=outcome.outputs, pending=outcome.status == "pending")

    def _refusal(self, far_code: str, message: str) -> Rejected | Unreachable:
        if far_code == "key-reused":
            return Rejected(far_code, message)
        code, may_help = self.codes.meaning(far_code)
        if may_help:
            return Unreachable(f"{self.adapter}: {code}: {message}", maybe_done=False, code=code)
        return Rejected(code, message)
