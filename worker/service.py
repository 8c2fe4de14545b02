"""The worker's heart: hears commands, runs jobs, tells what changes.

Commands, one JSON document a line, each with a `number`:
  {"do": "start", "job": id, "until": stage or ""}   run a job whose record is on disk
  {"do": "resume", "until": ...}                     run every unfinished job of this place
  {"do": "cancel" | "remove" | "download" | "claim" | "retry", "job": id}
  {"do": "scan", "folder": path}                     look at the scene saved there (scan.py)
  {"do": "look", "job": id}                          write down what the farm says of a job
  {"do": "pictures", "job": id}                      look at its frames that are here (pictures.py)
  {"do": "adopt", "farm": id, "output": folder}      make a record of a job known by the farm's id
  {"do": "test", "key": ...}                         try a key
  {"do": "key", "key": ...}                          use this key from now on
Answers: {"jobs": [snapshot]}, {"removed": [id]}, {"damaged": [text]}, {"reply": number, ...},
{"scan": {"id", ...}}, {"pictures": {"job": id, ...}},
{"idle": number of the last command} when no job runs.
"""

import json
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ..api.client import Client
from ..api.errors import ApiError
from ..api.transport import TIMEOUT, scaled
from ..frames import selection
from ..jobs import record as rec
from ..jobs.record import DamagedRecord, Record, Stage
from ..jobs.store import Store
from . import runner
from .context import Context
from .farm_state import record_state
from .job import RunningJob
from .poller import Poller
from .problems import MISTAKE, SENT_ELSEWHERE, disk_problem, problem_of
from .publisher import Teller
from .scan import Scan

GOODBYE_SECONDS = 0.8


