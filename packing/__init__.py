"""Packs a scene with all the files it needs into one upload.

`trace` and the modules it imports run in a background Blender; they find files and rewrite paths.
`tracer` starts that Blender and `archive` writes the package: both run in the worker, without bpy.
Blender's own process imports `command` and `manifest`. The folder imports scene, api.fields and
system.
"""
