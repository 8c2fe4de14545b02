"""What changes of a job goes through the pipe; whoever hears it has all of the job."""

import io
import json

from renderjuice.jobs import record as rec
from renderjuice.jobs import snapshot
from renderjuice.jobs.store import Store
from renderjuice.session.worker_process import Link
from renderjuice.worker.job import RunningJob
from renderjuice.worker.publisher import Teller


def test_a_change_is_told_in_a_few_bytes_and_heard_whole(tmp_path):
    teller = Teller(io.BytesIO())
    job = RunningJob(rec.new("shot", "here", "/frames"), Store(tmp_path), lambda _: None)
    link = Link.__new__(Link)
    link._jobs = {}
    lengths = []
    for done in range(3):
        job.show(done, 10, "frames")
        job.note(f"note {done // 2}")
        told = teller._change(job)
        lengths.append(len(json.dumps(told)))
        heard = link._whole(json.loads(json.dumps(told)))
        assert heard == json.loads(json.dumps(snapshot.snapshot(job.record, job.live)))
    assert lengths[1] < lengths[0] / 3
    assert heard is not link._whole({"id": job.record.id}), "what was heard before stays as it was"
    teller.close()
