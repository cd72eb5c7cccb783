"""What FEEL has to complain about, in two languages."""

from __future__ import annotations

from processes.errors import ProcessError


class FeelError(ProcessError):
    """An expression that cannot be read, or that fails on the data it is given.

    ``str()`` of it gives both languages, for the places that keep one text.
    """

    code = "expression-error"

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{zh} · {en}" if zh != en else en)
        self.en, self.zh = en, zh
