"""The rules of promises as files: check, bring in, take out, who changed them; and single days of an area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml
from flask import Response

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.promises import DayIn, RuleHistory, RulesIn, RulesOut, RulesQuery
from app.api.yaml_input import read_yaml
from app.domain.words import Words
from app.services.promises import rule_desk

door: Final = Door("rules", "/api/v1", "promises")
DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@door.route(
    "POST",
    "/rules/<book>/check",
    right="sla.rules",
    summary="Everything that is wrong with a book of rules (sla, stop_reasons, calendars); nothing is stored",
    body=RulesIn,
    answers={200: RulesOut},
    errors=(404,),
    large=True,
)
def check_rules(book: str, body: Mapping[str, Any]) -> Reply:
    return _bring_in(book, body, only_check=True)


@door.route(
    "POST",
    "/rules/<book>/import",
    right="sla.rules",
    summary="Bring in a book of rules (YAML), whole or not at all; orders accepted from that day on are promised by it",
    body=RulesIn,
    answers={200: RulesOut},
    errors=(404,),
    large=True,
)
def import_rules(book: str, body: Mapping[str, Any]) -> Reply:
    return _bring_in(book, body, only_check=False)


@door.route(
    "GET",
    "/rules/<book>/export",
    right="rules.view",
    summary="A book of rules as a file (YAML), as it holds now or held at an instant",
    query=RulesQuery,
    answers={200: None},
    errors=(404,),
)
def export_rules(book: str, query: Mapping[str, Any]) -> Reply:
    content = rule_desk.take_out(book, current_actor(), current_deps(), at=query["at"])
    text = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=200)
    headers = {"Content-Disposition": f'attachment; filename="{book}.yaml"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


@door.route(
    "GET",
    "/rules/<book>/history",
    right="rules.view",
    summary="Every version of a book of rules: from when it holds, who brought it in, why; newest first",
    answers={200: RuleHistory},
    errors=(404,),
)
def rules_history(book: str) -> Reply:
    rows = rule_desk.versions(book, current_actor(), current_deps())
    shown: dict[str, Any] = RuleHistory().dump({"versions": rows})
    return shown


@door.route(
    "POST",
    "/calendar-days",
    right="calendar.edit",
    summary="Let an area work, or not, on one day, whatever its calendars say; a new version of the calendars",
    body=DayIn,
    answers={200: RulesOut},
)
def override_day(body: Mapping[str, Any]) -> Reply:
    name = Words(body["name_zh"], body["name_en"])
    made = rule_desk.override_day(
        body["area"],
        body["day"],
        current_actor(),
        current_deps(),
        working=body["working"],
        name=name,
        note=body["note"],
    )
    shown: dict[str, Any] = RulesOut().dump(made)
    return shown


def _bring_in(book: str, body: Mapping[str, Any], *, only_check: bool) -> Reply:
    made = rule_desk.bring_in(
        book,
        read_yaml(body["content"]),
        current_actor(),
        current_deps(),
        effective_from=body["effective_from"],
        note=body["note"],
        only_check=only_check,
    )
    shown: dict[str, Any] = RulesOut().dump(made)
    return shown
