"""The client of Renderjuice's HTTP API. It imports `system` only, never bpy.

Only the worker process imports it, except `fields`: plain data that Blender's process reads too.
"""
