"""How a file that somebody sent in is handed out, so that no browser ever runs it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

#: Whatever the file says about itself: no script, no plug-in, no frame, and no rights of our own pages.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


def download_headers(name: str, media_type: str, *, inline: bool = False) -> dict[str, str]:
    """The headers. Only images that we have read ourselves are shown in the page, everything else is saved."""
    way = "inline" if inline and media_type.startswith("image/") else "attachment"
    suffix = name.rpartition(".")[2]
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"{way}; filename=\"file.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }
