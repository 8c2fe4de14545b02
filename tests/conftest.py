"""Makes the checkout importable as `renderjuice`, whatever its folder is called."""

import runpy
from pathlib import Path

import hypothesis

ROOT = Path(__file__).resolve().parents[1]
# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()
