"""The worker process: all HTTP, and all slow work on disk. It never imports bpy.

Blender starts main.py by its path; no module of Blender's own process imports this package.
"""
