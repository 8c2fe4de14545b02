"""Paths stay as the artist wrote them, and files are written completely or not at all."""

import errno
import os
import threading
import time

import pytest
from renderjuice.system import files, sharing
from renderjuice.system.files import create_exclusive, rename_exclusive, write_atomic

WHOLE = "whole\n" * 20_000


@pytest.mark.posix("links need a privilege on Windows")
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


# ---- files are written completely or not at all -------------------------------------------------


def refused(*_, **__):
    raise OSError(errno.EPERM, "Operation not permitted")


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


WITHOUT_LINKS = pytest.mark.skipif(os.name == "nt", reason="Windows renames without them")


@pytest.fixture(params=["hard links", pytest.param("no hard links", marks=WITHOUT_LINKS)])
def disk(request, monkeypatch):
    """A disk with hard links, and one without, like exFAT and many network shares."""
    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", refused)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_made_once(tmp_path, disk):
    path = tmp_path / "claim"
    assert create_exclusive(path, "first") is True
    assert create_exclusive(path, "second") is False
    assert path.read_text(encoding="utf-8") == "first"
    assert names(tmp_path) == ["claim"]


LINKS = pytest.mark.skipif(
    os.name == "nt", reason="whoever has no privilege makes no links on Windows"
)


@pytest.mark.parametrize(
    "there",
    [
        "file",
        "folder",
        pytest.param("link", marks=LINKS),
        pytest.param("broken link", marks=LINKS),
    ],
)
def test_what_has_the_name_stays_as_it_is(there, tmp_path, disk):
    part, path = tmp_path / "frame.part", tmp_path / "frame.png"
    part.write_bytes(b"new")
    elsewhere = tmp_path / "elsewhere"
    if there == "file":
        path.write_bytes(b"the artist's")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to(elsewhere)
        if there == "link":
            elsewhere.write_bytes(b"the artist's")
    before = names(tmp_path)
    assert rename_exclusive(part, path) is False
    assert names(tmp_path) == before
    assert part.read_bytes() == b"new"
    if there in ("file", "link"):
        assert path.read_bytes() == b"the artist's"


def test_of_many_who_want_a_name_at_once_one_gets_it(tmp_path, disk):
    path = tmp_path / "claim"
    start, made = threading.Barrier(12), []

    def want(number):
        start.wait()
        if create_exclusive(path, f"{number}\n" * 1000):
            made.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = made
    assert path.read_text(encoding="utf-8") == f"{first}\n" * 1000
    assert names(tmp_path) == ["claim"]


@pytest.mark.parametrize("write", [create_exclusive, write_atomic])
@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_full_disk_leaves_nothing(write, call, tmp_path, disk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        if call == "replace" and write is create_exclusive and os.link is not refused:
            assert create_exclusive(tmp_path / "claim", WHOLE), "it renames nothing"
            return
        with pytest.raises(OSError, match="No space"):
            write(tmp_path / "claim", WHOLE)
    assert names(tmp_path) == []
    write(tmp_path / "claim", WHOLE)
    assert (tmp_path / "claim").read_text(encoding="utf-8") == WHOLE


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_crash_in_the_middle_leaves_the_old_file(call, tmp_path, monkeypatch):
    """The process is interrupted, or killed: then not even the cleanup code runs."""
    path = tmp_path / "record"
    write_atomic(path, "old")

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, call, killed)
        with pytest.raises(KeyboardInterrupt):
            write_atomic(path, WHOLE)
        assert names(tmp_path) == ["record"]
        patch.setattr(files, "_remove", lambda part: None)
        with pytest.raises(KeyboardInterrupt):
            write_atomic(path, WHOLE)
    assert path.read_text(encoding="utf-8") == "old"
    write_atomic(path, WHOLE)
    assert path.read_text(encoding="utf-8") == WHOLE
    assert names(tmp_path) == ["record"], "the next one clears away"


def test_threads_that_write_one_file_do_not_mix_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sharing._Patience, "seconds", 10)
    path, failed = tmp_path / "record", []

    def write(number):
        try:
            for _ in range(30):
                write_atomic(path, f"{number}\n" * 5000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if path.exists():
            text = sharing.read_text(path)
            assert text == text[:2] * 5000
        time.sleep(0.01)  # Windows cannot replace a file that is always open
    assert failed == []
    assert names(tmp_path) == ["record"]


@WITHOUT_LINKS
def test_what_holds_a_place_is_gone_when_the_file_cannot_follow(tmp_path, monkeypatch):
    """Without hard links an empty file reserves the name; it must not remain as a frame."""
    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(sharing, "replace", full)
    part = tmp_path / "frame.part"
    part.write_bytes(b"new")
    with pytest.raises(OSError, match="No space"):
        rename_exclusive(part, tmp_path / "frame.png")
    assert names(tmp_path) == ["frame.part"]
