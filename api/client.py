"""The client of Renderjuice's API: one method per endpoint. Worker process only."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests
import urllib3

from ..system.redaction import add_secret
from . import fields, responses
from .addresses import check_api_address, is_loopback
from .errors import MAX_ERROR_BYTES, ApiError, from_response
from .key import check_key
from .progress import Progress, all_progress
from .render_config import render_body
from .shapes import parse
from .transport import (
    TIMEOUT,
    BearerAuth,
    Sessions,
    Timeout,
    ca_bundle,
    network_error,
    new_session,
    proxies,
)

T = TypeVar("T")

ATTEMPTS = 3
BACKOFF = 0.5
"""Seconds before the first retry, doubled for each further one, with jitter of ±50%."""
MAX_RETRY_WAIT = 20.0
"""Seconds. With a longer Retry-After the call fails at once, and the ApiError carries it."""
MAX_BODY_BYTES = 64 * 1024**2
MAX_BODY_SECONDS = 300.0

_RETRIED_ERRORS = {fields.NETWORK, fields.TIMEOUT, fields.SERVER_FAULT, fields.RATE_LIMIT}


@dataclass(frozen=True, slots=True)
class Response:
    """The body and headers of a 2xx response."""

    content: bytes
    headers: Mapping[str, str]


class Client:
    """The API with one key. It is thread-safe: each thread has its own connections.

    Every method raises ApiError. With an empty or malformed key, each call raises "refused-key"
    and sends nothing.

    Only GET requests are retried, because a repeated "start render" could cost money. `wait` is
    called with the seconds before a retry and may raise to abort.
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
        add_secret(self._key)
        self._accepts_page_size = True
        self._timeout = timeout
        self._ca_file = ca_file
        self._wait = wait
        # The user set this address, so it may be local.
        self._sessions = Sessions(partial(new_session, BearerAuth(self._key), allow_local=True))

    @property
    def allow_local(self) -> bool:
        """Whether URLs in responses may be local: only if the API itself runs on this computer."""
        return is_loopback(self._url)

    def create_upload(self, file_name: str, file_type: str) -> responses.UploadTarget:
        """Request a presigned URL for a package; `file_type` is "blend" or "zip"."""
        body = {"fileName": file_name, "fileType": file_type}
        response = self._call("get a place to upload to", "POST", "/uploads", body)
        return _parsed("get a place to upload to", responses.upload_target, response)

    def create_job(self, slug: str) -> responses.FarmJob:
        """Create a job from an uploaded package; its status is `created`."""
        response = self._call("create the job", "POST", "/jobs", {"slug": slug})
        return _parsed("create the job", responses.job, response)

    def validate(self, job_id: str) -> None:
        """Start the validation of a job in `created`; ApiError "wrong-state" in other statuses."""
        self._post_action("start the validation", job_id, "/validate")

    def get_job(self, job_id: str) -> responses.FarmJob:
        """Read one job."""
        response = self._call("read the job", "GET", _job_path(job_id))
        return _check_id(job_id, "read the job", _parsed("read the job", responses.job, response))

    def render(self, job_id: str, config: dict[str, Any]) -> responses.FarmJob:
        """Start the render of a job in `validated`. `config` is nested (see `fields.nest`).

        The call is idempotent on the server: a second one returns the job unchanged.
        """
        what = "start the render"
        try:
            body = render_body(config)
        except ValueError as error:
            raise ApiError(fields.BAD_REQUEST, f"Could not {what}. {error}") from None
        response = self._call(what, "POST", _job_path(job_id) + "/render", body)
        return _check_id(job_id, what, _parsed(what, responses.job, response))

    def all_progress(self) -> dict[str, Progress]:
        """Read the progress of all running jobs, by job id."""
        response = self._call("read the progress", "GET", "/jobs/progress")
        return all_progress(_json("read the progress", response))

    def cancel(self, job_id: str) -> None:
        """Cancel a job; ApiError "wrong-state" when it has already ended."""
        self._post_action("cancel the job", job_id, "/cancel")

    def downloads(self, job_id: str) -> responses.Downloads:
        """List the job's output files; empty until they are ready."""
        response = self._call("list the outputs", "GET", _job_path(job_id) + "/downloads")
        return _parsed("list the outputs", responses.downloads, response)

    def jobs(self, page: int = 1, page_size: int = 100) -> responses.JobPage:
        """List a page of the workspace's jobs. Pages are 1-indexed."""
        parameters = {"page": page, "pageSize": page_size}
        if not self._accepts_page_size:
            del parameters["pageSize"]
        try:
            response = self._call("list the jobs", "GET", "/jobs", parameters=parameters)
        except ApiError as error:
            if error.id != fields.BAD_REQUEST or not self._accepts_page_size:
                raise
            self._accepts_page_size = False  # `pageSize` is not documented
            return self.jobs(page)
        return _parsed("list the jobs", responses.job_page, response)

    def _post_action(self, what: str, job_id: str, action: str) -> None:
        """POST without a body. A 400 can then only be about the job's status."""
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
    ) -> Response:
        """Send a request, and retry it if it is a GET."""
        check_key(self._key)
        attempts = ATTEMPTS if method == "GET" else 1
        while True:
            attempts -= 1
            try:
                return self._send(what, method, path, body, parameters)
            except ApiError as error:
                error.read_only = method == "GET"
                pause = error.retry_after or 0.0
                if not attempts or error.id not in _RETRIED_ERRORS or pause > MAX_RETRY_WAIT:
                    raise
            backoff = BACKOFF * 2 ** (ATTEMPTS - 1 - attempts) * random.uniform(0.5, 1.5)
            self._wait(max(pause, backoff))

    def _send(
        self,
        what: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        parameters: dict[str, int] | None,
    ) -> Response:
        try:
            with self._sessions.get().request(
                method,
                self._url + path,
                json=body,
                params=parameters,
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                verify=ca_bundle(self._ca_file),
                proxies=proxies(self._url),
                allow_redirects=False,
                stream=True,
            ) as response:
                ok = 200 <= response.status_code < 300
                content = _read_body(what, response, MAX_BODY_BYTES if ok else MAX_ERROR_BYTES, ok)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise network_error(what, self._url, error) from None
        if not ok:
            raise from_response(what, response.status_code, response.headers, content)
        return Response(content, response.headers)


