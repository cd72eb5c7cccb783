"""The builder of forms, the editor of decision tables, and the preview of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.web.form_rendering import FormPage
from app.web.views.blocks import PageLink


@dataclass(frozen=True, kw_only=True)
class StudioPage:
    """The page around a form or a table that is being drawn. ``setting`` is what its script is told, as JSON."""

    title: str
    key: str
    back_href: str
    back_text: str
    file_name: str
    source_href: str
    text: str
    setting: Mapping[str, Any]
    links: tuple[PageLink, ...] = ()
    based_on: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    """Where and what, for those whose browser runs no script."""


@dataclass(frozen=True, kw_only=True)
class PreviewPage:
    """A form as people see it. ``can_complete`` and the rest are what the form template asks of a task page."""

    language: str
    schema: str
    form: FormPage | None
    problems: tuple[str, ...] = ()
    accepted: bool = False
    checked: bool = False
    can_complete: bool = False
    files: Mapping[str, Any] = field(default_factory=dict)
    row: Mapping[str, str] = field(default_factory=lambda: {"href": ""})
