"""The checks that the artist sees, made from a package's manifest."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from renderjuice.packing.findings import checks_of, online_only, sent_without
from renderjuice.packing.manifest import File, Manifest, Missing, Trimmed
from renderjuice.scene.check import comparable
from renderjuice.scene.checks import Check

MANIFEST = Manifest(
    "shot.blend",
    (
        File("/s/shot.blend", "shot.blend", 100, 0),
        File("/s/big.vdb", "big.vdb", 900, 0),
    ),
)


def missing(path, datablock, id_type):
    return Missing(path, datablock, f"{id_type} {datablock}", id_type)


def test_a_good_package():
    assert checks_of(MANIFEST, 2000) == []


def test_a_package_must_stay_below_the_limit():
    (found,) = checks_of(MANIFEST, 1000)
    assert (found.id, found.level, found.path) == ("package-too-large", "error", "big.vdb")
    assert found.message.index("big.vdb") < found.message.index("shot.blend")


def test_missing_files_and_libraries():
    gone = (
        missing("/s/wood.png", "wood.png", "IMAGE"),
        missing("/s/Chair.BLEND", "Chair", "LIBRARY"),
    )
    file, library = checks_of(replace(MANIFEST, missing=gone))
    assert (file.id, file.level, file.path) == ("missing-file", "error", "/s/wood.png")
    assert (library.id, library.level) == ("missing-library", "error")
    assert (file.datablock, file.id_type) == ("wood.png", "IMAGE")
    assert "IMAGE wood.png" in file.message


def test_what_the_packer_found_comes_behind_the_errors():
    note = Check("ocean-bake", "note", "Waves.")
    warning = Check("not-written", "warning", "No OPTIX.", "Scene", id_type="SCENE")
    gone = missing("/s/wood.png", "wood.png", "IMAGE")
    found = checks_of(replace(MANIFEST, missing=(gone,), checks=(note, warning)))
    assert [check.id for check in found] == ["missing-file", "not-written", "ocean-bake"]
    assert found[1:] == [warning, note]


GONE = replace(
    MANIFEST,
    missing=(
        missing("/s/wood.png", "wood.png", "IMAGE"),
        missing("/s/wood.png", "same file.png", "IMAGE"),
        missing("/s/wood2.png", "wood2.png", "IMAGE"),
        missing("/s/chair.blend", "chair.blend", "LIBRARY"),
        replace(missing("/s/set.blend", "Table", "OBJECT"), left=True),
        replace(missing("/s/set.blend", "Lamp", "OBJECT"), left=True),
    ),
    checks=(Check("lfs-pointer", "error", "A pointer.", "ash.png", "/s/ash.png"),),
)


def errors(allowed):
    allowed = {comparable(one) for one in allowed}
    return [
        (c.id, c.datablock) for c in checks_of(GONE, 2000, allowed=allowed) if c.level == "error"
    ]


def test_what_is_allowed_is_no_error_and_covers_nothing_else():
    every = errors(())
    assert len(every) == 7
    assert errors({"/s/nothing.png", "/s", "wood.png"}) == every
    of_wood = [("missing-file", "wood.png"), ("missing-file", "same file.png")]
    assert errors({"/s/wood.png"}) == [one for one in every if one not in of_wood]
    assert errors({"/s/chair.blend"}) == [one for one in every if one[1] != "chair.blend"]
    assert errors({"/s/set.blend"}) == every, "the library is there"
    assert errors({"/s/set.blend/Table"}) == [one for one in every if one[1] != "Table"]
    assert errors({"missing-file"}) == [one for one in every if one[0] != "missing-file"]
    assert errors({"/s/ash.png", "lfs-pointer"}) == every, "another error of a file that is there"


def test_what_is_sent_without_is_a_warning_that_names_it_and_is_listed_once():
    allowed = {comparable("/s/wood.png"), comparable("/s/there.png")}
    (warning, _) = (c for c in checks_of(GONE, 2000, allowed=allowed) if c.level == "warning")
    assert (warning.id, warning.path) == ("missing-file", "/s/wood.png")
    assert "/s/wood.png" in warning.message
    assert sent_without(GONE, allowed) == ["/s/wood.png"]
    assert sent_without(GONE, {comparable("/s/set.blend/Lamp")}) == ["/s/set.blend/Lamp"]
    assert sent_without(MANIFEST, allowed) == []


def test_what_no_pixel_needs_is_not_sent_without():
    hidden = replace(missing("/s/wood.png", "wood.png", "IMAGE"), rendered=False)
    assert sent_without(replace(MANIFEST, missing=(hidden,)), {"/s/wood.png"}) == []


ONLINE = {
    "OneDrive, Dropbox": {"st_file_attributes": 0x400000},
    "offline": {"st_file_attributes": 0x1000 | 0x20},
    "iCloud Drive": {"st_flags": 0x40000000},
}
HERE = {
    "Linux": {},
    "Windows": {"st_file_attributes": 0x20},
    "always kept by OneDrive": {"st_file_attributes": 0x80000 | 0x20},
    "OneDrive, fetched": {"st_file_attributes": 0x100000 | 0x400},
    "macOS": {"st_flags": 0x8000},
}


@pytest.mark.parametrize("cloud", ONLINE)
def test_files_that_are_only_in_the_cloud_are_named_before_they_are_read(cloud):
    def status(path: str) -> SimpleNamespace:
        return SimpleNamespace(st_size=1024**3, **(HERE["Windows"] if "here" in path else kind))

    kind = ONLINE[cloud]
    (found,) = online_only(["/s/b.exr", "/s/a.exr", "/s/here.exr", "/s/a.exr"], status)
    assert (found.id, found.level, found.path) == ("online-only", "warning", "/s/a.exr")
    assert found.message.startswith("/s/a.exr and 1 more are only in the cloud")
    assert "2.00 GiB" in found.message
    assert online_only(["/s/here.exr"], status) == []


@pytest.mark.parametrize("kind", HERE)
def test_files_on_this_disk_are_no_finding(kind, tmp_path):
    assert online_only(["/s/a.exr"], lambda _: SimpleNamespace(st_size=1, **HERE[kind])) == []
    assert online_only([str(tmp_path / "gone"), str(tmp_path)]) == []


def test_one_note_says_what_stays_of_all_sequences():
    flame = Trimmed("/s/flame_####.png", 400, 397, 397 * 1024**2)
    smoke = Trimmed("/s/smoke_###.vdb", 100, 3, 0)
    (note,) = checks_of(replace(MANIFEST, trimmed=(flame,)))
    assert (note.id, note.level) == ("files-not-read", "note")
    assert note.message == (
        "397 of 400 files of flame_####.png stay here (397.0 MiB): no frame of this job reads them."
    )
    (note,) = checks_of(replace(MANIFEST, trimmed=(flame, smoke)))
    assert note.message.startswith("400 of 500 files of 2 sequences stay here (397.0 MiB): ")
