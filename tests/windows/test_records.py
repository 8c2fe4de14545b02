"""Job records on Windows, where a file that another program has open cannot be replaced."""

from pathlib import Path

import pytest

import windows
from tests.headless import ROOT
from tests.unit.test_jobs_race import raced
from tests.windows.artist import Artist

pytestmark = pytest.mark.timeout(1200)

SAVES = 100


def test_one_writer_and_two_readers(artist: Artist, tmp_path: Path) -> None:
    script, state = ROOT / "tests" / "race.py", tmp_path / "state"
    paths = map(windows.windows_path, (script, artist.extension, state))
    done = artist.python(*paths, str(SAVES))
    assert done.code == 0, done.stderr
    raced(done.stdout, SAVES)
