"""Polls the farm for all running jobs, with list requests instead of a request per job.

Start: the first `listening` starts the thread. Steady state: it polls every SHORT_PAUSE seconds,
backing off to LONG_PAUSE while nothing changes. End: the thread exits when nobody listens.
"""

import contextlib
import logging
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..api import fields
from ..api.client import Client
from ..api.errors import ApiError
from ..api.progress import Progress
from ..api.responses import FarmJob
from .job import RunningJob
from .problems import MISTAKE

SHORT_PAUSE = 2.0
LONG_PAUSE = 30.0
_NO_ANSWER = {*(fields.NETWORK, fields.TIMEOUT, fields.TLS, fields.RATE_LIMIT, fields.REFUSED_KEY)}
"""Errors that a request for a single job would have too."""
_MISTAKE = ApiError(fields.SERVER_FAULT, MISTAKE.message, MISTAKE.hint)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """The state of one job, or the error of the request."""

    job: FarmJob | None = None
    progress: Progress | None = None
    error: ApiError | None = None


class Poller:
    """Polls while there are listeners."""

    def __init__(self, client: Callable[[], Client], time_scale: float = 1.0) -> None:
        self._client = client
        self._time_scale = time_scale
        self._lock = threading.Lock()
        self._listeners: dict[str, RunningJob] = {}
        self._news: dict[str, News] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def listening(self, job: RunningJob) -> Iterator[None]:
        """Poll for `job` during the block, which may call `next`."""
        farm_id = job.record.farm.id
        with self._lock:
            self._listeners[farm_id] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
                self._thread.start()
        self._wake.set()
        try:
            yield
        finally:
            with self._lock:
                del self._listeners[farm_id]
                self._news.pop(farm_id, None)
            self._wake.set()

    def next(self, job: RunningJob) -> News:
        """Wait for the next News of `job`. Raises Cancelled."""
        while (news := self._pop(job.record.farm.id)) is None:
            job.pause(None)
        return news

    def poll_now(self) -> None:
        """Poll without waiting, after a change of the key or on request."""
        self._wake.set()

    def _pop(self, farm_id: str) -> News | None:
        with self._lock:
            return self._news.pop(farm_id, None)

    def _run(self) -> None:
        delay = SHORT_PAUSE
        last: dict[str, object] = {}
        while True:
            self._wake.clear()
            with self._lock:
                wanted = set(self._listeners)
                if not wanted:
                    self._thread = None
                    return
            try:
                news, pause = self.ask(wanted)
            except Exception:  # a bug must not stop all jobs
                logger.exception("The farm was not asked")
                news, pause = dict.fromkeys(wanted, News(error=_MISTAKE)), 0.0
            current = {farm_id: _comparable(one) for farm_id, one in news.items()}
            delay = SHORT_PAUSE if current != last else min(delay * 1.5, LONG_PAUSE)
            last = current
            self._deliver(news)
            if pause:  # Retry-After: new listeners wait too
                threading.Event().wait(pause)
            else:
                self._wake.wait(self._time_scale * delay * random.uniform(0.9, 1.1))

    def _deliver(self, news: dict[str, News]) -> None:
        with self._lock:
            for farm_id, one in news.items():
                if farm_id in self._listeners:
                    self._news[farm_id] = one
                    self._listeners[farm_id].wake()

    def ask(self, wanted: set[str]) -> tuple[dict[str, News], float]:
        """Read the News of all `wanted` jobs, by farm id, and the Retry-After in seconds or 0."""
        client = self._client()
        try:
            news = {farm_id: News(job) for farm_id, job in _from_list(client, wanted).items()}
            for farm_id in wanted - news.keys():
                news[farm_id] = _read_one(client, farm_id)
            if any(one.job and one.job.status == "rendering" for one in news.values()):
                counters, pause = _counters(client)
                news = {i: replace(one, progress=counters.get(i)) for i, one in news.items()}
                return news, pause
        except ApiError as error:
            return dict.fromkeys(wanted, News(error=error)), error.retry_after or 0.0
        return news, 0.0


def _counters(client: Client) -> tuple[dict[str, Progress], float]:
    """The progress of all jobs, if available, and the Retry-After in seconds or 0."""
    try:
        return client.all_progress(), 0.0
    except ApiError as error:
        return {}, error.retry_after or 0.0


def _from_list(client: Client, wanted: set[str]) -> dict[str, FarmJob]:
    """The wanted jobs from the list; {} if the list fails, so that each job is read by itself."""
    try:
        return _read_pages(client, wanted)
    except ApiError as error:
        if error.id in _NO_ANSWER:
            raise
        return {}


def _read_pages(client: Client, wanted: set[str]) -> dict[str, FarmJob]:
    """The wanted jobs from the first pages of the list, as long as that saves requests.

    A single remaining job is read by itself. The number of pages without a wanted job, as in a
    workspace with many newer jobs, is limited to that of the remaining jobs.
    """
    found: dict[str, FarmJob] = {}
    page = misses = 0
    while len(left := wanted - found.keys()) > max(misses, 1):
        page += 1
        answer = client.jobs(page=page)
        matches = {job.id: job for job in answer.jobs if job.id in left}
        found |= matches
        misses += not matches
        if page >= answer.total_pages:
            break
    return found


def _read_one(client: Client, farm_id: str) -> News:
    """Read one job. A permanent error affects this job only."""
    try:
        return News(client.get_job(farm_id))
    except ApiError as error:
        if error.retryable:
            raise
        return News(error=error)


def _comparable(news: News) -> object:
    """The part of News whose change resets the backoff."""
    if news.job is None:
        return news.error.id if news.error else None
    if news.job.status in fields.ENDED or news.progress is None:
        return news.job.status
    return (news.job.status, news.progress.done, news.progress.fraction)
