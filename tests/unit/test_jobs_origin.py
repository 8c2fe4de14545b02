"""A record stores where it was made: which changes keep it valid, and how copies are detected."""

import os
import platform
import shutil
import time

import pytest
from renderjuice.jobs import origin
from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store
from renderjuice.system.birth_time import birth_time


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
    for path in here.iterdir():  # a good backup restores the times, too
        os.utime(path, ns=(times[path.name].st_atime_ns, times[path.name].st_mtime_ns))
    assert not Store(here).made_here(made)


def test_a_folder_that_was_moved_is_another_place(tmp_path, made):
    (tmp_path / "here").rename(tmp_path / "there")
    assert not Store(tmp_path / "there").made_here(made)


def chmod(folder):
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)


def chown(folder):
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 12345, 12345) if os.geteuid() == 0 else os.chown(path, -1, os.getgid())


def back_up_by_links(folder):
    shutil.copytree(folder, folder.with_name("backup"), copy_function=os.link)


ANYTHING = {"chmod -R": chmod, "chown -R": chown, "cp -al": back_up_by_links}


@pytest.fixture
def knows_births(made, tmp_path):
    """Skip the test if the file system does not store creation times."""
    (mark,) = (tmp_path / "here").glob("origin-*")
    if birth_time(mark) is None:
        pytest.skip("the file system does not tell when a file was made")


@pytest.mark.parametrize("done", ANYTHING)
def test_what_leaves_the_files_as_they_are_leaves_the_records_at_home(
    tmp_path, made, done, knows_births
):
    time.sleep(0.02)
    ANYTHING[done](tmp_path / "here")
    assert Store(tmp_path / "here").made_here(made)
    other = rec.new("shot", Store(tmp_path / "here").origin, "/frames")
    assert Store(tmp_path / "here").made_here(other)


def test_a_backup_by_links_is_another_place(tmp_path, made):
    """The files are the same, by hard links, but at a different path."""
    back_up_by_links(tmp_path / "here")
    assert not Store(tmp_path / "backup").made_here(made)


@pytest.mark.parametrize("copy", [shutil.copy, shutil.copy2])
def test_a_backup_in_the_place_of_the_folder_is_found_out_whatever_number_its_file_gets(
    tmp_path, made, copy, knows_births
):
    """Repeats often enough for the file system to reuse an inode number."""
    here = tmp_path / "here"
    shutil.copytree(here, tmp_path / "backup")
    for _ in range(50):
        shutil.rmtree(here)
        shutil.copytree(tmp_path / "backup", here, copy_function=copy)
        assert not Store(here).made_here(made)


@pytest.mark.posix("Windows gives no number of a file twice, and the time counts for nothing")
def test_where_births_are_not_known_the_time_of_the_last_change_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(origin, "birth_time", lambda _: None)
    here = Store(tmp_path / "here")
    record = rec.new("shot", here.origin, "/frames")
    assert Store(tmp_path / "here").made_here(record)
    time.sleep(0.02)
    chmod(tmp_path / "here")
    assert not Store(tmp_path / "here").made_here(record), "to ask is better than to pay twice"


@pytest.mark.posix("records made on Windows never named it")
def test_a_record_that_names_only_the_time_of_the_change_is_at_home(tmp_path, made):
    """Versions before creation times were used wrote such records."""
    (mark,) = (tmp_path / "here").glob("origin-*")
    earlier = f"{mark.name}-{mark.stat().st_ctime_ns}:{(tmp_path / 'here').resolve()}"
    assert Store(tmp_path / "here").made_here(rec.new("shot", earlier, "/frames"))
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert not Store(tmp_path / "there").made_here(rec.new("shot", earlier, "/frames"))


@pytest.mark.parametrize("said", ["", ":", "origin-", "origin-0:/x", "anna:/home/anna", "\n"])
def test_what_is_no_origin_is_nowhere_at_home(tmp_path, made, said):
    assert not Store(tmp_path / "here").made_here(rec.new("shot", said, "/frames"))


@pytest.mark.posix("links need a privilege on Windows")
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


@pytest.mark.parametrize(
    "spelled", ["/Users/J\xf6rg/State", "/Users/Jo\u0308rg/State", "/users/j\xf6rg/state"]
)
def test_a_mac_s_folder_is_the_same_however_it_is_spelled(spelled):
    """macOS file systems treat both forms of “ö” and any case as the same name; Linux's do not."""
    mark = "origin-0123456789abcdef-5-7-9:"
    made, here = f"{mark}/Users/J\xf6rg/State", f"{mark}{spelled}"
    assert origin.is_same(made, here, "darwin")
    assert origin.is_same(made, here, "linux") is (made == here)
    assert not origin.is_same(made, here.replace("-7-", "-8-").replace("-5-", "-6-"), "darwin")
    assert not origin.is_same(made, here + "2", "darwin")
