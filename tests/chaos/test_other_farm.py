"""Random runs on the second stand-in farm: RENDERJUICE_OTHER_FARM_RUNS of them.

They start with the seed RENDERJUICE_OTHER_FARM_SEED; by default a few, always with the same seeds.
To repeat one: `python -m tests.other_farm -v SEED`.
"""

import os

import pytest

from tests.other_farm.drive import describe, play

RUNS = int(os.environ.get("RENDERJUICE_OTHER_FARM_RUNS", "10"))
FIRST = int(os.environ.get("RENDERJUICE_OTHER_FARM_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_promise_holds_at_a_farm_that_knows_nothing_of_us(tmp_path, seed):
    run = play(seed, tmp_path)
    assert not run.broken, f"seed {seed}: {describe(seed)}"
