"""The nightly example tells the truth where Blender knows no Renderjuice."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_not_sent_is_not_called_sent(tmp_path: Path) -> None:
    (tmp_path / "one.blend").touch()
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/examples/nightly.py"), str(tmp_path)],
        env=os.environ | {"BLENDER": "false"},  # ends with 1, as a Blender without Renderjuice
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "one.blend: Blender says above why it was not sent." in done.stdout
