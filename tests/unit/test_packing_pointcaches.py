"""Which files belong to a point cache, recognized by their names."""

from pathlib import Path

import pytest
from renderjuice.packing import pointcaches


@pytest.mark.parametrize(
    ("cache", "found"),
    [
        (
            "Sheet",
            ["Sheet_000001_00.bphys", "Sheet_000001_000002.bphys", "Sheet_000002_00.bphys"],
        ),
        ("Sheet_000001", ["Sheet_000001_000002.bphys"]),  # this file matches both caches
        ("old", ["old_000001.bphys", "old_1234567.bphys"]),
        ("gone", []),
    ],
)
def test_files_of_a_cache(cache: str, found: list[str], tmp_path: Path) -> None:
    for name in (
        *("Sheet_000001_00.bphys", "Sheet_000002_00.bphys", "Sheet_000001_000002.bphys"),
        *("Sheets_000001_00.bphys", "old_000001.bphys", "old_1234567.bphys", "old_1.bphys"),
        *("old_000001.bphys.bak", "old_000001_0.bphys", "old.bphys"),
    ):
        (tmp_path / name).touch()
    assert pointcaches.files_of(str(tmp_path), cache) == [str(tmp_path / name) for name in found]


@pytest.mark.parametrize(
    ("frames", "numbers"),
    [
        ([4], [1, 4, 9]),
        ([5], [1, 4, 6, 9]),  # baked in steps
        ([-3, 40], [1, 9]),
        ([], [1, 9]),
    ],
)
def test_files_that_frames_read(frames: list[int], numbers: list[int]) -> None:
    files = [
        f"/c/Sheet_000001_{number:06}_{index:02}.bphys"
        for number in (1, 2, 4, 6, 9)
        for index in (0, 1)
    ]
    read = pointcaches.read(files, "Sheet_000001", frames)
    assert sorted(read) == [path for path in files if int(path[-15:-9]) in numbers]
