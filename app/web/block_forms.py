"""What a form of blocks said, and what is wrong with it: read from the request, put back beside its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.errors import AppError
from app.web.reader import Reader
from app.web.views.blocks import Form
from app.web.views.parts import Fault


def whole_number(text: str, otherwise: int) -> int:
    """A number that was filled in, or another one where it is none."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else otherwise


def faults_of(error: AppError | None, form: Form, reader: Reader) -> tuple[Fault, ...]:
    """What to say above a form: each problem with a link to its field."""
    if error is None:
        return ()
    labels = {one.name: one for one in form.fields}
    found = [
        Fault(f"{form.id}-{one.path}", f"{labels[one.path].label}: {_said(one, reader)}")
        if one.path in labels
        else Fault("", f"{one.path}: {_said(one, reader)}" if one.path else _said(one, reader))
        for one in error.details
    ]
    return tuple(found) or (Fault("", error.message(reader.language)),)


def with_errors(form: Form, error: AppError | None, reader: Reader) -> Form:
    """The form with what is wrong beside its fields."""
    if error is None:
        return form
    wrong = {one.path: _said(one, reader) for one in error.details}
    fields = tuple(replace(one, error=wrong[one.name]) if one.name in wrong else one for one in form.fields)
    return replace(form, fields=fields)


def filled(form: Form, given: Mapping[str, Iterable[str]]) -> Form:
    """The form with what somebody has filled in, so that nothing of it is lost."""
    fields = []
    for one in form.fields:
        values = tuple(given.get(one.name, ()))
        if one.kind == "checks":
            fields.append(replace(one, values=frozenset(values)))
        elif one.kind == "check":
            fields.append(replace(one, value="yes" if values else ""))
        elif one.kind == "password":
            fields.append(one)
        else:
            fields.append(replace(one, value=values[0] if values else ""))
    return replace(form, fields=tuple(fields))


def joined(parts: Iterable[str], reader: Reader) -> str:
    """Names in a row, as the language puts them."""
    return ("、" if reader.language != "en" else ", ").join(parts)


def _said(problem: object, reader: Reader) -> str:
    return str(getattr(problem, reader.language if reader.language == "en" else "zh"))
