"""Blender's folder for temporary files is deleted, and no other."""

import os
import sys

import pytest
from renderjuice.system import session_folder

SHARED = "blender_shared"
"""Like the name of a folder that Blender makes: `blender_` and six letters."""


def folder(place):
    place.mkdir()
    (place / "precious.png").write_bytes(b"the artist's")
    return place


def test_the_folder_of_this_blender_goes(tmp_path, monkeypatch):
    shared = folder(tmp_path / SHARED)
    monkeypatch.setenv("TMPDIR", str(shared))
    own = folder(shared / "blender_a1B2c3")
    session_folder.remove(f"{own}{os.sep}", str(shared))
    assert not own.exists()
    assert (shared / "precious.png").exists()


@pytest.mark.parametrize("variable", ["TEMP", "TMP", "TMPDIR", ""])
def test_a_folder_of_all_programs_stays(tmp_path, monkeypatch, variable):
    """On a full disk Blender makes none of its own, and names that of all programs."""
    shared = folder(tmp_path / SHARED)
    named = shared
    if sys.platform != "win32":  # links need a privilege there
        named = tmp_path / "link"
        named.symlink_to(shared)
    if variable:
        monkeypatch.setenv(variable, str(named))
    session_folder.remove(f"{shared}{os.sep}", "" if variable else str(named))
    assert (shared / "precious.png").exists()


@pytest.mark.parametrize("name", ["blender_files", "blender", "tmp", "blender_my_renders"])
def test_another_name_stays(tmp_path, name):
    other = folder(tmp_path / name)
    session_folder.remove(str(other))
    assert (other / "precious.png").exists()
