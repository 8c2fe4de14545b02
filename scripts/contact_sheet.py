"""Puts frames on one contact sheet: python scripts/contact_sheet.py OUT.png FRAME..."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from math import ceil, sqrt
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1600  # maximum width of a sheet, in pixels
GAP, LABEL = 10, 20  # gap between frames, height of the number below each
PAPER, INK = (24, 26, 28), (170, 176, 180)


class FrameError(Exception):
    """A frame cannot be shown, or there are no frames."""


def number(path: Path) -> str:
    """Return the frame number in the name (the last digits), else the name."""
    digits = re.findall(r"\d+", path.stem)
    return str(int(digits[-1])) if digits else path.stem


def read(path: Path) -> Image.Image:
    """Return the image in `path` as RGB; raises FrameError with the reason."""
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's errors for a damaged file
        known = "it is damaged, or not a picture that Pillow knows (PNG, JPEG and TIFF are)"
        reason = getattr(error, "strerror", None) or known
        raise FrameError(f"{path}: this frame cannot be read: {reason}") from error


def grid(count: int) -> tuple[int, int]:
    """Return columns and rows for `count` frames: wide, and without gaps if possible."""
    best = min(count, ceil(sqrt(count * 1.2)))
    full = [n for n in range(best, min(count, 2 * best) + 1) if count % n == 0]
    columns = full[0] if full else best
    return columns, ceil(count / columns)


def sheet(paths: Sequence[Path]) -> Image.Image:
    """Return one image of all frames, row by row, each with the first's size and its number."""
    if not paths:
        raise FrameError("there are no frames to put on a contact sheet")
    frames = [read(path) for path in paths]
    columns, rows = grid(len(frames))
    width, height = frames[0].size
    scale = min(1.0, (WIDTH - GAP * (columns + 1)) / columns / width)
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    step_x, step_y = width + GAP, height + LABEL + GAP
    page = Image.new("RGB", (GAP + columns * step_x, GAP + rows * step_y), PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default()
    for index, (path, frame) in enumerate(zip(paths, frames, strict=True)):
        x, y = GAP + index % columns * step_x, GAP + index // columns * step_y
        page.paste(frame.resize((width, height), Image.Resampling.LANCZOS), (x, y))
        draw.text((x, y + height + 5), number(path), fill=INK, font=font)
    return page


def main(arguments: Sequence[str]) -> int:
    """Write the sheet; return 2 for wrong arguments, 1 if the sheet cannot be made."""
    if len(arguments) < 2:
        print(
            "contact_sheet.py: name the PNG to write and the frames: OUT.png FRAME...",
            file=sys.stderr,
        )
        return 2
    out = Path(arguments[0])
    try:
        page = sheet([Path(name) for name in arguments[1:]])
        out.parent.mkdir(parents=True, exist_ok=True)
        page.save(out, optimize=True)
    except (FrameError, OSError, ValueError) as error:  # ValueError: unknown image format
        print(f"contact_sheet.py: {error}", file=sys.stderr)
        return 1
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
