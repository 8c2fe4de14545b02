"""Downloads over real HTTP on loopback: a file is complete, or the error says why not."""

import contextlib
import errno
import os
import re
import threading

import pytest
import urllib3
from renderjuice.api import download
from renderjuice.system.cancellation import Cancelled

from tests.http_stub import MIB, SECRET, Reply, fails, get, serve


def shop(content, etag='"v1"', ranges=True, cut=None):
    """Responds like object storage; `cut` ends the first response after this many bytes."""
    cuts = iter([cut] if cut is not None else [])

    def answer(asked):
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", ""))
        start, status, headers = 0, 200, {"ETag": etag} if etag else {}
        if wanted and ranges and asked.headers.get("if-range") == etag:
            start, status = int(wanted[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            if start >= len(content):
                return Reply(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        body = content[start:]
        headers["Content-Length"] = str(len(body))
        limit = next(cuts, None)
        if limit is None:
            return Reply(status, body, headers)

        def send_some(handler):
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body[:limit])

        return Reply(act=send_some)

    return answer


CONTENT = os.urandom(2 * MIB + 5)


as_it_comes = pytest.mark.skipif(
    not hasattr(urllib3.HTTPResponse, "read1"), reason="urllib3 1.26 waits for full blocks"
)


@pytest.fixture
def part(tmp_path):
    return tmp_path / "0001.png.part"


def test_download(part, netrc):
    seen = []
    with serve(shop(CONTENT)) as stub:
        get(stub.url + SECRET, part, seen.append)
    assert part.read_bytes() == CONTENT
    assert seen[0] > 0 and seen[-1] == len(CONTENT) and seen == sorted(set(seen))
    (asked,) = stub.asked
    assert "authorization" not in asked.headers and "range" not in asked.headers
    assert asked.headers["accept-encoding"] == "identity"
    assert list(part.parent.glob("*png*")) == [part]


def test_an_empty_file_is_a_file(part):
    with serve(shop(b"")) as stub:
        get(stub.url, part)
    assert part.read_bytes() == b""


def test_a_truncated_download_goes_on_where_it_ended(part):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        error = fails(get, stub.url + SECRET, part)
        assert (error.id, error.retryable) == ("network", True)
        assert part.stat().st_size == MIB
        seen = []
        get(stub.url, part, seen.append)
    assert part.read_bytes() == CONTENT
    assert stub.asked[1].headers["range"] == f"bytes={MIB}-"
    assert stub.asked[1].headers["if-range"] == '"v1"'
    assert seen[0] > MIB and seen[-1] == len(CONTENT)
    assert list(part.parent.glob("*png*")) == [part]


def test_a_stopped_download_goes_on(part):
    seen = []
    with serve(shop(CONTENT)) as stub:
        with pytest.raises(Cancelled):
            get(stub.url, part, seen.append, lambda: len(seen) > 2)
        there = part.stat().st_size
        assert 0 < there < len(CONTENT)
        get(stub.url, part)
    assert part.read_bytes() == CONTENT
    assert stub.asked[1].headers["range"] == f"bytes={there}-"


def test_another_version_is_fetched_from_its_beginning(part):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        fails(get, stub.url, part)
    other = os.urandom(3 * MIB)
    with serve(shop(other, etag='"v2"')) as stub:
        get(stub.url, part)
    assert part.read_bytes() == other
    assert [asked.headers.get("if-range") for asked in stub.asked] == ['"v1"']


def test_a_shorter_version_leaves_no_tail(part):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        fails(get, stub.url, part)
    with serve(shop(b"short", etag='"v2"')) as stub:
        get(stub.url, part)
    assert part.read_bytes() == b"short"


def test_a_storage_that_cannot_resume(part):
    with serve(shop(CONTENT, ranges=False, cut=MIB)) as stub:
        fails(get, stub.url, part)
        get(stub.url, part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
def test_without_a_strong_etag_it_begins_anew(part, etag):
    with serve(shop(CONTENT, etag=etag, cut=MIB)) as stub:
        fails(get, stub.url, part)
        get(stub.url, part)
    assert part.read_bytes() == CONTENT
    assert "range" not in stub.asked[1].headers


def test_a_part_of_unknown_origin_is_not_trusted(part):
    part.write_bytes(b"x" * MIB)
    with serve(shop(CONTENT)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT
    assert "range" not in stub.asked[0].headers


def test_bytes_that_may_not_have_reached_the_disk_are_fetched_again(part):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        fails(get, stub.url, part)
        with part.open("ab") as file:
            file.write(b"\0" * 2 * MIB)  # a power cut can leave such zeros
        get(stub.url, part)
    assert part.read_bytes() == CONTENT
    assert stub.asked[1].headers["range"] == f"bytes={MIB}-"


def test_a_long_download_notes_its_way(part, monkeypatch):
    monkeypatch.setattr(download, "SAVE_EVERY", MIB)
    notes = []
    note = part.with_name(part.name + ".etag")

    def look(done):
        notes.append(note.exists())

    with serve(shop(CONTENT)) as stub:
        get(stub.url, part, look)
    assert True in notes and not note.exists()


def test_a_complete_part_needs_no_bytes(part):
    """A 416 with the same length: the earlier try got all bytes but ended before it finished."""
    part.write_bytes(CONTENT)
    part.with_name(part.name + ".etag").write_text(f'{len(CONTENT)}\n"v1"', encoding="utf-8")
    with serve(shop(CONTENT)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT and len(stub.asked) == 1
    assert list(part.parent.glob("*png*")) == [part]


def test_a_part_longer_than_the_file_is_thrown_away(part):
    part.write_bytes(CONTENT + b"more")
    part.with_name(part.name + ".etag").write_text(f'{len(CONTENT) + 4}\n"v1"', encoding="utf-8")
    with serve(shop(CONTENT)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT and len(stub.asked) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 5-9/10"},
        {"Content-Range": "nonsense"},
        {"Content-Range": f"bytes {MIB}-{len(CONTENT) - 1}/{len(CONTENT)}", "ETag": '"v2"'},
    ],
)
def test_the_wrong_part_is_not_glued_on(part, headers):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        fails(get, stub.url, part)
    whole = shop(CONTENT)

    def answer(asked):
        return Reply(206, b"wrong", headers) if "range" in asked.headers else whole(asked)

    with serve(answer) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT and len(stub.asked) == 2


def test_a_storage_that_always_sends_parts_is_an_error(part):
    with serve(lambda _: Reply(206, b"x", {"Content-Range": "bytes 5-5/9"})) as stub:
        assert fails(get, stub.url, part).id == "server-fault"


def test_chunks_that_end_early(part):
    def send(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")

    with serve(lambda _: Reply(act=send)) as stub:
        assert fails(get, stub.url, part).id == "network"


def test_chunks_that_end_well(part):
    def send(handler):
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )

    with serve(lambda _: Reply(act=send)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == b"hello"


def test_an_encoded_file_is_not_taken_for_a_frame(part):
    with serve(lambda _: Reply(200, b"gzip?", {"Content-Encoding": "gzip"})) as stub:
        assert fails(get, stub.url, part).id == "server-fault"
    assert not part.exists()


@pytest.mark.parametrize(
    "status, id",
    [
        (401, "expired-url"),
        (403, "expired-url"),
        (410, "expired-url"),
        (404, "not-found"),
        (500, "server-fault"),
        (503, "server-fault"),
    ],
)
def test_a_refused_download_keeps_what_is_there(part, status, id):
    with serve(shop(CONTENT, cut=MIB)) as stub:
        fails(get, stub.url, part)
    with serve(lambda _: Reply(status, b"no", {"Retry-After": "3"})) as stub:
        error = fails(get, stub.url + SECRET, part)
    assert (error.id, error.status, error.retry_after) == (id, status, 3.0)
    assert part.stat().st_size == MIB
    with serve(shop(CONTENT)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT and "range" in stub.asked[0].headers


def test_a_refused_download_leaves_no_file(part):
    with serve(lambda _: Reply(403)) as stub:
        fails(get, stub.url, part)
    assert not part.exists()


@as_it_comes
def test_a_download_that_stalls(part):
    released = threading.Event()

    def stall(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        released.wait(5)

    try:
        with serve(lambda _: Reply(act=stall)) as stub:
            error = fails(get, stub.url, part, timeout=(1, 0.3))
            released.set()
    finally:
        released.set()
    assert error.id == "timeout"
    assert part.read_bytes() == b"hello"


@as_it_comes
def test_a_drip_is_heard_at_once_and_can_be_stopped(part):
    """A slow connection must not delay progress or the artist's Cancel."""
    released = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not released.wait(0.02):
            handler.wfile.write(b"x")

    seen = []
    try:
        with serve(lambda _: Reply(act=drip)) as stub, pytest.raises(Cancelled):
            get(stub.url, part, seen.append, lambda: len(seen) > 5, timeout=(1, 5))
    finally:
        released.set()
    assert seen[-1] < 1000


def test_a_download_is_bounded(part):
    with serve(shop(CONTENT)) as stub:
        error = fails(get, stub.url, part, limit=MIB)
    assert (error.id, error.retryable) == ("too-large", False)
    assert list(part.parent.iterdir()) == []


def test_a_download_of_a_length_that_nobody_told_is_bounded(part):
    """The limit also applies to a download of unknown length, and leaves no partial file."""
    sent = []

    def endless(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\n\r\n')
        with contextlib.suppress(OSError):
            while len(sent) < 64:
                sent.append(handler.wfile.write(bytes(MIB)))

    with serve(lambda _: Reply(act=endless)) as stub:
        assert fails(get, stub.url, part, limit=2 * MIB).id == "too-large"
    assert len(sent) < 64
    assert list(part.parent.iterdir()) == []


def test_a_disk_that_does_not_take_it_is_no_network_error(tmp_path):
    with serve(shop(CONTENT)) as stub, pytest.raises(OSError) as error:
        get(stub.url, tmp_path / "no such folder" / "0001.png.part")
    assert error.value.errno == errno.ENOENT


def test_a_full_disk_is_no_network_error(part):
    resource = pytest.importorskip("resource", reason="no file size limit to be a full disk")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with serve(shop(CONTENT)) as stub:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
        try:
            with pytest.raises(OSError) as error:
                get(stub.url, part)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert error.value.errno == errno.EFBIG
        get(stub.url, part)
    assert part.read_bytes() == CONTENT


def test_connections_are_kept(tmp_path):
    with serve(shop(b"frame")) as stub:
        for number in range(5):
            get(stub.url, tmp_path / f"{number}.part")
    assert len({asked.connection for asked in stub.asked}) == 1


# ---- responses of unknown length ----------------------------------------------------------------


def closing(content, cuts=(), ranges=True):
    """A storage that sends no length and closes the connection at the end of the file.

    Each of `cuts` ends one of the first responses early, after this many bytes.
    """
    left = list(cuts)

    def answer(asked):
        if ranges and asked.headers.get("range") == "bytes=0-0":
            return Reply(206, content[:1], {"Content-Range": f"bytes 0-0/{len(content)}"})
        body = content[: left.pop(0)] if left else content

        def send(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)

        return Reply(act=send)

    return answer


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_closes_early_is_not_the_end(part, ranges):
    with serve(closing(CONTENT, cuts=[MIB], ranges=ranges)) as stub:
        error = fails(get, stub.url + SECRET, part)
        assert (error.id, error.retryable) == ("network", True)
        get(stub.url, part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("ranges, requests", [(True, 2), (False, 2)])
def test_a_file_of_a_length_that_nobody_told_is_whole(part, ranges, requests):
    with serve(closing(CONTENT, ranges=ranges)) as stub:
        assert get(stub.url, part) == len(CONTENT)
    assert part.read_bytes() == CONTENT and len(stub.asked) == requests


def test_a_storage_that_refuses_to_tell_the_length_is_asked_for_the_file_again(part):
    whole = closing(CONTENT)
    refuse = Reply(403, b"no ranges")
    with serve(lambda a: refuse if "range" in a.headers else whole(a)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == CONTENT and len(stub.asked) == 3


def test_a_file_that_proves_its_end_is_asked_for_once(part):
    with serve(closing(CONTENT)) as stub:
        get(stub.url, part, self_delimiting=True)
    assert len(stub.asked) == 1


def test_an_empty_file_without_a_length(part):
    with serve(closing(b"", ranges=False)) as stub:
        get(stub.url, part)
    assert part.read_bytes() == b""
