"""Screenshots of the sidebar for docs/: `make pictures`."""

from pathlib import Path

from PIL import Image, ImageChops

from tests.window.harness import HEIGHT, Blender

COLORS = 48
MARGIN = 8  # empty pixels to keep below the content


def picture(blender: Blender, name: str, folder: str = "problems") -> Path:
    """Save a screenshot, crop the sidebar down to its content, and return the path of the crop."""
    # Hide the grid behind the sidebar.
    blender.run("view.spaces.active.overlay.show_overlays = False\nview.tag_redraw()")
    path = blender.screenshot(name)
    x, y, width, height = blender.regions("VIEW_3D", "UI")[0]
    sidebar = Image.open(path).convert("RGB").crop((x, HEIGHT - y - height, x + width, HEIGHT - y))
    inside = sidebar.crop((4, 0, width - 30, height))  # without tabs and border
    empty = Image.new("RGB", inside.size, inside.getpixel((2, height - 3)))
    box = ImageChops.difference(inside, empty).getbbox()
    bottom = min(height, (box[3] if box else height) + MARGIN)
    cut = path.parent / folder / f"{name}.png"
    cut.parent.mkdir(exist_ok=True)
    sidebar.crop((0, 0, width, bottom)).quantize(COLORS).save(cut, optimize=True)
    return cut
