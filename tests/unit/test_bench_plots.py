"""The plots of docs/performance.md: small, reproducible, and with all missed targets marked."""

import pytest

from benchmarks.figures import Curve
from benchmarks.plots import pictures

pytest.importorskip("matplotlib", reason="matplotlib is not installed: requirements/dev.txt")

CURVES = [
    Curve("flat", "jobs", "s", [(1, 0.1), (10, 0.1), (100, 0.1)], 0.2, "one"),
    Curve("steep", "jobs", "s", [(1, 0.001), (10, 0.1), (100, 10.0)], 1.0, "one"),
    Curve("linear", "frames", "s", [(10, 1.0), (1000, 100.0)], 1.0, "one"),
]


def test_a_picture_is_small_and_the_same_each_time(tmp_path):
    assert pictures(CURVES, tmp_path) == (
        "![seconds against jobs and frames, log-log](images/performance-growth-one.svg)"
    )
    (path,) = tmp_path.iterdir()
    first = path.read_text(encoding="utf-8")
    assert len(first) < 60_000
    assert "dc:date" not in first
    pictures(CURVES, tmp_path)
    assert path.read_text(encoding="utf-8") == first


def test_a_line_is_named_with_its_exponent_and_what_it_misses(tmp_path):
    pictures(CURVES, tmp_path)
    text = (tmp_path / "performance-growth-one.svg").read_text(encoding="utf-8")
    for words in ("flat: 0.00<", "steep: 2.00, MISSED: at most 1<", "linear: 1.00<", "10 ms"):
        assert words in text
