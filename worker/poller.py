"""One poller asks the farm about all jobs: a listing call for many, not a call for each."""

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
"""Errors that a call for a single job meets as well."""
_MISTAKE = ApiError(fields.SERVER_FAULT, MISTAKE.message, MISTAKE.hint)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What the farm said of one job, or why it could not be asked."""

    job: FarmJob | None = None
    progress: Progress | None = None
    error: ApiError | None = None


class Poller:
    """Asks while somebody listens; its thread ends when nobody does."""

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
        """Ask about `job` during the block; it may call `next`."""
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
        """Wait for the next thing the farm says of `job`. Raises Cancelled."""
        while (news := self._pop(job.record.farm.id)) is None:
            job.pause(None)
        return news

    def poll_now(self) -> None:
        """Ask again now: a key has changed, or the artist wants to know."""
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
            except Exception:  # a mistake of ours must not leave all jobs unheard
                logger.exception("The farm was not asked")
                news, pause = dict.fromkeys(wanted, News(error=_MISTAKE)), 0.0
            current = {farm_id: _comparable(one) for farm_id, one in news.items()}
            delay = SHORT_PAUSE if current != last else min(delay * 1.5, LONG_PAUSE)
            last = current
            self._deliver(news)
            if pause:  # the farm asks for quiet: new listeners wait too
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
        """News of every wanted job by its farm id, and how many seconds to leave the farm alone."""
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
    """The counters of all jobs, if the farm tells them, and how long to be quiet, in seconds."""
    try:
        return client.all_progress(), 0.0
    except ApiError as error:
        return {}, error.retry_after or 0.0


def _from_list(client: Client, wanted: set[str]) -> dict[str, FarmJob]:
    """The wanted jobs in the farm's list; none where it has no list for us: each is read alone."""
    try:
        return _read_pages(client, wanted)
    except ApiError as error:
        if error.id in _NO_ANSWER:
            raise
        return {}


def _read_pages(client: Client, wanted: set[str]) -> dict[str, FarmJob]:
    """The wanted jobs that are on the first pages of the farm's list: as many pages as save calls.

    One job that is left takes one call by itself. Pages without one of them, of a workspace with
    many newer jobs, are never more than those that are left.
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
    """One job by itself. A job that is not there any more must not hide the others."""
    try:
        return News(client.get_job(farm_id))
    except ApiError as error:
        if error.retryable:
            raise
        return News(error=error)


def _comparable(news: News) -> object:
    """What makes one answer differ from the one before."""
    if news.job is None:
        return news.error.id if news.error else None
    if news.job.status in fields.ENDED or news.progress is None:
        return news.job.status
    return (news.job.status, news.progress.done, news.progress.fraction)
