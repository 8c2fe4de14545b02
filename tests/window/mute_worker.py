"""A worker that reads its commands and answers none; it ends with Blender."""

import sys

sys.stdin.buffer.read()
