"""Measurements beside what one would use instead: `make bench`, or `python -m benchmarks`."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parents[1] / "standalone.py"))["provide"]()
