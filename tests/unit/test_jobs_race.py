"""A record is read and saved at the same time by separate processes, as by two Blenders."""

import json
import subprocess
import sys

from tests.headless import ROOT

SAVES = 200


def raced(said: str, saves: int) -> None:
    """Check the output of tests/race.py: no save or read failed, and no file was left behind."""
    found = json.loads(said.splitlines()[-1])
    assert found["refused"] == []
    assert [one["wrong"] for one in found["readers"]] == [[], []]
    assert found["left"] == []
    assert found["last"] == [str(saves - 1)]
    assert all(one["reads"] > 1 for one in found["readers"]), "nobody read meanwhile"


def test_one_writer_and_two_readers(tmp_path):
    command = [sys.executable, str(ROOT / "tests" / "race.py"), str(ROOT), str(tmp_path)]
    done = subprocess.run(
        [*command, str(SAVES)], capture_output=True, text=True, timeout=120, check=True
    )
    raced(done.stdout, SAVES)
