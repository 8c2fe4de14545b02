"""Everything that a server sends is limited: responses, decompressed responses, lists, files."""

import contextlib
import gzip
import json
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from renderjuice.api import client as module
from renderjuice.api import responses
from renderjuice.api.client import Client
from renderjuice.api.errors import ApiError
from renderjuice.api.output_file import OutputFile
from renderjuice.api.transport import TIMEOUT
from renderjuice.frames.names import places
from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store
from renderjuice.worker import download
from renderjuice.worker.job import RunningJob

from tests.http_stub import KEY, MIB, Reply, fails, get, serve

JOB = "d4f8e2a1-3b5c-4e6f-8a9b-0c1d2e3f4a5b"


@contextmanager
def bounded(megabytes: int, seconds: float):
    """Fail if the block takes more memory or time."""
    tracemalloc.start()
    begun = time.monotonic()
    yield
    taken = time.monotonic() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < megabytes * MIB, f"{peak / MIB:.0f} MiB"
    assert taken < seconds


def bomb(times: int = 1) -> bytes:
    """256 MiB of spaces, compressed this many times."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b" " * MIB) for _ in range(256)) + packer.flush()
    for _ in range(times - 1):
        packed = gzip.compress(packed)
    return packed


@pytest.fixture(scope="module")
def packed():
    return {times: bomb(times) for times in (1, 2)}


@pytest.mark.parametrize("times, encoding", [(1, "gzip"), (2, "gzip, gzip")])
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_unfolds_to_more_than_there_is_room_for(packed, times, encoding, status):
    reply = Reply(status, packed[times], {"Content-Encoding": encoding})
    with serve(lambda _: reply) as stub, bounded(200, 60):
        error = fails(Client(stub.url, KEY, wait=lambda _: None).create_job, "slug")
    assert error.id == "server-fault"


def test_packers_in_packers_in_packers():
    reply = Reply(200, b"x", {"Content-Encoding": ", ".join(["gzip"] * 50)})
    with serve(lambda _: reply) as stub:
        assert fails(Client(stub.url, KEY, wait=lambda _: None).create_job, "slug").retryable


@pytest.mark.parametrize("status", [200, 403])
def test_a_frame_that_unfolds_to_more_than_there_is_room_for(packed, status, tmp_path):
    reply = Reply(status, packed[1], {"Content-Encoding": "gzip"})
    with serve(lambda _: reply) as stub, bounded(50, 20):
        fails(get, stub.url, tmp_path / "part")
    assert stub.asked[0].headers["accept-encoding"] == "identity"
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked", b"Content-Length: 99999999999"])
def test_an_endless_answer(head):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        block = b'"' + b"a" * 0xFFFF
        while True:
            handler.wfile.write(b"10000\r\n" + block + b"\r\n" if b"chunked" in head else block)

    with serve(lambda _: Reply(act=endless)) as stub, bounded(250, 60):
        error = fails(Client(stub.url, KEY, wait=lambda _: None).create_job, "slug")
    assert "too long" in error.message


@pytest.mark.parametrize("head", [b"Transfer-Encoding: chunked", b"Content-Length: 99999999999"])
def test_an_answer_that_comes_byte_by_byte(head, monkeypatch):
    monkeypatch.setattr(module, "MAX_BODY_SECONDS", 1.0)

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        for _ in range(400):
            handler.wfile.write(b"1\r\n[\r\n" if b"chunked" in head else b"[")
            time.sleep(0.05)

    with serve(lambda _: Reply(act=drip)) as stub, bounded(50, 5):
        error = fails(Client(stub.url, KEY, wait=lambda _: None).create_job, "slug")
    assert "too slow" in error.message


@pytest.mark.parametrize("piece", [b"[],", b'{"":[]},', b"0,"])
def test_an_answer_of_many_small_things(piece):
    """Each of these values takes twenty times its size once it is parsed."""
    reply = Reply(200, b"[" + piece * (60 * MIB // len(piece)) + b"0]")
    with serve(lambda _: reply) as stub, bounded(400, 60):
        error = fails(Client(stub.url, KEY, wait=lambda _: None).downloads, JOB)
    assert error.id == "server-fault"


def test_a_list_of_more_files_than_any_job_has():
    reply = Reply(body={"frames": ["u"] * (2 * responses.MAX_OUTPUTS + 1)})
    with serve(lambda _: reply) as stub, bounded(200, 30):
        error = fails(Client(stub.url, KEY, wait=lambda _: None).downloads, JOB)
    assert "more than" in error.message


def test_as_many_files_as_a_job_may_have_get_places_in_seconds():
    """Half of the files have one name; the others have names like those given to duplicates."""
    names = ["a.png" if n % 2 else f"a ({n // 2}).png" for n in range(responses.MAX_OUTPUTS)]
    listed = [OutputFile(f"u/{n}", one, "", "", "", "frame") for n, one in enumerate(names)]
    begun = time.process_time()
    assert len(set(places(listed))) == len(names)
    assert time.process_time() - begun < 60


def test_a_large_job_is_no_attack():
    """20,000 frames in both kinds of lists, with URLs as long as signed URLs."""
    frames = [
        {"url": f"https://s.example/{n}?" + "x" * 900, "fileName": f"{n}.exr", "view": ""}
        for n in range(20_000)
    ]
    body = {"frames": [frame["url"] for frame in frames], "frameOutputs": frames}
    assert len(json.dumps(body)) < module.MAX_BODY_BYTES
    with serve(lambda _: Reply(body=body)) as stub:
        assert len(Client(stub.url, KEY).downloads(JOB).outputs) == 20_000


def endless(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        for _ in range(1024):
            handler.wfile.write(bytes(MIB))


def test_a_picture_without_end_is_given_up_and_named_and_the_others_come(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MAX_IMAGE_BYTES", 2 * MIB)
    record = rec.new("shot", "here", str(tmp_path / "frames"))
    job = RunningJob(record, Store(tmp_path), lambda _: None)

    def answer(asked):
        return Reply(act=endless) if "0001" in asked.path else Reply(body=b"whole")

    with serve(answer) as stub, ThreadPoolExecutor(2) as pool:
        listed = [
            OutputFile(f"{stub.url}/{name}", name, None, None, None, "frame")
            for name in ("0001.raw", "0002.raw")
        ]
        for _ in range(download.MAX_PASSES):
            one = download.Download(job, pool, allow_local=True, timeout=TIMEOUT)
            with contextlib.suppress(ApiError):
                one.run(listed)
                one.judge()
    assert list(one.lost) == ["0001.raw"]
    assert "larger than" in one.lost["0001.raw"]
    assert [path.name for path in (tmp_path / "frames").glob("[!.]*")] == ["0002.raw"]
