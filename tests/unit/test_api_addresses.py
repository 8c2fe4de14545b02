"""Which URLs transfers may use: redirects, proxies, and URLs that a server supplies."""

import os
from functools import partial

import pytest
from renderjuice.api.download import get_file
from renderjuice.api.errors import ApiError
from renderjuice.api.upload import put_file

from tests.http_stub import Reply, fails, get, no, serve

CONTENT = os.urandom(1000)


@pytest.fixture
def part(tmp_path):
    return tmp_path / "0001.png.part"


def hops(number):
    def answer(asked):
        at = int(asked.path.strip("/") or 0)
        if at >= number:
            return Reply(body=CONTENT)
        return Reply(302, headers={"Location": f"/{at + 1}"})

    return answer


def test_three_redirects_are_followed_without_a_key(part, netrc):
    with serve(hops(3)) as stub:
        get(stub.url + "/0", part)
    assert part.read_bytes() == CONTENT
    assert len(stub.asked) == 4
    assert not any("authorization" in asked.headers for asked in stub.asked)


def test_a_fourth_redirect_is_not(part):
    with serve(hops(4)) as stub:
        assert fails(get, stub.url + "/0", part).id == "server-fault"
    assert len(stub.asked) == 4 and not part.exists()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_to_something_else_is_refused(part, target):
    with serve(lambda _: Reply(302, headers={"Location": target})) as stub:
        assert fails(get, stub.url, part).id == "bad-address"


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://localhost/x",
        "https://localhost./x",
        "https://storage.localhost/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0.0.0.0/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[::ffff:169.254.169.254]/x",
        "https://[fd00:ec2::254]/x",
        "https://100.100.100.200/x",
        "https://0177.0.0.1/x",
        "https://127.0.0.1./x",
        "https://0x7f.1/x",
        "https://[64:ff9b:1::7f00:1]/x",
        "https://[64:ff9b:1:7f00:0:100::]/x",
        "https://[::ffff:0:127.0.0.1]/x",
        "https://[::ffff:0:8.8.8.8]/x",
        "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/x",
        "https://[2002:808:808::1]/x",
        "https://[2a00::5efe:127.0.0.1]/x",
        "https://[fec0::1]/x",
        "https://[::8.8.8.8]/x",
        "https://0.0.0.1/x",
        "https://100.64.0.1/x",
        "https://198.18.0.1/x",
        "https://198.19.255.254/x",
        "https://255.255.255.255/x",
        "https://0306.022.0.1/x",
        "file:///etc/passwd",
        "ftp://storage.example/x",
        "storage.example/x",
        "https:///x",
        "https://storage.example:port/x",
        "",
    ],
)
def test_a_servers_address_cannot_lead_into_this_computer(package, part, url):
    for call in (
        partial(put_file, url, package, on_bytes=print, should_stop=no),
        partial(get_file, url, part, on_block=print, should_stop=no),
    ):
        with pytest.raises(ApiError) as error:
            call()
        assert error.value.id == "bad-address"
    assert not part.exists()


def test_the_systems_proxy_is_used_for_storage(part, monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serve(lambda _: Reply(body=CONTENT)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        get("http://storage.farm.example/frame", part)
    assert part.read_bytes() == CONTENT
    assert proxy.asked[0].path == "http://storage.farm.example/frame"
