"""The eleven calls and what can go wrong with them, over real HTTP on loopback."""

import json
import shlex
import shutil
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from renderjuice.api import client as module
from renderjuice.api.client import Client
from renderjuice.api.errors import ApiError, own_words

from tests.http_stub import Reply, serve

KEY = "RJ-0123456789abcdef"
RESPONSE = json.loads(
    (Path(__file__).resolve().parents[1] / "data/start-render-response.json").read_text()
)
JOB = RESPONSE["id"]


def never(seconds):
    raise AssertionError(f"waited {seconds} s")


def refusal(stub_answer, call=lambda api: api.get_job(JOB), **options):
    """The ApiError of a call that is answered so, what was asked, and the waits between tries."""
    waits = []
    with serve(stub_answer) as stub:
        api = Client(stub.url, KEY, wait=waits.append, **options)
        with pytest.raises(ApiError) as error:
            call(api)
    assert KEY not in f"{error.value} {error.value.message} {error.value.hint}"
    return error.value, stub.asked, waits


# ---- the calls ------------------------------------------------------------------------------

CALLS = [
    (
        lambda api: api.create_upload("shot.zip", "zip"),
        ("POST", "/v1/uploads", {"fileName": "shot.zip", "fileType": "zip"}),
        {"uploadUrl": "https://s/put", "slug": "slug-1", "expiresAt": "2026-01-01T00:00:00Z"},
        lambda got: (got.upload_url, got.slug, got.expires_at),
        ("https://s/put", "slug-1", "2026-01-01T00:00:00Z"),
    ),
    (
        lambda api: api.create_job("slug-1"),
        ("POST", "/v1/jobs", {"slug": "slug-1"}),
        RESPONSE | {"status": "created"},
        lambda got: (got.id, got.status),
        (JOB, "created"),
    ),
    (
        lambda api: api.validate(JOB),
        ("POST", f"/v1/jobs/{JOB}/validate", None),
        b"",
        lambda got: got,
        None,
    ),
    (
        lambda api: api.get_job(JOB),
        ("GET", f"/v1/jobs/{JOB}", None),
        {"data": RESPONSE},
        lambda got: got.status,
        "completed",
    ),
    (
        lambda api: api.render(JOB, {"colorManagementPreset": "aces", "gpuCount": 2.0}),
        (
            "POST",
            f"/v1/jobs/{JOB}/render",
            {"requestedRenderConfig": {"colorManagementPreset": "aces", "gpuCount": 2}},
        ),
        RESPONSE | {"status": "booting"},
        lambda got: (got.status, got.replayed),
        ("booting", False),
    ),
    (
        lambda api: api.progress(JOB),
        ("GET", f"/v1/jobs/{JOB}/progress", None),
        {"completed": 1, "total": 4},
        lambda got: got.fraction,
        0.25,
    ),
    (
        lambda api: api.all_progress(),
        ("GET", "/v1/jobs/progress", None),
        [{"jobId": JOB, "completed": 1, "total": 4}],
        lambda got: got[JOB].fraction,
        0.25,
    ),
    (
        lambda api: api.cancel(JOB),
        ("POST", f"/v1/jobs/{JOB}/cancel", None),
        {"ok": True},
        lambda got: got,
        None,
    ),
    (
        lambda api: api.downloads(JOB),
        ("GET", f"/v1/jobs/{JOB}/downloads", None),
        {"frames": ["https://s/1.png"], "compositeNodes": [], "transforms": {}},
        lambda got: [one.file_name for one in got.outputs],
        ["1.png"],
    ),
    (
        lambda api: api.jobs(page=2, page_size=50),
        ("GET", "/v1/jobs?page=2&pageSize=50", None),
        {"jobs": [RESPONSE], "pagination": {"page": 2, "totalPages": 2}},
        lambda got: ([job.id for job in got.jobs], got.total_pages),
        ([JOB], 2),
    ),
]


@pytest.mark.parametrize("call, asks, answer, look, expected", CALLS)
def test_calls(call, asks, answer, look, expected):
    with serve(lambda _: Reply(body=answer)) as stub:
        got = call(Client(stub.url + "/v1/", KEY, wait=never))
    assert look(got) == expected
    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.json if asked.body else None) == asks
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    if asked.body:
        assert asked.headers["content-type"] == "application/json"


def test_a_render_that_runs_already_is_a_replay():
    replay = {"X-Idempotent-Replay": "true"}
    with serve(lambda _: Reply(body=RESPONSE, headers=replay)) as stub:
        job = Client(stub.url, KEY).render(JOB, {"colorManagementPreset": "default"})
    assert job.replayed is True


