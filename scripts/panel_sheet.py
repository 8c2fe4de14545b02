"""Puts images of the sidebar on one page: panel_sheet.py OUT.png PICTURE...

The images are those that tests/window crops from its screenshots. The name of each is above it.
With --height, each is cropped to this many pixels from the top.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1800  # maximum width of a page, in pixels
GAP, LABEL = 12, 22
PAPER, INK = (24, 26, 28), (190, 196, 200)
COLORS = 64


def sheet(paths: Sequence[Path], most: int = 900) -> Image.Image:
    """Return a page of the images, row by row, each below its name, cropped to `most` pixels."""
    pictures = [_read(path, most) for path in paths]
    step = GAP + max(picture.width for picture in pictures)
    across = max(1, min(len(pictures), (WIDTH - GAP) // step))
    rows = [pictures[at : at + across] for at in range(0, len(pictures), across)]
    heights = [GAP + LABEL + max(picture.height for picture in row) for row in rows]
    page = Image.new("RGB", (GAP + across * step, sum(heights) + GAP), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number, (path, picture) in enumerate(zip(paths, pictures, strict=True)):
        row, column = divmod(number, across)
        x, y = GAP + column * step, GAP + sum(heights[:row])
        draw.text((x, y), path.stem, fill=INK, font=font)
        page.paste(picture, (x, y + LABEL))
    return page


def _read(path: Path, most: int) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB").crop((0, 0, picture.width, min(most, picture.height)))


def main() -> None:
    """Write the page with few colors, which takes a quarter of the bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--height", type=int, default=900, help="of a picture at most, pixels")
    chosen = parser.parse_args()
    page = sheet(chosen.pictures, chosen.height).quantize(COLORS, dither=Image.Dither.NONE)
    page.save(chosen.out, optimize=True)


if __name__ == "__main__":
    main()
