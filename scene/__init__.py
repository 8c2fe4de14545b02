"""Reads the open scene into plain data, maps it to the API's config, checks it, and copies it.

Blender and the packer use the modules that need bpy; the worker imports only `checks`. The folder
imports frames, api.fields and system.
"""
