"""Errors of one URL affect only that file, after some retries; connection errors affect no file."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.jobs.record import Stage

from tests.downloads import FRAMES, GOOD, Site
from tests.file_formats import pillow
from tests.http_stub import Reply


def hung_up(handler):
    """Close the connection without a response."""


def too_short(handler):
    """Close the connection before the end of the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")


OWN = {
    "refused": Reply(403, b"<Error><Code>AccessDenied</Code></Error>"),
    "gone": Reply(404),
    "broken server": Reply(500),
    "unavailable": Reply(503),
    "no waiting helps": Reply(503, headers={"Retry-After": "0"}),
    "too many requests": Reply(429),
    "chunked by AWS": Reply(body=b"x", headers={"Content-Encoding": "aws-chunked"}),
    "compressed": Reply(body=b"x", headers={"Content-Encoding": "gzip"}),
    "too short": Reply(act=too_short),
    "never answered": Reply(act=hung_up),
    "redirects in circles": Reply(302, headers={"Location": "?again"}),
    "to nowhere": Reply(302, headers={"Location": "gopher://x"}),
    "a part": Reply(206, b"x"),
}


@pytest.mark.parametrize("bad", [[2], [1, 2], [FRAMES], [1, 2, 3, 4, 5]], ids=str)
@pytest.mark.parametrize("fault", OWN)
def test_a_file_s_own_fault_costs_that_file(tmp_path, fault, bad):
    site = Site(tmp_path, lambda number, _: OWN[fault] if number in bad else GOOD)
    done = site.download()
    assert done.stage is Stage.INCOMPLETE
    assert sorted(done.files) == [n for i, n in enumerate(site.names, 1) if i not in bad]
    assert done.missing == bad
    named = {name for name in site.names if name in done.error.message}
    assert named, done.error.message
    assert site.asked[bad[0]] >= 6, "it was tried more than once"
    assert all(count <= 2 for i, count in site.asked.items() if i not in bad)


@pytest.mark.parametrize("fault", OWN)
def test_download_tries_again_what_was_given_up(tmp_path, fault):
    answers = {2: OWN[fault]}
    site = Site(tmp_path, lambda number, _: answers.get(number, GOOD))
    assert site.download().stage is Stage.INCOMPLETE
    answers.clear()
    site.job.enter(Stage.DOWNLOADING)
    assert site.download().stage is Stage.FINISHED


@pytest.mark.parametrize("fault", [fault for fault in OWN if fault != "never answered"])
def test_a_storage_that_gives_no_file_at_all_is_given_a_quarter_of_an_hour(tmp_path, fault):
    site = Site(tmp_path, lambda *_: OWN[fault])
    done = site.download()
    assert done.stage is Stage.INCOMPLETE
    assert not done.files
    lasting = ("gone", "refused", "to nowhere")
    once = 6 if fault in lasting else 10
    assert once <= site.passes <= (FRAMES * once if fault == "too many requests" else once + 1)


def test_where_nothing_can_be_reached_the_job_waits_for_ever(tmp_path):
    site = Site(tmp_path, lambda *_: Reply(act=hung_up))
    assert site.download(40).stage is Stage.DOWNLOADING
    assert site.passes == 40
    assert max(site.asked.values()) <= 40, "each file once a pass at most"


def test_a_connection_that_is_back_brings_everything(tmp_path):
    site = Site(tmp_path, lambda *_: Reply(act=hung_up))
    site.download(20)
    site.answer = lambda *_: GOOD
    assert site.download(21).stage is Stage.FINISHED


