"""The size of a picture is read from its header, before any decoder opens the file."""

import os
import struct
import time
import tracemalloc
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from renderjuice.frames.headers import picture_size, safe_to_show


def png(width: int, height: int) -> bytes:
    """A complete PNG with very little pixel data, whatever size its header declares."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    chunks += [(b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def exr(width: int, height: int, *more: tuple[int, int]) -> bytes:
    """The header of an OpenEXR file with parts of these sizes."""
    parts = [(width, height), *more]
    out = b"v/1\x01" + struct.pack("<I", 2 | (0x1000 if len(parts) > 1 else 0))
    for across, down in parts:
        window = struct.pack("<4i", -5, -5, across - 6, down - 6)
        out += b"channels\0chlist\0" + struct.pack("<i", 1) + b"\0"
        out += b"dataWindow\0box2i\0" + struct.pack("<i", 16) + window + b"\0"
    return out + (b"\0" if len(parts) > 1 else b"")


def tiff(width: int, height: int, order: str = "<") -> bytes:
    begin = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}HHII", 256, 4, 1, width)
    entries += struct.pack(f"{order}HHII", 257, 4, 1, height)
    return begin + struct.pack(f"{order}IH", 8, 2) + entries + bytes(4)


def jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">HBHHB", 8, 8, height, width, 0)
    return b"\xff\xd8\xff\xe0\0\x04JF\xff\xff\xc2" + frame


@pytest.fixture
def picture(tmp_path):
    return tmp_path / "picture"


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_size_of_pictures_that_another_program_wrote(picture, suffix, mode):
    path = picture.with_suffix(f".{suffix}")
    Image.new(mode, (123, 45), 7).save(path)
    assert picture_size(path) == (123, 45)
    assert safe_to_show(path)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_every_kind_of_webp(picture, options):
    path = picture.with_suffix(".webp")
    Image.new("RGB", (300, 20), "red").save(path, **options)
    assert picture_size(path) == (300, 20)


@pytest.mark.parametrize("write", [exr, tiff, lambda w, h: tiff(w, h, ">"), jpeg, png])
def test_headers_written_by_hand(picture, write):
    picture.write_bytes(write(640, 360))
    assert picture_size(picture) == (640, 360)


def test_the_largest_part_of_an_exr_counts(picture):
    picture.write_bytes(exr(10, 10, (20, 60_000), (30_000, 5)))
    assert picture_size(picture) == (30_000, 60_000)
    assert not safe_to_show(picture)


@pytest.mark.parametrize("write", [exr, tiff, jpeg, png])
@pytest.mark.parametrize("size", [(60_000, 60_000), (8193, 8192), (65_535, 1025)])
def test_a_small_file_that_would_unfold_to_gigabytes_is_not_shown(picture, write, size):
    picture.write_bytes(write(*size))
    assert picture.stat().st_size < 300
    assert picture_size(picture) == size
    assert not safe_to_show(picture)


@pytest.mark.parametrize("write", [exr, tiff, png])
def test_a_side_longer_than_a_picture_has_is_not_shown(picture, write):
    picture.write_bytes(write(70_000, 1))
    assert not safe_to_show(picture)


def test_a_very_large_file_is_not_shown(picture):
    picture.write_bytes(png(4, 4))
    os.truncate(picture, 256 * 1024**2 + 1)
    assert picture_size(picture) == (4, 4)
    assert not safe_to_show(picture)


@pytest.mark.parametrize("size", [(0, 4), (4, 0), (2**31, 2**31)])
def test_sizes_that_no_picture_has(picture, size):
    picture.write_bytes(png(*size))
    assert not safe_to_show(picture)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"BM" + bytes(60), b"\xff\xd8" + bytes(40), b"RIFF0000WAVEfmt "],
)
def test_what_is_no_such_picture_is_not_shown(picture, content):
    picture.write_bytes(content)
    assert picture_size(picture) is None
    assert not safe_to_show(picture)


@pytest.mark.posix("links need a privilege on Windows")
def test_a_folder_a_link_a_pipe_and_nothing_are_not_shown(picture, tmp_path):
    good = tmp_path / "good.png"
    good.write_bytes(png(4, 4))
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(good)
    os.mkfifo(tmp_path / "pipe")
    assert safe_to_show(good)
    for name in ("folder", "link", "pipe", "nothing"):
        assert not safe_to_show(tmp_path / name)


PLAIN = [
    png(9, 9),
    jpeg(9, 9),
    tiff(9, 9),
    exr(9, 9),
    exr(9, 9, (3, 3)),
    b"RIFF\0\0\0\0WEBPVP8X",
]


@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from(PLAIN),
    st.lists(st.tuples(st.integers(0, 150), st.binary(max_size=9)), max_size=4),
    st.binary(max_size=60),
)
@example(b"\xff\xd8" + b"\xff" * 2**20, [], b"")  # endless fill bytes
@example(b"\xff\xd8" + b"\xff\xe0\0\x02" * 2**18, [], b"")  # endless segments
@example(b"v/1\x01" + bytes(4) + b"a\0b\0\0\0\0\0" * 2**17, [], b"")  # endless attributes
@example(b"v/1\x01\0\x10\0\0" + b"n" * 2**20, [], b"")  # an endless name
@example(b"II*\0\x08\0\0\0\xff\xff" + bytes(12) * 70_000, [], b"")
def test_any_bytes_are_a_size_or_none_within_little_time_and_memory(
    tmp_path_factory, whole, changes, tail
):
    path = tmp_path_factory.getbasetemp() / "random"
    data = bytearray(whole)
    for at, new in changes:
        data[at : at + len(new)] = new
    path.write_bytes(data + tail)
    tracemalloc.start()
    begun = time.process_time()
    size = picture_size(path)
    assert time.process_time() - begun < 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024**2
    assert size is None or min(size) >= 1
    assert safe_to_show(path) in (True, False)
