"""The client of Renderjuice's HTTP API. It imports `system` only, never bpy.

Only the worker process imports it, except `fields`, `addresses` and `key`: plain data, and what is
said of an address and a key before anything is made. Blender's process reads them too.
"""
