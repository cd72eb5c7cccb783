"""What makes an application of the phone's pages: service worker, manifest, and what is shown without a connection.

Nothing here is about anybody, so nobody has to be signed in.
"""

from __future__ import annotations

from typing import Final

from flask import jsonify, make_response, render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.access import current_language, public, public_machine
from app.web.assets import FIELD_SHEETS, FIELD_WORKER, SHEETS
from app.web.frame import basics, current_assets
from app.web.site import bp
from app.web.texts import Texts

ICON_SIZES: Final = (192, 512)
NAVY: Final = "#0b3b66"


@bp.get("/field/sw.js")
@public_machine
def field_worker() -> Response:
    """The service worker. Its address never changes, and every start of the phone's pages asks whether it has."""
    assets = current_assets()
    built = assets.scripts(FIELD_WORKER)
    if not built:
        raise NotFound
    response = assets.send(built[0])
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/field"
    return response


@bp.get("/field/manifest.webmanifest")
@public
def field_manifest() -> Response:
    """How a phone puts the pages on its home screen."""
    t = Texts(current_language())
    static = current_assets().address
    icons = [
        {"src": static(f"field-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in ICON_SIZES
    ]
    response = jsonify(
        {
            "id": "/field",
            "name": t("Yizhan visits"),
            "short_name": t("Visits"),
            "lang": "en" if t.language == "en" else "zh-CN",
            "start_url": "/field",
            "scope": "/field",
            "display": "standalone",
            "background_color": NAVY,
            "theme_color": NAVY,
            "icons": icons,
        }
    )
    response.headers["Content-Type"] = "application/manifest+json"
    return response


@bp.get("/field/offline")
@public
def field_offline() -> Response:
    """What the phone shows for a page it does not keep, while there is no connection."""
    t = Texts(current_language())
    body = render_template(
        "field/offline.html", language=t.language, sheets=SHEETS, field_sheets=FIELD_SHEETS, **basics(t)
    )
    response = make_response(body)
    response.headers["Content-Language"] = "en" if t.language == "en" else "zh-CN"
    return response
