"""How large a model may be: asked at every door through which one comes in, in the same words."""

from __future__ import annotations

from collections.abc import Mapping

from app.deps import Deps
from app.errors import TooLarge


def within_size(files: Mapping[str, bytes], deps: Deps) -> None:
    """Pass files that are as small as the settings want. :raises TooLarge: naming the first that is not."""
    limit = deps.settings.max_bpmn_bytes
    for name, content in files.items():
        if len(content) > limit:
            raise TooLarge(f"{name}: larger than {limit} bytes", f"{name}：超过 {limit} 字节")
