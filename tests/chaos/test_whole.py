"""Random runs with a full Blender, by default one on each stand-in farm.

RENDERJUICE_CHAOS_WHOLE runs on the local farm, starting with the seed RENDERJUICE_CHAOS_SEED, and
RENDERJUICE_OTHER_FARM_WHOLE on the second one, starting with RENDERJUICE_OTHER_FARM_SEED. To repeat
one: `python -m tests.chaos.whole SEED`, `python -m tests.other_farm.whole SEED`.
"""

import os

import pytest

from tests.chaos.whole import Studio, Whole, desk, launcher
from tests.other_farm.drive import describe
from tests.other_farm.whole import WholeAtOther

RUNS = int(os.environ.get("RENDERJUICE_CHAOS_WHOLE", "1"))
FIRST = int(os.environ.get("RENDERJUICE_CHAOS_SEED", "1"))
OTHER_RUNS = int(os.environ.get("RENDERJUICE_OTHER_FARM_WHOLE", "1"))
OTHER_FIRST = int(os.environ.get("RENDERJUICE_OTHER_FARM_SEED", "1"))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    try:
        launcher()
    except Exception as reason:  # scripts/blenders.py may raise any type
        pytest.skip(f"no whole Blender: {reason}")
    return desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="session")
def studio(where, made):
    return Studio(where, made)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_rule_holds_with_a_whole_blender(studio, tmp_path, seed):
    outcome = Whole(studio, tmp_path / "run", seed).play()
    assert not outcome.broken, f"seed {seed}: {outcome.fired}"


@pytest.mark.parametrize("seed", range(OTHER_FIRST, OTHER_FIRST + OTHER_RUNS))
def test_every_promise_holds_with_a_whole_blender_at_the_second_farm(made, tmp_path, seed):
    outcome = WholeAtOther(made, tmp_path / "run", seed).play()
    assert not outcome.broken, f"seed {seed}: {describe(seed)}"
