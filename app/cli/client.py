"""Talks to a running Yizhan over HTTP, the way a partner would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import httpx

from app.cli.settings import language
from app.config import Settings

TIMEOUT_S = 20.0


class Client:
    """A thin, polite client of the public interface; every refusal becomes one clear line and exit code 1."""

    def __init__(self, base_url: str, token: str, *, language: str = "en") -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=TIMEOUT_S,
        )

    @classmethod
    def from_settings(cls, settings: Settings, *, demo: str = "front") -> Client:
        """``YIZHAN_URL`` and ``YIZHAN_TOKEN``, by default the local demo as its user ``demo``."""
        return cls(settings.url, settings.token or f"demo-{demo}", language=language())

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def send(
        self, method: str, path: str, *, json: object = None, params: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Send one request and return the answer whatever its status; no server at all ends the command."""
        try:
            return self._http.request(method, path, json=json, params=params)
        except httpx.TransportError as error:
            raise click.ClickException(
                f"no Yizhan answers at {self.base_url} ({type(error).__name__}); start one with: make run"
            ) from error

    def get(self, path: str, **params: Any) -> Any:
        """The JSON body of a GET; a refusal ends the command with the server's own sentence."""
        return checked(self.send("GET", path, params=params or None)).json()

    def post(self, path: str, body: object = None) -> Any:
        """The JSON body of a POST; a refusal ends the command with the server's own sentence."""
        answer = checked(self.send("POST", path, json=body if body is not None else {}))
        return answer.json() if answer.content else {}


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer itself if it is a success.

    :raises click.ClickException: one line with status, code and the server's sentence otherwise.
    """
    if answer.is_success:
        return answer
    raise click.ClickException(refusal(answer))


def refusal(answer: httpx.Response) -> str:
    """What the server said, on one line for the sentence and one per wrong field."""
    try:
        body = answer.json()
    except ValueError:
        return f"{answer.status_code}: the server gave no readable reason"
    if not isinstance(body, dict):
        return f"{answer.status_code}: the server gave no readable reason"
    sentence = body.get("detail") or body.get("message") or body.get("reason") or body.get("title") or ""
    lines = [f"{answer.status_code} {body.get('code', '')}: {sentence}".strip()]
    details = body.get("errors") or body.get("details") or []
    for problem in details if isinstance(details, list) else []:
        told = problem.get("message") or problem.get("en") or "" if isinstance(problem, dict) else ""
        # One wrong field is often what the sentence says already.
        if isinstance(problem, dict) and told not in sentence:
            lines.append(f"  {problem.get('path', '')}: {told}")
    return "\n".join(lines)
