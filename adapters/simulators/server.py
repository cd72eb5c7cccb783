"""The far systems as one HTTP server: each under its own path, testers under ``/control``."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, jsonify, request

from adapters.operations import Operation, UnknownOperation
from adapters.simulators import control
from adapters.simulators.call_book import CALLS, calls_page
from adapters.simulators.callbacks import Postman
from adapters.simulators.clock import FarClock
from adapters.simulators.control_routes import control_routes
from adapters.simulators.desk import BOOKS, Desk, Outcome, Request, refusal_code
from adapters.simulators.scripts import Script
from adapters.simulators.store import Store
from adapters.simulators.traffic import Traffic

_PAGE: Final = 500
Answered = tuple[Response, int]


class InFlight:
    """Keys of calls being worked on; the same key again meanwhile is refused."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, key: str) -> Iterator[bool]:
        """Give whether the key was free; it is taken inside."""
        with self._lock:
            is_free = key not in self._keys
            self._keys.add(key)
        try:
            yield is_free
        finally:
            if is_free:
                with self._lock:
                    self._keys.discard(key)


def create_server(
    desk: Desk,
    postman: Postman,
    clock: FarClock,
    *,
    refill: Callable[[Store], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Flask:
    """Return the WSGI application. ``refill`` fills wiped books; ``sleep`` is how a slow system is slow."""
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    in_flight, traffic = InFlight(), Traffic()

    @app.after_request
    def count(answer: Response) -> Response:
        adapter = (request.view_args or {}).get("adapter")
        if adapter is not None and request.endpoint != "book":
            traffic.count(clock.now().timestamp(), adapter, answer.status_code)
        return answer

    @app.get("/healthz")
    def healthz() -> Answered:
        with desk.database.transaction() as store:
            store.get("clock", "offset")
        return jsonify(status="ok"), HTTPStatus.OK

    @app.post("/<adapter>/operations/<path:code>")
    def perform(adapter: str, code: str) -> Answered | Response:
        key = request.headers.get("Idempotency-Key", "")
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("inputs"), dict) or not 1 <= len(key) <= 255:
            return _refused(
                "request-not-understood", "a JSON object with inputs and an Idempotency-Key are needed", 400
            )
        try:
            operation = desk.operation(adapter, code)
        except UnknownOperation:
            return _refused("operation-unknown", code, HTTPStatus.NOT_FOUND)
        if problems := control.input_problems(operation, body["inputs"]):
            return _refused("request-not-understood", "; ".join(problems), 400)
        call = _request(adapter, code, key, body)
        with in_flight.entered(key) as is_free:
            if not is_free:
                return _refused("in-flight", "the same key is being worked on", HTTPStatus.CONFLICT)
            return _perform(desk, postman, clock, operation, call, sleep)

    @app.get("/<adapter>/operations/by-key/<key>")
    def by_key(adapter: str, key: str) -> Answered:
        found = desk.look_up(adapter, key, clock.now())
        if found is None:
            return _refused("key-unknown", key, HTTPStatus.NOT_FOUND)
        return _told(found[1], operation=found[0])

    @app.get("/<adapter>/books/<kind>")
    def book(adapter: str, kind: str) -> Answered:
        if kind not in BOOKS.get(adapter, ()) and (kind != CALLS or adapter not in BOOKS):
            return _refused("book-unknown", kind, HTTPStatus.NOT_FOUND)
        limit = max(1, min(request.args.get("limit", _PAGE, type=int), _PAGE))
        with desk.database.transaction() as store:
            rows = store.page(kind, request.args.get("after", ""), limit)
        following = rows[-1][0] if len(rows) == limit else None
        if kind == CALLS:
            return jsonify(items=calls_page(rows, adapter, clock.now()), next=following), HTTPStatus.OK
        return jsonify(items=[{**doc, "key": name} for name, doc in rows], next=following), HTTPStatus.OK

    app.register_blueprint(control_routes(desk, clock, refill, traffic), url_prefix="/control")
    return app


def _request(adapter: str, code: str, key: str, body: dict[str, Any]) -> Request:
    url = body.get("callback_url")
    return Request(
        adapter=adapter,
        operation=code,
        operation_id=key,
        inputs=body["inputs"],
        business_key=str(body.get("business_key") or ""),
        area=str(body.get("area") or ""),
        callback_url=url if isinstance(url, str) and url.startswith(("http://", "https://")) else None,
    )


def _perform(
    desk: Desk,
    postman: Postman,
    clock: FarClock,
    operation: Operation,
    call: Request,
    sleep: Callable[[float], None],
) -> Answered | Response:
    scripts = desk.scripts_for(call)
    fault = next((script for script in scripts if script.fault != "answer"), None)
    if fault is not None and (answer := _stopped(operation, fault)) is not None:
        return answer
    if fault is not None and fault.fault == "slow":
        sleep(fault.seconds if fault.seconds is not None else 30.0)
    outcome = desk.receive(call, scripts, clock.now())
    for key in outcome.send_now:
        postman.send_key(key, clock.now())
    if fault is not None and fault.fault == "drop_after":
        return _cut_off()
    return _told(outcome)


def _stopped(operation: Operation, fault: Script) -> Answered | None:
    """Return the answer of a fault that comes before any effect."""
    if fault.fault == "refuse":
        return _refused(refusal_code(operation, fault), fault.message, HTTPStatus.UNPROCESSABLE_ENTITY)
    if fault.fault != "error503":
        return None
    answer, status = _refused("down", "scripted", HTTPStatus.SERVICE_UNAVAILABLE)
    if fault.seconds is not None:
        answer.headers["Retry-After"] = f"{fault.seconds:g}"
    return answer, status


def _told(outcome: Outcome, **more: Any) -> Answered:
    if outcome.status == "rejected":
        return _refused(outcome.code, outcome.message, HTTPStatus.UNPROCESSABLE_ENTITY)
    if outcome.status == "pending":
        return jsonify(accepted=True, **more), HTTPStatus.ACCEPTED
    return jsonify(outputs=outcome.outputs, **more), HTTPStatus.OK


def _refused(code: str, message: str, status: int) -> Answered:
    return jsonify(code=code, message=message), status


def _cut_off() -> Response:
    """Promise more than is sent: the server then drops the connection."""
    return Response(iter(()), status=HTTPStatus.OK, headers={"Content-Length": "64"}, mimetype="application/json")
