"""Files that another program has open: the extension waits, and then reports only that file."""

import json
import os
import threading
import time
from pathlib import Path

import pytest
from renderjuice.jobs import claim, key
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.packing import archive, manifest
from renderjuice.packing.manifest import Manifest, PackError
from renderjuice.system import sharing
from renderjuice.system.files import rename_exclusive, write_atomic
from renderjuice.system.sharing import InUse
from renderjuice.worker import log

from tests.farm.running import running_farm
from tests.worker import Worker, ready_job


def violation(code, path="somewhere"):
    error = PermissionError(13, "The process cannot access the file", str(path))
    error.winerror = code
    return error


class Windows:
    """Simulates a disk on which another program has files open: those in `open`, by path suffix."""

    def __init__(self, monkeypatch):
        self.code = 32
        self.refused = 0
        self.open: dict[str, float] = {}
        """The number of accesses to refuse, by path suffix."""
        for module, name in ((os, "replace"), (os, "unlink"), (os, "link")):
            self._play(monkeypatch, module, name)
        self._play(monkeypatch, Path, "open")

    def keep(self, end, times=float("inf")):
        self.open[end] = times

    def _play(self, monkeypatch, module, name):
        plain = getattr(module, name)

        def call(*arguments, **options):
            for path in arguments[:2]:
                for end, times in self.open.items():
                    if str(path).endswith(end) and times > 0:
                        self.open[end] = times - 1
                        self.refused += 1
                        raise violation(self.code, path)
            return plain(*arguments, **options)

        monkeypatch.setattr(module, name, call)


@pytest.fixture
def windows(monkeypatch):
    return Windows(monkeypatch)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr(sharing._Patience, "seconds", 1.0)


def save(folder):
    write_atomic(folder / "a.json", "new")


def claimed(folder):
    claim.take(folder, claim.Claim("other"), replace=True)


def packed(folder):
    source = folder / "source.blend"
    source.write_bytes(b"BLENDER")
    found = manifest.file_on_disk(str(source), "a.blend", "blend")
    archive.write(
        Manifest("a.blend", (found,)),
        folder,
        on_bytes=lambda _: None,
        should_stop=lambda: False,
    )


def listed(folder):
    manifest.write(Manifest("a.blend", ()), folder / "manifest.json")


def recorded(folder):
    Store(folder).save(a_record(folder))


def loaded(folder):
    Store(folder).load("0123456789ab")


def read_key(folder):
    key.read(folder)


def a_record(folder):
    record = rec.new("shot", "here", str(folder))
    record.id = "0123456789ab"
    return record


ACTS = {
    "a file is replaced": (save, "a.json"),
    "a record is saved": (recorded, "0123456789ab.json"),
    "a record is read": (loaded, "0123456789ab.json"),
    "a claim is taken over": (claimed, claim.NAME),
    "a package is written": (packed, "a.blend"),
    "a manifest is written": (listed, "manifest.json"),
    "a key is read": (read_key, "key"),
}


def prepare(folder):
    write_atomic(folder / "a.json", "old")
    claim.take(folder, claim.Claim("first"))
    listed(folder)
    recorded(folder)
    key.write(folder, "RJ-KEY")
    (folder / "a.blend").write_bytes(b"old")


@pytest.mark.parametrize("code", sorted(sharing.VIOLATIONS))
@pytest.mark.parametrize(("act", "end"), ACTS.values(), ids=ACTS)
def test_what_is_open_for_a_while_is_waited_for(code, act, end, tmp_path, windows, monkeypatch):
    monkeypatch.delenv(key.VARIABLE, raising=False)
    prepare(tmp_path)
    windows.code = code
    windows.keep(end, 4)
    act(tmp_path)
    assert windows.refused == 4


@pytest.mark.parametrize(("act", "end"), ACTS.values(), ids=ACTS)
def test_what_stays_open_is_named(act, end, tmp_path, windows, monkeypatch):
    monkeypatch.delenv(key.VARIABLE, raising=False)
    monkeypatch.setattr(sharing._Patience, "seconds", 0.1)
    prepare(tmp_path)
    windows.keep(end)
    began = time.monotonic()
    if act is claimed:  # an unreadable claim counts as another job's, so nobody gets the folder
        act(tmp_path) if claim.read(tmp_path) is None else None
        assert claim.read(tmp_path) == claim.UNREADABLE
        return
    with pytest.raises((InUse, PackError)) as raised:
        act(tmp_path)
    assert end in str(raised.value) + str(getattr(raised.value, "message", ""))
    assert 0.1 < time.monotonic() - began < 60
    windows.open.clear()
    parts = {path.name for path in tmp_path.rglob("*.part")}
    assert parts <= {"manifest.json.part"}, "that one goes with the scratch folder"


