"""A stub farm and storage for tests of downloads: the farm has completed a job of `FRAMES` frames.

The test supplies the storage's responses; `Site` runs the worker's download code against them.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from renderjuice.api.errors import ApiError
from renderjuice.api.output_file import OutputFile
from renderjuice.api.responses import Downloads, FarmJob
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker import outputs, stages
from renderjuice.worker.job import RunningJob

from tests.http_stub import Asked, Reply, serve

FRAMES = 6
GOOD = Reply(body=b"a whole frame")


class Site:
    """Lists one file for each of `names`, with a newly signed URL in each listing.

    `answer` gets a file's number and the request, and returns the response.
    """

    def __init__(self, folder: Path, answer: Callable[[int, Asked], Reply]) -> None:
        self.listings = 0
        self.passes = 0
        self.asked: Counter[int] = Counter()
        self.answer = answer
        self.names = [f"{number:04}.raw" for number in range(1, FRAMES + 1)]
        self.listed = lambda: list(enumerate(self.names, 1))
        self.url, self.status = "", "completed"
        record = rec.new("shot", "here", str(folder / "frames"), frames=[[1, FRAMES]])
        record.stage, record.farm.id = Stage.DOWNLOADING, "job"
        self.job = RunningJob(record, Store(folder), lambda _: None)

    def output(self, number: int, name: str) -> OutputFile:
        """One file of the current listing."""
        url = f"{self.url}/{number}?sig={self.listings}"
        return OutputFile(url, name, "", "", "", "frame")

    def downloads(self, _: str) -> Downloads:
        self.listings += 1
        return Downloads([self.output(*one) for one in self.listed()])

    def get_job(self, _: str) -> FarmJob:
        return FarmJob(id="job", status=self.status)

    def _answer(self, asked: Asked) -> Reply:
        number = int(asked.path.partition("?")[0].strip("/"))
        self.asked[number] += asked.headers.get("range") != "bytes=0-0"
        return self.answer(number, asked)

    @contextlib.contextmanager
    def _context(self, workers: int) -> Any:
        with serve(self._answer) as stub, ThreadPoolExecutor(workers) as pool:
            self.url = stub.url
            client = SimpleNamespace(
                allow_local=True, downloads=self.downloads, get_job=self.get_job
            )
            yield SimpleNamespace(client=lambda: client, transfers=pool, time_scale=0.02)

    def early(self) -> None:
        """Download what is listed while the farm renders, then set the job to downloading."""
        with self._context(2) as context:
            outputs.fetch(self.job, context, lambda: self.downloads("job"), final=False)
        self.job.enter(Stage.DOWNLOADING)

    def download(self, max_passes: int = 80, workers: int = 3) -> rec.Record:
        """Retry the download until the job ends, like its runner but without pauses.

        Returns the job's record.
        """
        with self._context(workers) as context:
            while self.job.record.stage is Stage.DOWNLOADING and self.passes < max_passes:
                self.passes += 1
                with contextlib.suppress(ApiError):
                    stages.downloading(self.job, context)
        return self.job.record

    def here(self) -> dict[str, bytes]:
        """The content of each file in the job's folder, by name."""
        folder = Path(self.job.record.output)
        return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}
