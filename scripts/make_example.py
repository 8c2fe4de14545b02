"""Makes the example: a small animated Cycles scene with textures and a linked library.

python scripts/make_example.py FOLDER                                  (with the bpy module)
blender -b --factory-startup --python scripts/make_example.py -- FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from example import drink, fruit, stage, textures

NAME = "juice"


def make(folder: Path) -> Path:
    """Write the project into `folder` and return its .blend."""
    images = textures.write_all(folder / "textures")
    library = folder / "libraries" / "fruit.blend"
    bpy.ops.wm.read_factory_settings(use_empty=True)
    fruit.write(library, images)

    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage.settings(NAME)
    stage.backdrop()
    stage.light(images["window"])
    stage.camera()
    drink.pour()
    stage.arrange(fruit.link(library))
    blend = folder / f"{NAME}.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=True, compress=True)
    return blend


def main() -> int:
    """Make the example in the folder named on the command line of Python or of Blender."""
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    if len(arguments) != 1:
        print("make_example.py: name one folder to write the example into", file=sys.stderr)
        return 2
    print(make(Path(arguments[0]).absolute()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
