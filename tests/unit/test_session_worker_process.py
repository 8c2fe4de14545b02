"""Only the changes of a job go through the pipe; the reader rebuilds the whole job from them.

Writing a command never blocks, even if the worker does not read.
"""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from renderjuice.jobs import record as rec
from renderjuice.jobs import snapshot
from renderjuice.jobs.protocol import StopScan, decode
from renderjuice.jobs.store import Store
from renderjuice.jobs.worker_events import Idle
from renderjuice.session.worker_process import MAX_KEPT_BYTES
from renderjuice.system.outgoing_pipe import Full, OutgoingPipe
from renderjuice.worker.job import RunningJob
from renderjuice.worker.publisher import Publisher

from tests.worker import Worker


def test_a_change_is_written_in_a_few_bytes_and_read_whole(tmp_path):
    pipe = io.BytesIO()
    publisher = Publisher(pipe)
    job = RunningJob(
        rec.new("shot", Store(tmp_path).origin, "/frames"), Store(tmp_path), publisher.mark_changed
    )
    expected = []
    for done in range(3):
        job.note(f"note {done // 2}")
        job.show(done, 10, "frames")
        expected.append(snapshot.snapshot(job.record, job.live))
        publisher.send(Idle(done))
    publisher.close()
    lines = [line for line in pipe.getvalue().splitlines() if b"idle" not in line]
    known: list[snapshot.JobSnapshot | None] = [None]
    for line in lines:
        (change,) = decode(line).changes
        known.append(change.apply(known[-1]))
    assert known[1:] == expected, "what was read before stays as it was"
    assert b"title" in lines[0]
    assert b"title" not in lines[1]
    assert len(lines[1]) < 200


NEVER_READS = "import time; time.sleep(600)"
READS_LATE = """
import sys, time, pathlib
while not pathlib.Path(sys.argv[-1]).exists():
    time.sleep(0.01)
print(sys.stdin.buffer.read().hex())
"""


@contextlib.contextmanager
def child(script, *arguments) -> Iterator[tuple[OutgoingPipe, subprocess.Popen]]:
    """Run a process with the pipe as its stdin."""
    pipe = OutgoingPipe(MAX_KEPT_BYTES)
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdin=pipe.child_end, stdout=subprocess.PIPE) as process:
        pipe.child_has_it()
        try:
            yield pipe, process
        finally:
            pipe.close()
            process.kill()


def until_full(write: Callable[[], object]) -> int:
    """Write until a write is refused; return the number of accepted writes."""
    count = 0
    with contextlib.suppress(Full):
        while count < 10_000:
            write()
            count += 1
    assert count < 10_000, "there is no bound"
    return count


def test_a_process_that_never_reads_blocks_nobody_and_what_it_gets_is_bounded():
    with child(NEVER_READS) as (pipe, _):
        until_full(lambda: pipe.write(bytes(1000)))
        assert MAX_KEPT_BYTES - 1000 < pipe.kept <= MAX_KEPT_BYTES
        before = pipe.kept_seconds
        pipe.flush()
        assert pipe.kept_seconds >= before, "nothing was taken meanwhile"
        with pytest.raises(Full):
            pipe.write(bytes(1000))


def test_what_is_kept_comes_whole_and_in_order(tmp_path):
    gate = tmp_path / "gate"
    with child(READS_LATE, str(gate)) as (pipe, process):
        lines = iter(range(10_000))
        taken = until_full(lambda: pipe.write(b"%099d\n" % next(lines)))
        gate.touch()
        while pipe.kept:
            pipe.flush()
            time.sleep(0.001)
        assert pipe.kept_seconds == 0
        pipe.close()
        said = bytes.fromhex(process.stdout.read().decode())
    assert said == b"".join(b"%099d\n" % number for number in range(taken))


def test_a_process_that_has_ended_is_no_reason_to_wait():
    with child("") as (pipe, process):
        process.wait()
        with pytest.raises(BrokenPipeError):
            for _ in range(1000):
                pipe.write(bytes(1000))


@pytest.mark.posix("Windows has no SIGSTOP")
def test_a_worker_that_is_stopped_gets_every_command_when_it_goes_on(tmp_path):
    worker = Worker(tmp_path, "http://127.0.0.1:9/v1", "key")
    worker.idle(worker.send(StopScan("")), seconds=120)
    os.kill(worker.link.pid, signal.SIGSTOP)
    try:
        count = until_full(lambda: worker.send(StopScan("x" * 1000)))
        assert worker.link.alive
        assert worker.link.receive() == []
        assert worker.link.unread_seconds > 0
        last = worker.link.sent
        assert last == count + 1
    finally:
        os.kill(worker.link.pid, signal.SIGCONT)
    worker.idle(last, seconds=120)
    assert worker.link.unread_seconds == 0
    worker.idle(worker.send(StopScan("")), seconds=120)
    worker.link.close()
