"""Tests of the farm's checks of the archive, before Blender opens it."""

import io
import stat
import warnings
import zipfile

import pytest

from tests.farm.tests.driving import Driver

BLEND = b"BLENDER-v402"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns about a duplicate name
        for name, data in members:
            archive.writestr(name, data)
    return content.getvalue()


def link() -> zipfile.ZipInfo:
    member = zipfile.ZipInfo("tex")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


@pytest.mark.parametrize(
    ("content", "type_", "words"),
    [
        (zipped(("shot.blend", BLEND), ("../x.png", b"")), "UNSAFE_ZIP", "../x.png"),
        (zipped(("shot.blend", BLEND), ("a/../../x.png", b"")), "UNSAFE_ZIP", "a/../../x.png"),
        (zipped(("shot.blend", BLEND), ("/etc/x", b"")), "UNSAFE_ZIP", "/etc/x"),
        (zipped(("shot.blend", BLEND), ("C:/x", b"")), "UNSAFE_ZIP", "C:/x"),
        (zipped(("shot.blend", BLEND), ("tex\\x.png", b"")), "UNSAFE_ZIP", "tex\\x.png"),
        (zipped(("shot.blend", BLEND), (link(), b"/etc")), "UNSAFE_ZIP", "symbolic link: tex"),
        (zipped(("shot.blend", BLEND), ("a", b"1"), ("a", b"2")), "UNSAFE_ZIP", "twice: a"),
        (zipped(("a.blend", BLEND), ("b.blend", BLEND)), "NOT_ONE_BLEND", "it has 2"),
        (zipped(("project/a.blend", BLEND)), "NOT_ONE_BLEND", "it has 0"),
        (zipped(("shot.blend", b"<html>")), "NOT_A_BLEND", "shot.blend"),
        (zipped(("shot.blend", BLEND))[:-30], "BAD_ZIP", "cannot be read"),
        (zipped(("shot.blend", BLEND)).replace(BLEND, b"BLENDER-v403"), "BAD_ZIP", "CRC"),
        (b"", "BAD_ZIP", "cannot be read"),
    ],
    # No bytes in test ids: a zip contains the current time.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unsafe_and_broken_zips_fail_validation(driver: Driver, content, type_, words):
    job = driver.validated(content)
    assert job["status"] == "failed"
    assert job["failedReason"]["type"] == type_
    assert words in job["failedReason"]["name"]


def test_a_bare_blend_must_be_one(driver: Driver):
    assert driver.validated(BLEND, "shot.blend")["status"] == "validated"
    assert driver.validated(b"hello", "shot.blend")["failedReason"]["type"] == "NOT_A_BLEND"


def test_names_beyond_ascii_and_folders_are_fine(driver: Driver):
    content = zipped(("Größe 大.blend", BLEND), ("tex/", b""), ("tex/ä b.png", b"x"))
    job = driver.validated(content, "Größe 大.zip")
    assert job["status"] == "validated"
    assert job["sceneFile"] == {"name": "Größe 大.blend"}
