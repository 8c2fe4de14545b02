"""Runs inside Blender: reports the size and a pixel hash of images as Blender reads them.

The last argument is a JSON file with a list of paths; the result is written next to it.
"""

import hashlib
import json
import sys
from array import array
from pathlib import Path

import bpy

asked = Path(sys.argv[-1])
answer = {}
for path in json.loads(asked.read_text(encoding="utf-8")):
    image = bpy.data.images.load(path)
    image.colorspace_settings.name = "Non-Color"
    pixels = array("f", bytes(4 * len(image.pixels)))
    image.pixels.foreach_get(pixels)
    answer[path] = {
        "size": list(image.size),
        "depth": image.depth,
        "hash": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "black": not any(pixels[0::4]),
    }
asked.with_suffix(".answer").write_text(json.dumps(answer), encoding="utf-8")
