"""Drafts in the catalogue: kept by a button of the upload, listed with what is wrong, fetched and thrown away."""

from __future__ import annotations

import io
import re

from tests.processes.drawing import bpmn, flows, start, user
from tests.web.site import Site

HALF = bpmn(start(), user("a"), flows("s>a a>gone"), key="half_done")


def test_a_file_that_cannot_run_is_kept_listed_fetched_and_thrown_away(site: Site) -> None:
    designer = site.visitor("designer")
    kept = designer.post("/processes/upload", {"do": "draft", "files": (io.BytesIO(HALF), "half <b>.bpmn")})
    assert kept.status_code == 303
    page = designer.get("/processes").get_data(as_text=True)
    assert 'data-testid="draft-row"' in page and "half &lt;b&gt;.bpmn" in page and "half <b>" not in page
    source = re.search(r'href="([^"]*/processes/drafts/[^"]+/source)"', page)
    remove = re.search(r'action="([^"]*/processes/drafts/[^"]+/remove)"', page)
    assert source and remove
    assert designer.get(source[1]).data == HALF
    assert "half_done" not in re.findall(r'data-href="[^"]*/processes/([^"/]+)', page)
    assert designer.post(remove[1], {}).status_code == 303
    assert 'data-testid="draft-row"' not in designer.get("/processes").get_data(as_text=True)
    assert designer.get(source[1]).status_code == 404
