"""The testers' door: scripts, effects, planted differences, stock, clock. Never part of a real system."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from adapters.operations import OperationDataRefused, OperationRegistry
from adapters.simulators import control, seed
from adapters.simulators.clock import FarClock
from adapters.simulators.desk import Desk
from adapters.simulators.scripts import Script, ScriptRefused, add_script, clear_scripts
from adapters.simulators.store import Store
from adapters.simulators.traffic import Traffic
from adapters.simulators.weather import Weather, clear_up, set_weather

Answered = tuple[Response, int]


def control_routes(desk: Desk, clock: FarClock, refill: Callable[[Store], None], traffic: Traffic) -> Blueprint:
    """Return the routes. ``refill`` puts the first stock into wiped books."""
    bp = Blueprint("control", __name__)
    bp.register_error_handler(ScriptRefused, lambda error: _refused(str(error)))
    bp.register_error_handler(OperationDataRefused, lambda error: _refused(str(error)))

    @bp.post("/faults")
    def add_fault() -> Answered:
        script = Script.from_json(_body())
        with desk.database.transaction() as store:
            add_script(store, script)
        return jsonify(status="scripted"), HTTPStatus.CREATED

    @bp.post("/scripts")
    def add_answer() -> Answered:
        script = Script.from_json({**_body(), "fault": "answer"})
        with desk.database.transaction() as store:
            add_script(store, script)
        return jsonify(status="scripted"), HTTPStatus.CREATED

    @bp.get("/faults")
    def list_faults() -> Answered:
        with desk.database.transaction() as store:
            return jsonify([doc for _, doc in store.find("scripts")]), HTTPStatus.OK

    @bp.delete("/faults")
    def forget_faults() -> Answered:
        with desk.database.transaction() as store:
            clear_scripts(store)
        return jsonify(status="forgotten"), HTTPStatus.OK

    @bp.get("/effects")
    def list_effects() -> Answered:
        now = clock.now()
        after, limit = request.args.get("after", ""), request.args.get("limit", type=int)
        with desk.database.transaction() as store:
            rows = control.effects(store, now, after=after, limit=limit)
        wanted = {name: request.args[name] for name in ("business_key", "operation", "adapter") if name in request.args}
        return jsonify([row for row in rows if all(row[n] == v for n, v in wanted.items())]), HTTPStatus.OK

    @bp.get("/callbacks")
    def list_callbacks() -> Answered:
        with desk.database.transaction() as store:
            rows = store.find("callbacks")
        return jsonify([{**doc, "key": key} for key, doc in rows]), HTTPStatus.OK

    @bp.post("/reset")
    def reset() -> Answered:
        with desk.database.transaction() as store:
            store.wipe()
            refill(store)
        clock.reload()
        return jsonify(status="as new"), HTTPStatus.OK

    _weather_routes(bp, desk, traffic)
    _book_routes(bp, desk, clock)
    return bp


def _weather_routes(bp: Blueprint, desk: Desk, traffic: Traffic) -> None:
    @bp.post("/weather")
    def change() -> Answered:
        weather = Weather.from_json(_body())
        with desk.database.transaction() as store:
            set_weather(store, weather)
        return jsonify(status="so it is"), HTTPStatus.CREATED

    @bp.delete("/weather")
    def clear() -> Answered:
        with desk.database.transaction() as store:
            clear_up(store)
        return jsonify(status="fair"), HTTPStatus.OK

    @bp.get("/tries")
    def list_tries() -> Answered:
        with desk.database.transaction() as store:
            rows = store.find("tries")
        return jsonify([{**doc, "key": key} for key, doc in rows]), HTTPStatus.OK

    @bp.get("/traffic")
    def list_traffic() -> Answered:
        return jsonify(traffic.rows()), HTTPStatus.OK

    @bp.delete("/traffic")
    def forget_traffic() -> Answered:
        traffic.forget()
        return jsonify(status="forgotten"), HTTPStatus.OK


def _book_routes(bp: Blueprint, desk: Desk, clock: FarClock) -> None:
    @bp.post("/books/<kind>/<path:key>")
    def plant(kind: str, key: str) -> Answered:
        with desk.database.transaction() as store:
            count = control.plant(store, kind, key, _body())
        return jsonify(changed=count), HTTPStatus.OK

    @bp.get("/books/<kind>/<path:key>")
    def look(kind: str, key: str) -> Answered:
        with desk.database.transaction() as store:
            doc = store.get(kind, key)
        return (jsonify(doc), HTTPStatus.OK) if doc is not None else _refused("no such document", HTTPStatus.NOT_FOUND)

    @bp.post("/seed")
    def load_seed() -> Answered:
        with desk.database.transaction() as store:
            return jsonify(added=seed.load(store, _body())), HTTPStatus.OK

    @bp.post("/operations")
    def add_operations() -> Answered:
        rows: list[dict[str, Any]] = list(_body().get("operations", ()))
        policies = [
            {"code": row.get("retry"), "attempts": 1, "first_wait_s": 1, "factor": 1, "cap_s": 1} for row in rows
        ]
        OperationRegistry.from_data(
            {"operations": [{**row, "undo": None, "irreversible": True} for row in rows], "retry_policies": policies}
        )
        with desk.database.transaction() as store:
            for row in rows:
                store.put("operations", row["code"], {"row": row})
        return jsonify(added=len(rows)), HTTPStatus.CREATED

    @bp.post("/clock")
    def set_clock() -> Answered:
        try:
            clock.set_offset(float(_body().get("offset_s", 0)))
        except (TypeError, ValueError):
            return _refused("offset_s must be a number of seconds")
        desk.wake()
        return jsonify(now=clock.now().isoformat()), HTTPStatus.OK


def _body() -> dict[str, Any]:
    value = request.get_json(silent=True)
    return value if isinstance(value, dict) else {}


def _refused(message: str, status: int = HTTPStatus.BAD_REQUEST) -> Answered:
    return jsonify(code="request-not-understood", message=message), status