def _job_path(job_id: str) -> str:
    if not responses.is_job_id(job_id):
        raise ApiError(fields.NOT_FOUND, f"{job_id!r} is not the id of a job on the farm.")
    return f"/jobs/{job_id}"


def _read_body(what: str, response: requests.Response, limit: int, complete: bool) -> bytes:
    """Read the body within a size and a time limit. Unless `complete`, truncate it at the limit."""
    response.raw.enforce_content_length = True  # the default is False in urllib3 1.26
    deadline = time.monotonic() + MAX_BODY_SECONDS
    content = bytearray()
    # read1 (urllib3 2) returns what has arrived; read waits for a full block, for hours from a
    # server that drips.
    read = getattr(response.raw, "read1", response.raw.read)
    while block := read(64 * 1024, decode_content=True):
        content += block
        if len(content) > limit or time.monotonic() > deadline:
            if not complete:
                break
            raise ApiError(
                fields.SERVER_FAULT, f"Could not {what}. The answer is too long or too slow."
            )
    return bytes(content[:limit])


def _check_id(job_id: str, what: str, job: responses.FarmJob) -> responses.FarmJob:
    """Return the job if its id is the requested one: paid calls use the id from a response."""
    if job.id.lower() != job_id.lower():
        raise _invalid(what, "it is about another job")
    return job


def _json(what: str, response: Response) -> Any:
    try:
        return parse(response.content)
    except ValueError as error:
        raise _invalid(what, str(error)) from None


def _parsed(what: str, model: Callable[[Any], T], response: Response) -> T:
    try:
        return model(_json(what, response))
    except responses.InvalidResponse as error:
        raise _invalid(what, str(error)) from None


def _invalid(what: str, why: str) -> ApiError:
    return ApiError(
        fields.SERVER_FAULT,
        f"Could not {what}. The answer is not one of Renderjuice's: {why}.",
        "Check the API address in the preferences, and whether the network wants a sign-in.",
    )