def test_a_config_that_the_table_forbids_is_never_sent():
    with serve(lambda _: Reply(body=RESPONSE)) as stub, pytest.raises(ApiError) as error:
        Client(stub.url, KEY).render(JOB, {"colorManagementPreset": "aces", "gpuCount": 0})
    assert (error.value.id, stub.asked) == ("bad-request", [])
    assert "gpuCount takes a whole number of at least 1, not 0." in error.value.message


@pytest.mark.parametrize("job_id", ["", "..", "a/b", "a?b", "a b", "ä"])
def test_an_id_cannot_lead_to_another_call(job_id):
    with serve(lambda _: Reply(body=RESPONSE)) as stub, pytest.raises(ApiError) as error:
        Client(stub.url, KEY).cancel(job_id)
    assert (error.value.id, stub.asked) == ("not-found", [])


def test_threads_share_a_client():
    def answer(asked):
        return Reply(body={"data": RESPONSE | {"id": asked.path.rpartition("/")[2]}})

    with serve(answer) as stub, ThreadPoolExecutor(8) as pool:
        api = Client(stub.url, KEY)
        ids = [f"job-{number}" for number in range(100)]
        assert [job.id for job in pool.map(api.get_job, ids)] == ids
    assert len({asked.connection for asked in stub.asked}) <= 8  # connections are kept


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status, id, passing, words",
    [
        (400, "bad-request", False, "does not accept"),
        (401, "refused-key", True, "refused the API key"),
        (402, "no-access", True, "payment"),
        (403, "no-access", True, "may not do that through the API"),
        (404, "not-found", False, "does not know it"),
        (409, "wrong-state", False, "state"),
        (422, "bad-request", False, "does not accept"),
        (429, "rate-limit", True, "fewer requests"),
        (500, "server-fault", True, "fault of its own"),
        (503, "server-fault", True, "fault of its own"),
    ],
)
def test_refusals(status, id, passing, words):
    error, _, _ = refusal(lambda _: Reply(status, {"message": "the farm's words"}))
    assert (error.id, error.passing, error.status) == (id, passing, status)
    assert words in error.message and "“the farm's words”" in error.message
    assert error.message.startswith("Could not read the job.")
    assert error.hint


@pytest.mark.parametrize(
    "body, words",
    [
        ({"message": "No frames"}, "No frames"),
        ({"message": ["No frames", "No camera"]}, "No frames; No camera"),
        ({"error": "No frames"}, "No frames"),
        ({"error": {"message": "No frames", "code": 7}}, "No frames"),
        ({"errors": ["No frames", {"message": "No camera"}]}, "No frames; No camera"),
        ({"errors": {"frameRanges": ["is empty"]}}, "frameRanges: is empty"),
        ({"detail": [{"msg": "No frames", "loc": ["body"]}]}, "No frames"),
        ({"message": "Bad", "errors": [{"message": "No frames"}]}, "Bad; No frames"),
        (
            b"<html><head><title>x</title><style>p{}</style></head><body><h1>502</h1>"
            b"<script>alert(1)</script>Bad &amp; gone</body></html>",
            "502 Bad & gone",
        ),
        (b"<?xml version='1.0'?><Error><Code>A</Code><Message>Denied</Message></Error>", "Denied"),
        (b"plain\x1b[31m words\n here", "plain [31m words here"),
        (b"", ""),
        (b"\xff\xfe\x00", ""),
        (b"[" * 50_000, None),
        ({"code": 7}, ""),
        ("x" * 10_000, "x" * 399 + "…"),
    ],
)
def test_the_servers_own_words(body, words):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = own_words(raw)
    assert len(found) <= 400
    if words is not None:
        assert found.replace("\ufffd", "").strip() == words


def test_a_server_that_quotes_the_key_does_not_get_it_into_an_error():
    error, _, _ = refusal(lambda _: Reply(401, {"message": f"bad key {KEY}!"}))
    assert "bad key …!" in error.message


def test_an_endless_error_page_is_not_read_to_its_end():
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n<p>Sorry ")
        while True:
            handler.wfile.write(b"x" * 65536)

    error, _, _ = refusal(lambda _: Reply(act=drip), lambda api: api.create_job("s"))
    assert error.id == "server-fault" and "Sorry" in error.message


