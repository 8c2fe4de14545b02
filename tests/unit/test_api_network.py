"""The client when the network fails, and which servers get the API key."""

import socket
import threading

import pytest
import requests
from renderjuice.api.client import Client
from renderjuice.api.errors import ApiError

from tests.certificates import make_certificate
from tests.http_stub import KEY, Reply, never, refused, serve

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
    error, asked, _ = refused(lambda _: Reply(act=lambda handler: None))
    assert (error.id, len(asked)) == ("network", 3)
    assert "broke off" in error.message


def test_an_answer_that_is_cut_short():
    def cut(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data": {')

    error, _, _ = refused(lambda _: Reply(act=cut))
    assert error.id == "network"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_a_server_that_stalls(head):
    released = threading.Event()

    def stall(handler):
        handler.wfile.write(head)
        released.wait(5)

    try:
        error, _, _ = refused(lambda _: Reply(act=stall), timeout=(1, 0.2))
    finally:
        released.set()
    assert error.id == "timeout" and "did not answer in time" in error.message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"), "DNS:localhost", "IP:127.0.0.1")


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


# ---- which servers get the key --------------------------------------------------------------


def test_netrc_does_not_replace_the_key(netrc):
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        requests.get(stub.url, timeout=5)  # requests' default: it uses the netrc file
        Client(stub.url, KEY).jobs()
    assert stub.asked[0].headers["authorization"].startswith("Basic ")
    assert stub.asked[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    with serve(lambda _: Reply(body={"jobs": []})) as elsewhere:
        error, _, _ = refused(
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
        "https://api.renderjuice.com/a b",
        "https://api.renderjuice.com/\u00e4",
        "https://api..renderjuice.com",
        "https://" + 64 * "a" + ".com",
        "https://api.renderjuice.com/" + 5000 * "a",  # fits into no message to the worker
    ],
)
def test_bad_addresses(address):
    with pytest.raises(ApiError) as error:
        Client(address, KEY)
    assert error.value.id == "bad-address" and error.value.hint and not error.value.retryable
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("key", ["", "  ", "RJ-1\nX-Evil: 1", "RJ 1", "RJ-ß"])
def test_a_key_that_is_none(key):
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        api = Client(stub.url, key)
        with pytest.raises(ApiError) as error:
            api.jobs()
    assert error.value.id == "refused-key" and "dashboard" in error.value.hint
    assert stub.asked == []


def test_the_key_is_trimmed_and_shown_nowhere():
    with serve(lambda _: Reply(body={"jobs": []})) as stub:
        api = Client(stub.url, f" {KEY}\n")
        api.jobs()
    assert stub.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(api)
