"""Random runs in a window: RENDERJUICE_CHAOS_WINDOW per Blender, 2 by default.

Each run clicks Submit, and kills Blender, its worker and its packer at random times; the rules are
those of tests/chaos. RENDERJUICE_CHAOS_SEED sets the first seed: to repeat seed 17, set it to 17.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.site import Site, site
from tests.chaos.whole import Studio
from tests.chaos.windowed import Windowed
from tests.window.harness import Display

pytestmark = pytest.mark.our_code_alone

RUNS = int(os.environ.get("RENDERJUICE_CHAOS_WINDOW", "2"))
FIRST = int(os.environ.get("RENDERJUICE_CHAOS_SEED", "1"))


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A stand-in farm with a proxy in front of each of its servers."""
    with site(tmp_path_factory.mktemp("farm")) as running:
        yield running


@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_every_rule_holds_in_a_window(
    where: Site, desk: Path, launcher: Path, display: Display, tmp_path: Path, seed: int
):
    outcome = Windowed(Studio(where, desk), tmp_path / "run", seed, launcher, display).play()
    print(f"seed {seed}: {outcome}")
    assert not outcome.broken, f"seed {seed}: {outcome.fired}"
