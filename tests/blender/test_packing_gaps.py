"""A missing file of a sequence is reported if a frame of the job reads it.

Blender decides which file a frame reads, so renders prove each rule: with only that file the
picture stays the same, and without it the picture changes.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from renderjuice.packing import needed, shown

from tests import projects
from tests.catalogue import caches, images
from tests.packages import trace


def picture(blend: Path, change: Callable[[], Any], frame: int, png: Path) -> list[float]:
    """Render `frame` after `change` is applied to the .blend."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    change()
    changed = blend.with_name(f"changed{png.stem}.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(changed), relative_remap=False)
    return projects.render(changed, png, frame=frame)


def check(blend: Path, change: Callable[[], Any], frame: int, files: dict[int, Path]) -> set[int]:
    """The file numbers that `frame` reads, confirmed by renders with and without those files."""
    whole = picture(blend, change, frame, blend.with_name("whole.png"))
    ids = set(needed.all_ids(bpy.data))
    (numbers,) = shown.numbers(ids, [frame]).values()
    there = numbers & files.keys()
    away = blend.parent / "away"
    away.mkdir()
    for others in (True, False):
        hidden = [path for number, path in files.items() if (number in there) is not others]
        for path in hidden:
            shutil.move(path, away / path.name)
        found = picture(blend, change, frame, blend.with_name(f"without{others}.png"))
        for path in hidden:
            shutil.move(away / path.name, path)
        assert (found == whole) is (others or not there), (numbers, others)
    return numbers


def volume(**settings: Any) -> Callable[[], None]:
    def change() -> None:
        for name, value in settings.items():
            setattr(bpy.data.volumes[0], name, value)

    return change


@pytest.mark.parametrize(
    ("settings", "frame", "number"),
    [
        ({"sequence_mode": "CLIP"}, 2, 2),
        ({"sequence_mode": "CLIP", "frame_start": 5, "frame_duration": 2}, 6, 2),
        ({"sequence_mode": "CLIP", "frame_duration": 2}, 3, None),
        ({"sequence_mode": "CLIP", "frame_start": 3}, 2, None),
        ({"sequence_mode": "EXTEND", "frame_start": 5}, 1, 1),
        ({"sequence_mode": "EXTEND", "frame_duration": 2}, 9, 2),
        ({"sequence_mode": "REPEAT", "frame_duration": 2, "frame_offset": 1}, 3, 2),
        ({"sequence_mode": "REPEAT"}, -1, 2),
        ({"sequence_mode": "PING_PONG"}, 4, 2),
        ({"sequence_mode": "PING_PONG"}, 0, 2),
    ],
)
def test_volume(settings: dict[str, Any], frame: int, number: int | None, tmp_path: Path) -> None:
    blend = caches.volume_sequence(tmp_path)
    files = {each: tmp_path / f"vdb/smoke_{each:03}.vdb" for each in (1, 2, 3)}
    expected = set() if number is None else {number}
    assert check(blend, volume(**settings), frame, files) == expected


@pytest.mark.parametrize(("held", "frame", "number"), [(None, 2, 2), (None, 3, 3), (3, 1, 3)])
def test_alembic(held: int | None, frame: int, number: int, tmp_path: Path) -> None:
    def change() -> None:
        cache: Any = bpy.data.cache_files[0]
        if held is not None:
            cache.override_frame, cache.frame = True, held

    blend = caches.alembic_sequence(tmp_path)
    files = {each: tmp_path / f"caches/c{each}.abc" for each in (1, 2, 3)}
    assert check(blend, change, frame, files) == {number}


@pytest.mark.parametrize(
    ("start", "offset", "frame", "number"), [(1, 0, 2, 2), (3, 0, 4, 2), (1, 1, 2, 3)]
)
def test_clip(start: int, offset: int, frame: int, number: int, tmp_path: Path) -> None:
    def change() -> None:
        clip: Any = bpy.data.movieclips[0]
        clip.frame_start, clip.frame_offset = start, offset

    blend = images.movie_clip_from_a_sequence(tmp_path)
    files = {int(path.stem[-4:]): path for path in tmp_path.rglob("p_*.png")}
    assert check(blend, change, frame, files) == {number}


@pytest.mark.parametrize(
    ("settings", "frame", "number"),
    [
        ({"frame_start": 1, "frame_offset": 4, "frame_duration": 8}, 2, 6),
        ({"frame_start": 3, "frame_offset": 4, "frame_duration": 8}, 3, 5),
        ({"frame_start": 3, "frame_offset": 5, "frame_duration": 8}, 2, 5),
        ({"frame_start": 9, "frame_offset": 5, "frame_duration": 8}, 2, 5),
        ({"frame_start": 9, "frame_offset": 5, "frame_duration": 0}, 2, 0),
        ({"frame_offset": 4, "frame_duration": 2}, 7, 6),
        ({"frame_offset": 4, "frame_duration": 2, "use_cyclic": True}, 7, 5),
        ({"frame_offset": 4, "frame_duration": 2, "use_cyclic": True, "frame_start": 4}, 2, 5),
    ],
)
def test_image(settings: dict[str, Any], frame: int, number: int, tmp_path: Path) -> None:
    def change() -> None:
        (tree,) = (each.node_tree for each in bpy.data.materials if each.node_tree)
        user = next(node.image_user for node in tree.nodes if node.type == "TEX_IMAGE")
        for name, value in settings.items():
            setattr(user, name, value)

    blend = images.sequence_with_offset_and_gaps(tmp_path)
    files = {int(path.stem[-3:]): path for path in tmp_path.rglob("smoke_0*.png")}
    assert check(blend, change, frame, files) == {number}


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (caches.volume_sequence, "smoke_002.vdb"),
        (caches.alembic_sequence, "c2.abc"),
        (images.movie_clip_from_a_sequence, "p_0002.png"),
    ],
)
def test_gap_is_named_in_the_frames_that_read_it(case: Any, name: str, tmp_path: Path) -> None:
    blend = case(tmp_path)
    (gone,) = tmp_path.rglob(name)
    gone.unlink()
    assert trace(blend, tmp_path / "a", frames=[1, 3]).missing == ()
    (missing,) = trace(blend, tmp_path / "b", frames=[1, 2]).missing
    assert missing.path == str(gone)


def test_end_of_a_clip_and_a_number_in_the_middle_are_no_gaps(tmp_path: Path) -> None:
    blend = images.movie_clip_from_a_sequence(tmp_path / "clip")
    assert trace(blend, tmp_path / "a", frames=[1, 9]).missing == ()
    blend = caches.volume_sequence(tmp_path / "volume")
    (first,) = tmp_path.rglob("smoke_001.vdb")
    first.rename(first.with_name("smoke_001_low.vdb"))
    bpy.data.volumes[0].filepath = str(first.with_name("smoke_001_low.vdb"))
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    assert trace(blend, tmp_path / "b", frames=[1, 2]).missing == ()


def test_where_a_sequence_is_animated_nothing_is_said(tmp_path: Path) -> None:
    blend = caches.volume_sequence(tmp_path)
    bpy.data.volumes[0].keyframe_insert("frame_offset", frame=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    (tmp_path / "vdb/smoke_002.vdb").unlink()
    assert trace(blend, tmp_path / "a", frames=[1, 2]).missing == ()
