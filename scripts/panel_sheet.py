"""Put the sidebar of the window's screenshots on one page: panel_sheet.py OUT.png SCREENSHOT...

A screenshot is one of tests/window, which are all of one size with the sidebar in one place.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIDEBAR = (1026, 80, 1312, 905)
"""Left, top, right, bottom in a screenshot, pixels."""
SCALE = 0.75
ACROSS = 4
GAP, LABEL = 12, 22
PAPER, INK = (24, 26, 28), (190, 196, 200)


def sheet(paths: Sequence[Path]) -> Image.Image:
    """The sidebars row by row, each below the name of its screenshot."""
    width, height = (round(SCALE * n) for n in (SIDEBAR[2] - SIDEBAR[0], SIDEBAR[3] - SIDEBAR[1]))
    rows = -(-len(paths) // ACROSS)
    step_x, step_y = width + GAP, height + LABEL + GAP
    page = Image.new("RGB", (GAP + ACROSS * step_x, GAP + rows * step_y), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for index, path in enumerate(paths):
        x, y = GAP + index % ACROSS * step_x, GAP + index // ACROSS * step_y
        with Image.open(path) as screenshot:
            panel = screenshot.convert("RGB").crop(SIDEBAR)
        draw.text((x, y), path.stem, fill=INK, font=font)
        page.paste(panel.resize((width, height), Image.Resampling.LANCZOS), (x, y + LABEL))
    return page


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("panel_sheet.py: name the PNG to write and the screenshots")
    sheet([Path(name) for name in sys.argv[2:]]).quantize(128).save(sys.argv[1], optimize=True)
