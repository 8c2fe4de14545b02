"""Whether a bake is made is decided from a few frames."""

from pathlib import Path

import pytest
from renderjuice.packing.bake_limits import (
    GIVE_UP_SECONDS,
    MAX_MEMORY,
    PROBE_FRAMES,
    Sample,
    below,
    in_memory,
    too_much,
)
from renderjuice.scene.baking import AUTO_SECONDS

PLENTY = 1 << 40


def asked(mode: str, sample: Sample, frames: int, passes: int = 1, free: int = PLENTY) -> str:
    refusal = too_much(mode, sample, frames, passes, free)
    return refusal.id if refusal else ""


@pytest.mark.parametrize(
    ("mode", "seconds", "passes", "expected"),
    [
        ("auto", AUTO_SECONDS, 1, ""),
        ("auto", AUTO_SECONDS + 1, 1, "long-bake"),
        ("auto", AUTO_SECONDS / 2 + 1, 2, "long-bake"),
        ("all", AUTO_SECONDS * 100, 2, ""),
    ],
)
def test_what_is_played_tells_how_long_all_takes(
    mode: str, seconds: float, passes: int, expected: str
) -> None:
    sample = Sample(PROBE_FRAMES, seconds * PROBE_FRAMES / 250)
    assert asked(mode, sample, 250, passes) == expected


def test_a_bake_that_has_begun_may_take_a_little_longer() -> None:
    """Or one that took a minute by the first frames would be thrown away at its end."""
    assert asked("auto", Sample(200, GIVE_UP_SECONDS), 200) == ""
    assert asked("auto", Sample(200, GIVE_UP_SECONDS + 1), 200) == "long-bake"


def test_the_simulations_and_the_minutes_are_named() -> None:
    refusal = too_much("auto", Sample(5, 10), 250, 1, PLENTY)
    assert refusal is not None
    found = refusal.check(["Flag", "Sail", "Rope", "Net", "Hair"])
    assert found.level == "error", "the artist is asked before anything is sent"
    assert "“Flag”, “Sail”, “Rope”, 2 more" in found.message
    assert "about 8 minutes" in found.message


@pytest.mark.parametrize("mode", ["auto", "all"])
def test_memory_and_disk_are_bounded(mode: str) -> None:
    assert asked(mode, Sample(1, 0, memory=MAX_MEMORY // 10), 10) == ""
    assert asked(mode, Sample(1, 0, memory=MAX_MEMORY // 10 + 1), 10) == "large-bake"
    assert asked(mode, Sample(1, 0, disk=100), 10, free=2000) == ""
    assert asked(mode, Sample(1, 0, disk=101), 10, free=2000) == "large-bake"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("20 frames in memory (20 KiB).", 20 * 1024),
        ("250 frames in memory (1.5 MiB), cache is outdated!", 3 * 512 * 1024),
        ("0 frames in memory (0 B).", 0),
        ("20 frames on disk.", 0),
        ("", 0),
    ],
)
def test_blenders_line_is_read(line: str, expected: int) -> None:
    assert in_memory(line) == expected


def test_links_to_the_artists_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/a.bphys").write_bytes(b"12345")
    try:
        (tmp_path / "b").symlink_to(tmp_path / "cache/a.bphys")
    except OSError:
        pytest.skip("this system makes no links")
    assert below(str(tmp_path)) == 5
