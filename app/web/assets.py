"""Style sheets, scripts and pictures: where they lie, and addresses that change when they do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flask import Response, request, send_from_directory
from werkzeug.exceptions import NotFound

HERE: Final = Path(__file__).parent / "static"
ROOT: Final = Path(__file__).parents[2]
SHEETS: Final = tuple(
    f"css/{name}.css"
    for name in (
        "tokens",
        "base",
        "frame",
        "controls",
        "tables",
        "parts",
        "drawings",
        "screens",
        "task",
        "customer",
        "models",
        "trials",
        "counter",
        "narrow",
    )
)
PAGE_ENTRY: Final = "frontend/page/index.js"
FIELD_ENTRY: Final = "frontend/field/index.js"
FIELD_WORKER: Final = "frontend/field/worker.js"
#: What only the pages of the phone need beside the others.
FIELD_SHEETS: Final = ("css/field.css",)
DESIGNER_ENTRY: Final = "frontend/designer/index.js"
FORMS_ENTRY: Final = "frontend/forms/index.js"
DECISIONS_ENTRY: Final = "frontend/decisions/index.js"
LONG_CACHE: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Assets:
    """The files of one running application. ``dist`` is what the front-end build made; it may be missing."""

    dist: Path
    versions: dict[str, str] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """The address of a file; part of it is a hash of the content, so browsers may keep it for ever."""
        if path.startswith("dist/"):
            return f"/assets/{path}"
        if path not in self.versions:
            self.versions[path] = hashlib.sha256((HERE / path).read_bytes()).hexdigest()[:12]
        return f"/assets/{path}?v={self.versions[path]}"

    def scripts(self, entry: str) -> tuple[str, ...]:
        """The module of a front-end entry; nothing when there is no build."""
        chunk = self._manifest().get(entry)
        return (f"dist/{chunk['file']}",) if chunk else ()

    def sheets(self, entry: str) -> tuple[str, ...]:
        """The style sheets of a front-end entry and of what it imports."""
        manifest = self._manifest()
        chunk = manifest.get(entry)
        if not chunk:
            return ()
        chunks = [chunk, *(manifest[name] for name in chunk.get("imports", ()) if name in manifest)]
        return tuple(dict.fromkeys(f"dist/{css}" for each in chunks for css in each.get("css", ())))

    def _manifest(self) -> dict[str, Any]:
        path = self.dist / "manifest.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def send(self, path: str) -> Response:
        """Answer with a file."""
        folder, name = (self.dist, path.removeprefix("dist/")) if path.startswith("dist/") else (HERE, path)
        if name == "manifest.json":
            raise NotFound
        response = send_from_directory(folder, name)
        if path.startswith("dist/assets/") or "v" in request.args:
            response.headers["Cache-Control"] = LONG_CACHE
        return response


def assets_at(dist_dir: str) -> Assets:
    """``dist_dir`` as in the settings; a relative one counts from the root of the project."""
    path = Path(dist_dir)
    return Assets(path if path.is_absolute() else ROOT / path)
