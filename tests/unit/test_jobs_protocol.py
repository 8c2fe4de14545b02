"""Messages between Blender and its worker arrive unchanged, and never raise an error."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from renderjuice.frames.selection import FrameFile
from renderjuice.jobs import protocol, snapshot, worker_events
from renderjuice.jobs.record import Problem, Stage
from renderjuice.jobs.store import Store
from renderjuice.packing.manifest import FilesByKind, Kind
from renderjuice.scene.checks import Check
from renderjuice.worker import runner
from renderjuice.worker.service import Service

from tests.worker import ready_job

ROOT = Path(__file__).resolve().parents[2]
ECHO = f"""
import runpy, sys
runpy.run_path({str(ROOT / "bootstrap.py")!r})["provide"]()
from renderjuice.jobs.protocol import decode, encode
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(encode(decode(line)))
    sys.stdout.buffer.flush()
"""

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates, too
INT = st.integers(-(10**30), 10**30)
FLOAT = st.floats(allow_nan=False)
MAYBE = st.none()
PROBLEM = st.builds(Problem, TEXT, TEXT, TEXT)
JSON = st.recursive(
    st.none() | st.booleans() | INT | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CHECK = st.builds(
    Check, TEXT, st.sampled_from(["error", "warning", "note"]), TEXT, *[TEXT | MAYBE] * 4
)
FILES = st.builds(FilesByKind, INT, INT, st.lists(st.builds(Kind, TEXT, INT, INT)).map(tuple))
FRAME = st.builds(FrameFile, INT, TEXT, INT, INT, INT)
CHANGE = st.builds(snapshot.JobChange, TEXT, st.dictionaries(TEXT, JSON, max_size=4))


def several(one):
    return st.lists(one, max_size=4).map(tuple)


STAGE = st.none() | st.sampled_from(Stage)
MESSAGES = {
    protocol.WorkerConfig: (TEXT, TEXT, TEXT, TEXT, INT, FLOAT),
    protocol.Start: (TEXT, STAGE),
    protocol.Notify: (TEXT, TEXT),
    protocol.Wait: (TEXT, STAGE),
    protocol.Claim: (TEXT, STAGE),
    protocol.Resume: (STAGE,),
    **dict.fromkeys(
        (
            protocol.Cancel,
            protocol.Retry,
            protocol.Remove,
            protocol.Scan,
            protocol.StopScan,
            protocol.RefreshJob,
            protocol.InspectFrames,
            protocol.TestKey,
            protocol.UseKey,
            protocol.UseOnEnd,
            worker_events.Unusable,
        ),
        (TEXT,),
    ),
    protocol.Download: (TEXT, TEXT),
    protocol.Adopt: (TEXT, TEXT),
    worker_events.JobChanges: (several(CHANGE),),
    worker_events.Removed: (several(TEXT),),
    worker_events.Damaged: (several(TEXT),),
    worker_events.Reply: (INT, PROBLEM | MAYBE, TEXT),
    worker_events.ScanProgress: (TEXT, TEXT, INT),
    worker_events.ScanResult: (TEXT, FILES | MAYBE, several(CHECK), INT, PROBLEM | MAYBE),
    worker_events.FramesInspected: (TEXT, several(FRAME), INT),
    worker_events.Idle: (INT,),
}
KNOWN = st.one_of([st.builds(kind, *members) for kind, members in MESSAGES.items()])
OTHER = st.builds(
    lambda kind, data: {**data, "kind": kind},
    TEXT | st.sampled_from([kind.kind for kind in MESSAGES]),
    st.dictionaries(TEXT | st.sampled_from(["job", "number", "changes", "until"]), JSON),
)


class Echo:
    """A process that decodes messages and encodes them again, as both ends do."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([sys.executable, "-I", "-c", ECHO], stdin=pipe, stdout=pipe)

    def of(self, line: bytes) -> bytes:
        self.process.stdin.write(line)
        self.process.stdin.flush()
        return self.process.stdout.readline()


@pytest.fixture(scope="module")
def echo():
    echo = Echo()
    yield echo
    echo.process.kill()
    echo.process.wait()


def test_all_kinds_are_drawn():
    both = (*get_args(protocol.Command), *get_args(protocol.Event))
    assert set(MESSAGES) == {protocol.WorkerConfig, *both}


@settings(max_examples=600, deadline=None)
@given(KNOWN)
def test_a_message_arrives_as_it_was(echo, message):
    line = protocol.encode(message)
    assert line.count(b"\n") == 1
    assert protocol.decode(echo.of(line)) == message


