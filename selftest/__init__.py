"""The self-test: a job's whole way on this computer, against a stand-in for the API on loopback.

`launch` runs in Blender's main thread: it starts `main.py` as a process of its own and reads its
lines. That process runs `checks` and `farm`, with real workers and a real background Blender, and
writes the `report`; `make_scene.py` runs in that Blender. All files are in one temporary folder.

commands and operators import `launch` and `lines` only. The folder imports session and what
session imports; it imports bpy in `launch` and `make_scene` alone.
"""
