"""Makes the checkout importable as `renderjuice`, whatever its folder is called."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
runpy.run_path(str(ROOT / "standalone.py"))["provide"]()
