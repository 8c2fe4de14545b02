"""Finished jobs for the list: records and frames, written as the worker process leaves them."""

from pathlib import Path
from typing import Any

from PIL import Image
from renderjuice.frames.ranges import pairs
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.window.studio import Studio


def add(studio: Studio, title: str, frames: list[int], **more: Any) -> rec.Record:
    """Add a record to the studio's state folder, and these frames to the project's folder."""
    store = Store(studio.state)
    folder = studio.project / "renderjuice" / "shot" / title
    record = rec.new(title, store.origin, str(folder), stage=Stage.FINISHED)
    record.history.append([Stage.FINISHED, record.created_at])
    record.blend, record.scene = str(studio.blend), "Scene"
    record.farm.id, record.farm.status = "0000", "completed"
    record.frames = pairs(frames)
    for number in frames:
        paint(folder / f"{number:04}.png", number)
        record.files[f"{number:04}.png"] = (folder / f"{number:04}.png").stat().st_size
    for name, value in more.items():
        setattr(record, name, value)
    store.save(record)
    return record


def paint(path: Path, number: int) -> None:
    """Write a frame in a single color that depends on its number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (320, 180), color_of(number)).save(path)


def color_of(number: int) -> tuple[int, int, int]:
    """The color of a frame, different from the other frames and from Blender's interface."""
    return (40 + 29 * number % 200, 40 + 67 * number % 200, 40 + 113 * number % 200)


def add_many(studio: Studio, count: int) -> None:
    """Add records of finished, failed and canceled jobs and jobs with missing frames, in turn."""
    stages = (Stage.FINISHED, Stage.FAILED, Stage.CANCELED, Stage.INCOMPLETE)
    store = Store(studio.state)
    for number in range(count):
        record = rec.new(
            f"shot_{number:03}", store.origin, str(studio.project), stage=stages[number % 4]
        )
        record.created_at = f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00Z"
        record.frames = [[1, 250]]
        record.files = {f"{frame:04}.png": 1 for frame in range(1, 251)}
        store.save(record)
