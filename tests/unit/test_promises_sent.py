"""What is sent to Renderjuice's API is what docs/privacy.md lists, and nothing of this computer."""

import getpass
import json
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from renderjuice.jobs import protocol
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.farm.running import running_farm
from tests.http_stub import Asked, Reply, serve
from tests.worker import ready_job, working

HEADERS = {
    *("host", "user-agent", "accept", "accept-encoding", "connection", "authorization"),
    *("content-type", "content-length"),
}


@dataclass
class Between:
    """A farm whose requests somebody listens to."""

    api_url: str
    key: str


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as farm:
        yield farm


def test_nothing_of_this_computer_is_sent(tmp_path, farm):
    root = farm.api_url.split("/api/")[0]

    def passed_on(asked: Asked) -> Reply:
        headers = {name: value for name, value in asked.headers.items() if name != "host"}
        request = urllib.request.Request(
            root + asked.path, asked.body or None, headers, method=asked.method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Reply(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.read())

    with serve(passed_on) as stub:
        between = Between(stub.url + farm.api_url.removeprefix(root), farm.key)
        with working(tmp_path, between) as worker:
            worker.reply(worker.send(protocol.TestKey(farm.key)))
            tested = list(stub.asked)
            record = ready_job(tmp_path, blend=str(tmp_path / "shot.blend"), scene="Scene")
            worker.idle(worker.send(protocol.Start(record.id)), seconds=120)
    assert Store(tmp_path).load(record.id).stage is Stage.FINISHED
    (test,) = tested
    assert (test.method, test.path.partition("?")[0]) == ("GET", path_of(farm) + "/jobs")
    assert "page=1" in test.path
    sent = [*stub.asked[1:], test]
    assert {name for one in sent for name in one.headers} <= HEADERS
    assert {one.headers["user-agent"] for one in sent} == {"Renderjuice for Blender"}
    said = "\n".join(f"{one.path}\n{json.dumps(one.headers)}\n{one.body!r}" for one in sent)
    said = said.replace(str(stub.url.partition("://")[2]), "")
    secrets = (socket.gethostname(), str(Path.home()), str(tmp_path), f"/{getpass.getuser()}/")
    assert [one for one in secrets if len(one) > 4 and one in said] == []


def path_of(farm) -> str:
    return "/" + farm.api_url.split("://")[1].partition("/")[2]
