"""Runs each job in its own thread.

Start: `start` loads the record and starts a thread. Steady state: the thread runs the job, again if
it gets a new purpose. End: the thread removes the job and calls `on_end`; `stop` interrupts all.
"""

import logging
import threading
from collections.abc import Callable

from ..jobs.record import Stage
from ..jobs.store import Store
from . import runner
from .context import Context
from .job import Purpose, RunningJob

logger = logging.getLogger(__name__)


class JobThreads:
    """Starts, finds and stops jobs.

    `on_change` is called with a job after each change, `on_end` when a job's thread ends.
    """

    def __init__(
        self,
        store: Store,
        context: Context,
        on_change: Callable[[RunningJob], None],
        on_end: Callable[[], None],
    ) -> None:
        self._store = store
        self._context = context
        self._on_change = on_change
        self._on_end = on_end
        self._lock = threading.Lock()
        self._running: dict[str, tuple[RunningJob, threading.Thread]] = {}

    def find(self, job_id: str) -> RunningJob | None:
        """The running job with this id, or None."""
        with self._lock:
            running = self._running.get(job_id)
        return running[0] if running else None

    def any_running(self) -> bool:
        """Whether any job is running."""
        with self._lock:
            return bool(self._running)

    def start(
        self, job_id: str, purpose: Purpose, until: Stage | None = None, output: str = ""
    ) -> None:
        """Run a job to its end or `until` a stage. A running job gets the new purpose.

        Raises DamagedRecord and OSError.
        """
        if running := self.find(job_id):
            running.ask(purpose)
            return
        record = self._store.load(job_id)  # outside the lock, as the disk may be slow
        job = RunningJob(record, self._store, self._on_change, purpose, output)
        with self._lock:
            thread = threading.Thread(target=self._run, args=(job, until), name=job_id, daemon=True)
            self._running[job_id] = (job, thread)
        thread.start()

    def wake(self) -> None:
        """Wake all jobs."""
        with self._lock:
            for job, _ in self._running.values():
                job.wake()

    def stop(self) -> list[threading.Thread]:
        """Interrupt all jobs; return their threads, which end soon."""
        with self._lock:
            running = list(self._running.values())
        for job, _ in running:
            job.stop()
        return [thread for _, thread in running]

    def _run(self, job: RunningJob, until: Stage | None) -> None:
        job_id = job.record.id
        try:
            again = True
            while again:
                runner.run(job, self._context, self._store, until)
                with self._lock:
                    again = job.has_new_purpose and not job.stopping
                    job.has_new_purpose = False
                    if not again:
                        del self._running[job_id]
        except Exception:
            logger.exception("The job has stopped")  # runner.py has saved the error
        finally:
            self._on_change(job)
            with self._lock:
                self._running.pop(job_id, None)
            self._on_end()
