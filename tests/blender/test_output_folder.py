"""Two jobs never write into the same folder, whoever starts them and when."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.blender.test_end_to_end import make

pytestmark = pytest.mark.our_code_alone

pytest.importorskip("bpy", reason="bpy is not installed for this Python")


@pytest.fixture
def blend(tmp_path) -> Path:
    return make(tmp_path / "project", "scene.frame_end = 2")


def another(user, name: str):
    """Another user, or the same user with another Blender: both have a separate state folder."""
    return replace(user, resources=user.resources.with_name(name))


def frames(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).glob("[!.]*"))


def test_two_state_folders_get_a_folder_each(user, blend):
    first = user.run(blend, "submit", "--download")
    second = another(user, "colleague").run(blend, "submit", "--download")
    assert (first.code, second.code) == (0, 0), first.stderr + second.stderr
    outputs = [done.document["job"]["output"] for done in (first, second)]
    assert outputs[0] != outputs[1]
    assert [len(frames(output)) for output in outputs] == [2, 2]


@pytest.mark.parametrize("shared", [True, False], ids=["one state folder", "a state folder each"])
def test_of_four_at_once_one_has_the_folder(user, farm, blend, tmp_path, shared):
    renders = farm.renders()
    output = tmp_path / "frames"
    users = [user if shared else another(user, f"user {n}") for n in range(4)]
    for one in users:
        one.resources.mkdir(parents=True, exist_ok=True)
    documents = [tmp_path / f"{n}.json" for n in range(4)]
    running = [
        one.start(blend, "submit", "--download", f"--output={output}", f"--json={document}")
        for one, document in zip(users, documents, strict=True)
    ]
    said = [process.communicate(timeout=240)[0] for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes == [0, 3, 3, 3], said
    errors = [
        json.loads(document.read_text(encoding="utf-8")).get("error") for document in documents
    ]
    assert {error["id"] for error in errors if error} <= {"folder-claimed", "frames-exist"}
    assert farm.renders() == renders + 1
    assert len(frames(str(output))) == 2


def test_a_folder_is_replaced_only_by_an_answer(user, blend, tmp_path):
    output = tmp_path / "frames"
    assert user.run(blend, "submit", "--download", f"--output={output}").code == 0
    before = {path: path.read_bytes() for path in output.iterdir()}
    refused = user.run(blend, "submit", "--download", f"--output={output}")
    assert refused.code == 3
    assert refused.document["error"]["id"] == "folder-claimed"
    assert {path: path.read_bytes() for path in output.iterdir()} == before
    done = user.run(blend, "submit", "--download", f"--output={output}", "--overwrite")
    assert done.code == 0, done.stderr
    holder = json.loads((output / ".renderjuice-job").read_text(encoding="utf-8"))
    assert holder["job"] == done.document["job"]["id"]


@pytest.mark.parametrize("command", ["download", "resume"])
def test_a_command_returns_when_its_folder_was_given_to_another_job(
    user, farm, blend, tmp_path, command
):
    output = tmp_path / "frames"
    job = user.run(blend, "submit", f"--output={output}").document["job"]["id"]
    (output / ".renderjuice-job").write_text('{"job": "another", "title": "b"}', encoding="utf-8")
    done = user.run(None, command, *([job] if command == "download" else []))
    assert done.code == 3, done.stderr
    assert done.document["error"]["id"] == "folder-claimed"
    assert user.run(None, "download", job, f"--output={tmp_path / 'other'}").code == 0
    assert len(frames(str(tmp_path / "other"))) == 2


def test_a_job_that_brought_nothing_leaves_its_folder_free(user, tmp_path):
    broken = make(tmp_path / "broken", "scene.frame_end = 1")
    texture = broken.parent / "textures" / "grid.png"
    kept = texture.read_bytes()
    texture.unlink()
    output = tmp_path / "frames"
    assert user.run(broken, "submit", "--download", f"--output={output}").code == 3
    texture.write_bytes(kept)
    done = user.run(broken, "submit", "--download", f"--output={output}")
    assert done.code == 0, done.stderr


def test_another_job_s_files_in_the_folder_are_said_before_anything_is_sent(user, farm, blend):
    folder = blend.parent / "frames"
    folder.mkdir()
    (folder / ".htaccess").write_text("theirs", encoding="utf-8")
    before = len(farm.log())
    done = user.run(blend, "submit", f"--output={folder}")
    assert (done.code, done.document["error"]["id"]) == (3, "frames-exist")
    assert len(farm.log()) == before


def test_a_folder_behind_a_link_keeps_the_name_that_the_artist_gave(user, blend, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "frames").symlink_to(tmp_path / "disk")
    done = user.run(blend, "submit", "--download", "--output", str(tmp_path / "frames" / "shot"))
    assert done.code == 0, done.stderr
    assert done.document["job"]["output"] == str(tmp_path / "frames" / "shot")
    assert len(frames(tmp_path / "disk" / "shot")) == 2


def test_frames_that_are_not_asked_for_may_be_there(user, farm, blend, tmp_path):
    """Frames of other ranges and files such as Thumbs.db in the folder are not an error."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for name in ("shot_0001.png", "shot_0002.png", "Thumbs.db"):
        (folder / name).write_bytes(b"mine")
    asked = ["submit", "--dry-run", f"--output={folder}", "--frames"]
    there = user.run(blend, *asked, "2")
    assert [one["id"] for one in there.document["checks"] if one["level"] == "error"] == [
        "frames-exist"
    ]
    done = user.run(blend, *asked, "3-4")
    assert [one for one in done.document["checks"] if one["level"] == "error"] == []
    assert done.code == 0


def test_a_path_that_no_file_can_have_is_refused_before_anything_is_sent(user, farm, blend):
    """The limit includes the temporary suffix of a download; the folder alone would fit."""
    uploads = len(farm.log(event="uploaded"))
    folder = blend.parent
    while len(str(folder)) < 3800:
        folder /= "d" * 200
    long = folder / ("d" * (4060 - len(str(folder))))
    done = user.run(blend, "submit", f"--output={long}")
    assert done.code == 3, done.stderr
    (refused,) = [one for one in done.document["checks"] if one["id"] == "path-too-long"]
    assert str(long) in refused["message"]
    assert "4095" in refused["message"]
    assert len(farm.log(event="uploaded")) == uploads
    assert not folder.exists()
