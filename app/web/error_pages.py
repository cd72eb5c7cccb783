"""Refusals as pages: what happened, a number to quote, a way on. No page ever shows how it broke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for

from app.access import current_deps, current_language, current_now, is_poll
from app.errors import AppError, DefinitionRefusedError, Unavailable
from app.observability import current_request_id
from app.web.assets import SHEETS
from app.web.formats import Formats
from app.web.frame import basics
from app.web.site import wants_fragment
from app.web.texts import Sentence, Texts

# status -> (title, advice, icon); texts are keys of the catalogue.
_WORDS: Final = {
    401: (Sentence("Please sign in"), Sentence("Sign in, then open the page again."), "lock"),
    403: (
        Sentence("You may not open this"),
        Sentence("Ask your team leader if your role should include this."),
        "lock",
    ),
    404: (
        Sentence("There is no such page"),
        Sentence("Check the address, or search by order number from the start page."),
        "search",
    ),
    409: (Sentence("Somebody was faster"), Sentence("Go back, reload the page and look at what has changed."), "user"),
    412: (Sentence("Somebody was faster"), Sentence("Go back, reload the page and look at what has changed."), "user"),
    413: (Sentence("That is too large"), Sentence("Send a smaller file, or fewer rows at once."), "warn"),
}
_OURS: Final = (
    Sentence("Something went wrong on our side"),
    Sentence("Nothing was saved. Try again in a minute; if it stays, tell operations the reference number."),
    "alert",
)
_YOURS: Final = (Sentence("The request cannot be answered"), Sentence("Go back and check what was entered."), "warn")


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """Everything on an error page."""

    language: str
    sheets: tuple[str, ...]
    status: int
    title: str
    message: str
    advice: str
    details: tuple[str, ...]
    icon: str
    reference: str
    at: str
    home: str
    back: str


def error_page(error: AppError) -> Response:
    """The answer to an error outside the JSON doors: a login, a page, a fragment, or JSON where a script asked."""
    if request.accept_mimetypes.best == "application/json":
        return _as_json(error)
    if error.http_status == 401:
        return _to_login()
    language = current_language()
    t = Texts(language)
    page = _page(error, language, t)
    template = "_error.html" if wants_fragment() else "error.html"
    body = render_template(template, page=page, **basics(t))
    response = make_response(body, error.http_status)
    response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def _as_json(error: AppError) -> Response:
    language = current_language()
    body: dict[str, object] = {
        "code": error.code,
        "message": error.message(language),
        "detail": error.message(language),
    }
    if isinstance(error, DefinitionRefusedError):
        body["findings"] = list(error.findings)
    response = jsonify(body)
    response.status_code = error.http_status
    return response


def _to_login() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    query = f"?{urlencode({'next': wanted})}" if wanted and wanted != "/" and not wants_fragment() else ""
    address = f"{url_for('web.login_page')}{query}"
    if wants_fragment():
        # A script cannot follow a redirect to another page; this header makes htmx load it.
        response = make_response("", 401)
        # A page that asked by itself says so, and keeps what is typed in it, instead of going away.
        if not is_poll():
            response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def _page(error: AppError, language: str, t: Texts) -> ErrorPage:
    status = error.http_status
    title, advice, icon = _WORDS.get(status, _OURS if status >= 500 else _YOURS)
    now = g.get("yizhan_now") or (current_now() if status < 500 else None)
    words = Formats(language, ZoneInfo(current_deps().settings.time_zone))
    english = language == "en"
    return ErrorPage(
        language=language,
        sheets=SHEETS,
        status=status,
        title=t(title),
        # What broke inside is for the log; people get the number under which it is there.
        message=_sentence(error.message(language)) if isinstance(error, Unavailable) or status < 500 else "",
        advice=t(advice),
        details=tuple(problem.en if english else problem.zh for problem in error.details),
        icon=icon,
        reference=current_request_id(),
        at=words.seconds(now) if now else "",
        home="/",
        back=_back(),
    )


def _back() -> str:
    referrer = request.referrer or ""
    return referrer if referrer.startswith(request.host_url) and referrer != request.url else "/"


def _sentence(words: str) -> str:
    """A message of the services as a sentence of its own."""
    return words[:1].upper() + words[1:]