def test_a_file_that_grows_with_each_try_is_not_given_up(tmp_path):
    """The connection breaks repeatedly; the storage supports ranges, so each try continues."""
    content = bytes(range(256)) * 400
    step = 4000

    def answer(number, asked):
        if number != 2 or asked.headers.get("range") == "bytes=0-0":
            return GOOD
        start = int(asked.headers.get("range", "bytes=0-")[6:-1])
        whole = f"bytes {start}-{len(content) - 1}/{len(content)}"

        def some(handler):
            handler.send_response(206 if start else 200)
            handler.send_header("ETag", '"v"')
            handler.send_header("Content-Length", str(len(content) - start))
            if start:
                handler.send_header("Content-Range", whole)
            handler.end_headers()
            handler.wfile.write(content[start : start + step])

        return Reply(act=some)

    site = Site(tmp_path, answer)
    assert site.download().stage is Stage.FINISHED
    assert (Path(site.job.record.output) / site.names[1]).read_bytes() == content
    assert site.passes > 20


def test_addresses_that_expire_soon_are_asked_for_as_often_as_it_takes(tmp_path):
    """The URLs of each listing work for two files only."""
    served: Counter[str] = Counter()

    def answer(_, asked):
        sig = asked.path.partition("sig=")[2]
        served[sig] += 1
        return GOOD if served[sig] <= 2 else OWN["refused"]

    site = Site(tmp_path, answer)
    assert site.download(workers=1).stage is Stage.FINISHED
    assert site.passes <= 2


def test_the_list_that_was_read_last_is_judged(tmp_path):
    """A frame was first listed under a name that the next listing no longer has."""

    def answer(_, asked):
        return OWN["refused"] if asked.path.endswith("sig=1") else GOOD

    site = Site(tmp_path, answer)
    drafts = ["draft_0001.raw", *site.names[1:]]
    site.listed = lambda: list(enumerate(drafts if site.listings == 1 else site.names, 1))
    done = site.download()
    assert done.stage is Stage.FINISHED, done.error
    assert sorted(done.files) == site.names


def test_a_farm_that_goes_on_again_and_again_is_not_followed_for_ever(tmp_path):
    """The farm completes the job without all frames, and reports `rendering` each time."""
    site = Site(tmp_path, lambda *_: GOOD)
    site.listed = lambda: [(1, site.names[0])]
    site.status = "rendering"
    for _ in range(40):
        site.download()
        if site.job.record.ended:
            break
        assert site.job.record.stage is Stage.RENDERING
        site.job.enter(Stage.DOWNLOADING)
    done = site.job.record
    assert (done.stage, done.missing) == (Stage.INCOMPLETE, [2, 3, 4, 5, 6])
    assert done.late, "what is listed later is fetched at the next start"


@pytest.mark.parametrize(
    ("asked", "used", "node", "taken"),
    [
        ("PNG", None, False, False),
        ("JPEG", "PNG", False, False),
        ("JPEG", None, False, True),
        ("PNG", "JPEG", False, True),
        (None, 7, False, True),
        ("PNG", None, True, True),
    ],
)
def test_a_picture_of_another_format_than_was_asked_for_is_named(
    tmp_path, asked, used, node, taken
):
    """A JPEG named .png is accepted if the job asked for JPEG (*File Extensions* is off), and from
    nodes, which have their own formats."""
    bodies = {1: pillow("JPEG"), 2: pillow("JPEG" if taken else "PNG")}
    site = Site(tmp_path, lambda number, _: Reply(body=bodies[number]))
    site.listed = lambda: [(1, "0001.png"), (2, "0002.png")]
    site.job.record.frames = [[1, 2]]
    site.job.record.config = {"outputFormat": asked} if asked else {}
    site.job.record.farm.final_config = {"outputFormat": used} if used else None
    whole = site.output
    site.output = lambda *one: replace(whole(*one), kind="compositeNode" if node else "frame")
    done = site.download()
    if taken:
        assert sorted(done.files) == ["0001.png", "0002.png"]
        return
    assert (done.stage, list(done.files), done.missing) == (Stage.INCOMPLETE, ["0002.png"], [1])
    assert "0001.png arrived broken: it does not begin like a .png file" in done.error.message
