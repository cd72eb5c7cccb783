"""Addresses of pages, so that builders need not know of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode


class Addresses(Protocol):
    """Where the pages are."""

    def order(self, number: str) -> str: ...
    def orders(self, **arguments: str) -> str: ...
    def task(self, number: str) -> str: ...
    def file(self, number: str) -> str: ...
    def work_list(self, **arguments: str) -> str: ...
    def ticket(self, number: str) -> str: ...
    def bulk_run(self, run_id: str) -> str: ...
    def tickets(self, **arguments: str) -> str: ...
    def customer(self, number: str) -> str: ...
    def customers(self) -> str: ...
    def new_order(self, **arguments: str) -> str: ...
    def checks(self, action: str) -> str: ...
    def quote(self, number: str) -> str: ...
    def quotes(self) -> str: ...
    def sheets(self, number: str = "") -> str: ...
    def report_fault(self, product_id: str) -> str: ...
    def processes(self, **arguments: str) -> str: ...
    def process(self, key: str) -> str: ...
    def version(self, key: str, version: int) -> str: ...
    def source(self, key: str, version: int) -> str: ...
    def act(self, kind: str, number: str, action: str) -> str: ...


@dataclass(frozen=True)
class SiteAddresses:
    """The addresses of this application. A test compares them with its routes."""

    root: str = ""

    def order(self, number: str) -> str:
        return f"{self.root}/orders/{quote(number, safe='')}"

    def orders(self, **arguments: str) -> str:
        return self._with("/orders", arguments)

    def task(self, number: str) -> str:
        return f"{self.root}/work/{quote(number, safe='')}"

    def file(self, number: str) -> str:
        return f"{self.root}/files/{quote(number, safe='')}"

    def work_list(self, **arguments: str) -> str:
        return self._with("/work", arguments)

    def bulk_run(self, run_id: str) -> str:
        return f"{self.root}/bulk/{quote(run_id, safe='')}"

    def ticket(self, number: str) -> str:
        return f"{self.root}/tickets/{quote(number, safe='')}"

    def tickets(self, **arguments: str) -> str:
        return self._with("/tickets", arguments)

    def customers(self) -> str:
        return f"{self.root}/customers"

    def customer(self, number: str) -> str:
        return f"{self.root}/customers/{quote(number, safe='')}"

    def new_order(self, **arguments: str) -> str:
        return self._with("/orders/new", arguments)

    def quotes(self) -> str:
        return f"{self.root}/quotes"

    def quote(self, number: str) -> str:
        return f"{self.root}/quotes/{quote(number, safe='')}"

    def checks(self, action: str) -> str:
        """Where the questions before an order are asked; ``action`` is where the order itself goes."""
        return action.replace("/orders/new", "/orders/new/checks", 1)

    def sheets(self, number: str = "") -> str:
        return f"{self.root}/sheets/{quote(number, safe='')}" if number else f"{self.root}/sheets"

    def report_fault(self, product_id: str) -> str:
        return f"{self.root}/products/{quote(product_id, safe='')}/fault"

    def processes(self, **arguments: str) -> str:
        return self._with("/processes", arguments)

    def process(self, key: str) -> str:
        return f"{self.root}/processes/{quote(key, safe='')}"

    def version(self, key: str, version: int) -> str:
        return f"{self.process(key)}/{version}"

    def source(self, key: str, version: int) -> str:
        return f"{self.process(key)}/{version}/source"

    def act(self, kind: str, number: str, action: str) -> str:
        """Where to post: ``kind`` is ``orders``, ``work`` or ``incidents``."""
        return f"{self.root}/{kind}/{quote(number, safe='')}/{action}"

    def _with(self, path: str, arguments: dict[str, str]) -> str:
        return with_arguments(f"{self.root}{path}", arguments)


def with_arguments(path: str, arguments: Mapping[str, str]) -> str:
    """A path with those of its arguments that say something."""
    query = urlencode({name: value for name, value in arguments.items() if value})
    return f"{path}?{query}" if query else path
