#!/bin/sh
# Render some frames of a .blend on a machine without a Blender: ci_render.sh FILE.blend FRAMES
#
# It needs `python -m pip install bpy pydantic requests`, the key in RENDERJUICE_API_KEY, and in
# RENDERJUICE a folder with a checkout of the extension. Ends with the exit code of what went wrong:
# 3 is a finding in the file, 4 the network or the key, 1 the farm. Frames are in frames/.
set -eu
renderjuice() {
    python "$RENDERJUICE/headless.py" --online-mode "$blend" -- "$@"
}

blend=$1
renderjuice check --json check.json
renderjuice submit --frames "$2" --output frames --overwrite --wait --download --json job.json
