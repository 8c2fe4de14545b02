"""Which hosts connections may reach and which certificates they trust: DNS names, TLS, proxies."""

import contextlib
import socket
import socketserver
import threading

import pytest
from renderjuice.api.download import get_file
from renderjuice.api.errors import ApiError
from renderjuice.api.upload import put_file
from renderjuice.jobs import protocol

from tests.certificates import make_certificate
from tests.http_stub import KEY, Reply, serve, write_netrc
from tests.worker import working

API, STORAGE = "api.farm.example", "storage.farm.example"
VARIABLES = ("https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    names = (f"DNS:{API}", f"DNS:{STORAGE}", "IP:127.0.0.1")
    return make_certificate(tmp_path_factory.mktemp("tls"), *names)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# ---- host names that resolve to this computer -------------------------------------------------


@pytest.fixture
def names(monkeypatch):
    """A dict of host names and addresses that overrides the system's name resolution."""
    told = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, *more, **options):
        return real(told.get(host, host), *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return told


def transfers(url, folder, certificate):
    """Yield an upload and a download, each as a callable."""
    package = folder / "shot.zip"
    package.write_bytes(bytes(1000))
    more = {"should_stop": lambda: False, "ca_file": str(certificate)}
    yield lambda: put_file(url, package, on_bytes=lambda _: None, **more)
    yield lambda: get_file(url, folder / "part", on_block=lambda *_: None, **more)


def own_address():
    """This computer's address in its network, or 127.0.0.1 if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # UDP: sends nothing
        return probe.getsockname()[0]
    return "127.0.0.1"


@pytest.mark.parametrize("leads_to", ["127.0.0.1", "127.0.0.2", "its own"])
def test_a_name_that_leads_to_this_computer_gets_nothing(tmp_path, certificate, names, leads_to):
    """The certificate is valid and trusted, so that only the address check can refuse."""
    address = own_address() if leads_to == "its own" else leads_to
    names[STORAGE] = address
    every = "0.0.0.0"
    with serve(lambda _: Reply(body=b"secret"), certificate=certificate, host=every) as stub:
        url = stub.url.replace(every, STORAGE) + "/x"
        for transfer in transfers(url, tmp_path, certificate):
            with pytest.raises(ApiError, match="not safe") as error:
                transfer()
            assert error.value.id == "bad-address"
    assert stub.asked == []
    assert not (tmp_path / "part").exists()


# ---- certificates ----------------------------------------------------------------------------


def try_key(tmp_path, url, key=KEY):
    """The reply of a worker, in this environment, to a test of the key at the farm at `url`."""

    class Farm:
        api_url = url

    with working(tmp_path, Farm, key) as worker:
        return worker.reply(worker.send(protocol.TestKey(key)))


def jobs(_):
    return Reply(body={"jobs": [], "pagination": {"page": 1, "totalPages": 1}})


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_firms_own_certificates_are_trusted_where_a_variable_names_them(
    tmp_path, certificate, monkeypatch, variable
):
    with serve(jobs, certificate=certificate) as stub:
        assert try_key(tmp_path, stub.url).error.id == "tls"
        assert stub.asked == []
        monkeypatch.setenv(variable, str(certificate))
        assert not try_key(tmp_path, stub.url).error


@pytest.mark.parametrize(
    "variable, value",
    [
        ("REQUESTS_CA_BUNDLE", ""),
        ("CURL_CA_BUNDLE", ""),
        ("PYTHONHTTPSVERIFY", "0"),
        ("GIT_SSL_NO_VERIFY", "1"),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
        ("RENDERJUICE_VERIFY", "0"),
    ],
)
def test_no_variable_turns_verification_off(tmp_path, certificate, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with serve(jobs, certificate=certificate) as stub:
        assert try_key(tmp_path, stub.url).error.id == "tls"
        assert stub.asked == []


def test_the_certificates_that_an_old_blender_may_name_are_not_used(
    tmp_path, certificate, monkeypatch
):
    """The certificate file in Blender 4.2 to 4.4 is from 2021."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve(jobs, certificate=certificate) as stub:
        assert try_key(tmp_path, stub.url).error.id == "tls"


def test_a_file_of_certificates_that_is_not_there_is_named(tmp_path, monkeypatch, certificate):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "firm.pem"))
    with serve(jobs, certificate=certificate) as stub:
        error = try_key(tmp_path, stub.url).error
    assert error.id == "tls"
    assert str(tmp_path / "firm.pem") in error.message


# ---- proxies ---------------------------------------------------------------------------------


class Proxy(socketserver.ThreadingTCPServer):
    """An HTTP proxy that opens tunnels; it resolves every host name to this computer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.heads = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Tunnel(socketserver.StreamRequestHandler):
    def handle(self):
        head = b""
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            head += line
        self.server.heads.append(head.decode())
        port = int(head.split()[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as farm, contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            thread = threading.Thread(target=self.pump, args=(farm, self.connection), daemon=True)
            thread.start()
            self.pump(self.connection, farm)
            thread.join(5)

    def pump(self, source, target):
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy():
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_api_is_reached_through_a_proxy_that_never_sees_the_key(
    tmp_path, certificate, monkeypatch, proxy, variable
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv(variable, proxy.url)
    write_netrc(tmp_path, monkeypatch)
    with serve(jobs, certificate=certificate) as stub:
        assert not try_key(tmp_path, stub.url.replace("127.0.0.1", API)).error
    assert [head.split()[0] for head in proxy.heads] == ["CONNECT"]
    assert KEY not in proxy.heads[0]
    assert stub.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_hosts_that_need_no_proxy_are_asked_without(
    tmp_path, certificate, monkeypatch, proxy, variable
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv(variable, ".farm.example")
    with serve(jobs, certificate=certificate) as stub:
        error = try_key(tmp_path, stub.url.replace("127.0.0.1", API)).error
    assert "was not found" in error.message
    assert proxy.heads == []


def test_the_storage_is_reached_through_a_proxy_on_this_computer(
    tmp_path, certificate, monkeypatch, proxy
):
    """The proxy then resolves the host name, and the proxy itself may be on loopback."""
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    write_netrc(tmp_path, monkeypatch)
    with serve(lambda _: Reply(body=b"frame"), certificate=certificate) as stub:
        url = stub.url.replace("127.0.0.1", STORAGE) + "/x"
        for transfer in transfers(url, tmp_path, certificate):
            transfer()
    assert (tmp_path / "part").read_bytes() == b"frame"
    assert proxy.heads
    assert not any("authorization" in asked.headers for asked in stub.asked)
    assert not any("authorization" in head.lower() for head in proxy.heads)


def test_a_proxy_with_a_certificate_of_its_own_does_not_get_the_key(
    tmp_path, certificate, monkeypatch, proxy
):
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with serve(jobs, certificate=certificate) as stub:
        error = try_key(tmp_path, stub.url.replace("127.0.0.1", API)).error
    assert error.id == "tls"
    assert stub.asked == []
