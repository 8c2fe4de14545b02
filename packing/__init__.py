"""Packs a scene with all the files it needs into one upload.

`trace` and what it imports run inside a background Blender and only find files and rewrite paths.
`tracer` starts that Blender and `archive` writes the package: both run in the worker, without bpy.
"""
