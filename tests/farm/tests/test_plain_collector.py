"""The plain renderer's files are sorted right even if Blender is ahead of its messages."""

from pathlib import Path

from tests.farm.blender import PlainCollector
from tests.farm.state import Job, Upload


def test_a_frame_is_one_whenever_its_message_comes(tmp_path: Path) -> None:
    package = tmp_path / "package"
    job = Job(Upload("slug", "shot.blend", "blend", tmp_path), tmp_path)
    (package / "render/glow").mkdir(parents=True)
    collector = PlainCollector(job, package)
    names = [f"render/{number:04}.png" for number in (1, 2, 3)]
    for name in (*names, "render/glow/0001.png"):  # all are there before the first message
        (package / name).write_bytes(b"x")
    for name in names:
        collector.heard({"frame": 0, "paths": [str(package / name)]})
    collector.finish()
    assert [output.file_name for output in job.frames] == ["0001.png", "0002.png", "0003.png"]
    assert [(output.node, output.file_name) for output in job.nodes] == [("glow", "0001.png")]
