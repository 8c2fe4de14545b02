"""Which files are a job's frames, and which frames the panel shows."""

import pytest
from PIL import Image
from renderjuice.frames import selection


def names(*numbers, begin="", end=".png"):
    return [f"{begin}{number:04}{end}" for number in numbers]


def test_the_frames_are_the_largest_sequence():
    nodes = names(1, 2, begin="depth/mask_")
    beauty = names(1, 2, 3, begin="shot v002 ", end="_L.EXR")
    found = selection.sequence([*nodes, "readme.txt", *beauty, "movie0001.mp4", "still.png"])
    assert found == dict(zip((1, 2, 3), beauty, strict=True))


def test_of_equal_sequences_it_is_the_one_nearest_to_the_folder():
    assert selection.sequence([*names(1, 2, begin="a/b/"), *names(1, 2)]) == {
        1: "0001.png",
        2: "0002.png",
    }


@pytest.mark.parametrize("files", [[], ["a.txt", "b.png"], ["..png", ""]])
def test_files_without_numbers_are_no_frames(files):
    assert selection.sequence(files) == {}


def test_a_running_job_shows_what_came_last_and_an_ended_one_some_of_all():
    came = [*range(1, 90), 95, 90]
    assert selection.select(came, newest=True) == [*range(80, 91), 95]
    spread = selection.select(came, newest=False)
    assert (len(spread), spread[0], spread[-1]) == (selection.MAX_FRAMES, 1, 95)
    assert len(set(spread)) == selection.MAX_FRAMES
    assert selection.select([3, 1], newest=False) == [1, 3]


@pytest.mark.posix("links need a privilege on Windows")
def test_only_pictures_are_shown(tmp_path):
    Image.new("RGB", (32, 18)).save(tmp_path / "0001.png")
    (tmp_path / "0002.png").write_bytes(b"\x89PNG and no more")
    (tmp_path / "0004.png").symlink_to(tmp_path / "0001.png")
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    (tmp_path / "0005.png").write_bytes(huge)
    shown, refused = selection.inspect(tmp_path, names(1, 2, 3, 4, 5), newest=False)
    changed = (tmp_path / "0001.png").stat().st_mtime_ns
    assert shown == [selection.FrameFile(1, "0001.png", 32, 18, changed)]
    assert refused == 4
