"""How we talk to an outside system over HTTP: time-outs, breaker, idempotency key, safe reading, call log."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from adapters.answer_codes import UNKNOWN_ANSWER, AnswerCodes
from adapters.deadline_transport import DeadlineTransport, deadline_at
from adapters.errors import BreakerOpen, NotSent, Rejected, StillWorking, Unreachable
from adapters.gate import Gate
from adapters.http_answers import AnswerRefused, parse_json, parse_object, read_body, retry_after_s
from adapters.operations import OperationRegistry
from adapters.ports import Answer, OperationCall
from adapters.redaction import CallLog, CallRecord, no_log, redacted

CONNECT_TIMEOUT_S: Final = 2.0
MAX_BOOK_PAGES: Final = 1000
IN_FLIGHT_WAIT_S: Final = 5.0
_RETRYABLE: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_KEY_REUSED: Final = "key-reused"


def open_http_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return the client all adapters share: no redirects, no proxies or credentials from the environment."""
    return httpx.Client(
        transport=transport or DeadlineTransport(),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "yizhan"},
    )


@dataclass(frozen=True, kw_only=True)
class FarReply:
    """Status and parsed headers of an answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class HttpPort:
    """A port over HTTP; the vendors differ in their table of answer codes.

    ``base_url`` is the address of this system, without the closing slash.
    """

    adapter: str
    base_url: str
    client: httpx.Client
    gate: Gate
    registry: OperationRegistry
    codes: AnswerCodes
    call_log: CallLog = no_log
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = field(default=time.time)

    def available_in_s(self) -> float:
        """Seconds until the gate lets a call through; 0 = now."""
        return self.gate.available_in_s()

    def retries_left(self) -> int:
        """How many repeats the gate would let through now."""
        return self.gate.retries_left()

    def figures(self) -> Mapping[str, int]:
        """How the gate stands, see :meth:`adapters.gate.Gate.figures`."""
        return self.gate.figures()

    def share(self, sharers: int) -> None:
        """So many processes call this system, see :meth:`adapters.gate.Gate.share`."""
        self.gate.share(sharers)

    def drain(self) -> None:
        """Calls may go out again after they were held back, see :meth:`adapters.gate.Gate.drain`."""
        self.gate.drain()

    def perform(self, call: OperationCall, *, timeout_s: float) -> Answer:
        """See :class:`adapters.ports.Port`."""
        started = self.monotonic()
        body = {
            "inputs": dict(call.inputs),
            "business_key": call.business_key,
            "area": call.area,
            "callback_url": call.callback_url,
        }
        url = f"{self.base_url}/operations/{quote(call.name)}"
        status: int | None = None
        outcome, code = "unreachable", ""
        try:
            reply = self._send(
                "POST", url, timeout_s=timeout_s, json=body, key=call.operation_id, is_retry=call.attempt > 1
            )
            status = reply.status
            answer = self._answer(call.name, reply)
            outcome = "pending" if answer.pending else "done"
            return answer
        except BreakerOpen:
            outcome = "breaker-open"
            raise
        except NotSent:
            outcome = "not-sent"
            raise
        except Rejected as exc:
            outcome, code = "rejected", exc.code
            raise
        finally:
            self._log(call, outcome, status, code, self.monotonic() - started)

    def query(self, operation_id: str, *, timeout_s: float, attempt: int = 1) -> Answer | None:
        """See :class:`adapters.ports.Port`."""
        url = f"{self.base_url}/operations/by-key/{quote(operation_id, safe='')}"
        reply = self._send("GET", url, timeout_s=timeout_s, is_retry=attempt > 1)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:  # it ended refused, so waiting for it is in vain
            far_code, message = _code_and_message(reply.body)
            raise Rejected(self.codes.meaning(far_code)[0], message)
        return self._answer("", reply)

    def books(self, kind: str, *, timeout_s: float, after: str = "") -> list[Mapping[str, Any]]:
        """See :class:`adapters.ports.Port`. Reads page after page; ``timeout_s`` is per page."""
        rows: list[Mapping[str, Any]] = []
        for _ in range(MAX_BOOK_PAGES):
            url = f"{self.base_url}/books/{quote(kind, safe='')}?after={quote(after, safe='')}"
            reply = self._send("GET", url, timeout_s=timeout_s)
            if reply.status != HTTPStatus.OK:
                raise self._refusal(reply)
            page = self._parsed(reply)
            if not isinstance(page.get("items"), list) or not all(isinstance(row, dict) for row in page["items"]):
                raise Unreachable(f"{self.adapter}: answer not understood: no list of rows")
            rows.extend(page["items"])
            if not page.get("next"):
                return rows
            after = str(page["next"])
        raise Unreachable(f"{self.adapter}: book {kind} does not end")

    def _send(
        self,
        method: str,
        url: str,
        *,
        timeout_s: float,
        json: Mapping[str, Any] | None = None,
        key: str | None = None,
        is_retry: bool = False,
    ) -> FarReply:
        with self.gate.passing(is_retry=is_retry) as passage:
            try:
                reply = self._exchange(method, url, timeout_s=timeout_s, json=json, key=key)
            except Unreachable:
                passage.succeeded = False
                raise
            passage.succeeded = reply.status < 500 and reply.status not in _RETRYABLE
            return reply

    def _exchange(
        self, method: str, url: str, *, timeout_s: float, json: Mapping[str, Any] | None, key: str | None
    ) -> FarReply:
        headers = {"Idempotency-Key": key} if key else {}
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S, pool=CONNECT_TIMEOUT_S)
        try:
            with (
                deadline_at(time.monotonic() + timeout_s + CONNECT_TIMEOUT_S),
                self.client.stream(method, url, json=json, headers=headers, timeout=timeout) as response,
            ):
                return FarReply(status=response.status_code, headers=response.headers, body=read_body(response))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as exc:
            raise Unreachable(f"{self.adapter}: no connection", maybe_done=False) from exc
        except (httpx.HTTPError, httpx.StreamError) as exc:
            raise Unreachable(f"{self.adapter}: {type(exc).__name__}") from exc
        except AnswerRefused as exc:
            raise Unreachable(f"{self.adapter}: {exc}") from exc

    def _answer(self, operation: str, reply: FarReply) -> Answer:
        if reply.status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            raise self._refusal(reply)
        body = self._parsed(reply)
        if reply.status == HTTPStatus.ACCEPTED:
            return Answer(outputs={}, pending=True)
        outputs = body.get("outputs")
        if not isinstance(outputs, dict):
            raise Unreachable(f"{self.adapter}: answer not understood: outputs is no object")
        name = operation or str(body.get("operation", ""))
        problems = self.registry.check_outputs(name, outputs) if name in self.registry else []
        if problems:
            raise Unreachable(f"{self.adapter}: answer not understood: {'; '.join(problems)}")
        return Answer(outputs=outputs)

    def _parsed(self, reply: FarReply) -> Mapping[str, Any]:
        try:
            return parse_object(reply.body)
        except AnswerRefused as exc:
            raise Unreachable(f"{self.adapter}: answer not understood: {exc}") from exc

    def _refusal(self, reply: FarReply) -> Unreachable | Rejected:
        far_code, message = _code_and_message(reply.body)
        if reply.status >= 500 or reply.status in _RETRYABLE or reply.status == HTTPStatus.CONFLICT:
            # The same key is still being worked on: asking at once again would only burn attempts.
            is_at_it = reply.status == HTTPStatus.CONFLICT
            usual_s = IN_FLIGHT_WAIT_S if is_at_it else None
            return (StillWorking if is_at_it else Unreachable)(
                f"{self.adapter}: HTTP {reply.status} {far_code}".rstrip(),
                retry_after_s=retry_after_s(reply.headers, self.wall()) or usual_s,
                maybe_done=reply.status != HTTPStatus.TOO_MANY_REQUESTS,
            )
        if not 400 <= reply.status < 500:
            return Unreachable(f"{self.adapter}: answer not understood: HTTP {reply.status}")
        if far_code == _KEY_REUSED:
            return Rejected(_KEY_REUSED, message)
        code, may_help = self.codes.meaning(far_code)
        if may_help:
            return Unreachable(
                f"{self.adapter}: {code}: {message}",
                retry_after_s=retry_after_s(reply.headers, self.wall()),
                maybe_done=False,
                code=code,
            )
        if code == UNKNOWN_ANSWER:
            message = f"HTTP {reply.status} {far_code}: {message}"
        return Rejected(code, message)

    def _log(self, call: OperationCall, outcome: str, status: int | None, code: str, duration_s: float) -> None:
        self.call_log(
            CallRecord(
                adapter=self.adapter,
                operation=call.name,
                operation_id=call.operation_id,
                business_key=call.business_key,
                attempt=call.attempt,
                outcome=outcome,
                http_status=status,
                code=code,
                duration_s=duration_s,
                inputs=redacted(call.inputs),
            )
        )


def _code_and_message(body: bytes) -> tuple[str, str]:
    try:
        value = parse_json(body)
    except AnswerRefused:
        return "", ""
    if not isinstance(value, dict):
        return "", ""
    return str(value.get("code", ""))[:64], str(value.get("message", ""))[:500]
