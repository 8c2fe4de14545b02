"""The calls of Renderjuice's API. Worker process only."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests
import urllib3

from ..system.redaction import hide
from . import answers, fields
from .addresses import check_api_address, is_loopback
from .errors import BODY_BYTES, ApiError, from_answer
from .progress import Progress, all_progress
from .render_config import render_body
from .shapes import parse
from .transport import (
    TIMEOUT,
    BearerAuth,
    Sessions,
    Timeout,
    network_fault,
    new_session,
    proxies,
    trusted,
)

T = TypeVar("T")

TRIES = 3
BACKOFF = 0.5
"""Seconds before the second try, about; doubled before each further one."""
MAX_RETRY_WAIT = 20.0
"""A server that asks to wait for longer gets no second try here: the error says how long."""
ANSWER_BYTES = 64 * 1024**2
ANSWER_SECONDS = 300.0

_REPEATABLE = {fields.NETWORK, fields.TIMEOUT, fields.SERVER_FAULT, fields.RATE_LIMIT}


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer's body and headers."""

    content: bytes
    headers: Mapping[str, str]


class Client:
    """The API with one key. Several threads may share it: each gets its own connections.

    A key that can be none, such as "", is an error of each call, and nothing is sent.

    Every method raises ApiError. Only calls that read are repeated by themselves, because a
    repeated "start render" could cost money; `wait` is called with the seconds between two tries
    and may raise to give up.
    """

    def __init__(
        self,
        api_url: str,
        key: str,
        *,
        timeout: Timeout = TIMEOUT,
        ca_file: str | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = check_api_address(api_url)
        self._key = key.strip()
        hide(self._key)
        self._takes_page_size = True
        self._timeout = timeout
        self._ca_file = ca_file
        self._wait = wait
        # Where the artist has set the API's address to, it may lead.
        self._sessions = Sessions(partial(new_session, BearerAuth(self._key), allow_local=True))

    @property
    def allow_local(self) -> bool:
        """Whether URLs that the API gives may lead to this computer: only if the API is on it."""
        return is_loopback(self._url)

    def create_upload(self, file_name: str, file_type: str) -> answers.UploadTarget:
        """A place to PUT a package of type "blend" or "zip"."""
        body = {"fileName": file_name, "fileType": file_type}
        answer = self._call("get a place to upload to", "POST", "/uploads", body)
        return _read("get a place to upload to", answers.upload_target, answer)

    def create_job(self, slug: str) -> answers.FarmJob:
        """A job in `created` from an uploaded package."""
        answer = self._call("create the job", "POST", "/jobs", {"slug": slug})
        return _read("create the job", answers.job, answer)

    def validate(self, job_id: str) -> None:
        """Start the validation; only from `created`, else ApiError wrong-state."""
        self._act("start the validation", job_id, "/validate")

    def get_job(self, job_id: str) -> answers.FarmJob:
        """The job as it is now."""
        answer = self._call("read the job", "GET", _job_path(job_id))
        return _same(job_id, "read the job", _read("read the job", answers.job, answer))

    def render(self, job_id: str, config: dict[str, Any]) -> answers.FarmJob:
        """Start the render; only from `validated`. `config` is nested, as `fields.nest` makes it.

        A second call changes nothing.
        """
        what = "start the render"
        try:
            body = render_body(config)
        except ValueError as error:
            raise ApiError(fields.BAD_REQUEST, f"Could not {what}. {error}") from None
        answer = self._call(what, "POST", _job_path(job_id) + "/render", body)
        return _same(job_id, what, _read(what, answers.job, answer))

    def all_progress(self) -> dict[str, Progress]:
        """The counters of all running jobs by job id."""
        answer = self._call("read the progress", "GET", "/jobs/progress")
        return all_progress(_json("read the progress", answer))

    def cancel(self, job_id: str) -> None:
        """Cancel a job; ApiError wrong-state when it has ended already."""
        self._act("cancel the job", job_id, "/cancel")

    def downloads(self, job_id: str) -> answers.Downloads:
        """The job's output files; empty until they are ready."""
        answer = self._call("list the outputs", "GET", _job_path(job_id) + "/downloads")
        return _read("list the outputs", answers.downloads, answer)

    def jobs(self, page: int = 1, page_size: int = 100) -> answers.JobPage:
        """A page of the workspace's jobs; pages count from 1."""
        parameters = {"page": page, "pageSize": page_size}
        if not self._takes_page_size:
            del parameters["pageSize"]
        try:
            answer = self._call("list the jobs", "GET", "/jobs", parameters=parameters)
        except ApiError as error:
            if error.id != fields.BAD_REQUEST or not self._takes_page_size:
                raise
            self._takes_page_size = False  # not documented, and not taken
            return self.jobs(page)
        return _read("list the jobs", answers.job_page, answer)

    def _act(self, what: str, job_id: str, action: str) -> None:
        """A call without a body: a 400 can only mean that the job's state does not allow it."""
        try:
            self._call(what, "POST", _job_path(job_id) + action)
        except ApiError as error:
            if error.status == 400:
                error.id = fields.WRONG_STATE
                error.hint = "The job's state on the farm does not allow that."
            raise

    def _call(
        self,
        what: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        parameters: dict[str, int] | None = None,
    ) -> Answer:
        """The answer's body and headers, tried again where that is safe."""
        _check_key(self._key)
        tries = TRIES if method == "GET" else 1
        while True:
            tries -= 1
            try:
                return self._once(what, method, path, body, parameters)
            except ApiError as error:
                error.reading = method == "GET"
                pause = error.retry_after or 0.0
                if not tries or error.id not in _REPEATABLE or pause > MAX_RETRY_WAIT:
                    raise
            backoff = BACKOFF * 2 ** (TRIES - 1 - tries) * random.uniform(0.5, 1.5)
            self._wait(max(pause, backoff))

    def _once(
        self,
        what: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        parameters: dict[str, int] | None,
    ) -> Answer:
        try:
            with self._sessions.get().request(
                method,
                self._url + path,
                json=body,
                params=parameters,
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                verify=trusted(self._ca_file),
                proxies=proxies(self._url),
                allow_redirects=False,
                stream=True,
            ) as answer:
                good = 200 <= answer.status_code < 300
                content = _content(what, answer, ANSWER_BYTES if good else BODY_BYTES, good)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise network_fault(what, self._url, error) from None
        if not good:
            raise from_answer(what, answer.status_code, answer.headers, content)
        return Answer(content, answer.headers)


def _check_key(key: str) -> None:
    if not key:
        raise ApiError(
            fields.REFUSED_KEY,
            "There is no API key.",
            "Paste the key from the Renderjuice dashboard into the preferences.",
        )
    if not re.fullmatch(r"[!-~]+", key):
        raise ApiError(
            fields.REFUSED_KEY,
            "The API key holds a character that no key has.",
            "Copy it from the Renderjuice dashboard again, without spaces or line breaks.",
        )


def _job_path(job_id: str) -> str:
    if not answers.is_job_id(job_id):
        raise ApiError(fields.NOT_FOUND, f"{job_id!r} is not the id of a job on the farm.")
    return f"/jobs/{job_id}"


def _content(what: str, answer: requests.Response, limit: int, all_of_it: bool) -> bytes:
    """The body, bounded in size and time; of an error's body its beginning is enough."""
    answer.raw.enforce_content_length = True  # urllib3 1.26 takes half an answer for a whole one
    deadline = time.monotonic() + ANSWER_SECONDS
    content = bytearray()
    # Without waiting for a full block, which from a drip takes hours (urllib3 1.26 cannot).
    read = getattr(answer.raw, "read1", answer.raw.read)
    while block := read(64 * 1024, decode_content=True):
        content += block
        if len(content) > limit or time.monotonic() > deadline:
            if not all_of_it:
                break
            raise ApiError(
                fields.SERVER_FAULT, f"Could not {what}. The answer is too long or too slow."
            )
    return bytes(content[:limit])


def _same(job_id: str, what: str, job: answers.FarmJob) -> answers.FarmJob:
    """The job, if it is the one that was asked for: calls that cost go to the id in an answer."""
    if job.id.lower() != job_id.lower():
        raise _unreadable(what, "it is about another job")
    return job


def _json(what: str, answer: Answer) -> Any:
    try:
        return parse(answer.content)
    except ValueError as error:
        raise _unreadable(what, str(error)) from None


def _read(what: str, model: Callable[[Any], T], answer: Answer) -> T:
    try:
        return model(_json(what, answer))
    except answers.Unreadable as error:
        raise _unreadable(what, str(error)) from None


def _unreadable(what: str, why: str) -> ApiError:
    return ApiError(
        fields.SERVER_FAULT,
        f"Could not {what}. The answer is not one of Renderjuice's: {why}.",
        "Check the API address in the preferences, and whether the network wants a sign-in.",
    )
