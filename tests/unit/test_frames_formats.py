"""Files of every format that a farm can send: complete, truncated, and of other content."""

import contextlib
import io
import os
import struct
from itertools import chain

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from renderjuice.frames import integrity
from renderjuice.frames.formats import source as sources
from renderjuice.frames.formats.source import Source

from tests.file_formats import (
    ENDS,
    OTHERS,
    SUFFIXES,
    WHOLE,
    box,
    exr,
    picture,
    pillow,
    radiance,
    riff,
    zipped,
)


def judged(tmp_path, name, data):
    path = tmp_path / name.rpartition("/")[2]
    path.write_bytes(data)
    return integrity.broken(path, path.suffix)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_let_pass(tmp_path, name):
    assert judged(tmp_path, name, WHOLE[name]) is None


@pytest.mark.parametrize("name", ENDS)
def test_any_cut_of_a_format_that_ends_itself_is_seen(tmp_path, name):
    suffix = os.path.splitext(name)[1]  # noqa: PTH122
    assert integrity.is_self_delimiting(suffix)
    assert integrity.is_self_delimiting(suffix.upper())
    path = tmp_path / name
    path.write_bytes(ENDS[name])
    for length in reversed(range(len(ENDS[name]))):
        os.truncate(path, length)
        assert integrity.broken(path, suffix), f"{length} of {len(ENDS[name])} bytes"


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_ends_in_the_middle_of_something_is_seen(tmp_path, name):
    data = OTHERS[name]
    assert not integrity.is_self_delimiting(os.path.splitext(name)[1])  # noqa: PTH122
    for length in {*range(1, min(30, len(data))), len(data) // 3, len(data) - 1}:
        assert judged(tmp_path, name, data[:length]), f"{length} of {len(data)} bytes"


PAGES = [
    b"",
    bytes(1),
    bytes(4096),
    b"\xff" * 4096,
    b"<!DOCTYPE html><html><body>Service Unavailable</body></html>",
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    b'{"message": "not found", "statusCode": 404}',
    b"  \n<html>" + b" " * 2000 + b"</html>",
    b"Not found",
    b"\xef\xbb\xbf<html></html>",
]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_page_and_no_zeros_are_a_file_of_any_kind(tmp_path, suffix):
    for page in PAGES:
        assert judged(tmp_path, f"a{suffix}", page), page[:20]
        assert judged(tmp_path, f"A{suffix.upper()}", page), page[:20]


def test_what_is_not_known_is_judged_by_one_thing_only(tmp_path):
    for name in ("a.txt", "a.abc", "shot_0001"):
        assert not integrity.is_self_delimiting(f".{name}")
        assert judged(tmp_path, name, b"<html>") is None
        assert judged(tmp_path, name, b"") == "it is empty"


@pytest.mark.parametrize("name", [name for name in ENDS if name != "a.zip"])
def test_a_picture_s_name_may_say_another_format(tmp_path, name):
    """Blender writes such names if *File Extensions* is off."""
    if name.endswith(".zip"):
        assert judged(tmp_path, "b.exr", ENDS[name])
        return
    assert judged(tmp_path, "b.exr", ENDS[name]) is None
    assert judged(tmp_path, "b.png", ENDS[name][:-1])
    assert judged(tmp_path, "b.mp4", ENDS[name])


def test_a_picture_s_name_says_its_format_where_that_was_asked_for(tmp_path):
    (tmp_path / "b.exr").write_bytes(ENDS["a.png"])
    assert integrity.broken(tmp_path / "b.exr", ".exr", exact=True)
    for name, data in WHOLE.items():
        path = tmp_path / name.rpartition("/")[2]
        path.write_bytes(data)
        assert integrity.broken(path, path.suffix, exact=True) is None, name


@pytest.mark.parametrize(
    ("suffix", "file_format", "same"),
    [
        *((".png", "PNG", True), (".PNG", "PNG", True), (".jpeg", "JPEG", True)),
        *((".tiff", "TIFF", True), (".exr", "OPEN_EXR_MULTILAYER", True)),
        *((".png", "JPEG", False), (".png", "", False), (".png", "NEW", False)),
        *((".abc", "PNG", False), ("", "", False), (".tga", "TARGA", False)),
    ],
)
def test_the_suffix_of_a_format(suffix, file_format, same):
    assert integrity.is_suffix_of(suffix, file_format) is same


def test_what_does_not_show_its_end_is_no_other_name_s_picture(tmp_path):
    assert judged(tmp_path, "b.png", WHOLE["a.tga"])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("offset zero.exr", exr()[:-200] + bytes(200)),
        ("not all is written.exr", exr().replace(struct.pack("<i", 11), bytes(4))),
        ("no picture.jpg", b"\xff\xd8\xff\xe0\0\4ab\xff\xd9"),
        ("end in a comment.jpg", pillow("JPEG")[:20] + b"\xff\xd9"),
        ("no index.mp4", box(b"ftyp", b"isom") + box(b"mdat", b"pictures")),
        ("no pictures.mp4", box(b"ftyp", b"isom") + box(b"moov", b"index")),
        ("no picture.webp", riff(b"WEBP", (b"EXIF", b"text"))),
        ("said to be empty.avi", riff(b"AVI ", (b"LIST", b"movi" + bytes(9)), size=4)),
        ("no directory.tif", b"II*\0" + bytes(100)),
        (
            "no list.zip",
            zipped()[:60] + b"PK\5\6" + bytes(4) + struct.pack("<HHIIH", 3, 3, 0, 60, 0),
        ),
        ("other runs.hdr", radiance().replace(b"\x89\5", b"\x8a\5")),
        ("wider.hdr", radiance().replace(b"+X 19", b"+X 20")),
        (
            "no tile.jp2",
            box(b"jP  ", b"\r\n\x87\n") + box(b"jp2c", b"\xff\x4f\xff\x51\0\2\xff\xd9"),
        ),
    ],
)
def test_a_file_that_lacks_what_it_declares_is_broken(tmp_path, name, data):
    assert judged(tmp_path, name, data)


