"""Every call returns within a short time with plain data or an ApiError, for any response."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from renderjuice.api import client, errors
from renderjuice.api.client import Client
from renderjuice.api.errors import MAX_ERROR_BYTES, ApiError, message_from_body, retry_after
from renderjuice.jobs import codec
from renderjuice.jobs import record as rec
from renderjuice.jobs.snapshot import document, snapshot
from renderjuice.jobs.store import Store
from renderjuice.worker.farm_state import as_record

from tests.http_stub import KEY, Reply, serve
from tests.scaling import LINEAR, growth

SAMPLE = json.loads(
    (Path(__file__).resolve().parents[1] / "data/start-render-response.json").read_text(
        encoding="utf-8"
    )
)
JOB = SAMPLE["id"]
CALLS = {
    "create_upload": lambda api: api.create_upload("shot.zip", "zip"),
    "create_job": lambda api: api.create_job("slug"),
    "validate": lambda api: api.validate(JOB),
    "get_job": lambda api: api.get_job(JOB),
    "render": lambda api: api.render(JOB, {"colorManagementPreset": "aces"}),
    "all_progress": lambda api: api.all_progress(),
    "cancel": lambda api: api.cancel(JOB),
    "downloads": lambda api: api.downloads(JOB),
    "jobs": lambda api: api.jobs(),
}


# ---- error bodies --------------------------------------------------------------------------------

PIECES = [
    *("<", ">", "<head ", "<head>", "<script>", "</script", "<style ", "</head>", "<h", "</"),
    *("<Message>", "<Message></", "</Message>", "&", "&#1", "&amp", "&amp;", "&#x", " ", "\n"),
    *("[", "{", '"', '{"a":', '{"errors":[', '[{"message":', "\\", "\\u", "9", "-", "x", "\0"),
    *("<!--", "-->", "<![CDATA[", "]]>", "é", "\ud800", "<a b=", "< /head", "</head >", "0x"),
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_words_of_twice_the_page_take_about_twice_the_time(piece):
    def page(size):
        return (piece * size)[:size].encode("utf-8", "surrogatepass")

    assert growth(message_from_body, page, MAX_ERROR_BYTES // 2) < LINEAR


@pytest.mark.parametrize("piece", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000 + ";", "&#" * 5000])
def test_a_character_of_a_page_with_a_number_of_thousands_of_digits(piece):
    assert len(message_from_body(f"<p>No {piece} camera</p>".encode())) <= 400


class Counted(dict):
    """A dict that counts calls of `get`."""

    steps = 0

    def get(self, *arguments):
        Counted.steps += 1
        return super().get(*arguments)


@pytest.mark.parametrize("key", ["errors", "error", "message", "detail", "issues", "x"])
@pytest.mark.parametrize(
    "wrap", [lambda said: [said], lambda said: {"a": [said]}, lambda said: said]
)
def test_errors_in_errors_in_errors(key, wrap):
    """Regression: two lookups at each level of nesting took exponential time."""
    said = {"code": 7}
    for _ in range(40):
        said = Counted({key: wrap(said)})
    Counted.steps = 0
    assert errors.message_in(said) == ""
    assert Counted.steps < 5000
    assert message_from_body(json.dumps(said).encode()) == ""


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_page_has_words(page):
    words = message_from_body(page.encode("utf-8", "surrogatepass"))
    assert len(words) <= 400 and words.isprintable()


@pytest.mark.parametrize(
    "text",
    ["9" * 60_000, "Fri, " * 10_000, "-" * 60_000, "Fri, 31 Dec " + "9" * 5000 + " 23:59:59 GMT"],
)
def test_a_retry_after_of_any_length(text):
    seconds = retry_after({"Retry-After": text, "Date": text})
    assert seconds is None or 0 <= seconds <= 3600


# ---- response bodies -----------------------------------------------------------------------------


def deep(depth: int, inner: str = "1", pair: str = "{}") -> str:
    before, after = ('{"a":', "}") if pair == "{}" else ("[", "]")
    return before * depth + inner + after * depth


HOSTILE = {
    "null": "null",
    "deep object": deep(900),
    "deep list": deep(900, pair="[]"),
    "very deep object": deep(50_000),
    "very deep list": deep(50_000, pair="[]"),
    "unclosed": "[" * 100_000,
    "digits": "9" * 4301,
    "negative digits": "-" + "9" * 100_000,
    "digits behind the point": "0." + "1" * 100_000,
    "exponent": "1e999",
    "negative exponent": "-1e-99999",
    "large number": "1" + "0" * 300,
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "long text": '"' + "x" * 100_000 + '"',
    "null bytes": '"a\\u0000b\\u0000"',
    "half a character": '"\\ud800"',
    "the other half": '"\\udfff\\ud83d"',
    "right to left": '"\\u202egnp.1000"',
    "empty text": '""',
    "true": "true",
    "list": "[]",
    "object": "{}",
    "wide": "[" + "0," * 30_000 + "0]",
    "wide object": "{" + ",".join(f'"k{n}":[{{}}]' for n in range(10_000)) + "}",
    "same name twice": '{"id":1,"id":"x","id":{}}',
    "escapes": '"' + "\\u0041" * 20_000 + '"',
    "a page": "<html><head><script>",
    "blanks": " " * 100_000,
    "a text of digits": '"' + "9" * 5000 + '"',
    "UTF-16": '"a"'.encode("utf-16").decode("latin-1"),
}
SHAPES = {
    "bare": "%s",
    "data": '{"data":%s}',
    "data in data": '{"data":{"data":{"data":%s}}}',
    "job": '{"data":{"id":"' + JOB + '","status":"rendering","finalConfig":%s}}',
    "id": '{"id":%s,"status":"rendering"}',
    "status": '{"id":"' + JOB + '","status":%s}',
    "members": json.dumps(dict.fromkeys(SAMPLE, "@") | {"id": JOB, "status": "failed"}).replace(
        '"@"', "%(x)s"
    ),
    "reason": '{"id":"' + JOB + '","status":"failed","failedReason":{"name":%s,"type":1}}',
    "jobs": '{"jobs":%s,"pagination":{"totalPages":2}}',
    "job in jobs": '{"jobs":[{"id":"' + JOB + '","status":"rendering","finalConfig":%s}]}',
    "pages": '{"jobs":[],"pagination":{"page":1,"totalPages":%s}}',
    "upload": '{"uploadUrl":%(x)s,"slug":%(x)s,"expiresAt":%(x)s}',
    "frames": '{"frames":%(x)s,"compositeNodes":%(x)s,"transforms":%(x)s,"frameOutputs":%(x)s}',
    "frame": '{"frames":[],"frameOutputs":[{"url":%(x)s,"fileName":%(x)s,"view":%(x)s}]}',
    "video": '{"frames":[],"transforms":{"video":%(x)s,"framesZip":%(x)s}}',
    "counters": '[{"jobId":"' + JOB + '","completed":%(x)s,"total":%(x)s}]',
    "counters by id": '{"' + JOB + '":%s}',
    "counters by status": '{"' + JOB + '":[{"status":%(x)s,"count":%(x)s}]}',
    "error": '{"message":%(x)s,"errors":%(x)s}',
}


def body_of(shape: str, value: str) -> bytes:
    filled = SHAPES[shape] % ({"x": value} if "%(x)s" in SHAPES[shape] else (value,))
    return filled.encode("latin-1")


@pytest.fixture(autouse=True)
def one_try(monkeypatch):
    monkeypatch.setattr(client, "ATTEMPTS", 1)


@pytest.fixture(scope="module")
def stub():
    said = {}
    with serve(lambda _: Reply(said["status"], said["body"], {"Retry-After": "0"})) as running:
        running.said = said
        yield running


def answered(stub, call, status: int, body: bytes):
    """The result of a call for this response, or None for an ApiError, whose text must be short and
    printable."""
    stub.said.update(status=status, body=body)
    stub.asked.clear()
    try:
        return call(Client(stub.url, KEY, wait=lambda _: None))
    except ApiError as error:
        text = f"{error} {error.hint}"
        assert text.isprintable() and len(text) < 2000
        return None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("value", HOSTILE)
def test_any_answer_to_any_call(stub, tmp_path, shape, value):
    body = body_of(shape, HOSTILE[value])
    for call in CALLS.values():
        got = answered(stub, call, 200, body)
        keepable(tmp_path, got)
    for status in (400, 500, 302):
        answered(stub, CALLS["create_job"], status, body)


def keepable(folder, got):
    """Check that the result of a call can be saved in a record, loaded again and shown."""
    for farm_job in [got, *getattr(got, "jobs", [])]:
        if not hasattr(farm_job, "final_config"):
            continue
        store = Store(folder)
        record = rec.new("shot", store.origin, str(folder))
        record.config = {"sampleCount": 1, "outputSettings": {"quality": 1}, "a": 1}
        record.farm = as_record(farm_job)
        store.save(record)
        assert asdict(store.load(record.id)) == asdict(record)
        written = store._path(record.id).read_text(encoding="utf-8")
        assert len(written) < 2_000_000
        json.dumps([codec.plain(snapshot(record)), document(record)], allow_nan=False)
    for progress in got.values() if isinstance(got, dict) else ():
        assert json.dumps([progress.done, progress.total, progress.fraction], allow_nan=False)
        assert (progress.done or 0) < 2**31 and (progress.total or 0) < 2**31


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=200)
@given(
    call=st.sampled_from(list(CALLS)),
    shape=st.sampled_from(list(SHAPES)),
    value=ANY_JSON.map(json.dumps) | st.text(max_size=10) | st.sampled_from(list(HOSTILE.values())),
)
@example(call="get_job", shape="job", value=deep(400))
def test_any_drawn_answer(stub, tmp_path_factory, call, shape, value):
    with suppress(UnicodeEncodeError):
        got = answered(stub, CALLS[call], 200, body_of(shape, value))
        keepable(tmp_path_factory.getbasetemp() / "drawn", got)
