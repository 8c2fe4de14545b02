"""Everything about frames: numbers, file names, formats, render times. No bpy, no HTTP.

Blender, the worker and the packer use it. It imports only api.output_file and system.
"""
