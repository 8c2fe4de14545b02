"""The API client's calls and their errors, over real HTTP on loopback."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from renderjuice.api import client as module
from renderjuice.api.client import Client
from renderjuice.api.errors import ApiError, message_from_body
from renderjuice.worker.poller import Poller

from tests.http_stub import JOB, KEY, RESPONSE, Reply, never, refused, serve

# ---- the calls ------------------------------------------------------------------------------

CALLS = [
    (
        lambda api: api.create_upload("shot.zip", "zip"),
        ("POST", "/v1/uploads", {"fileName": "shot.zip", "fileType": "zip"}),
        {"uploadUrl": "https://s/put", "slug": "slug-1", "expiresAt": "2026-01-01T00:00:00Z"},
        lambda got: (got.upload_url, got.slug),
        ("https://s/put", "slug-1"),
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
        lambda got: got.status,
        "booting",
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
    assert len({asked.connection for asked in stub.asked}) <= 8  # connections are reused


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status, id, retryable, words",
    [
        (400, "bad-request", False, "does not accept"),
        (401, "refused-key", True, "refused the API key"),
        (402, "no-access", True, "payment"),
        (403, "no-access", True, "may not do that through the API"),
        (404, "not-found", False, "does not know it"),
        (407, "network", True, "proxy"),
        (409, "wrong-state", False, "state"),
        (422, "bad-request", False, "does not accept"),
        (429, "rate-limit", True, "fewer requests"),
        (500, "server-fault", True, "fault of its own"),
        (503, "server-fault", True, "fault of its own"),
    ],
)
def test_refusals(status, id, retryable, words):
    error, _, _ = refused(lambda _: Reply(status, {"message": "the farm's words"}))
    assert (error.id, error.retryable, error.status) == (id, retryable, status)
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
    found = message_from_body(raw)
    assert len(found) <= 400
    if words is not None:
        assert found.replace("\ufffd", "").strip() == words


def test_a_server_that_quotes_the_key_does_not_get_it_into_an_error():
    error, _, _ = refused(lambda _: Reply(401, {"message": f"bad key {KEY}!"}))
    assert "bad key …!" in error.message


def test_an_endless_error_page_is_not_read_to_its_end():
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n<p>Sorry ")
        while True:
            handler.wfile.write(b"x" * 65536)

    error, _, _ = refused(lambda _: Reply(act=drip), lambda api: api.create_job("s"))
    assert error.id == "server-fault" and "Sorry" in error.message


@pytest.mark.parametrize("action", ["validate", "cancel"])
def test_a_400_for_a_call_without_body_means_the_jobs_state(action):
    error, _, _ = refused(
        lambda _: Reply(400, {"message": "not created"}), lambda api: getattr(api, action)(JOB)
    )
    assert error.id == "wrong-state" and "not created" in error.message and error.status == 400


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in to the hotel</html>", b"", b"{}", b'{"data": []}', b"NaN", b"[" * 99999],
)
def test_an_answer_that_is_no_job_is_a_fault(body):
    error, _, _ = refused(lambda _: Reply(200, body), lambda api: api.create_job("s"))
    assert error.id == "server-fault" and "not one of Renderjuice's" in error.message


def test_an_answer_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 100_000)
    big = {"data": RESPONSE | {"analysis": "x" * 200_000}}
    error, _, _ = refused(lambda _: Reply(200, big))
    assert "too long" in error.message


# ---- retries --------------------------------------------------------------------------------


def test_reading_is_tried_three_times_with_growing_pauses():
    error, asked, waits = refused(lambda _: Reply(500))
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
    error, asked, waits = refused(lambda _: reply, call)
    assert (len(asked), waits) == (1, [])
    assert error.retryable


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_clear_no_is_not_asked_again(status):
    _, asked, waits = refused(lambda _: Reply(status))
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
    error, asked, waits = refused(lambda _: Reply(429, headers={"Retry-After": "120"}))
    assert (len(asked), waits, error.retry_after) == (1, [], 120.0)


@pytest.mark.parametrize(
    "text, low, high",
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("soon", None, None),
        ("-5", None, None),
        ("9" * 400, 3600, 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600, 3600),
        ("Fri, 31 Dec 2020 23:59:59 +99999999999999999999", None, None),
    ],
)
def test_retry_after_may_be_nonsense(text, low, high):
    error, _, _ = refused(lambda _: Reply(429, headers={"Retry-After": text}))
    if low is None:
        assert error.retry_after is None
    else:
        assert error.retry_after is not None and low <= error.retry_after <= high


def test_retry_after_may_be_a_date():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=300))
    error, _, _ = refused(lambda _: Reply(429, headers={"Retry-After": date}))
    assert error.retry_after is not None and 200 <= error.retry_after <= 300


@pytest.mark.parametrize("here", [-5 * 3600, 5 * 3600, 10 * 365 * 86400])
def test_a_date_to_retry_after_counts_from_the_servers_clock(here):
    """This computer's clock must not matter: if it was hours slow, a job waited for an hour; if
    fast, it retried immediately."""
    server = datetime.now(UTC) - timedelta(seconds=here)
    headers = {
        "Date": format_datetime(server, usegmt=True),
        "Retry-After": format_datetime(server + timedelta(seconds=300), usegmt=True),
    }
    error, _, _ = refused(lambda _: Reply(429, headers=headers))
    assert error.retry_after == 300.0


@pytest.mark.parametrize("call", ["get_job", "render"])
def test_an_answer_about_another_job_is_none(call):
    """Otherwise a response for the wrong job could get that job validated, rendered and billed."""
    arguments = {"get_job": [], "render": [{"colorManagementPreset": "default"}]}[call]
    other = RESPONSE | {"id": "00000000-0000-4000-8000-000000000000"}
    error, _, _ = refused(
        lambda _: Reply(body={"data": other}), lambda api: getattr(api, call)(JOB, *arguments)
    )
    assert error.id == "server-fault"
    assert "another job" in error.message


def test_half_a_character_becomes_a_question_mark():
    """JSON can contain a lone surrogate, which is invalid in file names, the UI and records."""
    body = json.dumps({"data": RESPONSE | {"status": "a\ud800z"}}).encode()
    with serve(lambda _: Reply(body=body)) as stub:
        assert Client(stub.url, KEY).get_job(JOB).status == "a?z"


def test_a_wait_can_be_interrupted():
    class Interrupted(Exception):
        pass

    def interrupt(seconds):
        raise Interrupted

    with serve(lambda _: Reply(500)) as stub, pytest.raises(Interrupted):
        Client(stub.url, KEY, wait=interrupt).get_job(JOB)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [400, 422])
def test_a_page_size_that_the_farm_does_not_take_is_left_out(status):
    def answer(asked):
        if "pageSize" in asked.path:
            return Reply(status, {"message": "pageSize is not allowed"})
        return Reply(body={"jobs": [RESPONSE], "pagination": {"page": 1, "totalPages": 1}})

    with serve(answer) as stub:
        api = Client(stub.url, KEY, wait=never)
        assert [job.id for job in api.jobs().jobs] == [JOB]
        api.jobs(page=2)
    assert [asked.path for asked in stub.asked] == [
        "/jobs?page=1&pageSize=100",
        "/jobs?page=1",
        "/jobs?page=2",
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_lists_and_counters_that_the_farm_refuses_cost_no_job(status):
    """Regression: a paid job failed after the farm refused the counters ten times."""

    def answer(asked):
        path = asked.path.partition("?")[0]
        if path in ("/jobs", "/jobs/progress"):
            return Reply(status)
        return Reply(body={"data": RESPONSE | {"id": path[6:], "status": "rendering"}})

    with serve(answer) as stub:
        poller = Poller(lambda: Client(stub.url, KEY, wait=lambda _: None))
        news, pause = poller.ask({"a-1", "a-2"})
    assert {farm_id: one.job.status for farm_id, one in news.items()} == {
        "a-1": "rendering",
        "a-2": "rendering",
    }
    assert pause == 0.0
