"""Screenshots of the sidebar for docs/: `make pictures`."""

from pathlib import Path

from PIL import Image, ImageChops

from tests.window.harness import HEIGHT, Blender

COLORS = 48
MARGIN = 8  # empty pixels to keep below the content


def picture(blender: Blender, name: str, folder: str = "problems") -> Path:
    """Save a screenshot, crop the sidebar down to its content, and return the path of the crop."""
    # Hide the grid behind the sidebar.
    blender.run(
        "view.spaces.active.overlay.show_overlays = False\n"
        "drawn, space = [], bpy.types.SpaceView3D\n"
        "count = space.draw_handler_add(lambda: drawn.append(1), (), 'WINDOW', 'POST_PIXEL')"
    )
    for number in (1, 2):  # the second draw begins when the first is on the screen
        blender.run("view.tag_redraw()")
        blender.wait_until(f"len(drawn) >= {number}")
    blender.run("space.draw_handler_remove(count, 'WINDOW')")
    path = blender.screenshot(name)
    x, y, width, height = blender.regions("VIEW_3D", "UI")[0]
    sidebar = Image.open(path).convert("RGB").crop((x, HEIGHT - y - height, x + width, HEIGHT - y))
    inside = sidebar.crop((4, 0, width - 30, height - 1))  # without tabs and borders
    empty = Image.new("RGB", inside.size, inside.getpixel((2, height - 3)))
    box = ImageChops.difference(inside, empty).getbbox()
    bottom = min(height, (box[3] if box else height) + MARGIN)
    cut = path.parent / folder / f"{name}.png"
    cut.parent.mkdir(exist_ok=True)
    sidebar.crop((0, 0, width, bottom)).quantize(COLORS).save(cut, optimize=True)
    return cut
