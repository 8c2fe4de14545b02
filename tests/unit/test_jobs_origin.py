"""A record knows where it was made: what survives, and what a copy is found out by."""

import os
import platform
import shutil
import time

import pytest
from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store


@pytest.fixture
def made(tmp_path):
    """A record in the state folder `here`."""
    store = Store(tmp_path / "here")
    record = rec.new("shot", store.origin, "/frames")
    store.save(record)
    return record


def test_a_record_is_at_home_where_it_was_made(tmp_path, made):
    assert Store(tmp_path / "here").made_here(made)


def test_another_name_of_the_computer_changes_nothing(tmp_path, made, monkeypatch):
    monkeypatch.setattr(platform, "node", lambda: "another")
    assert Store(tmp_path / "here").made_here(made)


def test_a_record_of_the_first_version_is_at_home_by_name_and_folder(tmp_path, monkeypatch):
    store = Store(tmp_path / "here")
    record = rec.new("shot", f"{platform.node()}:{store.folder.resolve()}", "/frames")
    assert store.made_here(record)
    monkeypatch.setattr(platform, "node", lambda: "another")
    assert not Store(tmp_path / "here").made_here(record)


@pytest.mark.parametrize("copy", [shutil.copy, shutil.copy2])
def test_a_copy_at_another_path_is_another_place(tmp_path, made, copy):
    shutil.copytree(tmp_path / "here", tmp_path / "there", copy_function=copy)
    assert not Store(tmp_path / "there").made_here(made)
    again = Store(tmp_path / "there").load(made.id)
    assert not Store(tmp_path / "there").made_here(again)


def test_a_backup_that_is_put_in_the_place_of_the_folder_is_another_place(tmp_path, made):
    here = tmp_path / "here"
    shutil.copytree(here, tmp_path / "backup")
    times = {p.name: p.stat() for p in here.iterdir()}
    shutil.rmtree(here)
    time.sleep(0.02)
    shutil.copytree(tmp_path / "backup", here)
    for path in here.iterdir():  # as a good backup does
        os.utime(path, ns=(times[path.name].st_atime_ns, times[path.name].st_mtime_ns))
    assert not Store(here).made_here(made)


def test_a_folder_that_was_moved_is_another_place(tmp_path, made):
    (tmp_path / "here").rename(tmp_path / "there")
    assert not Store(tmp_path / "there").made_here(made)


def test_a_link_to_the_folder_is_the_same_place(tmp_path, made):
    (tmp_path / "link").symlink_to(tmp_path / "here")
    assert Store(tmp_path / "link").made_here(made)


def test_what_is_made_in_a_copy_belongs_to_the_copy(tmp_path, made):
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    other = rec.new("shot", Store(tmp_path / "there").origin, "/frames")
    assert Store(tmp_path / "there").made_here(other)
    assert not Store(tmp_path / "here").made_here(other)


def test_two_processes_that_begin_at_once_are_one_place(tmp_path, made):
    here = tmp_path / "here"
    (here / f"origin-{0:016x}").touch()
    store = Store(here)
    other = rec.new("shot", store.origin, "/frames")
    assert other.origin != made.origin
    assert store.made_here(other)
    assert store.made_here(made)


def test_a_file_that_is_gone_makes_every_record_a_stranger(tmp_path, made):
    for mark in (tmp_path / "here").glob("origin-*"):
        mark.unlink()
    assert not Store(tmp_path / "here").made_here(made)


def test_reading_makes_no_file(tmp_path):
    assert not Store(tmp_path / "none").made_here(rec.new("shot", "x", "/frames"))
    assert not (tmp_path / "none").exists()
