"""The self-test of the installed extension, as Windows users are asked to run it."""

from pathlib import Path

import pytest

import windows
from tests.windows.artist import Artist

pytestmark = pytest.mark.timeout(1200)


WHO_READS = """
import runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])["provide"]()
from renderjuice.system.files import write_atomic
from renderjuice.system.owner_only import others
folder = Path(sys.argv[2])
(folder / "plain").write_text("for all", encoding="utf-8")
write_atomic(folder / "key", "for one", secret=True)
print("OTHERS", [others(folder / name) for name in ("plain", "key")])
sys.stdout.flush()
"""


def test_it_sees_a_key_that_others_can_read(artist: Artist, tmp_path: Path) -> None:
    bootstrap, folder = artist.extension / "bootstrap.py", tmp_path
    paths = map(windows.windows_path, (bootstrap, folder))
    done = artist.python("-c", WHO_READS, *paths)
    assert done.code == 0, done.stderr
    assert "OTHERS ['WD', '']" in done.stdout  # WD: everyone, in Windows access control lists


def test_all_holds(artist: Artist) -> None:
    artist.farm = None
    done = artist.run("", "selftest")
    assert done.code == 0, done.stderr
    found = done.document["selftest"]
    assert [line["id"] for line in found["lines"] if not line["held"]] == []
    assert len(found["lines"]) == 10
    assert artist.processes() == []