class Service:
    """All jobs of one worker."""

    def __init__(self, greeting: dict[str, Any], teller: Teller) -> None:
        self.store = Store(Path(greeting["state"]))
        self.teller = teller
        self._api_url: str = greeting["api_url"]
        self._time_scale: float = greeting.get("pace", 1.0)
        self._client = self._client_with(greeting["key"])
        self._jobs: dict[str, tuple[RunningJob, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._number = 0
        self._scan: Scan | None = None
        self._looking = 0
        self.context = Context(
            client=lambda: self._client,
            poller=Poller(lambda: self._client, self._time_scale),
            transfers=ThreadPoolExecutor(greeting["transfers"], "transfer"),
            time_scale=self._time_scale,
        )

    def hear(self, command: dict[str, Any]) -> None:
        """Carry out one command. What goes wrong is answered, never raised."""
        self._number = command["number"]
        do: Callable[[dict[str, Any]], None] = getattr(self, f"_do_{command['do']}")
        try:
            do(command)
        except ApiError as error:
            self._reply(error=asdict(problem_of(error)))
        except DamagedRecord as error:
            self._reply(error={"id": "damaged-record", "message": str(error), "hint": ""})
        except OSError as error:
            self._reply(error=asdict(disk_problem(error)))
        self._say_if_idle()

    def _client_with(self, key: str) -> Client:
        return Client(
            self._api_url,
            key,
            timeout=scaled(TIMEOUT, self._time_scale),
            wait=lambda seconds: time.sleep(seconds * self._time_scale),
        )

    def stop(self) -> None:
        """Interrupt all jobs and give them a moment to leave things tidy."""
        with self._lock:
            running = list(self._jobs.values())
            scan = self._scan
        if scan:
            scan.stop()
        for job, _ in running:
            job.stop()
        threads = [*(thread for _, thread in running), *([scan] if scan else [])]
        for thread in threads:
            thread.join(GOODBYE_SECONDS / len(threads))

    # -- commands -------------------------------------------------------------------------------

    def _do_start(self, command: dict[str, Any]) -> None:
        self._run(command["job"], command.get("until", ""))

    def _do_resume(self, command: dict[str, Any]) -> None:
        for found in self.store.read_all():
            if isinstance(found, DamagedRecord):
                self.teller.say({"damaged": [str(found)]})
            elif self.store.made_here(found) and not found.ended:
                self._run(found.id, command.get("until", ""))

    def _do_cancel(self, command: dict[str, Any]) -> None:
        job_id = command["job"]
        job = self._running(job_id)
        if job and not job.elsewhere:
            job.request_cancel()
            return
        lock = self.store.lock(job_id)
        if lock is None:
            self._cancel_elsewhere(self.store.load(job_id))
        else:
            try:
                record = self.store.load(job_id)
                if not record.ended:
                    record.cancel_requested = True
                    self.store.save(record)
            finally:
                lock.release()
        self._run(job_id, "")

    def _cancel_elsewhere(self, record: Record) -> None:
        """The record is another worker's, who hears of it by asking the farm."""
        if record.farm.id:
            self._client.cancel(record.farm.id)
        elif not record.ended:
            self._reply(error=asdict(SENT_ELSEWHERE))

    def _do_retry(self, command: dict[str, Any]) -> None:
        job = self._running(command["job"])
        if job is None:
            self._run(command["job"], "")
            return
        self.context.poller.hurry()
        job.wake()

    def _do_scan(self, command: dict[str, Any]) -> None:
        """Look at a saved copy; a look that is going on is not wanted any more."""
        with self._lock:
            if self._scan:
                self._scan.stop()
            folder = Path(command["folder"])
            self._scan = Scan(folder, self.context.packing, self.teller.say, self._scan_over)
        self._scan.start()

    def _scan_over(self, scan: Scan) -> None:
        with self._lock:
            if self._scan is scan:
                self._scan = None
        self._say_if_idle()

    def _do_look(self, command: dict[str, Any]) -> None:
        """Ask the farm about a job that nobody runs, and go no further."""
        lock = self.store.lock(command["job"])
        if lock is None:
            return  # the worker that runs it writes down what the farm says
        try:
            job = RunningJob(self.store.load(command["job"]), self.store, self.teller.show)
            record_state(job, self._client.get_job(job.record.farm.id))
        finally:
            lock.release()

    def _do_download(self, command: dict[str, Any]) -> None:
        """Bring the frames of a job that the farm has, also once more, also after a failure."""
        if self._running(command["job"]):
            return
        record = self.store.load(command["job"])
        record.output = command.get("output") or record.output
        if record.farm.id and record.ended:
            completed = record.farm.status == "completed"
            record.stage = Stage.DOWNLOADING if completed else Stage.RENDERING
            record.cancel_requested, record.error, record.missing = False, None, None
        self.store.save(record)
        self._run(record.id, command.get("until", ""))

    def _do_claim(self, command: dict[str, Any]) -> None:
        record = self.store.load(command["job"])
        record.origin = self.store.origin
        self.store.save(record)
        self._run(record.id, "")

    def _do_remove(self, command: dict[str, Any]) -> None:
        if self._running(command["job"]):
            return  # the panel offers it for ended jobs only; one may have been started since
        self.store.remove(command["job"])
        self.teller.say({"removed": [command["job"]]})

    def _do_pictures(self, command: dict[str, Any]) -> None:
        """Look at the frames of a job. A disk that does not answer must not hold up commands."""
        job = self._running(command["job"])
        record = job.record if job else self.store.load(command["job"])
        with self._lock:
            self._looking += 1
        threading.Thread(target=self._look, args=(record, list(record.files)), daemon=True).start()

    def _look(self, record: Record, files: list[str]) -> None:
        try:
            shown, refused = selection.look(Path(record.output), files, newest=not record.ended)
            self.teller.say({"pictures": {"job": record.id, "shown": shown, "refused": refused}})
        except OSError:
            traceback.print_exc()
        finally:
            with self._lock:
                self._looking -= 1
            self._say_if_idle()

    def _do_adopt(self, command: dict[str, Any]) -> None:
        farm_job = self._client.get_job(command["farm"])
        record = rec.new(f"Farm job {farm_job.id[:8]}", self.store.origin, command["output"])
        record.stage = Stage.RENDERING
        record.farm.id = farm_job.id
        record.farm.status = farm_job.status
        self.store.save(record)
        self._reply(job=record.id)

    def _do_test(self, command: dict[str, Any]) -> None:
        self._client_with(command["key"]).jobs(page=1, page_size=1)
        self._reply(accepted=True)

    def _do_key(self, command: dict[str, Any]) -> None:
        self._client = self._client_with(command["key"])
        self.context.poller.hurry()
        with self._lock:
            for job, _ in self._jobs.values():
                job.wake()

    # -- jobs -----------------------------------------------------------------------------------

    def _running(self, job_id: str) -> RunningJob | None:
        with self._lock:
            running = self._jobs.get(job_id)
        return running[0] if running else None

    def _run(self, job_id: str, until: str) -> None:
        """Run a job in a thread of its own, unless one does already."""
        with self._lock:
            if job_id in self._jobs:
                return
            job = RunningJob(self.store.load(job_id), self.store, self.teller.show)
            thread = threading.Thread(target=self._thread, args=(job, until), daemon=True)
            self._jobs[job_id] = (job, thread)
        thread.start()

    def _thread(self, job: RunningJob, until: str) -> None:
        try:
            runner.run(job, self.context, self.store, Stage(until) if until else None)
        except Exception:
            traceback.print_exc()  # to the worker's log; the record says it too, see runner
        finally:
            self.teller.show(job)
            with self._lock:
                del self._jobs[job.record.id]
            self._say_if_idle()

    def _say_if_idle(self) -> None:
        if self._looking:
            return
        with self._lock:
            if not self._jobs and not self._scan:
                self.teller.say({"idle": self._number})

    def _reply(self, **answer: Any) -> None:
        self.teller.say({"reply": self._number, **answer})


def serve(greeting: dict[str, Any], commands: IO[bytes], answers: IO[bytes]) -> None:
    """Carry out commands until they end, then stop."""
    teller = Teller(answers)
    try:
        service = Service(greeting, teller)
    except ApiError as error:  # the API's address cannot be used
        teller.say({"unusable": str(error)})
        teller.close()
        return
    for line in commands:
        try:
            service.hear(json.loads(line))
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
            teller.say({"reply": service._number, "error": asdict(MISTAKE)})
    service.stop()
    teller.close()
