"""What changes of a job goes through the pipe; whoever reads it has all of the job."""

import io

from renderjuice.jobs import record as rec
from renderjuice.jobs import snapshot
from renderjuice.jobs.protocol import Idle, decode
from renderjuice.jobs.store import Store
from renderjuice.worker.job import RunningJob
from renderjuice.worker.publisher import Publisher


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
