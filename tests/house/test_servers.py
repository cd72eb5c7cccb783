"""The test servers themselves: real, fresh, and on both databases."""

from __future__ import annotations

import httpx
import pytest
import sqlalchemy as sa

from tests.servers import RunningSimulators


def test_a_test_file_gets_an_empty_database(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.slow
def test_redis_is_real_and_empty(redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert int(client.info()["redis_version"].split(".")[0]) >= 6


@pytest.mark.slow
def test_the_browser_shows_chinese(page) -> None:  # type: ignore[no-untyped-def]
    page.set_content("<h1>一站</h1>")
    assert page.get_by_role("heading").inner_text() == "一站"


@pytest.mark.slow
def test_the_simulators_answer_and_forget_faults(simulators: RunningSimulators) -> None:
    fault = {"adapter": "resource", "operation": "*", "fault": "error503", "times": 1}
    httpx.post(f"{simulators.url}/control/faults", json=fault, timeout=5).raise_for_status()
    simulators.reset()
    assert httpx.get(f"{simulators.url}/control/effects", timeout=5).status_code == 200