def test_each_picture_of_a_file_is_looked_at(tmp_path):
    two = pillow("TIFF", save_all=True, append_images=[picture()])
    assert judged(tmp_path, "two.tif", two) is None
    assert judged(tmp_path, "two.tif", two[:-40]), "what fills it up is less"


def test_only_a_little_may_stand_behind_a_jpeg(tmp_path):
    assert judged(tmp_path, "a.jpg", pillow("JPEG") + bytes(62)) is None
    assert judged(tmp_path, "a.jpg", pillow("JPEG") + bytes(63))
    assert judged(tmp_path, "two.jpg", pillow("JPEG") * 2) is None
    assert judged(tmp_path, "two.jpg", pillow("JPEG") + pillow("JPEG")[:-9])


class Counted(io.BytesIO):
    """A file that counts the bytes requested from it."""

    work = 0

    def read(self, count=-1):
        self.work += max(count, 16)
        return super().read(count)


def examined(name, data):
    """The number of bytes that a check of the file reads; any error but Corrupt fails the test."""
    file = Counted(data)
    format = integrity._BY_SUFFIX[os.path.splitext(name)[1]]  # noqa: PTH122
    with contextlib.suppress(sources.Corrupt):
        format.check(Source(file, len(data)))
    return file.work


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_no_hostile_file_costs_more_than_a_few_times_its_size(name, data):
    whole = bytearray(WHOLE[name][:20_000])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        what = data.draw(
            st.sampled_from([b"\0", b"\xff", b"\xff" * 4, b"\x7f" + b"\xff" * 7, bytes(8)])
        )
        whole[at : at + len(what)] = what
    assert examined(name, bytes(whole)) <= 4 * len(whole) + 2 * 1024**2


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SUFFIXES), st.binary(max_size=300))
@example(".jp2", b"\xff\x4f\xff\x51\0\2" + b"\xff\x90\0\x0a\0\0\0\0\0\0" * 2 + b"\xff\x90")
@example(".exr", exr(tiled=(1, 1, 2, 1)).replace(struct.pack("<i", 34), b"\xff\xff\xff\x7f"))
def test_no_bytes_are_too_much_for_a_check(suffix, junk):
    begins = [
        data[:size] for name, data in WHOLE.items() if name.endswith(suffix) for size in (4, 12)
    ]
    for data in chain([junk], (begin + junk for begin in begins)):
        assert examined(f"a{suffix}", data) <= 4 * len(data) + 2 * 1024**2


def test_structures_that_point_to_themselves_end(tmp_path):
    loop = b"II*\0" + struct.pack("<IH", 8, 0) + struct.pack("<I", 8)
    assert judged(tmp_path, "loop.tif", loop)
    many = struct.pack("<HHI", 0xFF, 0, 0) + bytes(65536)
    assert judged(tmp_path, "many.tif", b"II*\0" + struct.pack("<I", 8) + many)
    endless = b"\1\1\1\xff" * 1000
    assert judged(tmp_path, "endless.hdr", radiance(30000, 3, runs=False)[:60] + endless)
    scans = b"\xff\xd8\xff\xc0\0\2" + b"\xff\xda\0\2" * 300_000
    assert judged(tmp_path, "scans.jpg", scans)
