"""Put the sidebar of the window's screenshots on one page: panel_sheet.py OUT.png FOLDER NAME...

A screenshot is one of tests/window, which are all of one size with the sidebar in one place. What
stands above it is its name, or another: first-run=checks-good.
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


def sheet(folder: Path, names: Sequence[str]) -> Image.Image:
    """The sidebars row by row, each below its name."""
    width, height = (round(SCALE * n) for n in (SIDEBAR[2] - SIDEBAR[0], SIDEBAR[3] - SIDEBAR[1]))
    rows = -(-len(names) // ACROSS)
    step_x, step_y = width + GAP, height + LABEL + GAP
    page = Image.new("RGB", (GAP + ACROSS * step_x, GAP + rows * step_y), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for index, name in enumerate(names):
        x, y = GAP + index % ACROSS * step_x, GAP + index // ACROSS * step_y
        shown, _, screenshot_name = name.partition("=")
        with Image.open(folder / f"{screenshot_name or shown}.png") as screenshot:
            panel = screenshot.convert("RGB").crop(SIDEBAR)
        draw.text((x, y), shown, fill=INK, font=font)
        page.paste(panel.resize((width, height), Image.Resampling.LANCZOS), (x, y + LABEL))
    return page


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("panel_sheet.py: name the PNG to write, the folder, and screenshots in it")
    sheet(Path(sys.argv[2]), sys.argv[3:]).quantize(256).save(sys.argv[1], optimize=True)
