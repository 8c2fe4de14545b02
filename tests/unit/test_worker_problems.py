"""Error messages name things in the artist's terms."""

import errno
from dataclasses import replace

import pytest
from renderjuice.scene.check import Check
from renderjuice.worker.problems import disk_problem, incomplete, stopped_by


@pytest.mark.parametrize("name", ["0001.png.ab12.part", "0001.png.ab12.part.etag", ""])
def test_a_full_disk_is_named_by_the_folder_of_the_frames(name):
    path = f"/projects/shot/{name}".rstrip("/")
    said = disk_problem(OSError(errno.ENOSPC, "No space left on device", path))
    assert said.id == "disk-full"
    assert said.message == "There is no space left on the disk of /projects/shot."


def test_a_folder_that_may_not_be_written_says_why():
    said = disk_problem(OSError(errno.EROFS, "Read-only file system", "/projects/shot/1.png.part"))
    assert said.message == "/projects/shot cannot be used: Read-only file system."


def test_missing_frames_are_ranges_and_a_file_says_why():
    lost = {"0007.png": "0007.png: Could not download a file. The storage does not have it."}
    said = incomplete([2, 3, 4, 7], lost)
    assert said.message == (
        "The farm is done. These frames are missing: 2-4, 7. A file cannot be had: 0007.png: Could"
        " not download a file. The storage does not have it."
    )


def test_many_missing_frames_fit_the_panel():
    said = incomplete(list(range(1, 100, 2)), {})
    assert said.message.endswith("17, 19 and 40 more.")


def test_files_that_are_not_the_frames_are_not_said_to_be_none():
    problem = incomplete(None, {}, unclear=True)
    assert problem.id == "frames-missing"
    assert "not the frames that were asked for" in problem.message
    assert incomplete(None, {}).id == "no-outputs"


def test_every_file_that_cannot_be_had_is_named():
    lost = {f"{n}.png": f"{n}.png: The storage refused." for n in range(1, 15)}
    said = incomplete([1], lost).message
    assert "14 files cannot be had: 1.png: The storage refused. Nor can 2.png, 3.png," in said
    assert said.endswith("11.png and 3 more.")


def test_nodes_that_lack_files_are_named():
    problem = incomplete([], {}, nodes=["Mist", "Passes"])
    assert problem.id == "frames-missing"
    assert "File Output nodes lack files: Mist, Passes." in problem.message


def test_missing_files_are_names_in_a_folder_and_each_is_named_once():
    missing = [
        Check("missing-file", "error", "Gone.", each, f"/shots/a/tex/{each}", id_type="IMAGE")
        for each in ("wood.png", "ash.png", "wood.png")
    ]
    font = Check("missing-file", "error", "Gone.", "Sans", "/fonts/sans.ttf", id_type="FONT")
    left = "The object “Tree” is not in /shots/a/tree.blend any more."
    part = Check("missing-datablock", "error", left, "Tree", "/shots/a/tree.blend")
    said = stopped_by([*missing, font, part], "/shots/a/shot.blend")
    assert said.message == (
        "2 files are missing in //tex: wood.png, ash.png. 1 file is missing in /fonts: sans.ttf."
        " The object “Tree” is not in tree.blend any more."
    )
    assert "Find File" in said.hint
    beside = stopped_by([replace(font, path="/shots/a/sans.ttf")], "/shots/a/shot.blend")
    assert beside.message == "1 file is missing in //: sans.ttf."
    many = stopped_by([replace(font, path=f"/fonts/{n}.ttf") for n in range(12)])
    assert many.message.endswith("8.ttf, 9.ttf and 2 more."), "one more would be named"