@pytest.mark.parametrize("action", ["validate", "cancel"])
def test_a_400_for_a_call_without_body_means_the_jobs_state(action):
    error, _, _ = refusal(
        lambda _: Reply(400, {"message": "not created"}), lambda api: getattr(api, action)(JOB)
    )
    assert error.id == "wrong-state" and "not created" in error.message and error.status == 400


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in to the hotel</html>", b"", b"{}", b'{"data": []}', b"NaN", b"[" * 99999],
)
def test_an_answer_that_is_no_job_is_a_fault(body):
    error, _, _ = refusal(lambda _: Reply(200, body), lambda api: api.create_job("s"))
    assert error.id == "server-fault" and "not one of Renderjuice's" in error.message


def test_an_answer_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "ANSWER_BYTES", 100_000)
    big = {"data": RESPONSE | {"analysis": "x" * 200_000}}
    error, _, _ = refusal(lambda _: Reply(200, big))
    assert "too long" in error.message


# ---- repeating ------------------------------------------------------------------------------


def test_reading_is_tried_three_times_with_growing_pauses():
    error, asked, waits = refusal(lambda _: Reply(500))
    assert (error.id, len(asked)) == ("server-fault", 3)
    assert 0.25 <= waits[0] <= 0.75 and 0.5 <= waits[1] <= 1.5


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.create_upload("a.zip", "zip"),
        lambda api: api.create_job("s"),
        lambda api: api.validate(JOB),
        lambda api: api.render(JOB, {"colorManagementPreset": "aces"}),
        lambda api: api.cancel(JOB),
    ],
)
@pytest.mark.parametrize("reply", [Reply(503), Reply(429), Reply(act=lambda handler: None)])
def test_nothing_that_acts_is_repeated(call, reply):
    error, asked, waits = refusal(lambda _: reply, call)
    assert (len(asked), waits) == (1, [])
    assert error.passing


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_clear_no_is_not_asked_again(status):
    _, asked, waits = refusal(lambda _: Reply(status))
    assert (len(asked), waits) == (1, [])


@pytest.mark.parametrize("reply", [Reply(503), Reply(act=lambda handler: None)])
def test_a_fault_that_goes_away_is_not_seen(reply):
    replies = iter([reply, Reply(body={"data": RESPONSE})])
    waits = []
    with serve(lambda _: next(replies)) as stub:
        assert Client(stub.url, KEY, wait=waits.append).get_job(JOB).id == JOB
    assert len(waits) == 1


def test_retry_after_is_obeyed():
    replies = iter([Reply(429, headers={"Retry-After": "7"}), Reply(body={"data": RESPONSE})])
    waits = []
    with serve(lambda _: next(replies)) as stub:
        Client(stub.url, KEY, wait=waits.append).get_job(JOB)
    assert waits == [7.0]


def test_a_long_retry_after_is_left_to_the_caller():
    error, asked, waits = refusal(lambda _: Reply(429, headers={"Retry-After": "120"}))
    assert (len(asked), waits, error.retry_after) == (1, [], 120.0)


@pytest.mark.parametrize(
    "text, low, high",
    [
        (format_datetime(datetime.now(UTC) + timedelta(seconds=300)), 200, 300),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("soon", None, None),
        ("-5", None, None),
        ("9" * 400, 1e6, 1e9),
    ],
)
def test_retry_after_may_be_a_date_or_nonsense(text, low, high):
    error, _, _ = refusal(lambda _: Reply(429, headers={"Retry-After": text}))
    if low is None:
        assert error.retry_after is None
    else:
        assert error.retry_after is not None and low <= error.retry_after <= high


def test_a_wait_can_be_interrupted():
    class Interrupted(Exception):
        pass

    def interrupt(seconds):
        raise Interrupted

    with serve(lambda _: Reply(500)) as stub, pytest.raises(Interrupted):
        Client(stub.url, KEY, wait=interrupt).get_job(JOB)
    assert len(stub.asked) == 1


# ---- the network ----------------------------------------------------------------------------


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ApiError) as error:
        Client(address, KEY, wait=lambda _: None).jobs()
    assert (error.value.id, error.value.status) == ("network", None)
    assert "127.0.0.1 refused the connection" in error.value.message


def test_a_host_that_does_not_exist():
    with pytest.raises(ApiError) as error:
        Client("https://api.renderjuice.invalid", KEY, wait=lambda _: None).jobs()
    assert error.value.id == "network"
    assert "api.renderjuice.invalid" in error.value.message


def test_a_connection_that_breaks_off():
    error, asked, _ = refusal(lambda _: Reply(act=lambda handler: None))
    assert (error.id, len(asked)) == ("network", 3)
    assert "broke off" in error.message


