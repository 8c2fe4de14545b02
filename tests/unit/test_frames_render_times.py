"""The render times of frames, read from the metadata that Blender writes into pictures."""

import pytest
from PIL import Image, PngImagePlugin
from renderjuice.api.output_file import OutputFile
from renderjuice.frames import render_times


def png(path, text):
    info = PngImagePlugin.PngInfo()
    info.add_text("RenderTime", text)
    Image.new("RGB", (4, 4)).save(path, pnginfo=info)


def test_render_times_are_read_from_what_blender_writes(tmp_path):
    png(tmp_path / "a.png", "01:02.50")
    png(tmp_path / "b.png", "26:00:01.00")
    Image.new("RGB", (4, 4)).save(tmp_path / "c.jpg", comment=b"Blender:RenderTime:00:00.73")
    attribute = b"RenderTime\0string\0" + b"\x08\0\0\0" + b"00:00.62" + b"Scene\0string\0"
    (tmp_path / "d.exr").write_bytes(b"v/1\x01\x02\0\0\0" + attribute)
    read = [render_times.read(path) for path in sorted(tmp_path.iterdir())]
    assert read == [62.5, 93601.0, 0.73, 0.62]


def test_a_checksum_after_the_time_may_look_like_another_digit(tmp_path):
    png(tmp_path / "a.png", "00:01.30")
    assert b"00:01.303" in (tmp_path / "a.png").read_bytes()
    assert render_times.read(tmp_path / "a.png") == 1.3


@pytest.mark.parametrize("text", ["", "1", "aa:bb.cc", "1e9", "99999:00:00.00"])
def test_what_is_no_render_time_is_none(tmp_path, text):
    png(tmp_path / "a.png", text)
    assert render_times.read(tmp_path / "a.png") is None


@pytest.mark.posix("links need a privilege on Windows")
def test_no_file_link_or_folder_is_read(tmp_path):
    png(tmp_path / "a.png", "00:01.00")
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    assert render_times.read(tmp_path / "link.png") is None
    assert render_times.read(tmp_path / "nothing.png") is None
    assert render_times.read(tmp_path) is None


def test_frames_of_two_eyes_count_once_and_nodes_do_not(tmp_path):
    (tmp_path / "L").mkdir()
    (tmp_path / "R").mkdir()
    (tmp_path / "depth").mkdir()
    png(tmp_path / "L" / "0001.png", "00:01.00")
    png(tmp_path / "R" / "0001.png", "00:01.00")
    png(tmp_path / "depth" / "0002.png", "00:09.00")
    (tmp_path / "0003.png").write_bytes(b"no picture")
    named = {
        "L/0001.png": OutputFile("u", "0001.png", "", "L", "", "frame"),
        "R/0001.png": OutputFile("u", "0001.png", "", "R", "", "frame"),
        "depth/0002.png": OutputFile("u", "0002.png", "", "", "depth", "compositeNode"),
        "0003.png": OutputFile("u", "0003.png", "", "", "", "frame"),
    }
    found = render_times.of_frames(tmp_path, named)
    assert found == {"frame_files": {"1": "L/0001.png"}, "frame_seconds": {"1": 1.0}}
