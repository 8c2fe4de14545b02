"""The extension's transfers as in a worker, but in a separate process: prints their cost.

python -m benchmarks.ours upload URL FILE
python -m benchmarks.ours download LIST FOLDER TRANSFERS    LIST has one URL per line
python -m benchmarks.ours unsure LIST FOLDER TRANSFERS
python -m benchmarks.ours bare LIST FOLDER TRANSFERS
python -m benchmarks.ours pool LIST FOLDER TRANSFERS
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from http.client import HTTPConnection
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import urllib3

from benchmarks.costs import Cost
from benchmarks.figures import ROOT

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.api.output_file import OutputFile
from renderjuice.api.transport import TIMEOUT
from renderjuice.api.upload import SLICE, put_file
from renderjuice.frames import integrity
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store
from renderjuice.worker.download import Download
from renderjuice.worker.job import RunningJob


def upload(url: str, file: str) -> None:
    """Upload one package, with the worker's progress reports."""
    with tempfile.TemporaryDirectory() as state:
        job = _job(Path(state), state, Stage.UPLOADING)
        size = Path(file).stat().st_size
        put_file(
            url,
            Path(file),
            on_bytes=lambda done: job.show(done, size, "bytes"),
            should_stop=job.interrupted,
            allow_local=True,
        )


def download(urls: str, folder: str, transfers: str) -> None:
    """Download all outputs of one job."""
    with tempfile.TemporaryDirectory() as state:
        job = _job(Path(state), folder, Stage.DOWNLOADING)
        pool = ThreadPoolExecutor(int(transfers))
        listed = [
            OutputFile(url, url.rpartition("/")[2], "", "", "", "frame")
            for url in Path(urls).read_text(encoding="utf-8").split()
        ]
        Download(job, pool, allow_local=True, timeout=TIMEOUT).run(listed)
        assert len(job.record.files) == len(listed)


def unsure(urls: str, folder: str, transfers: str) -> None:
    """Download as the peers do, without checking images and without fsync."""
    integrity.broken = lambda *_: None
    os.fsync = lambda fd: None
    download(urls, folder, transfers)


def bare(urls: str, folder: str, transfers: str) -> None:
    """Download with only Python's http.client: what the interpreter needs for the same bytes."""
    own = threading.local()

    def fetch(url: str) -> None:
        parts = urlsplit(url)
        if not hasattr(own, "connection"):
            own.connection = HTTPConnection(parts.netloc)
            own.block = memoryview(bytearray(SLICE))
        own.connection.request("GET", parts.path)
        answer = own.connection.getresponse()
        with _file(folder, url) as file:
            while got := answer.readinto(own.block):
                file.write(own.block[:got])

    _all(fetch, urls, transfers)


def pool(urls: str, folder: str, transfers: str) -> None:
    """Download with only urllib3, which requests and the extension use."""
    manager = urllib3.PoolManager(maxsize=int(transfers))

    def fetch(url: str) -> None:
        answer = manager.request("GET", url, preload_content=False)
        with _file(folder, url) as file:
            while block := answer.read1(SLICE):
                file.write(block)
        answer.release_conn()

    _all(fetch, urls, transfers)


def _file(folder: str, url: str) -> BinaryIO:
    return (Path(folder) / url.rpartition("/")[2]).open("wb")


def _all(fetch: Callable[[str], None], urls: str, transfers: str) -> None:
    listed = Path(urls).read_text(encoding="utf-8").split()
    with ThreadPoolExecutor(int(transfers)) as threads:
        assert len(list(threads.map(fetch, listed))) == len(listed)


def _job(state: Path, output: str, stage: str) -> RunningJob:
    store = Store(state)
    record = rec.new("bench", store.origin, output, stage=stage)
    return RunningJob(record, store, lambda _: None)


def cost_of(run: Callable[..., None], *arguments: str) -> Cost:
    """Run it and return its cost; memory is what it needs beyond a worker after its imports."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    run(*arguments)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu, (after.ru_maxrss - before.ru_maxrss) * 1024)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    runs: dict[str, Callable[..., None]] = {
        "upload": upload,
        "download": download,
        "unsure": unsure,
        "bare": bare,
        "pool": pool,
    }
    print(json.dumps(asdict(cost_of(runs[what], *rest))))
