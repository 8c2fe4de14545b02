"""Makes the checkout importable as `renderjuice`, whatever its folder is called."""

import runpy
import sys
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
# The time of one example depends on the machine more than on the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests marked `posix` on Windows; the marker has the reason."""
    marker = item.get_closest_marker("posix")
    if marker and sys.platform == "win32":
        (reason,) = marker.args
        pytest.skip(reason)
