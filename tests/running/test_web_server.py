"""The web server stops although browsers keep their connections open."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import httpx
import pytest
from flask import Flask

from app.config import Settings
from app.running.web_server import WebServer
from tests.servers import free_port


@pytest.fixture
def settings() -> Settings:
    return replace(Settings(), port=free_port())


def app_of(seconds: float) -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def answer() -> str:
        time.sleep(seconds)
        return "done"

    return app


def test_it_ends_with_connections_open_and_finishes_what_is_being_answered(settings: Settings) -> None:
    server = WebServer(app_of(0.3), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    address = f"http://127.0.0.1:{settings.port}/"
    answers: list[str] = []
    with httpx.Client() as idle, httpx.Client() as busy:
        assert idle.get(address).text == "done"
        asking = threading.Thread(target=lambda: answers.append(busy.get(address).text))
        asking.start()
        time.sleep(0.1)
        server.stop()
        thread.join(timeout=10)
        asking.join(timeout=10)
    assert not thread.is_alive()
    assert answers == ["done"]
