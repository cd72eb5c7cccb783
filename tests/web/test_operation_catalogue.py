"""The catalogue of operations: what the registry says in words, who calls what, and a try that touches nobody."""

from __future__ import annotations

import html
import json
import re

import pytest

from app.domain.ordering.own_operations import OWN_OPERATIONS
from app.web.pages.operation_values import OPERATION_VALUES
from tests.web.site import Site, text_of

PATH = "/processes/operations"


def form_of(page: str) -> dict[str, str]:
    """The form of the try as the page fills it in."""
    part = page.split('action="/processes/operations/', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input class="in" id="try-[^"]*" name="(i-[^"]*)" type="text" value="([^"]*)"', part))
    found |= dict(re.findall(r'<textarea class="in[^"]*" id="try-[^"]*" name="(i-[^"]*)"[^>]*>([^<]*)<', part))
    return {name: html.unescape(value) for name, value in found.items()}


def test_every_operation_is_listed_once_and_every_number_is_that_of_a_list(site: Site) -> None:
    designer = site.visitor("designer")
    everything = len(site.world.deps.registry.codes())
    codes = set()
    for offset in (0, 50, 100):
        codes |= set(
            re.findall(rf'href="{PATH}/([\w.]+)"', designer.get(f"{PATH}?offset={offset}").get_data(as_text=True))
        )
    assert len(codes) == everything
    shown = text_of(designer.get(f"{PATH}?q=zyyz"))
    assert "资源预占" in shown and "共 " in shown
    used, unused = (text_of(designer.get(f"{PATH}?only={word}")) for word in ("used", "unused"))
    numbers = [int(re.findall(r"共 (\d+) 条", text)[0]) for text in (used, unused)]
    assert sum(numbers) == everything and numbers[0] > 20
    assert "没有符合" in text_of(designer.get(f"{PATH}?q=zzzzzz"))


def test_an_operation_says_what_it_takes_gives_undoes_and_who_calls_it(site: Site) -> None:
    shown = text_of(site.visitor("designer").get(f"{PATH}/resource.reserve"))
    for words in (
        "资源预占",
        "撤销预占",
        "10 秒",
        "最多 8 次",
        "同一幂等键",
        "预占号 reservation_id",
        "资源配置",
        "无空闲端口",
    ):
        assert words in shown, words
    undo = text_of(site.visitor("designer").get(f"{PATH}/resource.restore_number"))
    assert "如何回退" in undo and "它的输出“冷冻天数”" in undo
    assert site.visitor("designer").get(f"{PATH}/resource.nothing").status_code == 404


def test_a_try_runs_on_a_neighbour_of_its_own_and_leaves_nothing(site: Site) -> None:
    designer = site.visitor("designer")
    before = site.world.twin.effects()
    form = form_of(designer.get(f"{PATH}/resource.reserve").get_data(as_text=True))
    assert form["i-address_code"] == "A0013"
    done = designer.post(f"{PATH}/resource.reserve/try", form)
    assert done.status_code == 200 and "它的回退" in text_of(done) and "完成" in text_of(done)
    refused = text_of(designer.post(f"{PATH}/resource.reserve/try", {**form, "happens": "no-free-port"}))
    assert "被拒绝" in refused and "它的回退" not in refused
    silent = text_of(designer.post(f"{PATH}/resource.reserve/try", {**form, "happens": "silent"}))
    assert "没有人及时应答" in silent
    bad = designer.post(f"{PATH}/resource.reserve/try", {**form, "i-resource_kinds": "[1,"})
    assert bad.status_code == 422 and 'aria-invalid="true"' in bad.get_data(as_text=True)
    hostile = designer.post(f"{PATH}/resource.reserve/try", {**form, "i-resource_kinds": "[" * 2000})
    assert hostile.status_code == 422
    assert site.world.twin.effects() == before, "the neighbour of this installation was never asked"


@pytest.mark.parametrize("login", ["front", "field"])
def test_who_draws_nothing_does_not_come_here(site: Site, login: str) -> None:
    assert site.visitor(login).get(PATH).status_code == 403


def test_who_only_looks_gets_no_try(site: Site) -> None:
    ops = site.visitor("ops2")
    page = ops.get(f"{PATH}/resource.reserve").get_data(as_text=True)
    assert "/try" not in page and ops.post(f"{PATH}/resource.reserve/try", {}).status_code == 403


def test_everything_an_operation_takes_and_gives_has_a_name_in_both_languages(site: Site) -> None:
    """Of neighbours and of our own books; it stands on the page, in the panel and in dry runs beside the code."""
    rows, _ = site.world.deps.registry.rows()
    asked = {name for row in rows for name in (*row.inputs, *row.optional_inputs, *row.outputs)}
    asked |= {name for own in OWN_OPERATIONS.values() for name in (*own.inputs, *own.outputs)}
    lacking = {name for name in asked if not all(word.strip() for word in OPERATION_VALUES.get(name, ("",)))}
    assert len(asked) > 150 and lacking == set()
    offered = json.loads(site.visitor("designer").get("/processes/vocabulary.json").get_data(as_text=True))
    assert {row["code"] for row in offered["values"] if row["name_zh"] and row["name_en"]} >= asked
    page = site.visitor("designer").get("/processes/operations/resource.check_feasibility").get_data(as_text=True)
    assert "地址编码" in page and ">address_code<" in page
