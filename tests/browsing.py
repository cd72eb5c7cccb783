"""Watching what a browser page does behind the scenes."""

from __future__ import annotations

from urllib.parse import urlsplit


class PageWatch:
    """Notes console errors, uncaught exceptions and requests to other machines.

    ``allow`` a text that may appear in a console error, for example "401" when a test provokes one.
    """

    def __init__(self) -> None:
        # bpmn-js calls a method of its own library that is on its way out.
        self.allowed: list[str] = ["ContextPad#getPad is deprecated"]
        self._seen: list[str] = []

    def allow(self, text: str) -> None:
        self.allowed.append(text)

    @property
    def problems(self) -> list[str]:
        return [line for line in self._seen if not any(text in line for text in self.allowed)]

    def watch(self, page) -> None:  # type: ignore[no-untyped-def]
        page.on("console", lambda message: self._on_console(message))
        page.on("pageerror", lambda error: self._seen.append(f"uncaught: {error}"))
        page.on("request", lambda request: self._on_request(request.url))

    def _on_console(self, message) -> None:  # type: ignore[no-untyped-def]
        where = message.location.get("url", "") if message.location else ""
        # Some questions are asked without anybody's doing, and so perhaps while a test signs somebody out.
        by_itself = "401" in message.text and where.endswith(("/bell", "/field/state"))
        if message.type in {"error", "warning"} and not by_itself:
            self._seen.append(f"console {message.type}: {message.text} {where}".rstrip())

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}:
            self._seen.append(f"request to another machine: {url}")
