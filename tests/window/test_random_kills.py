"""Random runs in a window: RENDERJUICE_CHAOS_WINDOW of them in each Blender, two unless told.

Each is one click on Submit, and Blender, its worker and its packer are killed at random instants;
the rules are those of tests/chaos. To see seed 17 again: RENDERJUICE_CHAOS_SEED=17.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.site import Site, site
from tests.chaos.whole import Studio
from tests.chaos.windowed import Windowed
from tests.window.harness import Display

RUNS = int(os.environ.get("RENDERJUICE_CHAOS_WINDOW", "2"))
FIRST = int(os.environ.get("RENDERJUICE_CHAOS_SEED", "1"))


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A farm with a proxy in front of each of its servers."""
    with site(tmp_path_factory.mktemp("farm")) as running:
        yield running


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_rule_holds_in_a_window(
    where: Site, desk: Path, launcher: Path, display: Display, tmp_path: Path, seed: int
):
    outcome = Windowed(Studio(where, desk), tmp_path / "run", seed, launcher, display).play()
    print(f"seed {seed}: {outcome}")
    assert not outcome.broken, f"seed {seed}: {outcome.fired}"
