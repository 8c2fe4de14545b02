#!/bin/sh
# Renders one frame of a file for a continuous-integration run, small and quickly:
#
#     RENDERJUICE_API_KEY=... sh ci-render.sh FILE.blend FOLDER
#
# Ends with Renderjuice's exit code: 3 if a check finds something, 1 if the farm could not render.
set -eu
: "${RENDERJUICE:=blender --online-mode -b {file} --command renderjuice}"
before=${RENDERJUICE%%\{file\}*}
after=${RENDERJUICE#*\{file\}}

# shellcheck disable=SC2086  # the command is several words
$before "$1" $after check
# shellcheck disable=SC2086
$before "$1" $after submit --frames 1 --set resolutionPercentage=25 --wait --download --output "$2"
