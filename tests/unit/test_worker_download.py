"""Files that a record lists survive a power cut, without a disk sync for each frame."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from renderjuice.api.output_file import OutputFile
from renderjuice.api.transport import TIMEOUT
from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store
from renderjuice.system import names
from renderjuice.worker import download
from renderjuice.worker.job import RunningJob

from tests.http_stub import Reply, serve

FRAMES = 40


class Power:
    """Tracks which frames are synced to disk; checks that each saved record lists only these."""

    def __init__(self, frames: Path) -> None:
        self.frames = frames
        self.syncs = 0
        self.safe: set[str] = set()
        self.saves: list[set[str]] = []

    def sync(self, folder: Path) -> None:
        self.syncs += 1
        self.safe |= {str(path.relative_to(self.frames)) for path in folder.glob("*.raw")}

    def save(self, record: rec.Record) -> None:
        lost = set(record.files) - self.safe
        assert not lost, "the record names what a power cut would take away"
        self.saves.append(set(record.files))


@pytest.fixture
def power(tmp_path, monkeypatch):
    power = Power(tmp_path / "frames")
    monkeypatch.setattr(download, "fsync_folder", power.sync)
    monkeypatch.setattr(Store, "save", lambda _, record: power.save(record))
    return power


def brought(tmp_path) -> rec.Record:
    """Download all frames of a job into two folders, and return its record."""
    record = rec.new("shot", "here", str(tmp_path / "frames"))
    job = RunningJob(record, Store(tmp_path), lambda _: None)
    with serve(lambda _: Reply(body=b"whole")) as stub, ThreadPoolExecutor(4) as pool:
        listed = [
            OutputFile(f"{stub.url}/{n}", f"{n:04}.raw", "", ("", "left")[n % 2], None, "frame")
            for n in range(FRAMES)
        ]
        download.Download(job, pool, allow_local=True, timeout=TIMEOUT).run(listed)
    assert len(record.files) == FRAMES
    return record


def test_a_record_names_only_what_is_on_the_disk_for_good(tmp_path, power, monkeypatch):
    monkeypatch.setattr(download, "SECONDS_BETWEEN_SAVES", 0.0)
    record = brought(tmp_path)
    assert len(power.saves) > FRAMES
    assert power.saves[-1] == set(record.files)


def test_folders_are_waited_for_once_for_many_frames(tmp_path, power, monkeypatch):
    monkeypatch.setattr(download, "SECONDS_BETWEEN_SAVES", 60.0)
    record = brought(tmp_path)
    assert power.syncs == 2
    assert power.saves == [set(), set(record.files)]  # the files' paths; then the files received


def test_a_folder_that_is_taken_away_ends_nothing(tmp_path, power, monkeypatch):
    def gone(folder):
        raise FileNotFoundError(folder)

    monkeypatch.setattr(download, "SECONDS_BETWEEN_SAVES", 60.0)
    monkeypatch.setattr(download, "fsync_folder", gone)
    monkeypatch.setattr(Store, "save", lambda *_: None)
    brought(tmp_path)


def test_a_path_that_is_too_long_costs_that_file_alone(tmp_path, monkeypatch):
    """Names are shortened to fit, but a job keeps its names, even if they no longer fit."""
    monkeypatch.setattr(Store, "save", lambda *_: None)
    monkeypatch.setattr(names, "MAX_NAME", 143)  # as in encrypted folders of some file servers
    long, short = f"{'x' * 130}.raw", "0001.raw"
    with serve(lambda _: Reply(body=b"whole")) as stub, ThreadPoolExecutor(4) as pool:
        outputs = [
            OutputFile(f"{stub.url}/{name[0]}", name, "", "", None, "frame")
            for name in (long, short)
        ]
        record = rec.new("shot", "here", str(tmp_path / "frames"))
        record.sources = {long: outputs[0].identity}
        job = RunningJob(record, Store(tmp_path), lambda _: None)
        run = download.Download(job, pool, allow_local=True, timeout=TIMEOUT)
        run.run(outputs)
        run.judge()
    assert [*record.files] == [short]
    assert [*run.lost] == [long]
    assert "is too long for this system" in run.lost[long]
    record.output += "z" * 300
    assert not download.is_downloaded(record, short), "it cannot be there"
