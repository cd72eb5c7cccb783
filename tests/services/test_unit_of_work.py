"""A use case that lost against another one is begun again; one whose outcome is unknown is not."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.unit_of_work import TRIES, retried


class Refusal(Exception):
    """What the driver says."""

    def __init__(self, sqlstate: str | None, text: str = "") -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def lost(sqlstate: str | None, text: str = "") -> OperationalError:
    return OperationalError("UPDATE", {}, Refusal(sqlstate, text))


@pytest.mark.parametrize("error", [lost("40P01"), lost("55P03"), lost(None, "database is locked"), StaleDataError("x")])
def test_a_lost_race_is_run_again(error: Exception) -> None:
    calls: list[int] = []

    @retried
    def use_case() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise error
        return "done"

    assert use_case() == "done"
    assert len(calls) == 3


def test_it_gives_up_after_five_tries() -> None:
    calls: list[int] = []

    @retried
    def use_case() -> None:
        calls.append(1)
        raise lost("40001")

    with pytest.raises(OperationalError):
        use_case()
    assert len(calls) == TRIES


@pytest.mark.parametrize("error", [lost("57P01"), lost("08006"), lost(None, "server closed the connection")])
def test_an_unknown_outcome_is_not_repeated(error: Exception) -> None:
    calls: list[int] = []

    @retried
    def use_case() -> None:
        calls.append(1)
        raise error

    with pytest.raises(OperationalError):
        use_case()
    assert len(calls) == 1
