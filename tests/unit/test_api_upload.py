"""Uploads over real HTTP on loopback: all bytes are sent, no key is sent, the result is clear."""

import hashlib
import os
import threading
import tracemalloc

import pytest
import requests
from renderjuice.api.upload import SLICE
from renderjuice.system.cancellation import Cancelled

from tests.http_stub import MIB, SECRET, Reply, fails, put, serve


@pytest.mark.parametrize("status", [200, 201, 204])
def test_upload(package, netrc, status):
    seen = []
    headers = {} if status != 204 else {"Content-Length": "0"}
    with serve(lambda _: Reply(status, headers=headers)) as stub:
        requests.get(stub.url, timeout=5)  # requests' default: it uses the netrc file
        put(stub.url + SECRET, package, seen.append)
    plain, asked = stub.asked
    assert "authorization" in plain.headers and "authorization" not in asked.headers
    assert (asked.method, asked.path) == ("PUT", SECRET)
    assert asked.headers["content-length"] == str(package.stat().st_size)
    assert "transfer-encoding" not in asked.headers
    assert asked.sha256 == hashlib.sha256(package.read_bytes()).hexdigest()
    assert seen == sorted(seen) and seen[-1] == package.stat().st_size and len(seen) > 3


def test_upload_of_50_mib_takes_no_memory(tmp_path):
    path = tmp_path / "big.zip"
    block = os.urandom(MIB)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(50):
            file.write(block)
            digest.update(block)
    with serve(lambda _: Reply()) as stub:
        tracemalloc.start()
        put(stub.url, path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert stub.asked[0].sha256 == digest.hexdigest()
    assert peak < 6 * MIB


def test_upload_stops_in_the_middle(package):
    sent = []
    with serve(lambda _: Reply()) as stub, pytest.raises(Cancelled):
        put(stub.url, package, sent.append, lambda: len(sent) >= 2)
    assert len(sent) == 2
    assert all(asked.length < package.stat().st_size for asked in stub.asked)


@pytest.mark.parametrize(
    "status, body, id",
    [
        (403, b"<Error><Message>Request has expired</Message></Error>", "expired-url"),
        (401, b"", "expired-url"),
        (410, b"", "expired-url"),
        (
            400,
            b"<Error><Code>ExpiredToken</Code><Message>Token expired</Message></Error>",
            "expired-url",
        ),
        (400, b"<Error><Message>Your upload is too large</Message></Error>", "bad-request"),
        (413, b"", "bad-request"),
        (404, b"", "not-found"),
        (429, b"", "rate-limit"),
        (500, b"<html>Oops</html>", "server-fault"),
    ],
)
def test_upload_is_refused(package, status, body, id):
    with serve(lambda _: Reply(status, body)) as stub:
        error = fails(put, stub.url + SECRET, package)
    assert (error.id, error.status, len(stub.asked)) == (id, status, 1)
    assert error.message.startswith("Could not upload the package.")


@pytest.mark.parametrize("status", [301, 307])
def test_upload_follows_no_redirect(package, status):
    with serve(lambda _: Reply()) as elsewhere:
        there = {"Location": elsewhere.url}
        with serve(lambda _: Reply(status, headers=there)) as stub:
            error = fails(put, stub.url, package)
    assert elsewhere.asked == [] and error.status == status


def test_an_early_refusal_is_heard_while_sending(tmp_path):
    path = tmp_path / "big.zip"
    with path.open("wb") as file:
        file.truncate(64 * MIB)
    with serve(lambda _: Reply(403, b"expired"), reads=False) as stub:
        error = fails(put, stub.url, path)
    assert error.id in ("expired-url", "network")  # the system may discard the response unread
    assert error.message.startswith("Could not upload the package.")


def test_an_early_yes_is_not_believed(tmp_path):
    path = tmp_path / "big.zip"
    with path.open("wb") as file:
        file.truncate(64 * MIB)
    with serve(lambda _: Reply(200), reads=False) as stub:
        error = fails(put, stub.url, path)
    assert error.id == "network" and error.retryable


def test_upload_to_a_storage_that_stops_reading(tmp_path):
    path = tmp_path / "big.zip"
    with path.open("wb") as file:
        file.truncate(64 * MIB)
    released = threading.Event()
    try:
        with serve(lambda _: Reply(act=lambda _: released.wait(5)), reads=False) as stub:
            error = fails(put, stub.url, path, timeout=(0.3, 0.3))
            released.set()
    finally:
        released.set()
    assert error.id == "timeout"


def test_a_slow_but_steady_upload_is_no_timeout(tmp_path):
    """The timeout applies to one slice of the file, not to the whole file."""
    path = tmp_path / "big.zip"
    with path.open("wb") as file:
        file.truncate(20 * MIB)
    slow = threading.Event()

    def read_slowly(handler):
        left = int(handler.headers["Content-Length"])
        while left:
            left -= len(handler.rfile.read(min(left, MIB)))
            slow.wait(0.05)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with serve(lambda _: Reply(act=read_slowly), reads=False) as stub:
        put(stub.url, path, timeout=(0.5, 5))


@pytest.mark.parametrize("change", [b"", b"short", None])
def test_a_package_that_changes_is_a_fault_of_the_disk(package, change):
    """A file that grows, shrinks or disappears must not become an upload that looks complete."""

    def meddle(done):
        if done == SLICE and change is not None:
            with package.open("r+b") as file:
                file.truncate(len(change))

    if change is None:
        package.unlink()
    with serve(lambda _: Reply()) as stub, pytest.raises(OSError) as error:
        put(stub.url, package, meddle)
    assert not isinstance(error.value, requests.RequestException)
    assert "shot.zip" in str(error.value)


def test_an_empty_package_is_not_sent(tmp_path):
    (tmp_path / "empty.zip").touch()
    with serve(lambda _: Reply()) as stub, pytest.raises(OSError, match="nothing to upload"):
        put(stub.url, tmp_path / "empty.zip")
    assert stub.asked == []
