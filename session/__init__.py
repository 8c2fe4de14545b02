"""What runs in Blender's main thread: the jobs it knows, the key, and the link to the worker.

Panels, operators and commands import this; it imports jobs, scene, packing.command, frames and
system. Of these modules, only what needs bpy at hand touches it.
"""
