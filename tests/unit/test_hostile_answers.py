"""Attacks by hostile servers, file names, URLs and records; the API key goes to no other server."""

import contextlib
import ipaddress
import json
import re
import socket
import string
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import normalize

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from renderjuice.api.addresses import check_given_address
from renderjuice.api.client import Client
from renderjuice.api.download import get_file
from renderjuice.api.errors import ApiError
from renderjuice.api.output_file import OutputFile
from renderjuice.api.transport import TIMEOUT
from renderjuice.frames.names import places
from renderjuice.jobs import earlier, protocol, snapshot, worker_events
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import DamagedRecord, Stage
from renderjuice.jobs.store import Store
from renderjuice.packing.manifest import Package
from renderjuice.system.names import max_path_below
from renderjuice.worker.download import Download
from renderjuice.worker.job import RunningJob
from urllib3.util import parse_url

from tests.farm.running import running_farm
from tests.http_stub import KEY, Reply, serve
from tests.worker import ready_job, working

TIME_SCALE = 0.03
JOB = "d4f8e2a1-3b5c-4e6f-8a9b-0c1d2e3f4a5b"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def farm():
    with running_farm(renderer="pattern") as running:
        yield running


# ---- the key ----------------------------------------------------------------------------------


def leaked(folder: Path, key: str) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and key.encode() in p.read_bytes()]


@pytest.mark.posix("Windows has no /proc")
def test_the_key_is_nowhere_even_where_the_farm_says_it_back_in_its_errors(tmp_path, farm):
    said = f"no such thing as Bearer {farm.key}"
    for status, method, path in (
        (500, "POST", ".*/uploads$"),
        (503, "GET", ".*/jobs/[^/]*$"),
        (400, "POST", ".*/render$"),
        (502, "GET", ".*/downloads$"),
    ):
        farm.fault(method, path, status=status, body={"message": said}, times=1)
    farm.fault("PUT", server="storage", status=403, body="<Message>expired</Message>")
    farm.fault("POST", ".*/jobs$", status=200, body=f"<html>{said}</html>")
    record = ready_job(tmp_path)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
        worker.reply(worker.send(protocol.TestKey(farm.key + " ")))
        process = Path(f"/proc/{worker.link.pid}")
        outside = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        spoken = worker.all_said()
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert farm.key.encode() not in outside
    assert farm.key not in spoken
    assert leaked(tmp_path, farm.key) == []