@settings(max_examples=300, deadline=None)
@given(KNOWN, st.dictionaries(TEXT, JSON, min_size=1))
def test_members_that_are_not_known_are_left_out(echo, message, more):
    data = json.loads(protocol.encode(message))
    line = json.dumps({**more, **data}).encode() + b"\n"
    assert protocol.decode(echo.of(line)) == message


@settings(max_examples=600, deadline=None)
@given(OTHER | JSON)
@example({"kind": "start", "job": 7, "number": 3})
@example({"kind": "resume", "until": "dreaming"})
@example({"kind": ["start"]})
def test_what_is_not_known_survives(echo, data):
    message = protocol.decode(json.dumps(data).encode())
    again = protocol.decode(echo.of(protocol.encode(message)))
    assert again == message
    if isinstance(message, protocol.Unknown) and isinstance(data, dict):
        assert message.data == data


@pytest.mark.parametrize(
    "line", [b"", b"\xff\n", b"[" * 100_000, b"9" * 10_000, b"null", b'{"kind":']
)
def test_what_is_no_message_is_unknown(line):
    assert protocol.decode(line) == protocol.Unknown("", {})


def test_no_key_is_printed():
    key = "RJ-0123456789abcdef"
    for message in (
        protocol.WorkerConfig("", "", key, "", 1),
        protocol.TestKey(key),
        protocol.UseKey(key),
        protocol.decode(json.dumps({"kind": "a new command", "key": key}).encode()),
    ):
        assert key not in repr(message)
        assert key in protocol.encode(message).decode()


# ---- changes of a job ---------------------------------------------------------------------------


def snapshots():
    return st.builds(
        snapshot.JobSnapshot,
        st.just("id"),
        TEXT,
        st.sampled_from(Stage),
        waiting=st.booleans(),
        error=PROBLEM | MAYBE,
        notes=several(TEXT),
        history=several(st.tuples(st.sampled_from(Stage), FLOAT)),
        differs=several(st.tuples(TEXT, TEXT, TEXT)),
        progress=FLOAT | MAYBE,
        live=st.builds(snapshot.LiveProgress, INT, INT, TEXT, FLOAT, FLOAT | MAYBE, FLOAT | MAYBE),
        frames=st.builds(snapshot.FrameCounts, INT | MAYBE, INT, INT | MAYBE),
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(snapshots(), max_size=4))
def test_a_job_is_put_together_from_its_changes(echo, jobs):
    before = there = None
    for now in jobs:
        change = snapshot.change(before, now)
        line = echo.of(protocol.encode(worker_events.JobChanges((change,))))
        (came,) = protocol.decode(line).changes
        there = came.apply(there)
        assert there == now
        before = now


def test_a_change_that_cannot_be_read_leaves_the_rest_as_it_was():
    before = snapshot.JobSnapshot("id", "shot", Stage.RENDERING)
    members = {"stage": "dreaming", "waiting": True, "news": 1, "id": "another", "live": [1]}
    after = snapshot.JobChange("id", members).apply(before)
    assert (after.id, after.title, after.stage) == ("id", "shot", Stage.RENDERING)
    assert after.waiting
    assert after.live == before.live


# ---- idle ---------------------------------------------------------------------------------------


def test_a_job_that_ends_does_not_call_the_next_command_done(tmp_path, monkeypatch):
    """A worker reported as idle too early is stopped, and its latest command would be lost."""
    first, second = ready_job(tmp_path), ready_job(tmp_path)
    idle: list[int] = []
    end_first, ended, seen = threading.Event(), threading.Event(), []

    def send(event):
        if isinstance(event, worker_events.Idle):
            idle.append(event.number)
            ended.set()

    publisher = SimpleNamespace(send=send, mark_changed=lambda _: None)
    config = protocol.WorkerConfig("", str(tmp_path), "RJ-KEY", "http://127.0.0.1:9/v1", 1)
    service = Service(config, publisher)
    monkeypatch.setattr(runner, "run", lambda *_: end_first.wait(10))
    load = Store.load

    def slow(store, job_id):
        if job_id == second.id and not seen:  # end the first job while this command is handled
            end_first.set()
            seen.append(ended.wait(10))
        return load(store, job_id)

    service.handle(protocol.Start(first.id, number=1))
    monkeypatch.setattr(Store, "load", slow)
    service.handle(protocol.Download(second.id, number=2))
    assert seen == [True]
    assert idle[0] == 1
