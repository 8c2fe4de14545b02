"""A record survives crashes, other versions of the extension, and damage."""

import json
import multiprocessing
import os
import stat

import pytest
from renderjuice.jobs import key, snapshot
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import DamagedRecord
from renderjuice.jobs.store import Store
from renderjuice.packing.manifest import Package
from renderjuice.system.locks import Lock


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def full(store):
    record = rec.new("shot", store.origin, "/frames")
    record.error = rec.Problem("network", "No answer.", "Wait.")
    record.package = Package("/scratch/a.zip", "zip", 12, 3)
    record.farm = rec.Farm("id", "rendering", "", {"sampleCount": 4}, 1.5)
    record.frames = [[1, 10], [12, 12]]
    record.files = {"0001.png": 100}
    record.allowed, record.sent_without = ["/a.png", "/b.png"], ["/a.png"]
    return record


def test_a_record_comes_back_as_it_was_saved(store):
    record = full(store)
    store.save(record)
    assert store.load(record.id) == record


def test_members_of_a_later_version_are_no_problem(store):
    record = full(store)
    data = {**record.to_json(), "novelty": 1, "farm": {**record.to_json()["farm"], "more": 2}}
    assert rec.from_json(data) == record


def test_a_record_cut_at_any_byte_is_damaged_or_whole_never_a_crash(store):
    record = full(store)
    store.save(record)
    path = store.folder / f"{record.id}.json"
    text = path.read_text(encoding="utf-8")
    for length in range(len(text) - 1):
        path.write_text(text[:length], encoding="utf-8")
        with pytest.raises(DamagedRecord, match=record.id):
            store.load(record.id)


@pytest.mark.parametrize(
    "change",
    [{"stage": "dreaming"}, {"output": 3}, {"files": []}, {"schema": 99}, {"farm": {"id": None}}],
)
def test_wrong_members_are_damage(store, change):
    with pytest.raises(DamagedRecord):
        rec.from_json({**full(store).to_json(), **change})


def test_a_failed_save_leaves_the_old_record(store, monkeypatch):
    record = full(store)
    store.save(record)

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    record.title = "other"
    with pytest.raises(OSError, match="No space"):
        store.save(record)
    monkeypatch.undo()
    assert store.load(record.id).title == "shot"
    assert [p.name for p in store.folder.iterdir()] == [f"{record.id}.json"]


def _hold(folder, held, end):
    lock = Lock.take(folder / "a.lock")
    held.put(lock is not None)
    end.wait(20)


@pytest.mark.posix("it forks; tests/unit/test_system_locks.py asks other processes everywhere")
def test_a_lock_is_one_process_s_and_goes_with_it(tmp_path):
    context = multiprocessing.get_context("fork")
    held, end = context.Queue(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, held, end))
    other.start()
    assert held.get(timeout=60)
    assert Lock.take(tmp_path / "a.lock") is None
    other.kill()
    other.join()
    lock = Lock.take(tmp_path / "a.lock")
    assert lock is not None
    lock.release()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix("modes are no permissions on Windows")
def test_the_key_can_be_read_by_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv(key.VARIABLE, raising=False)
    (tmp_path / "key").write_text("old", encoding="utf-8")
    (tmp_path / "key").chmod(0o644)
    key.write(tmp_path, "RJ-NEW")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert key.read(tmp_path) == "RJ-NEW"
    key.write(tmp_path, "")
    assert key.read(tmp_path) == ""


def test_records_are_readable(store):
    record = full(store)
    store.save(record)
    text = (store.folder / f"{record.id}.json").read_text(encoding="utf-8")
    assert json.loads(text)["title"] == "shot"
    assert "\n" in text


def test_a_record_from_before_test_frames_is_read_and_shows_no_estimate(store):
    data = full(store).to_json()
    for name in ("scout_of", "frame_files", "frame_seconds"):
        del data[name]
    assert snapshot.snapshot(rec.from_json(data)).estimate is None


@pytest.mark.parametrize(
    "change",
    [{"scout_of": [[5, 1]]}, {"scout_of": [[1, 10**12]]}, {"frame_seconds": {"1": "2"}}],
)
def test_wrong_test_frames_are_damage(store, change):
    with pytest.raises(DamagedRecord):
        rec.from_json({**full(store).to_json(), **change})


@pytest.mark.posix("no path of Windows' disks is a pipe")
def test_a_pipe_in_place_of_a_record_is_named_and_waited_for_by_nobody(tmp_path):
    store = Store(tmp_path)
    store.folder.mkdir()
    os.mkfifo(store.folder / "0123456789ab.json")
    (found,) = store.read_all()
    assert "0123456789ab" in str(found)


def test_a_record_without_bottom_is_named_and_holds_up_no_other(tmp_path):
    store = Store(tmp_path)
    sound = rec.new("shot", store.origin, "/frames")
    store.save(sound)
    (store.folder / "0123456789ab.json").write_text("[" * 100_000, encoding="utf-8")
    found = list(store.read_all())
    assert [r.id for r in found if isinstance(r, rec.Record)] == [sound.id]
    assert ["0123456789ab" in str(r) for r in found if not isinstance(r, rec.Record)] == [True]
