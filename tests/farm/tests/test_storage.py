"""Tests of the signed URLs and of the requests that the storage refuses."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.farm.running import Farm
from tests.farm.tests.driving import Driver, web


@pytest.fixture
def url(driver: Driver, package: bytes) -> str:
    """The download URL of one finished frame."""
    _, downloads = driver.rendered(package, frameRanges=["1"], resolution=[40, 40])
    frame: str = downloads["frameOutputs"][0]["url"]
    return frame


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/xml"
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_put_refuses_a_second_mechanism_and_chunks(driver: Driver):
    target = driver.target()["uploadUrl"]

    def chunks() -> Iterator[bytes]:
        yield b"BLENDER"

    bearer = {"Authorization": "Bearer RJ-LOCAL"}
    refused = web.put(target, content=b"BLENDER", headers=bearer)
    assert code_of(refused) == (400, "InvalidArgument")
    assert code_of(web.put(target, content=chunks())) == (501, "NotImplemented")
    assert web.put(target, content=b"BLENDER").status_code == 200


def test_get_refuses_an_authorization_header(url: str):
    refused = web.get(url, headers={"Authorization": "Bearer RJ-LOCAL"})
    assert code_of(refused) == (400, "InvalidArgument")


def test_signature_is_for_one_path_and_one_method(driver: Driver, url: str):
    target = driver.target()["uploadUrl"]
    wrong = (403, "SignatureDoesNotMatch")
    assert code_of(web.put(target.replace("shot.zip", "other.zip"), content=b"x")) == wrong
    assert code_of(web.put(target[:-1] + "x", content=b"x")) == wrong
    assert code_of(web.get(target)) == wrong
    assert code_of(web.put(url, content=b"x")) == wrong
    assert code_of(web.get(url.partition("?")[0])) == wrong


def test_urls_expire(farm: Farm, driver: Driver, package: bytes):
    farm.settings(url_lifetime=0.2)
    target = driver.target()["uploadUrl"]
    time.sleep(0.3)
    assert code_of(web.put(target, content=package)) == (403, "AccessDenied")
    farm.settings(url_lifetime=3600)
    job, _ = driver.rendered(package, frameRanges=["1"])
    farm.settings(url_lifetime=0.2)
    url = driver.get(f"/jobs/{job['id']}/downloads")["frames"][0]
    assert web.get(url).status_code == 200
    time.sleep(0.3)
    assert code_of(web.get(url)) == (403, "AccessDenied")
    fresh = driver.get(f"/jobs/{job['id']}/downloads")["frames"][0]
    assert web.get(fresh).status_code == 200


def test_an_upload_must_be_smaller_than_5_gib(driver: Driver):
    target = httpx.URL(driver.target()["uploadUrl"])
    path = target.raw_path.decode()
    head = f"PUT {path} HTTP/1.1\r\nHost: storage\r\nContent-Length: {5 * 1024**3}\r\n\r\n"
    assert target.port
    with socket.create_connection((target.host, target.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 400 ")


def test_an_upload_that_breaks_off_leaves_nothing(driver: Driver):
    target = driver.target()

    def broken() -> Iterator[bytes]:
        yield b"BLENDER"
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        web.put(target["uploadUrl"], content=broken(), headers={"Content-Length": "1000"})
    driver.post("/jobs", {"slug": target["slug"]}, 400)


def test_downloads_resume(url: str):
    whole = web.get(url)
    assert whole.headers["content-length"] == str(len(whole.content))
    assert whole.headers["accept-ranges"] == "bytes"
    head = web.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    tag = {"Range": "bytes=100-", "If-Range": whole.headers["etag"]}
    rest = web.get(url, headers=tag)
    assert rest.status_code == 206
    assert rest.content == whole.content[100:]
    assert (
        rest.headers["content-range"] == f"bytes 100-{len(whole.content) - 1}/{len(whole.content)}"
    )
    changed = web.get(url, headers={**tag, "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    beyond = web.get(url, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
