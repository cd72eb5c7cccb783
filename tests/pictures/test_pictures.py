"""The pictures of README and handbook: ``make screenshots`` takes them, and every run sees that none is missing.

A picture is kept as WebP, lossy: two dozen screens in two languages weigh less than one photograph.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from werkzeug.serving import make_server

from tests.pictures.scenes import SCENES, Scene
from tests.pictures.town import Town, TownTime, neighbours
from tests.servers import ROOT
from tests.services.whole import whole
from tests.web.site import sign_in

IMAGES: Final = ROOT / "docs" / "images"
LANGUAGES: Final = ("zh", "en")
NAMED: Final = re.compile(r"images/([\w.-]+\.webp)")


@pytest.fixture(scope="module")
def town(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    time = TownTime()
    folder = tmp_path_factory.mktemp("town")
    url = make_database("sqlite", migrated=True)
    with whole(url, folder, neighbours=neighbours(time), wait_scale=1.0) as running:
        built = Town(running, time)
        built.live()
        yield built


@pytest.fixture(scope="module")
def served(town: Town) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, town.running.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)


@pytest.mark.slow
@pytest.mark.torture
def test_every_picture_is_taken(
    request: pytest.FixtureRequest, town: Town, served: str, page: Any, tmp_path: Path
) -> None:
    """In full runs, too, so that the town does not fall into ruin unseen; they keep the pictures there are."""
    wanted = request.config.getoption("--pictures")
    folder, scenes = (IMAGES if wanted else tmp_path), SCENES
    for scene in scenes:
        for language in LANGUAGES:
            taken = folder / f"{scene.name}.{language}.webp"
            taken.write_bytes(photographed(page, served, town, scene, language))
            assert taken.stat().st_size > 4096


def photographed(page: Any, address: str, town: Town, scene: Scene, language: str) -> bytes:
    page.context.clear_cookies()
    page.set_viewport_size({"width": scene.width, "height": scene.height})
    sign_in(page, address, scene.login, language)
    answer = page.goto(f"{address}{scene.address(town)}")
    assert answer.status == 200, scene
    scene.before(page)
    page.wait_for_load_state("networkidle")
    devtools = page.context.new_cdp_session(page)
    shot = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    return base64.b64decode(shot["data"])


def test_documents_name_the_pictures_there_are() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {name for document in documents for name in NAMED.findall(document.read_text(encoding="utf-8"))}
    kept = {path.name for path in IMAGES.glob("*.webp")}
    assert named == kept
    assert kept == {f"{scene.name}.{language}.webp" for scene in SCENES for language in LANGUAGES}
