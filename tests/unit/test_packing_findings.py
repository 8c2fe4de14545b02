"""What a manifest says to the artist."""

from dataclasses import replace

from renderjuice.packing.findings import checks_of
from renderjuice.packing.manifest import File, Manifest, Missing
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
