"""Which file of the farm is which file here, and which version of it."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.jobs.record import Stage

from tests.downloads import Site
from tests.http_stub import Asked, Reply

A_DATE, LATER = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:29:00 GMT"


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("0001.raw", b"whole")
    return written.getvalue()


class Storage:
    """Files of which each is what `versions` says of its number: headers and content."""

    def __init__(self) -> None:
        self.versions: dict[int, tuple[dict[str, str], bytes]] = {}

    def __call__(self, number: int, asked: Asked) -> Reply:
        headers, body = self.versions[number]
        if asked.headers.get("range") == "bytes=0-0":
            return Reply(206, body[:1], headers | {"Content-Range": f"bytes 0-0/{len(body)}"})
        return Reply(200, body, headers)


@pytest.fixture
def storage():
    return Storage()


@pytest.fixture
def site(tmp_path, storage):
    return Site(tmp_path, storage)


def test_outputs_of_one_name_get_their_own_bytes_whichever_is_listed_first(site, storage):
    """The second one is there while the farm renders, the first one comes in the end."""
    site.job.record.frames = [[1, 1]]
    storage.versions = {1: ({}, b"first"), 2: ({}, b"later")}
    site.listed = lambda: [(2, "0001.raw")]
    site.early()
    site.listed = lambda: [(1, "0001.raw"), (2, "0001.raw")]
    site.download()
    assert site.here() == {"0001.raw": b"later", "0001 (2).raw": b"first"}


def test_outputs_of_one_name_get_their_own_bytes_where_their_addresses_change(site, storage):
    site.job.record.frames = [[1, 1]]
    storage.versions = {1: ({"ETag": '"1"'}, b"later")}
    site.listed = lambda: [(1, "0001.raw")]
    site.early()
    storage.versions = {3: ({"ETag": '"3"'}, b"first"), 4: ({"ETag": '"1"'}, b"later")}
    site.listed = lambda: [(3, "0001.raw"), (4, "0001.raw")]
    site.download()
    assert sorted(site.here().values()) == [b"first", b"later"]


def test_an_output_that_is_listed_twice_is_one_file(site, storage):
    site.job.record.frames = [[1, 1]]
    storage.versions = {1: ({}, b"once")}
    site.listed = lambda: [(1, "0001.raw"), (1, "0001.raw")]
    assert site.download().stage is Stage.FINISHED
    assert site.here() == {"0001.raw": b"once"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (({"ETag": '"1"'}, b"draft"), ({"ETag": '"2"'}, b"final")),
        (({"ETag": 'W/"1"'}, b"draft"), ({"ETag": 'W/"2"'}, b"final")),
        (({"Last-Modified": A_DATE}, b"draft"), ({"Last-Modified": LATER}, b"final")),
        (({}, b"draft"), ({}, b"finished")),
        (({"ETag": '"1"'}, b"draft"), ({}, b"finished")),
    ],
)
def test_a_frame_that_the_farm_rendered_again_is_fetched_again(site, storage, before, after):
    site.job.record.frames = [[1, 1]]
    site.listed = lambda: [(1, "0001.raw")]
    storage.versions = {1: before}
    site.early()
    assert site.here() == {"0001.raw": b"draft"}
    storage.versions = {1: after}
    done = site.download()
    assert done.stage is Stage.FINISHED
    assert site.here() == {"0001.raw": after[1]}
    assert done.files == {"0001.raw": len(after[1])}


@pytest.mark.parametrize("headers", [{}, {"ETag": '"1"'}, {"Last-Modified": A_DATE}])
def test_a_frame_that_is_the_same_is_not_fetched_again(site, storage, headers):
    storage.versions = dict.fromkeys(range(1, 7), (headers, b"whole"))
    site.early()
    assert site.download().stage is Stage.FINISHED
    assert set(site.asked.values()) == {1}


def test_a_version_that_cannot_be_asked_for_costs_nothing_that_is_here(site, storage):
    storage.versions = dict.fromkeys(range(1, 7), ({}, b"whole"))
    site.early()
    site.answer = lambda *_: Reply(404)
    assert site.download().stage is Stage.FINISHED


@pytest.mark.parametrize("is_late", [True, False])
def test_an_archive_is_fetched_only_where_the_frames_do_not_come(site, storage, is_late):
    """It is listed in place of frames that are not, which may only be late."""
    site.job.record.frames = [[1, 1]]
    storage.versions = {1: ({}, b"whole"), 2: ({}, archive())}
    whole = site.output

    def kinds(number, name):
        output = whole(number, name)
        return replace(output, kind="zip") if number == 2 else output

    site.output = kinds
    site.listed = lambda: (
        [(1, "0001.raw")] if is_late and site.listings > 2 else [(2, "frames.zip")]
    )
    done = site.download()
    assert done.stage is (Stage.FINISHED if is_late else Stage.INCOMPLETE)
    assert sorted(site.here()) == (["0001.raw"] if is_late else ["frames.zip"])


def test_a_new_version_replaces_no_file_of_the_artist(site, storage):
    site.job.record.frames = [[1, 1]]
    site.listed = lambda: [(1, "0001.raw")]
    theirs = Path(site.job.record.output) / "0001.raw"
    theirs.parent.mkdir()
    theirs.write_bytes(b"a photograph")
    storage.versions = {1: ({"ETag": '"1"'}, b"draft")}
    site.early()
    storage.versions = {1: ({"ETag": '"2"'}, b"final")}
    done = site.download()
    assert theirs.read_bytes() == b"a photograph"
    assert done.stage is Stage.INCOMPLETE
    assert "0001.raw was there before" in done.error.message


def test_nothing_is_made_behind_a_link_of_the_artist(site, storage, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = Path(site.job.record.output)
    folder.mkdir()
    (folder / "Mist").symlink_to(elsewhere)
    storage.versions = {1: ({}, b"whole")}
    site.listed = lambda: [(1, "0001.raw")]
    whole = site.output

    def deep(*one):
        output = whole(*one)
        return type(output)(output.url, "0001.raw", "Mist/deep/deeper", "", "", "frame")

    site.output = deep
    with pytest.raises(OSError, match="leads out of"):
        site.download()
    assert list(elsewhere.iterdir()) == []
