"""The open scene as plain data: its settings, what they mean to the farm, its checks, its copy.

Blender and the packer run what needs bpy; the worker imports only `checks`. It imports frames,
api.fields and system.
"""
