"""Keys and signed URLs never get into the data kept from a response: errors, jobs, names."""

import json
from urllib.parse import quote

import pytest
from renderjuice.api.client import Client
from renderjuice.api.errors import MAX_ERROR_BYTES, ApiError
from renderjuice.frames.names import places

from tests.http_stub import KEY, Reply, get, put, serve

JOB = "d4f8e2a1-3b5c-4e6f-8a9b-0c1d2e3f4a5b"
SIGNATURE = "9f8e7d6c5b4a3f2e1d0c"
SIGNED = f"/bucket/0001.png?X-Amz-Expires=60&X-Amz-Signature={SIGNATURE}"


def parts(secret, length=7):
    return {secret[at : at + length].lower() for at in range(len(secret) - length + 1)}


def assert_clean(kept: str, *secrets: str):
    found = [part for secret in secrets for part in parts(secret) if part in kept.lower()]
    assert not found, kept


def refusal(body, status=400, call=lambda api: api.create_job("slug")):
    with serve(lambda _: Reply(status, body)) as stub, pytest.raises(ApiError) as error:
        call(Client(stub.url, KEY, wait=lambda _: None))
    return f"{error.value} {error.value.message} {error.value.hint} {error.value.args}"


@pytest.mark.parametrize("at", [*range(375, 403)])
def test_a_key_where_a_servers_words_are_cut(at):
    assert_clean(refusal({"message": "x" * at + KEY + " is not known"}), KEY)
    assert_clean(refusal(b"x" * at + KEY.encode()), KEY)


@pytest.mark.parametrize("before", range(1, len(KEY)))
def test_a_key_where_a_servers_page_is_cut(before):
    page = b"<style>" + b" " * (MAX_ERROR_BYTES - before - 15) + b"</style>" + KEY.encode()
    assert_clean(refusal(page), KEY)


@pytest.mark.parametrize("cut", range(8, len(KEY)))
def test_a_key_that_a_server_has_cut(cut):
    assert_clean(refusal({"message": f"The key {KEY[:cut]}... is not known"}), KEY)


@pytest.mark.parametrize(
    "body",
    [
        {"message": f"Could not copy https://s3.example{SIGNED} (403)"},
        {"message": f"Could not copy {SIGNED}"},
        {"errors": {f"https://s3.example{SIGNED}": ["gone"]}},
        {"error": {"message": quote(f"https://s3.example{SIGNED}", safe="")}},
        json.dumps({"message": f"https://s3.example{SIGNED}"}).replace("/", "\\/").encode(),
        f"<p>https://s3.example{SIGNED.replace('&', '&amp;')}</p>".encode(),
        f"<Error><Message>https://s3.example{SIGNED}</Message></Error>".encode(),
        ("x" * 370 + f" https://s3.example{SIGNED}").encode(),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 500, 302])
def test_a_signed_url_that_an_error_page_quotes(body, status):
    assert_clean(refusal(body, status), SIGNATURE)


@pytest.mark.parametrize(
    "words", ["{} is wrong", "StringToSign: GET {}", "sig ({}", "x" * 388 + "{}"]
)
@pytest.mark.parametrize("transfer", ["upload", "download"])
def test_a_storage_that_quotes_what_is_secret_in_its_address(words, transfer, tmp_path):
    body = words.format(SIGNATURE).encode()
    (tmp_path / "shot.zip").write_bytes(b"zip")
    with serve(lambda _: Reply(403, body)) as stub, pytest.raises(ApiError) as error:
        if transfer == "upload":
            put(stub.url + SIGNED, tmp_path / "shot.zip")
        else:
            get(stub.url + SIGNED, tmp_path / "part")
    assert_clean(f"{error.value} {error.value.message}", SIGNATURE)


def test_what_a_job_says_of_itself():
    quoted = f"see https://s3.example{SIGNED} with {KEY}"
    body = {
        "id": JOB,
        "status": f"broken: {quoted}",
        "failedReason": {"name": quoted, "type": "x" * 385 + KEY},
        "finalConfig": {"notes": quoted, "deep": [{"a": {"b": quoted}}], quoted: 1},
    }
    with serve(lambda _: Reply(body=body)) as stub:
        job = Client(stub.url, KEY).get_job(JOB)
    assert_clean(job.model_dump_json(), KEY, SIGNATURE)
    assert job.final_config["notes"].startswith("see https://s3.example")


@pytest.mark.parametrize("member", ["fileName", "relativePath", "view", "compositeNodeName"])
def test_a_signed_url_as_a_name(member):
    output = {"url": f"https://s3.example{SIGNED}", member: f"https://s3.example{SIGNED}"}
    body = {"frames": [], "compositeNodes": [], "transforms": {}, "frameOutputs": [output]}
    with serve(lambda _: Reply(body=body)) as stub:
        listed = Client(stub.url, KEY).downloads(JOB).outputs
    assert_clean(next(iter(places(listed))), SIGNATURE)
