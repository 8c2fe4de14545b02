"""Executes the worker's commands (jobs/protocol.py).

Start: `serve` creates the Service. Steady state: it executes commands one by one; jobs, scans and
other slow work run in threads; Idle is sent when nothing is left to do. End: stdin ends, and `stop`
interrupts everything.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO, assert_never

from ..api.client import Client
from ..api.errors import ApiError
from ..api.transport import TIMEOUT, scaled_timeout
from ..frames import selection
from ..jobs import protocol, worker_events
from ..jobs import record as rec
from ..jobs.protocol import Command, WorkerConfig
from ..jobs.record import DamagedRecord, Problem, Record, Stage
from ..jobs.store import Store
from ..jobs.worker_events import Reply
from ..system import notification
from . import canceling
from .context import Context
from .farm_state import record_state
from .job import Purpose, RunningJob
from .job_threads import JobThreads
from .poller import Poller
from .problems import MISTAKE, disk_problem, problem_of
from .publisher import Publisher
from .scan import ScanThread

SECONDS_TO_QUIT = 0.8

logger = logging.getLogger(__name__)


class Service:
    """The state of one worker. Raises ApiError for an invalid API address."""

    def __init__(self, config: WorkerConfig, publisher: Publisher) -> None:
        self.store = Store(Path(config.state))
        self.publisher = publisher
        self._config = config
        self._client = self._client_with(config.key)
        self._lock = threading.Lock()
        self._scan: ScanThread | None = None
        self._tasks = 0
        self._number = 0
        self._executed = 0
        self.context = Context(
            api_url=config.api_url,
            client=lambda: self._client,
            poller=Poller(lambda: self._client, config.time_scale),
            transfers=ThreadPoolExecutor(config.transfers, "transfer"),
            time_scale=config.time_scale,
            on_end=config.on_end,
            in_background=self._run_in_background,
        )
        self._jobs = JobThreads(
            self.store, self.context, publisher.mark_changed, self._send_if_idle
        )

    def handle(self, command: Command) -> None:
        """Execute one command. Errors are sent as a Reply, never raised."""
        self._number = command.number
        try:
            self._execute(command)
        except ApiError as error:
            self._reply(problem_of(error))
        except DamagedRecord as error:
            self._reply(Problem("damaged-record", str(error), ""))
        except OSError as error:
            self._reply(disk_problem(error))
        except Exception:
            logger.exception("A command was not carried out: %s", command.kind)
            self._reply(MISTAKE)
        self._finish(command.number)

    def refuse(self, number: int) -> None:
        """Reply to a message that is not a command."""
        logger.warning("A message that is no command was left out.")
        self.publisher.send(Reply(number, MISTAKE))
        self._finish(number)

    def stop(self) -> None:
        """Interrupt all jobs and the scan, and wait for them up to SECONDS_TO_QUIT."""
        with self._lock:
            scan = self._scan
        if scan:
            scan.stop()
        threads = [*self._jobs.stop(), *([scan] if scan else [])]
        for thread in threads:
            thread.join(SECONDS_TO_QUIT / len(threads))

    def _execute(self, command: Command) -> None:  # noqa: PLR0912 (a case a command)
        match command:
            case protocol.Start():
                self._jobs.start(command.job, Purpose.SUBMIT, command.until)
            case protocol.Wait():
                self._jobs.start(command.job, Purpose.WAIT, command.until)
            case protocol.Resume():
                self._resume(command.until)
            case protocol.Cancel():
                self._cancel(command.job)
            case protocol.Retry():
                self._retry(command.job)
            case protocol.Remove():
                self._remove(command.job)
            case protocol.Download():
                self._jobs.start(command.job, Purpose.DOWNLOAD, output=command.output)
            case protocol.Claim():
                self._jobs.start(command.job, Purpose.CLAIM, command.until)
            case protocol.Scan():
                self._start_scan(Path(command.folder))
            case protocol.StopScan():
                self._stop_scan(command.scan)
            case protocol.RefreshJob():
                self._refresh_job(command.job)
            case protocol.InspectFrames():
                self._inspect_frames(command.job)
            case protocol.Adopt():
                self._adopt(command.farm, command.output)
            case protocol.TestKey():
                self._client_with(command.key).jobs(page=1, page_size=1)
                self._reply()
            case protocol.UseKey():
                self._use_key(command.key)
            case protocol.UseOnEnd():
                self.context.on_end = command.command
            case protocol.Notify():
                self._run_in_background(notification.show, command.title, command.text)
            case _:
                assert_never(command)

    # -- jobs -----------------------------------------------------------------------------------

    def _resume(self, until: Stage | None) -> None:
        for found in self.store.read_all():
            if isinstance(found, DamagedRecord):
                self.publisher.send(worker_events.Damaged((str(found),)))
            elif self.store.made_here(found) and (found.late or not found.ended):
                self._jobs.start(found.id, Purpose.RESUME, until)
            elif self.store.cancel_pending(found):
                self._jobs.start(found.id, Purpose.CANCEL)

    def _cancel(self, job_id: str) -> None:
        """Send the cancel request at once, then notify the job's runner by a file."""
        job = self._jobs.find(job_id)
        record = job.record if job else self.store.load(job_id)
        self._run_in_background(canceling.cancel_at_once, replace(record), self.context)
        if job:
            job.request_cancel()
        elif not record.ended or record.may_be_rendering:
            with contextlib.suppress(OSError):  # the request to the farm is sent anyway
                self.store.request_cancel(job_id)
        self._jobs.start(job_id, Purpose.CANCEL)

    def _retry(self, job_id: str) -> None:
        self._jobs.start(job_id, Purpose.RETRY)
        self.context.poller.poll_now()

    def _remove(self, job_id: str) -> None:
        if self._jobs.find(job_id):
            return  # the job has been started since the panel was drawn
        self.store.remove(job_id)
        self.publisher.send(worker_events.Removed((job_id,)))

    def _refresh_job(self, job_id: str) -> None:
        """Read a job from the farm that no worker runs, and save its state."""
        lock = self.store.lock(job_id)
        if lock is None:
            return  # the worker that runs it saves its state
        try:
            job = RunningJob(self.store.load(job_id), self.store, self.publisher.mark_changed)
            record_state(job, self._client.get_job(job.record.farm.id))
        finally:
            lock.release()

    def _adopt(self, farm_id: str, output: str) -> None:
        farm_job = self._client.get_job(farm_id)
        record = rec.new(f"Farm job {farm_job.id[:8]}", self.store.origin, output)
        record.stage = Stage.RENDERING
        record.farm.id = farm_job.id
        record.farm.status = farm_job.status
        record.api_url = self.context.api_url
        self.store.save(record)
        self._reply(job=record.id)

    # -- other commands -------------------------------------------------------------------------

    def _client_with(self, key: str) -> Client:
        scale = self._config.time_scale
        return Client(
            self._config.api_url,
            key,
            timeout=scaled_timeout(TIMEOUT, scale),
            wait=lambda seconds: time.sleep(seconds * scale),
        )

    def _use_key(self, key: str) -> None:
        self._client = self._client_with(key)
        self.context.poller.poll_now()
        self._jobs.wake()

    def _start_scan(self, folder: Path) -> None:
        """Start a scan of a saved copy, which stops the previous one."""
        with self._lock:
            before = self._scan
            self._scan = ScanThread(folder, before, self.publisher.send, self._scan_ended)
        self._scan.start()

    def _stop_scan(self, name: str) -> None:
        with self._lock:
            if self._scan and self._scan.name == name:
                self._scan.stop()

    def _scan_ended(self, scan: ScanThread) -> None:
        with self._lock:
            if self._scan is scan:
                self._scan = None
        self._send_if_idle()

    def _inspect_frames(self, job_id: str) -> None:
        """Inspect a job's frames in a thread, because the disk may hang."""
        job = self._jobs.find(job_id)
        record = job.record if job else self.store.load(job_id)
        self._run_in_background(self._inspect, record, list(record.files))

    def _inspect(self, record: Record, files: list[str]) -> None:
        newest = not record.ended
        frames, refused = selection.inspect(Path(record.output), files, newest=newest)
        self.publisher.send(worker_events.FramesInspected(record.id, tuple(frames), refused))

    def _run_in_background(self, function: Callable[..., None], *arguments: object) -> None:
        """Run a function in its own thread, so that commands do not wait for it."""

        def run() -> None:
            try:
                function(*arguments)
            except Exception:
                logger.exception("Something beside the jobs has failed")
            finally:
                with self._lock:
                    self._tasks -= 1
                self._send_if_idle()

        with self._lock:
            self._tasks += 1
        threading.Thread(target=run, daemon=True).start()

    def _finish(self, number: int) -> None:
        self._executed = max(self._executed, number)
        self._send_if_idle()

    def _send_if_idle(self) -> None:
        """Send Idle if nothing is left to do.

        The number is read first, so that it does not cover a command that arrives meanwhile.
        """
        number = self._executed
        with self._lock:
            busy = self._tasks or self._scan is not None
        if not busy and not self._jobs.any_running():
            self.publisher.send(worker_events.Idle(number))

    def _reply(self, error: Problem | None = None, *, job: str = "") -> None:
        self.publisher.send(Reply(self._number, error, job))


def serve(config: WorkerConfig, commands: IO[bytes], events: IO[bytes]) -> None:
    """Execute commands until stdin ends, then stop."""
    publisher = Publisher(events)
    try:
        service = Service(config, publisher)
    except ApiError as error:  # the API address is invalid
        publisher.send(worker_events.Unusable(str(error), address=True))
        publisher.close()
        return
    service.store.tidy()
    for line in commands:
        message = protocol.decode(line)
        if isinstance(message, Command):
            service.handle(message)
        else:
            service.refuse(message.number if isinstance(message, protocol.Unknown) else 0)
    service.stop()
    publisher.close()
