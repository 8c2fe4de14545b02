"""The client of Renderjuice's HTTP API. It imports `system` only, never bpy.

Only the worker process imports it, except `fields` and `addresses`: plain data, and what is said of
an address before anything is made. Blender's process reads them too.
"""