def test_other_errors_are_not_waited_for(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(28, "No space left on device", "a.json")

    monkeypatch.setattr(os, "replace", refused)
    monkeypatch.setattr(sharing._Patience, "seconds", 100.0)
    began = time.monotonic()
    with pytest.raises(OSError, match="No space"):
        save(tmp_path)
    assert time.monotonic() - began < 50


def test_a_new_file_waits_for_its_part(tmp_path, monkeypatch):
    """A virus scanner opens each file right after it was written."""
    part, path = tmp_path / "frame.part", tmp_path / "frame.png"
    part.write_bytes(b"new")
    plain, until = Path.rename, time.monotonic() + 0.15

    def rename(self, target):
        if time.monotonic() < until:
            raise violation(32, self)
        return plain(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr("sys.platform", "win32")
    assert rename_exclusive(part, path)
    assert path.read_bytes() == b"new"


def test_a_log_that_another_has_open_loses_no_line_for_a_while(tmp_path, monkeypatch):
    plain, until = log.open_private, time.monotonic() + 0.15

    def open_private(path, flags):
        if time.monotonic() < until:
            raise violation(32, path)
        return plain(path, flags)

    monkeypatch.setattr(log, "open_private", open_private)
    log.SharedFile(tmp_path).emit(log.logging.makeLogRecord({"msg": "a line"}))
    assert (tmp_path / log.NAME).read_text(encoding="utf-8") == "a line\n"


def test_readers_and_writers_of_a_record_that_changes_100_times_meet(
    tmp_path, windows, monkeypatch
):
    """Another program repeatedly opens the record."""
    monkeypatch.setattr(sharing._Patience, "seconds", 10)
    store, record, failed = Store(tmp_path), a_record(tmp_path), []
    store.save(record)

    def disturb():
        for _ in range(20):
            windows.keep(".json", 2)
            time.sleep(0.04)

    def read():
        for _ in range(100):
            try:
                assert Store(tmp_path).load(record.id).id == record.id
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=each) for each in (disturb, read, read)]
    for thread in threads:
        thread.start()
    for number in range(100):
        record.title = f"shot {number}"
        store.save(record)
    for thread in threads:
        thread.join()
    assert failed == []
    assert windows.refused > 0
    assert store.load(record.id).title == "shot 99"


OPEN_ELSEWHERE = """
import os, runpy, sys
runpy.run_path({bootstrap!r})["provide"]()
from renderjuice.system import sharing
plain = sharing.os.replace
sharing.be_patient = lambda: None
link = os.link

def refuse(source, target, **options):
    if str(target).endswith("0002.png") and not os.path.exists({closed!r}):
        error = PermissionError(13, "The process cannot access the file", str(target))
        error.winerror = 32
        raise error
    return plain(source, target, **options)

sharing.os.replace = refuse
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_frame_that_another_program_keeps_open_costs_that_frame_alone(tmp_path):
    from renderjuice.jobs.protocol import Download, Start

    from tests.conftest import ROOT

    closed = tmp_path / "closed"
    program = OPEN_ELSEWHERE.format(bootstrap=str(ROOT / "bootstrap.py"), closed=str(closed))
    state = tmp_path / "state"
    with running_farm(renderer="pattern") as farm:
        job = ready_job(state, frames=4, overwrite=True)
        python = (__import__("sys").executable, "-I", "-c", program)
        worker = Worker(state, farm.api_url, farm.key, 0.03, python=python)
        try:
            worker.idle(worker.send(Start(job.id)), seconds=120)
            ended = Store(state).load(job.id)
            assert ended.stage == Stage.INCOMPLETE
            assert len(ended.files) == 3
            assert "0002.png" in ended.error.message
            assert "another program has it open" in json.dumps(ended.to_json())
            closed.touch()
        finally:
            worker.link.close()
        worker = Worker(state, farm.api_url, farm.key, 0.03, python=python)
        try:
            worker.idle(worker.send(Download(job.id)))
        finally:
            worker.link.close()
    assert Store(state).load(job.id).stage == Stage.FINISHED
