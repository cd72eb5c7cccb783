from __future__ import annotations
def lint_calls(rows): return None
