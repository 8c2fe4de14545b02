"""Paths are the artist's own, and files are written whole or not at all."""

import os

import pytest
from renderjuice.system import files


def test_a_path_keeps_the_names_of_links(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    assert files.absolute(f"{tmp_path}/link/./frames") == tmp_path / "link" / "frames"
    assert files.absolute("frames").is_absolute()


def test_what_exists_of_the_way_to_a_folder(tmp_path):
    assert files.nearest(tmp_path / "a" / "b") == tmp_path


def test_a_folder_on_nothing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(files.Path, "exists", lambda _: False)
    with pytest.raises(FileNotFoundError) as caught:
        files.nearest(tmp_path / "frames")
    assert caught.value.filename == os.fspath(tmp_path / "frames")