def test_a_crash_of_the_worker_does_not_print_the_key(tmp_path, farm):
    with working(tmp_path, farm, key=KEY) as worker:
        unknown = protocol.Unknown("", {"kind": "no such command", "number": 1, "key": KEY})
        worker.link.write(protocol.encode(unknown))
        worker.link.sent = 1
        worker.reply(1)
        worker.reply(worker.send(protocol.Start(7)))
        worker.reply(worker.send(protocol.TestKey(f"{KEY}\nX-Evil: 1")))
        worker.reply(worker.send(protocol.TestKey(f"{KEY}\ud800")))
        crashing = ready_job(tmp_path, stage=Stage.PACKING, scratch="no path \0")
        worker.idle(worker.send(protocol.Start(crashing.id)))
        spoken = worker.all_said()
    assert "Traceback" in (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert KEY not in spoken
    assert leaked(tmp_path, KEY) == []


def test_the_key_goes_to_the_api_and_to_no_other_server(tmp_path):
    """Not to the storage, not to redirect targets, not to another port of the same host."""
    package = tmp_path / "a.blend"
    package.write_bytes(b"BLENDER")

    def api_answer(asked):
        if asked.path.endswith("/uploads"):
            return Reply(body={"uploadUrl": f"{other.url}/put", "slug": "s"})
        return Reply(302, headers={"Location": f"{other.url}/elsewhere"})

    with serve(lambda _: Reply(body={"data": {}})) as other, serve(api_answer) as api:
        client = Client(api.url, KEY, wait=lambda _: None)
        target = client.create_upload("a.blend", "blend")
        for call in (client.get_job, client.downloads, client.cancel):
            with pytest.raises(ApiError):
                call(JOB)
        get_file(
            target.upload_url,
            tmp_path / "part",
            on_block=lambda *_: None,
            should_stop=lambda: False,
            allow_local=client.allow_local,
        )
        assert [asked.path for asked in other.asked] == ["/put"]
        assert all("authorization" not in asked.headers for asked in other.asked)
        assert all(asked.headers["authorization"] == f"Bearer {KEY}" for asked in api.asked)


# ---- a hostile server -------------------------------------------------------------------------

CALLS = [
    lambda api: api.create_upload("a.zip", "zip"),
    lambda api: api.create_job("slug"),
    lambda api: api.validate(JOB),
    lambda api: api.get_job(JOB),
    lambda api: api.render(JOB, {"colorManagementPreset": "default"}),
    lambda api: api.all_progress(),
    lambda api: api.cancel(JOB),
    lambda api: api.downloads(JOB),
    lambda api: api.jobs(),
]


@pytest.fixture(scope="module")
def liar():
    """A server that responds with the current `liar.answer`, and a client of it."""
    with serve(lambda _: liar.answer) as stub:
        stub.client = Client(stub.url, KEY, wait=lambda _: None)
        liar = stub
        yield stub


@settings(max_examples=60)
@given(body=JSON, status=st.sampled_from([200, 200, 200, 400, 500]), job=st.booleans())
def test_any_json_from_any_endpoint_is_an_answer_or_an_api_error(liar, body, status, job):
    liar.answer = Reply(
        status, {"data": {"id": JOB, "status": body}, "jobs": body} if job else body
    )
    for call in CALLS:
        with contextlib.suppress(ApiError):
            call(liar.client)


@settings(max_examples=60)
@given(body=st.binary(max_size=300), headers=st.sampled_from([{}, {"Content-Type": "text/html"}]))
def test_any_bytes_from_any_endpoint_are_an_answer_or_an_api_error(liar, body, headers):
    liar.answer = Reply(200, body, headers)
    for call in CALLS:
        with contextlib.suppress(ApiError):
            call(liar.client)


@pytest.mark.parametrize(
    "body",
    [b"[" * 2_000_000, b'{"a":' * 500_000, b"9" * 1_000_000, b'"' + b"a" * (70 * 1024**2) + b'"'],
    ids=["deep list", "deep object", "long number", "70 MiB"],
)
def test_gigantic_json_is_an_api_error(liar, body):
    liar.answer = Reply(200, body)
    for call in (CALLS[3], CALLS[8]):
        with pytest.raises(ApiError):
            call(liar.client)
    with contextlib.suppress(ApiError):
        assert liar.client.all_progress() == {}, "counters that say nothing are no counters"


def test_a_preview_is_not_fetched(tmp_path, farm):
    """A preview's URL may be of any host; here it is the URL of the first frame at the storage."""
    before = len(farm.log("request"))
    record = ready_job(tmp_path, frames=3)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    asked = [e["path"] for e in farm.log("request")[before:] if e["server"] == "storage"]
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert len(asked) == len(set(asked)) == 4, "the package and three frames, each once"


# ---- hostile names ----------------------------------------------------------------------------

NASTY = st.sampled_from(
    [
        *("..", ".", "/", "\\", "C:", "\\\\host\\share", "CON", "nul.txt", "~", "\0", "\n", "a. "),
        *("A", "a", "a.png", "A.PNG", ".png", "%2e%2e", "\xe9", "e\u0301", "\u202e", "x" * 300),
        "\N{PILE OF POO}" * 80,
    ]
)
NAMES = st.lists(NASTY | st.text(max_size=6), max_size=6).map("".join)
OUTPUTS = st.builds(
    OutputFile,
    url=st.just("https://storage.example/x"),
    file_name=NAMES,
    relative_path=st.lists(NAMES, max_size=30).map("/".join) | st.just("x/" * 2048),
    view=NAMES,
    composite_node_name=NAMES,
    kind=st.sampled_from(["frame", "compositeNode", "zip", "video"]),
)


@settings(max_examples=10 if sys.platform == "win32" else 300)
@given(st.lists(OUTPUTS, max_size=8))
def test_every_list_of_names_can_be_written_side_by_side_and_stays_inside(tmp_path_factory, listed):
    root = tmp_path_factory.mktemp("frames")
    names = places(listed, max_path_below(str(root)))
    assert len({normalize("NFKC", name).casefold() for name in names}) == len(names)
    for name in names:
        path = root / name
        assert path.resolve().is_relative_to(root)
        assert not re.search(r'[\x00-\x1f<>:"|?*\\]', name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f"{path.name}.{'0' * 12}.part.etag").touch()
        path.touch()


@pytest.mark.posix("links need a privilege on Windows")
def test_a_link_in_the_output_folder_is_not_followed(tmp_path, farm):
    """Another user with access to the folder must not be able to redirect frames over other files
    of the artist."""
    record = ready_job(tmp_path, frames=2)
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    frames = Path(record.output)
    frames.mkdir()
    for name in ("pattern_0001.png", f"pattern_0002.png.{record.id}.part"):
        (frames / name).symlink_to(precious)
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    done = Store(tmp_path).load(record.id)
    assert precious.read_text(encoding="utf-8") == "precious"
    assert (frames / "pattern_0001.png").is_symlink(), "it is not this job's to replace"
    assert done.stage == Stage.INCOMPLETE
    assert done.error and "pattern_0001.png was there before" in done.error.message
    assert list(done.files) == ["pattern_0002.png"]


@pytest.mark.posix("links need a privilege on Windows")
def test_a_link_in_place_of_a_folder_of_frames_is_not_followed(tmp_path):
    record = rec.new("shot", "here", str(tmp_path / "frames"))
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "left").symlink_to(precious)
    job = RunningJob(record, Store(tmp_path), lambda _: None)
    with serve(lambda _: Reply(body=b"whole")) as stub, ThreadPoolExecutor(1) as pool:
        listed = [OutputFile(f"{stub.url}/1", "0001.hdr", "", "left", None, "frame")]
        bringing = Download(job, pool, allow_local=True, timeout=TIMEOUT)
        bringing.run(listed)
    assert "leads out of the job's folder" in bringing.lost["left/0001.hdr"]
    assert list(precious.iterdir()) == []


