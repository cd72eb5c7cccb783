"""Forms for designers, without a browser: list, version, draft, check, preview, and who may do what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.web.site import Site

FORM = (Path(__file__).parents[2] / "bpmn" / "forms" / "install_at_customer.json").read_text("utf-8")


def board(site: Site, key: str = "install_at_customer", kind: str = "form") -> str:
    """The address of a draft made from the version in force."""
    made = site.visitor("designer").post("/processes/drafts", {"from": "version", "kind": kind, "key": key})
    assert made.status_code == 303, made.get_data(as_text=True)
    return made.headers["Location"]


def drawn(site: Site, kind: str) -> str:
    """The address of the builder or the editor with a draft of this kind."""
    key = {"form": "install_at_customer", "dmn": "suspension_fee"}[kind]
    return site.visitor("designer").get(board(site, key, kind)).headers["Location"].partition("?")[0]


def asked(site: Site, path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
    visitor = site.visitor("designer")
    answer = visitor.client.post(path, json=body, headers={"X-CSRF-Token": visitor.token()})
    return answer.status_code, answer.get_json()


def test_the_list_says_which_steps_ask_a_form(site: Site) -> None:
    designer = site.visitor("designer")
    text = designer.get("/processes/forms").get_data(as_text=True)
    assert "上门装机" in text
    assert "Install at the customer" in designer.get("/processes/forms?lang=en").get_data(as_text=True)
    found = designer.get("/processes/forms?q=smzj&lang=zh").get_data(as_text=True)
    assert "上门装机" in found
    assert "信用复核" not in found
    assert "没有符合" in designer.get("/processes/forms?q=zzzz").get_data(as_text=True)


def test_a_version_shows_questions_in_both_languages_and_the_form_itself(site: Site) -> None:
    text = site.visitor("designer").get("/processes/forms/install_at_customer").get_data(as_text=True)
    for words in ("光猫序列号", "ONT serial", "扫码", "当“安装光猫”为", "/processes/field_installation/"):
        assert words in text, words
    assert site.visitor("designer").get("/processes/forms/no_such_form").status_code == 404
    source = site.visitor("designer").get("/processes/forms/install_at_customer/1/source")
    assert json.loads(source.get_data()) == json.loads(FORM)


def test_a_draft_opens_its_own_board_and_nobody_elses(site: Site) -> None:
    designer, address = site.visitor("designer"), board(site)
    led = designer.get(f"{address}?element=ont_serial")
    assert led.status_code == 303
    assert led.headers["Location"].endswith("?element=ont_serial")
    own = led.headers["Location"].partition("?")[0]
    page = designer.get(own).get_data(as_text=True)
    assert 'id="form-builder"' in page
    assert "install_at_customer.form" in page
    assert designer.get(own.replace("/forms/", "/decisions/")).status_code == 404


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "html", "content": "<b onclick=alert(1)>x</b>"}, "components[5]"),
        ({"type": "iframe", "url": "javascript:alert(1)"}, "components[5]"),
        ({"type": "expression", "key": "sum", "expression": "=1+1"}, "sum"),
        ({"type": "textfield", "key": "a", "label": "甲", "labelEn": "A", "conditional": {"hide": "=b"}}, "a"),
        ({"type": "select", "key": "a", "label": "甲", "labelEn": "A", "valuesExpression": "=list"}, "a"),
        ({"type": "textfield", "key": "remark", "label": "甲", "labelEn": "A"}, "remark"),
        ({"type": "textfield", "key": "a", "label": "甲"}, "a"),
        ({"type": "textfield", "key": "a", "label": "甲", "labelEn": "A", "validate": {"pattern": "("}}, "a"),
        ({"type": "group", "label": "甲", "components": [{"type": "group", "components": []}]}, "components[5]"),
    ],
)
def test_what_is_not_offered_is_refused_at_its_question(site: Site, change: dict[str, object], path: str) -> None:
    body = json.loads(FORM)
    body["components"].append(change)
    status, said = asked(site, "/processes/forms/check", {"text": json.dumps(body)})
    assert status == 200
    assert said["ok"] is False
    problems = said["problems"]
    assert isinstance(problems, list)
    assert path in [one["path"] for one in problems]
    assert all(one["zh"] and one["en"] for one in problems)


def test_the_preview_checks_answers_as_the_task_page_does(site: Site) -> None:
    designer = site.visitor("designer")
    shown = designer.post("/processes/forms/preview", {"schema": FORM, "in": "en"})
    assert "ONT serial" in shown.get_data(as_text=True)
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    wrong = designer.post("/processes/forms/preview", {"schema": FORM, "in": "zh", "do": "check", "with_ont": "true"})
    assert "光猫序列号：请填写" in wrong.get_data(as_text=True)
    good = designer.post("/processes/forms/preview", {"schema": FORM, "in": "zh", "do": "check", "signature": "本人"})
    assert "这些答复会被接受" in good.get_data(as_text=True)
    broken = designer.post("/processes/forms/preview", {"schema": "{", "in": "zh"})
    assert "不是合法的 JSON" in broken.get_data(as_text=True)


def test_texts_of_a_form_are_never_markup(site: Site) -> None:
    body = json.loads(FORM)
    evil = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    body["name"] = body["components"][4]["label"] = evil
    shown = site.visitor("designer").post("/processes/forms/preview", {"schema": json.dumps(body), "in": "zh"})
    assert "<script>alert" not in shown.get_data(as_text=True)
    assert "<img src=x" not in shown.get_data(as_text=True)


def test_only_designers_draw(site: Site) -> None:
    own = site.visitor("designer").get(board(site)).headers["Location"]
    assert '"mayEdit": false' in site.visitor("back").get(own).get_data(as_text=True)
    made = {"from": "version", "kind": "form", "key": "install_at_customer"}
    assert site.visitor("back").post("/processes/drafts", made).status_code == 403
    assert site.visitor("front").get("/processes/forms").status_code == 403
    assert site.stranger().get("/processes/forms").status_code in (302, 303)
