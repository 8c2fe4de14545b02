#!/bin/sh
# Render some frames of a .blend on a machine without a Blender: ci_render.sh FILE.blend FRAMES
#
# It needs `python -m pip install bpy pydantic requests`, the key in RENDERJUICE_API_KEY, and in
# RENDERJUICE a folder with a checkout of the extension. Ends with the exit code of what went wrong:
# 3 is a finding in the file, 4 the network or the key, 1 the farm. Frames are in frames/.
#
# What may pass, 4 and 5, is tried again TRIES times, every PAUSE seconds. A job that is there by
# then is in the document: `resume` goes on with it, where a second `submit` would be paid as well.
set -eu
blend=$1
tries=${TRIES:-10}
code=0

renderjuice() {
    python "$RENDERJUICE/headless.py" --online-mode "$blend" -- "$@" || code=$?
}
may_pass() {
    { [ "$code" -eq 4 ] || [ "$code" -eq 5 ]; } && [ "$tries" -gt 0 ]
}

renderjuice check --json check.json
[ "$code" -eq 0 ] || exit "$code"
renderjuice submit --frames "$2" --output frames --overwrite --wait --download --json job.json
while may_pass; do
    grep -q '"job"' job.json || exit "$code"
    tries=$((tries - 1))
    sleep "${PAUSE:-60}"
    code=0
    renderjuice resume --json jobs.json
done
exit "$code"