# ---- hostile addresses ------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("https://", "http://", "file://", "//", "@", ":", "/", "\\", "#", "?", ".", "[", "]"),
        *("%00", "%2e", "\u3002", "xn--", "443", "a", "s3.example.com", " ", "\t", "\n"),
        *("127.0.0.1", "localhost", "127.1", "0", "2130706433", "0x7f.1", "::1"),
        *("::ffff:127.0.0.1", "169.254.169.254", "\uff11\uff12\uff17.0.0.1"),
    ]
)


def is_local(host: str) -> bool:
    """Whether a host name leads to this computer, as the system resolves it without DNS."""
    try:
        found = socket.getaddrinfo(host, 443, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return host == "localhost" or host.endswith(".localhost")
    addresses = [ipaddress.ip_address(one[4][0]) for one in found]
    return any(one.is_loopback or one.is_link_local or one.is_unspecified for one in addresses)


@settings(max_examples=2000)
@given(st.lists(PIECES | st.text(string.printable, max_size=3), max_size=9).map("".join))
def test_an_address_that_passes_leads_to_no_service_of_this_computer(address):
    """The test takes the host from requests itself, because two URL parsers can disagree."""
    for url in (address, f"https://{address}"):
        try:
            check_given_address(url, allow_local=False)
            prepared = requests.Request("GET", url).prepare()
        except (ApiError, requests.RequestException, ValueError):
            continue
        parts = parse_url(str(prepared.url))
        assert parts.scheme == "https"
        host = (parts.host or "").strip("[]").rstrip(".").lower()
        assert not is_local(host), (url, host)


# ---- records ----------------------------------------------------------------------------------


def whole_record() -> dict:
    record = rec.new("shot", "here", "/frames", frames=[[1, 3]], notes=["a"], files={"1.png": 2})
    record.error = rec.Problem("network", "No answer.", "Wait.")
    record.package = Package("/scratch/a.zip", "zip", 12, 3)
    record.farm = rec.Farm("id", "rendering", "", {"sampleCount": 4}, 1.5)
    return record.to_json()


@settings(max_examples=500)
@given(st.sampled_from(sorted(whole_record())), st.sampled_from(["id", "bytes", "status"]), JSON)
def test_a_tampered_record_is_damaged_or_can_be_shown(member, inner, value):
    """Blender's main thread shows it with all other jobs, so an error would hide them all."""
    for change in ({member: value}, {member: {inner: value}}, {member: [[value]]}):
        try:
            read = rec.from_json(whole_record() | change)
            earlier.correct(read)
        except DamagedRecord:
            continue
        protocol.encode(worker_events.JobChanges((snapshot.change(None, snapshot.snapshot(read)),)))
        json.dumps(snapshot.document(read))
        rec.packing_request(read, "")


def test_frames_without_end_are_damage():
    with pytest.raises(DamagedRecord):
        rec.from_json(whole_record() | {"frames": [[1, 10**12]]})


def test_a_record_that_names_another_folder_as_its_scratch_does_not_remove_it(tmp_path, farm):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "shot.blend").write_bytes(b"BLENDER")
    record = ready_job(tmp_path, scratch=str(precious))
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    assert Store(tmp_path).load(record.id).stage == Stage.FINISHED
    assert (precious / "shot.blend").exists()


def test_a_record_cannot_lead_to_another_call_of_the_api(tmp_path, farm):
    record = ready_job(tmp_path, stage=Stage.CANCELING, farm=rec.Farm(id="../jobs/x/render"))
    asked = len(farm.log("request"))
    with working(tmp_path, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Resume()))
    done = Store(tmp_path).load(record.id)
    assert done.stage == Stage.CANCELED
    assert any("does not have this job" in note for note in done.notes)
    calls = {(e["method"], e["path"].rpartition("/")[2]) for e in farm.log("request")[asked:]}
    assert calls <= {("GET", "jobs")}, "the list tells whose account it is; of the job, nothing"


@pytest.mark.posix("modes are no permissions on Windows")
def test_files_of_the_state_are_for_their_owner(tmp_path, farm):
    state = tmp_path / "state"
    record = ready_job(state)
    with working(state, farm, time_scale=TIME_SCALE) as worker:
        worker.idle(worker.send(protocol.Start(record.id)))
    assert (state / "worker.log").stat().st_mode & 0o077 == 0
