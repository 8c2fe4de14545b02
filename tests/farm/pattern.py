"""A renderer without Blender: writes a distinct valid image for each job and frame."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tests.farm.models import frames_of
from tests.farm.state import Job, Output, Refused, Settings

EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "TIFF": "tif"}


class PatternRenderer:
    """Does not open the .blend; writes noise that depends on the job's id and the frame."""

    def __init__(self, settings: Settings):
        self.settings = settings

    async def inspect(self, job: Job) -> dict[str, Any]:
        """Return only the renderer's name, because Blender does not open the file."""
        return {"renderer": "pattern"}

    async def render(self, job: Job) -> dict[str, Any]:
        """Write the images of all frames."""
        assert job.requested is not None
        config: dict[str, Any] = {
            "frameRanges": ["1-10"],
            "resolution": list(self.settings.pattern_size),
            "resolutionPercentage": 100,
            "outputFormat": "PNG",
        } | job.requested
        if config["outputFormat"] not in EXTENSIONS:
            raise Refused(
                f"The pattern renderer cannot write {config['outputFormat']}", "CONFIG_NOT_POSSIBLE"
            )
        folder = job.folder / "outputs"
        folder.mkdir()
        frames = frames_of(config["frameRanges"])
        job.total = len(frames)
        for frame in frames:
            await asyncio.sleep(self.settings.seconds_per_frame)
            path = folder / f"pattern_{frame:04d}.{EXTENSIONS[config['outputFormat']]}"
            await asyncio.to_thread(paint, path, f"{job.id} {frame}", config)
            job.frames.append(Output(path, path.name))
            job.done += 1
        return config


def paint(path: Path, name: str, config: dict[str, Any]) -> None:
    """Write a noise image derived from `name`; the same name gives the same image."""
    percentage = config["resolutionPercentage"] / 100
    width, height = (max(1, int(side * percentage)) for side in config["resolution"])
    noise = hashlib.shake_128(name.encode()).digest(width * height * 3)
    image = Image.frombytes("RGB", (width, height), noise)
    ImageDraw.Draw(image).text((2, 2), f"pattern {path.stem[-4:]}")
    image.save(path, config["outputFormat"], compress_level=0)
