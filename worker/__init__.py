"""The process beside Blender: all HTTP and all work on disk. Nothing here may import bpy.

Blender starts main.py by its path; nothing that Blender's own process runs imports this package.
"""
