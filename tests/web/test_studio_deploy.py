"""Forms and decision tables from a draft to what people and processes get: report, test rows that stand against it."""

from __future__ import annotations

import json

import pytest

from tests.web.site import Site
from tests.web.test_deploy_pages import fields_of, notes_of
from tests.web.test_form_desk import FORM, asked, board

pytestmark = [pytest.mark.slow, pytest.mark.torture]


def saved(site: Site, draft: str, text: str) -> None:
    assert asked(site, f"{draft}/save", {"text": text, "revision": 1})[0] == 200


def deployed(site: Site, draft: str) -> str:
    """Send the report's form; returns the page that says what came of it."""
    designer = site.visitor("designer")
    report = designer.get(f"{draft}/deploy").get_data(as_text=True)
    given = {**fields_of(report), "when": "now", "release_note": "a small change"}
    answer = designer.post(f"{draft}/deploy", given | dict.fromkeys(notes_of(report), "looked at"))
    return answer.headers["Location"] if answer.status_code == 303 else answer.get_data(as_text=True)


def test_a_changed_form_becomes_the_next_version_that_people_fill_in(site: Site) -> None:
    draft = board(site, "verify_identity")
    designer = site.visitor("designer")
    body = json.loads(designer.get("/processes/forms/verify_identity/1/source").get_data())
    body["components"].append({"type": "textfield", "key": "witness", "label": "见证人", "labelEn": "Witness"})
    saved(site, draft, json.dumps(body, ensure_ascii=False))
    assert "见证人" not in designer.get("/processes/forms/verify_identity").get_data(as_text=True)
    deployed(site, draft)
    page = designer.get("/processes/forms/verify_identity").get_data(as_text=True)
    assert "见证人" in page
    assert "verify_identity v2" in page
    assert "见证人" not in designer.get("/processes/forms/verify_identity/1").get_data(as_text=True)


def test_a_form_with_a_mistake_cannot_be_deployed(site: Site) -> None:
    draft = board(site)
    body = json.loads(FORM)
    body["components"].append({"type": "html", "content": "<script>alert(1)</script>"})
    saved(site, draft, json.dumps(body))
    report = site.visitor("designer").get(f"{draft}/deploy").get_data(as_text=True)
    assert "没有 html 这种类型" in report
    deployed(site, draft)
    assert site.visitor("designer").get("/processes/forms/install_at_customer/2").status_code == 404


def test_a_test_row_that_fails_stands_against_a_table(site: Site) -> None:
    designer = site.visitor("designer")
    draft = board(site, "suspension_fee", "dmn")
    own = designer.get(draft).headers["Location"]
    text = designer.get("/processes/decisions/suspension_fee/1/source").get_data(as_text=True)
    saved(site, draft, text.replace('"storage"', '"storage_only"'))
    report = designer.get(f"{draft}/deploy").get_data(as_text=True)
    assert "cloud_desktop" in report
    deployed(site, draft)
    assert designer.get("/processes/decisions/suspension_fee/2").status_code == 404
    # The row is what has to change here: mended in the draft, and in force with it.
    rows = [
        {"name": "cloud_desktop", "inputs": {"product": "cloud_desktop"}, "expect": {"keep_fee": "storage_only"}},
        {"name": "home", "inputs": {"product": "iptv"}, "expect": {"keep_fee": "5.00"}},
    ]
    assert asked(site, f"{own}/cases", {"decision": "suspension_fee", "rows": rows})[0] == 200
    deployed(site, draft)
    page = designer.get("/processes/decisions/suspension_fee").get_data(as_text=True)
    assert "suspension_fee v2" in page
    assert "storage_only" in page
    later = designer.get(designer.get(board(site, "suspension_fee", "dmn")).headers["Location"]).get_data(as_text=True)
    assert "storage_only" in later
    assert "leased_line_national" not in later.split('"cases"', 1)[1].split("]", 1)[0]
