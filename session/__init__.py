"""The state and services of Blender's main thread: jobs, key, plans, and the link to the worker.

Panels, operators and commands import it. It imports jobs, scene, packing.command, frames and
system. Only the modules that need bpy import it.
"""
