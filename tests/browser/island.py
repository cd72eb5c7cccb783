"""A bare page around the designer, served with a strict security policy, with scripted answers of the server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.servers import ROOT

DIST = ROOT / "app" / "web" / "static" / "dist"
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'"
)
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Designer</title>
<meta name="csrf-token" content="the-token">{styles}<script type="module" src="/dist/{script}"></script></head><body>
<main><h1>Designer</h1><div id="designer" data-file-name="demo.bpmn"{source}
 data-operations-url="/vocabulary" data-check-url="/check"
 data-read-only="{read_only}">without JavaScript</div></main></body></html>"""
#: What is asked while somebody draws, and answered unless a test says otherwise.
QUIET: tuple[int, dict[str, Any]] = (200, {"findings": [], "ok": True, "names": [], "marks": []})
KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".woff": "font/woff"}


@dataclass
class Island:
    """The page's server: set the answers, read what was asked."""

    url: str = ""
    source: str = ""
    language: str = "zh-CN"
    read_only: bool = False
    vocabulary: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)

    pages: dict[str, str] = field(default_factory=dict)

    def entry(self, name: str) -> dict[str, Any]:
        """The built files of one entry."""
        found: dict[str, Any] = json.loads((DIST / "manifest.json").read_text())[f"frontend/{name}/index.js"]
        return found

    def page(self) -> str:
        entry = self.entry("designer")
        manifest = json.loads((DIST / "manifest.json").read_text())
        chunks = [entry, *(manifest[name] for name in entry.get("imports", ()))]
        sheets = [name for chunk in chunks for name in chunk.get("css", ())]
        styles = "".join(f'<link rel="stylesheet" href="/dist/{name}">' for name in sheets)
        source = ' data-source-url="/source"' if self.source else ""
        read_only = str(self.read_only).lower()
        return PAGE.format(
            language=self.language, styles=styles, script=entry["file"], source=source, read_only=read_only
        )


def _handler(island: Island) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/dist/"):
                file = DIST / self.path.partition("?")[0].removeprefix("/dist/")
                self._answer(200, KINDS.get(file.suffix, "application/octet-stream"), file.read_bytes())
            elif self.path == "/source":
                self._answer(200, "text/xml; charset=utf-8", island.source.encode())
            elif self.path == "/vocabulary":
                self._answer(200, "application/json", json.dumps(island.vocabulary).encode())
            elif self.path == "/":
                self._answer(200, "text/html; charset=utf-8", island.page().encode())
            elif self.path in island.pages:
                self._answer(200, "text/html; charset=utf-8", island.pages[self.path].encode())
            else:
                self._answer(204, "text/plain", b"")

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            body = json.loads(sent) if "json" in self.headers["Content-Type"] else dict(parse_qsl(sent))
            island.asked.append((self.path, body, self.headers.get("X-CSRF-Token")))
            status, answer = island.answers.get(self.path, QUIET)
            self._answer(status, "application/json", json.dumps(answer).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serve() -> Iterator[Island]:
    island = Island()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(island)) as server:
        island.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield island
        server.shutdown()
        thread.join()
