"""Which files are detected as incomplete or damaged."""

import os

import pytest
from PIL import Image
from renderjuice.frames import integrity


def png(path):
    Image.frombytes("RGB", (8, 8), os.urandom(192)).save(path)
    return path.read_bytes()


def seen(data, size, *, gap=0):
    """The checksums of a file received in blocks of `size` bytes, from offset `gap` on."""
    sums = integrity.PngChecksums()
    for at in range(gap, len(data), size):
        sums.update(at, data[at : at + size])
    return sums


def test_a_png_with_any_bit_flipped_is_broken(tmp_path):
    path = tmp_path / "frame.png"
    data = png(path)
    assert integrity.broken(path, ".png") is None
    for position in range(len(data)):
        flipped = data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :]
        path.write_bytes(flipped)
        assert integrity.broken(path, ".png", seen(flipped, 50)), position


@pytest.mark.parametrize("size", [1, 3, 12, 64, 1000])
def test_the_checksums_of_a_png_are_taken_while_it_comes_in(tmp_path, size):
    path = tmp_path / "frame.png"
    data = png(path)
    whole = seen(data, size)
    assert whole.valid
    path.write_bytes(b"no picture")
    assert integrity.broken(path, ".png", whole) is None, "it is read again"
    assert not seen(data[:-1], size).valid
    for behind in range(70):
        path.write_bytes(data + bytes(behind))
        read_again = integrity.broken(path, ".png")
        assert seen(path.read_bytes(), size).valid == (read_again is None), behind


def test_a_png_whose_beginning_came_before_is_read_from_the_disk(tmp_path):
    path = tmp_path / "frame.png"
    rest = seen(png(path), 50, gap=50)
    assert not rest.valid
    assert integrity.broken(path, ".png", rest) is None
    path.write_bytes(bytes(50) + path.read_bytes()[50:])
    assert integrity.broken(path, ".png", rest)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".png", b"\x89PNG\r\n\x1a\n" + b"x" * 100),
        (".jpg", b"\xff\xd8" + b"x" * 100),
        (".exr", b"x"),
    ],
)
def test_a_file_without_its_beginning_or_end_is_broken(tmp_path, suffix, data):
    path = tmp_path / "frame.part"
    path.write_bytes(data)
    assert integrity.broken(path, suffix)
