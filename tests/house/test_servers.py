"""The test servers themselves: real, fresh, and on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa


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