def test_an_answer_that_is_cut_short():
    def cut(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data": {')

    error, _, _ = refusal(lambda _: Reply(act=cut))
    assert error.id == "network"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_a_server_that_stalls(head):
    released = threading.Event()

    def stall(handler):
        handler.wfile.write(head)
        released.wait(5)

    try:
        error, _, _ = refusal(lambda _: Reply(act=stall), timeout=(1, 0.2))
    finally:
        released.set()
    assert error.id == "timeout" and "did not answer in time" in error.message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("the openssl command is not there to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
        " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        " -addext keyUsage=critical,digitalSignature,keyCertSign"
    )
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


def test_a_certificate_that_nobody_signed(certificate):
    with serve(lambda _: Reply(body={"jobs": []}), certificate=certificate) as stub:
        with pytest.raises(ApiError) as error:
            Client(stub.url, KEY, wait=never).jobs()
        assert (error.value.id, stub.asked) == ("tls", [])
        assert "certificate of 127.0.0.1 cannot be trusted" in error.value.message
        trusting = Client(stub.url, KEY, ca_file=str(certificate))
        assert trusting.jobs().jobs == []


def test_https_where_only_http_is_spoken():
    with serve(lambda _: Reply(body={"jobs": []})) as stub, pytest.raises(ApiError) as error:
        Client(stub.url.replace("http:", "https:"), KEY, wait=lambda _: None).jobs()
    assert error.value.id == "tls"


# ---- where the key goes ---------------------------------------------------------------------


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login mallory password stolen\n")
    monkeypatch.setenv("NETRC", str(path))


def test_netrc_does_not_replace_the_key(netrc):
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        requests.get(stub.url, timeout=5)  # what requests does when it is left alone
        Client(stub.url, KEY).jobs()
    assert stub.asked[0].headers["authorization"].startswith("Basic ")
    assert stub.asked[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    with serve(lambda _: Reply(body={"jobs": []})) as elsewhere:
        error, _, _ = refusal(
            lambda _: Reply(status, headers={"Location": elsewhere.url + "/jobs"})
        )
    assert elsewhere.asked == []
    assert error.id == "network" and "redirect" in error.message and error.status == status


def test_cookies_are_not_kept():
    reply = Reply(body={"jobs": []}, headers={"Set-Cookie": "track=1; Path=/"})
    with serve(lambda _: reply) as stub:
        api = Client(stub.url, KEY)
        api.jobs()
        api.jobs()
    assert "cookie" not in stub.asked[1].headers


def test_a_proxy_is_not_used_for_this_computer(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        assert Client(stub.url, KEY).jobs().jobs == []


def test_the_systems_proxy_is_used_for_the_farm(monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    seen = []

    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def listen():
            for _ in range(3):
                connection, _ = proxy.accept()
                with connection:
                    seen.append(connection.recv(4096))
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with pytest.raises(ApiError) as error:
            Client("https://api.renderjuice.com/v1", KEY, wait=lambda _: None).jobs()
        thread.join(5)
    assert seen[0].startswith(b"CONNECT api.renderjuice.com:443 ")
    assert KEY.encode() not in b"".join(seen)
    assert error.value.id == "network" and "proxy" in error.value.message.lower()


@pytest.mark.parametrize(
    "address",
    [
        "https://api.renderjuice.com/api/external/v1",
        "https://farm.studio.example:8443",
        "http://localhost:8000/",
        "http://storage.localhost:1",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:80",
    ],
)
def test_good_addresses(address):
    Client(address, KEY)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.renderjuice.com",
        "ftp://api.renderjuice.com",
        "http://api.renderjuice.com",
        "http://localhost.evil.example",
        "http://192.168.0.1",
        "http://169.254.169.254",
        "https://user:secret@api.renderjuice.com",
        "https://api.renderjuice.com?x=1",
        "https://api.renderjuice.com:port",
        "https://",
    ],
)
def test_bad_addresses(address):
    with pytest.raises(ApiError) as error:
        Client(address, KEY)
    assert error.value.id == "bad-address" and error.value.hint and not error.value.passing
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["", "  ", "RJ-1\nX-Evil: 1", "RJ 1", "RJ-ß"])
def test_a_key_that_is_none(key):
    with pytest.raises(ApiError) as error:
        Client("https://api.renderjuice.com", key)
    assert error.value.id == "refused-key" and "dashboard" in error.value.hint


def test_the_key_is_trimmed_and_shown_nowhere():
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        api = Client(stub.url, f" {KEY}\n")
        api.jobs()
    assert stub.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(api)
