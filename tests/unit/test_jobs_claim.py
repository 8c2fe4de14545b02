"""An output folder belongs to one job, even if several processes claim it at the same time."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from renderjuice.jobs import claim
from renderjuice.jobs.claim import Claim, Claimed

ROOT = Path(__file__).resolve().parents[2]
OURS, THEIRS = Claim("ours", "shot", "here", "/state"), Claim("theirs", "shot 2", "there", "/other")

TAKE = """
import runpy, sys, time
from pathlib import Path
runpy.run_path(str(Path(sys.argv[1]) / "bootstrap.py"))["provide"]()
from renderjuice.jobs import claim
sys.stdin.readline()
try:
    claim.take(Path(sys.argv[2]), claim.Claim(sys.argv[3]))
except claim.Claimed:
    print("refused")
else:
    print("taken")
"""


def test_the_first_one_has_it(tmp_path):
    folder = tmp_path / "renders" / "shot"
    claim.take(folder, OURS)
    assert claim.read(folder) == OURS
    with pytest.raises(Claimed) as refused:
        claim.take(folder, THEIRS)
    assert refused.value.claim.label == "“shot” of here"
    claim.take(folder, OURS)
    assert claim.read(folder) == OURS


def test_an_answer_takes_it_over(tmp_path):
    claim.take(tmp_path, OURS)
    claim.take(tmp_path, THEIRS, replace=True)
    assert claim.read(tmp_path) == THEIRS
    with pytest.raises(Claimed):
        claim.take(tmp_path, OURS)


def test_only_its_own_job_gives_it_up(tmp_path):
    claim.take(tmp_path, OURS)
    claim.release(tmp_path, THEIRS.job)
    assert claim.read(tmp_path) == OURS
    claim.release(tmp_path, OURS.job)
    assert claim.read(tmp_path) is None


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b"null", b'{"job": 7}', b"\xff\xfe", b"[" * 100_000, b"9" * 9000]
)
def test_a_claim_that_cannot_be_read_is_anothers(tmp_path, said):
    (tmp_path / claim.NAME).write_bytes(said)
    with pytest.raises(Claimed):
        claim.take(tmp_path, OURS)
    assert (tmp_path / claim.NAME).read_bytes() == said


def test_what_a_neighbor_writes_into_a_claim_is_one_short_line():
    """A claim's label is printed to a terminal and shown in the panel."""
    label = Claim("x", "shot\x1b]0;owned\x07\n" + "9" * 9000, "there\x1b[2J\r\n").label
    assert label.isprintable()
    assert len(label) < 1000


def test_a_folder_of_that_name_is_anothers(tmp_path):
    (tmp_path / claim.NAME).mkdir()
    with pytest.raises(Claimed):
        claim.take(tmp_path, OURS)


@pytest.mark.posix("no path of Windows' disks is a pipe")
def test_a_pipe_of_that_name_holds_nobody_up(tmp_path):
    """Blender reads claims in its main thread, and reading a pipe without a writer would block."""
    os.mkfifo(tmp_path / claim.NAME)
    assert claim.read(tmp_path) == claim.UNREADABLE
    with pytest.raises(Claimed):
        claim.take(tmp_path, OURS)


def test_of_processes_that_ask_at_once_one_has_it(tmp_path):
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        asking = [
            subprocess.Popen(
                [sys.executable, "-I", "-c", textwrap.dedent(TAKE), ROOT, folder, f"job{number}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(4)
        ]
        for process in asking:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = sorted(process.communicate()[0].strip() for process in asking)
        assert answers == ["refused"] * 3 + ["taken"]


def test_a_full_disk_leaves_no_half_claim(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            claim.take(tmp_path, OURS)
    assert list(tmp_path.iterdir()) == []
    claim.take(tmp_path, OURS)
    assert claim.read(tmp_path) == OURS


def test_a_disk_without_hard_links_has_claims_too(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    claim.take(tmp_path, OURS)
    with pytest.raises(Claimed):
        claim.take(tmp_path, THEIRS)
    assert [path.name for path in tmp_path.iterdir()] == [claim.NAME]
