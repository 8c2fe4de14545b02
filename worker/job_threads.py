"""The jobs that this worker runs, each in a thread of its own."""

import threading
import traceback
from collections.abc import Callable

from ..jobs.record import Stage
from ..jobs.store import Store
from . import runner
from .context import Context
from .job import RunningJob


class JobThreads:
    """Starts, finds and stops them. `on_change` gets a job that has changed.

    `on_end` is called when a job does not run any more.
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
        """The job, if it runs."""
        with self._lock:
            running = self._running.get(job_id)
        return running[0] if running else None

    def any_running(self) -> bool:
        """Whether there are jobs that run."""
        with self._lock:
            return bool(self._running)

    def start(self, job_id: str, until: Stage | None = None) -> None:
        """Run a job to its end or `until` a stage, unless it runs.

        Raises DamagedRecord, OSError.
        """
        with self._lock:
            if job_id in self._running:
                return
            job = RunningJob(self._store.load(job_id), self._store, self._on_change)
            thread = threading.Thread(target=self._run, args=(job, until), daemon=True)
            self._running[job_id] = (job, thread)
        thread.start()

    def wake(self) -> None:
        """Have each job look at what is new."""
        with self._lock:
            for job, _ in self._running.values():
                job.wake()

    def stop(self) -> list[threading.Thread]:
        """Interrupt all jobs; their threads, which end soon."""
        with self._lock:
            running = list(self._running.values())
        for job, _ in running:
            job.stop()
        return [thread for _, thread in running]

    def _run(self, job: RunningJob, until: Stage | None) -> None:
        try:
            runner.run(job, self._context, self._store, until)
        except Exception:
            traceback.print_exc()  # to the worker's log; the record says it too, see runner
        finally:
            self._on_change(job)
            with self._lock:
                del self._running[job.record.id]
            self._on_end()
