"""Pages with fixed data (``bench``), and a whole application with people in front of browsers (``site``)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask
from werkzeug.serving import make_server

from tests.api.world import copy_database, prepare, settings_for
from tests.web.bench_app import make_app
from tests.web.site import Site, World


@pytest.fixture(autouse=True, scope="session")
def _quiet_logs() -> Iterator[None]:
    structlog.configure(
        processors=[structlog.processors.format_exc_info], logger_factory=structlog.ReturnLoggerFactory()
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def bench() -> Flask:
    """The templates without anything behind them."""
    return make_app()


@pytest.fixture(scope="session")
def web_template(tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str]) -> Path:
    """A SQLite file with the demonstration's data and processes."""
    url = make_database("sqlite", migrated=True)
    path = Path(url.removeprefix("sqlite:///"))
    prepare(url, path.parent)
    return path


@pytest.fixture(scope="module")
def site(web_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running application of this test file, in demonstration mode."""
    folder = tmp_path_factory.mktemp("site")
    world = World(settings_for(copy_database(web_template, folder / "web.sqlite"), folder, demo=True))
    yield Site(world)
    world.close()


@pytest.fixture
def address(site: Site, request: pytest.FixtureRequest) -> Iterator[str]:
    """The application served on a free port."""
    # The page leaves before the server does: it fetches its parts again by itself.
    page = request.getfixturevalue("page") if "page" in request.fixturenames else None
    server = make_server("127.0.0.1", 0, site.world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    if page is not None and not page.is_closed():
        page.goto("about:blank")
    server.shutdown()
    thread.join(timeout=5)
