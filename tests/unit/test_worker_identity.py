"""Which local file belongs to which file of the farm, and to which version of it."""

import errno
import filecmp
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from renderjuice.api import partial_file
from renderjuice.jobs.record import Stage
from renderjuice.worker.download import remove_partial_files

from tests.downloads import Site
from tests.http_stub import Asked, Reply

A_DATE, LATER = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:29:00 GMT"


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("0001.raw", b"whole")
    return written.getvalue()


class Storage:
    """A storage that serves each file, by number, with its headers and content in `versions`."""

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
    """The second output is listed while the farm renders, the first one only at the end."""
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
    """The archive is listed instead of the frames, which may only be late."""
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


LINKS = pytest.mark.posix("links need a privilege on Windows")
LINK_KINDS = ("a link out of the project", "a link to itself", "a link to nothing")


def in_the_way(kind: str, folder: Path, elsewhere: Path) -> None:
    """Create a file, link or folder of the artist at the path of the second frame or of its folder
    `Mist`."""
    elsewhere.mkdir()
    folder.mkdir()
    match kind:
        case "a link out of the project":
            (folder / "Mist").symlink_to(elsewhere)
        case "a link to itself":
            (folder / "Mist").symlink_to("Mist")
        case "a link to nothing":
            (folder / "Mist").symlink_to("nothing")
        case "a file":
            (folder / "Mist").write_bytes(b"a photograph")
        case "a folder in place of the frame":
            (folder / "Mist/deep/deeper/0002.raw").mkdir(parents=True)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        *(pytest.param(kind, marks=LINKS) for kind in LINK_KINDS),
        *("a file", "a folder in place of the frame"),
    ],
)
def test_what_is_in_the_way_costs_that_file_and_stays(site, storage, tmp_path, kind, overwrite):
    folder, elsewhere = Path(site.job.record.output), tmp_path / "elsewhere"
    in_the_way(kind, folder, elsewhere)
    before = sorted((path.name, path.is_symlink()) for path in folder.rglob("*"))
    site.job.record.frames, site.job.record.overwrite = [[1, 3]], overwrite
    storage.versions = dict.fromkeys((1, 2, 3), ({}, b"whole"))
    site.listed = lambda: [(n, f"{n:04}.raw") for n in (1, 2, 3)]
    whole = site.output

    def deep(number, name):
        output = whole(number, name)
        return replace(output, relative_path="Mist/deep/deeper") if number == 2 else output

    site.output = deep
    done = site.download()
    remove_partial_files(done)
    assert done.stage is Stage.INCOMPLETE
    assert done.missing == [2]
    assert "Mist/deep/deeper/0002.raw" in done.error.message
    assert sorted(done.files) == ["0001.raw", "0003.raw"]
    assert list(elsewhere.iterdir()) == []
    new = {".renderjuice-job", "0001.raw", "0003.raw"}
    after = [(p.name, p.is_symlink()) for p in folder.rglob("*") if p.name not in new]
    assert sorted(after) == before


def test_a_name_that_the_file_system_does_not_take_costs_that_file(site, storage, monkeypatch):
    """For example in an encrypted home folder, where the limit for names is lower."""
    site.job.record.frames = [[1, 2]]
    storage.versions = dict.fromkeys((1, 2), ({}, b"whole"))
    site.listed = lambda: [(1, "0001.raw"), (2, f"{'n' * 150}0002.raw")]
    create = partial_file._create

    def short(path):
        if len(path.name) > 143:
            raise OSError(errno.ENAMETOOLONG, "File name too long", str(path))
        return create(path)

    monkeypatch.setattr(partial_file, "_create", short)
    done = site.download()
    assert (done.stage, list(done.files)) == (Stage.INCOMPLETE, ["0001.raw"])
    assert "0002.raw is too long for this system." in done.error.message


def test_a_folder_that_cannot_be_written_holds_up_no_other(site, storage, monkeypatch):
    """The job waits for that folder; the files of other folders are downloaded."""
    site.job.record.frames = [[1, 4]]
    storage.versions = dict.fromkeys((1, 2, 3, 4), ({}, b"whole"))
    site.listed = lambda: [(n, f"{n:04}.raw") for n in (1, 2, 3, 4)]
    whole = site.output

    def in_two(number, name):
        return replace(whole(number, name), relative_path="locked" if number < 3 else "")

    create, is_locked = partial_file._create, True

    def locked(path):
        if is_locked and path.parent.name == "locked":
            raise OSError(errno.EACCES, "Permission denied", str(path))
        return create(path)

    monkeypatch.setattr(partial_file, "_create", locked)
    site.output = in_two
    with pytest.raises(OSError, match="Permission denied"):
        site.download(workers=1)
    assert sorted(site.job.record.files) == ["0003.raw", "0004.raw"]
    assert site.asked[1] + site.asked[2] == 1, "the second file of that folder is not asked for"
    is_locked = False
    assert site.download().stage is Stage.FINISHED


def test_a_file_of_the_artist_that_may_not_be_read_is_in_the_way(site, storage, monkeypatch):
    site.job.record.frames = [[1, 2]]
    storage.versions = dict.fromkeys((1, 2), ({}, b"whole"))
    site.listed = lambda: [(1, "0001.raw"), (2, "0002.raw")]
    folder = Path(site.job.record.output)
    folder.mkdir()
    (folder / "0001.raw").write_bytes(b"other")

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(filecmp, "cmp", refused)  # simulated, because root can read any file
    done = site.download()
    assert done.stage is Stage.INCOMPLETE
    assert "0001.raw was there before" in done.error.message
    assert list(done.files) == ["0002.raw"]


@pytest.mark.parametrize("name", ["shot.blend", "notes.txt", "setup.py", "0001.raw"])
def test_only_pictures_are_replaced_where_the_artist_said_so(site, storage, name):
    """The output folder may be the project's folder, and the farm may list any name."""
    site.job.record.frames, site.job.record.overwrite = [[1, 1]], True
    storage.versions = dict.fromkeys((1, 2, 3), ({}, b"from the farm"))
    folder = Path(site.job.record.output)
    folder.mkdir()
    (folder / name).write_bytes(b"work of a week")
    (folder / "shot_0001").write_bytes(b"yesterday's frame")
    site.listed = lambda: [(1, "shot_0001"), (2, name)]
    done = site.download()
    assert (folder / name).read_bytes() == b"work of a week"
    assert (folder / "shot_0001").read_bytes() == b"from the farm"
    assert f"{name} was there before" in done.error.message
