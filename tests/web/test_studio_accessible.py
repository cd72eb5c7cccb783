"""The builder of forms and the editor of decision tables under axe, in both languages and on a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Site, sign_in
from tests.web.test_accessible import violations
from tests.web.test_form_desk import drawn

pytestmark = [pytest.mark.slow, pytest.mark.torture]


@pytest.mark.parametrize("kind", ["form", "dmn"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_studio_keeps_the_rules(page: Any, site: Site, address: str, kind: str, language: str) -> None:
    own = drawn(site, kind)
    sign_in(page, address, "designer", language)
    broken = []
    for width in (1440, 768, 360):
        page.set_viewport_size({"width": width, "height": 4000})
        page.goto(f"{address}{own}")
        page.locator(".studio[data-ready]").wait_for()
        if kind == "form":
            page.locator(".studio-grid button").first.click()
        broken += [f"{width}: {line}" for line in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        broken += [f"{width}: {wide} px too wide"] * (wide > 0)
    assert not broken, "\n".join(broken)
