"""Cleaning the scratch folder removes only what the extension made, whatever the names are."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from renderjuice.jobs import protocol
from renderjuice.packing import command
from renderjuice.system import scratch

from tests.worker import ready_job, working

DAY = 24 * 3600
FARM = SimpleNamespace(api_url="http://127.0.0.1:9/api/external/v1", key="nobody asks")


def photographs(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "statue.jpg").write_bytes(b"\xff\xd8 of last summer")
    return folder


def aged(path: Path) -> Path:
    os.utime(path, (0, 0))
    return path


def look_alikes(root: Path) -> list[Path]:
    """Folders of the artist that resemble scratch folders of the extension."""
    precious = photographs(root.parent / "precious")
    named = photographs(root / "scan-statue")
    marked_otherwise = photographs(root / "scan-other")
    (marked_otherwise / scratch.MARK).write_text("scan-another", encoding="utf-8")
    marked_by_a_folder = photographs(root / "scan-folder")
    (marked_by_a_folder / scratch.MARK).mkdir()
    unreadable = photographs(root / "scan-bytes")
    (unreadable / scratch.MARK).write_bytes(b"\xff\xfe\x00")
    found = [precious, named, marked_otherwise, marked_by_a_folder, unreadable]
    if sys.platform != "win32":
        (precious / scratch.MARK).write_text("scan-link", encoding="utf-8")
        (root / "scan-link").symlink_to(precious)
        linked_mark = photographs(root / "scan-mark")
        (root.parent / "mark").write_text("scan-mark", encoding="utf-8")
        (linked_mark / scratch.MARK).symlink_to(root.parent / "mark")
        found += [root / "scan-link", linked_mark]
    return found


def test_only_what_we_have_made_goes(tmp_path):
    root = tmp_path / "disk"
    root.mkdir()
    theirs = look_alikes(root)
    old, young = root / "scan-old", root / "scan-young"
    for entry in (old, young):
        scratch.make(entry)
        (entry / "copy.blend").touch()
    before = {path: sorted(p.name for p in path.rglob("*")) for path in theirs}
    for path in (*theirs, old):
        aged(path)

    scratch.remove_old(root, "scan-", DAY)
    for path in theirs:
        scratch.remove(path)

    assert {path: sorted(p.name for p in path.rglob("*")) for path in theirs} == before
    assert not old.exists()
    assert young.exists(), "another Blender is using it"


def test_an_entry_goes_with_all_that_is_in_it(tmp_path):
    entry = tmp_path / "a" / "entry"
    scratch.make(entry)
    (entry / "work" / "deep").mkdir(parents=True)
    (entry / "work" / "deep" / "library.blend").touch()
    scratch.remove(entry)
    assert not entry.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_an_entry_is_not_followed(tmp_path):
    precious = photographs(tmp_path / "precious")
    entry = tmp_path / "entry"
    scratch.make(entry)
    (entry / "to a folder").symlink_to(precious)
    (entry / "to a file").symlink_to(precious / "statue.jpg")
    (entry / "work").mkdir()
    (entry / "work" / "to a folder").symlink_to(precious)
    scratch.remove(entry)
    assert not entry.exists()
    assert (precious / "statue.jpg").is_file()


def test_a_copy_of_an_entry_under_another_name_is_the_artists(tmp_path):
    entry = tmp_path / "entry"
    scratch.make(entry)
    kept = Path(shutil.copytree(entry, tmp_path / "kept for later"))
    scratch.remove(kept)
    assert kept.is_dir()


def test_a_name_that_is_taken_is_not_used(tmp_path):
    theirs = photographs(tmp_path / "entry")
    with pytest.raises(FileExistsError):
        scratch.make(theirs)
    assert not scratch.is_ours(theirs)


def test_the_worker_takes_its_own_away_and_nothing_else(tmp_path):
    root = tmp_path / "disk"
    root.mkdir()
    theirs = look_alikes(root)
    mine, left_behind = root / "scan-mine", root / "scan-left"
    for entry in (mine, left_behind):
        scratch.make(entry)
    request = {"work": str(mine / "work"), "manifest": str(mine / "manifest.json")}
    asked = {"request": request, "blender": ["/no/blender"]}
    (mine / command.SCAN_REQUEST).write_text(json.dumps(asked), encoding="utf-8")
    before = {path: sorted(p.name for p in path.rglob("*")) for path in theirs}
    for path in root.iterdir():
        aged(path)
    with working(tmp_path / "state", FARM) as worker:
        worker.idle(worker.send(protocol.Scan(str(mine))))
    assert not mine.exists()
    assert not left_behind.exists()
    assert {path: sorted(p.name for p in path.rglob("*")) for path in theirs} == before


def test_the_worker_leaves_a_folder_that_it_is_told_to_look_at_and_is_not_ours(tmp_path):
    folder = photographs(tmp_path / "scan-statue")
    with working(tmp_path / "state", FARM) as worker:
        worker.idle(worker.send(protocol.Scan(str(folder))))
    assert [path.name for path in folder.iterdir()] == ["statue.jpg"]


def test_the_folder_that_a_record_names_stays_where_it_is_not_ours(tmp_path):
    record = ready_job(tmp_path, stage="failed")
    folder = Path(record.scratch)
    (folder / scratch.MARK).unlink()
    with working(tmp_path, FARM) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    assert folder.is_dir()
