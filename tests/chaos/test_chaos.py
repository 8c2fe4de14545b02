"""Random runs: RENDERJUICE_CHAOS_RUNS of them, starting with the seed RENDERJUICE_CHAOS_SEED.

By default only a few, always with the same seeds; `make soak` runs thousands. To repeat one:
`python -m tests.chaos.run SEED`.
"""

import os

import pytest

from tests.chaos.run import play
from tests.chaos.scenarios import random_scenario

RUNS = int(os.environ.get("RENDERJUICE_CHAOS_RUNS", "12"))
FIRST = int(os.environ.get("RENDERJUICE_CHAOS_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_rule_holds(where, tmp_path, seed):
    outcome = play(where, tmp_path, seed)
    assert not outcome.broken, f"seed {seed}: {random_scenario(seed)}"
