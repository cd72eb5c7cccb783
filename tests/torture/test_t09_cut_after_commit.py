"""T09: the line to the database is cut after a COMMIT was carried out, for one commit in ten: nobody learns of it.

Web servers and workers both: no order is there twice, none that was acknowledged is missing, no effect is doubled.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.torture.cluster import distributed
from tests.torture.proxy import commit_proxy
from tests.torture.steady import steady_load

pytestmark = pytest.mark.slow
SHARE = 0.1


def test_a_tenth_of_all_commits_is_never_heard_of(
    full: bool, figures: Callable[..., None], tmp_path: Path, filled: Path
) -> None:
    orders = 300 if full else 8
    seed = random.SystemRandom().randrange(1, 10**6)
    # What a worker claimed and never heard of waits for its lease; a short one keeps the experiment short.
    lease = {"YIZHAN_JOB_LEASE_S": "2"}
    with (
        commit_proxy(seed=seed) as proxy,
        distributed(tmp_path, filled=filled, through=proxy.before, **lease) as cluster,
    ):
        proxy.share = SHARE
        with steady_load(cluster, prefix="T09", count=orders) as steady:
            steady.load.join()
        proxy.share = 0.0
        figures(
            "T09",
            **steady.figures(),
            proxy_seed=seed,
            commits=dict(proxy.commits),
            cuts=dict(proxy.cuts),
            sent_again=sum(one.tries - 1 for one in steady.load.sent),
        )
        steady.check()
        assert proxy.cuts["yizhan web"] > 0
        assert proxy.cuts["yizhan worker"] > 0
