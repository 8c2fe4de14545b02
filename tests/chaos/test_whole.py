"""Random runs with a whole Blender: RENDERJUICE_CHAOS_WHOLE of them, one unless told."""

import os

import pytest

from tests.chaos.whole import Studio, Whole, desk, launcher

RUNS = int(os.environ.get("RENDERJUICE_CHAOS_WHOLE", "1"))
FIRST = int(os.environ.get("RENDERJUICE_CHAOS_SEED", "1"))


@pytest.fixture(scope="session")
def studio(where, tmp_path_factory):
    try:
        launcher()
    except Exception as reason:  # whatever kind scripts/blenders.py has for it
        pytest.skip(f"no whole Blender: {reason}")
    return Studio(where, desk(tmp_path_factory.mktemp("desk")))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_rule_holds_with_a_whole_blender(studio, tmp_path, seed):
    outcome = Whole(studio, tmp_path / "run", seed).play()
    assert not outcome.broken, f"seed {seed}: {outcome.fired}"
